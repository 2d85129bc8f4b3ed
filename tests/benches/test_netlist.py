from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.registry import bench
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.column_dac import ColumnDac
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.statistics.sampling import deviates


@pytest.mark.pdk
@given(seed=st.integers(0, 2**32), sample=st.integers(1, 10_000))
def test_a_sample_s_deviates_are_those_of_statistics_in_order(seed: int, sample: int, sky130: Pdk) -> None:
    source = netlist(Conditions(seed=seed, sample=sample), sky130).deviates
    assert source is not None
    drawn = list(islice(source, 1500))  # past the blocks they are drawn in
    assert np.array_equal(drawn, deviates(seed, sample, 1500))


@pytest.mark.pdk
def test_sample_0_is_without_mismatch_and_the_corner_is_the_conditions(sky130: Pdk) -> None:
    devices = netlist(Conditions(corner=Corner.fs), sky130)
    assert (devices.deviates, devices.full) == (None, False)
    assert devices.slim.corner is Corner.fs
    assert netlist(Conditions(), sky130, full=True).full


@pytest.mark.pdk
def test_given_deviates_take_the_place_of_a_sample_s(sky130: Pdk) -> None:
    read = bench("read", SplitPort6T)
    sample = read.deck(SplitPort6T(), Conditions(sample=3, seed=5), read.inputs(), sky130)
    assert list(sample.deviates.values()) == deviates(5, 3, 12).tolist()
    given = read.deck(SplitPort6T(), Conditions(deviates=tuple(sample.deviates.values())), read.inputs(), sky130)
    assert (given.body, given.deviates) == (sample.body, sample.deviates)
    assert "12 given deviates" in given.title
    nominal = read.deck(SplitPort6T(), Conditions(), read.inputs(), sky130)
    assert (len(nominal.deviates), nominal.body == sample.body) == (0, False)
    with pytest.raises(InputError, match="too few mismatch deviates"):
        read.deck(SplitPort6T(), Conditions(deviates=(0.5,) * 11), read.inputs(), sky130)


def test_a_sample_and_given_deviates_exclude_one_another() -> None:
    with pytest.raises(InputError, match="sample = 1: must be 0 where deviates are given"):
        Conditions(sample=1, deviates=(0.5,))


# With every device that the column can have, those of the replica's timing among them.
QS = AcimColumnQS(rows=4, active=2, timing="replica", replica_cells=2)
COLUMN_GROUPS = [
    (circuit, group)
    for circuit in (QS, AcimColumnQR(), AcimColumnQR(dummy_ratio=0.0))
    for group in circuit.mismatch_groups
]


@pytest.mark.pdk
@pytest.mark.parametrize(("circuit", "group"), COLUMN_GROUPS, ids=str)
def test_a_group_keeps_its_deviates_and_the_others_are_0(circuit: Circuit, group: str, sky130: Pdk) -> None:
    transfer = bench("transfer", type(circuit))
    whole = transfer.deck(circuit, Conditions(sample=4, seed=2), transfer.inputs(code=1), sky130)
    part = transfer.deck(circuit, Conditions(sample=4, seed=2, group=group), transfer.inputs(code=1), sky130)
    assert list(part.deviates) == list(whole.deviates)
    kept = {name for name, value in part.deviates.items() if value}
    assert {name: part.deviates[name] for name in kept} == {name: whole.deviates[name] for name in kept}
    assert group in part.title


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("circuit", "absent"),
    [
        (QS, ()),
        (AcimColumnQR(), ()),
        (AcimColumnQR(dummy_ratio=0.0), ()),
        (AcimColumnQR(input_bits=4), ()),
        (ColumnDac(), ("resistor",)),
        (ColumnDac(topology="resistor-string"), ("capacitor",)),
    ],
    ids=str,
)
def test_each_device_that_varies_is_in_one_group(circuit: Circuit, absent: tuple[str, ...], sky130: Pdk) -> None:
    transfer = bench("transfer", type(circuit))
    decks = {
        group: transfer.deck(circuit, Conditions(sample=1, group=group), transfer.inputs(code=1), sky130)
        for group in circuit.mismatch_groups
        if group not in absent
    }
    for group in absent:
        with pytest.raises(InputError, match=f"group = {group}: nothing of it varies"):
            transfer.deck(circuit, Conditions(sample=1, group=group), transfer.inputs(code=1), sky130)
    for name in next(iter(decks.values())).deviates:
        groups = [group for group, deck in decks.items() if deck.deviates[name]]
        assert len(groups) == 1, f"{name} is in groups {groups}"


@pytest.mark.pdk
def test_a_group_in_which_nothing_varies_is_refused(sky130: Pdk) -> None:
    qr, read = bench("transfer", AcimColumnQR), bench("read", SplitPort6T)
    with pytest.raises(
        InputError, match=r"group = capacitor: nothing of it varies.*\(groups: capacitor, driver, reset\)"
    ):
        qr.deck(AcimColumnQR(mismatch_ratio=0.0), Conditions(sample=1, group="capacitor"), qr.inputs(), sky130)
    with pytest.raises(UnknownNameError, match="did you mean 'reset'"):
        qr.deck(AcimColumnQR(), Conditions(sample=1, group="reste"), qr.inputs(), sky130)
    with pytest.raises(InputError, match="split-port-6t names no mismatch groups; allowed: all"):
        read.deck(SplitPort6T(), Conditions(sample=1, group="access"), read.inputs(), sky130)


@pytest.mark.pdk
@pytest.mark.parametrize(("sampling", "samples"), [("latin-hypercube", 8), ("sobol", 0)])
def test_a_sample_of_a_design_takes_its_deviates(sampling: Any, samples: int, sky130: Pdk) -> None:
    read = bench("read", SplitPort6T)
    conditions = Conditions(sample=3, seed=5, sampling=sampling, samples=samples)
    deck = read.deck(SplitPort6T(), conditions, read.inputs(), sky130)
    assert list(deck.deviates.values()) == deviates(5, 3, 12, sampling, samples).tolist()
    assert sampling in deck.title


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"sampling": "sobol"}, "sampling = sobol: must be random without a mismatch sample"),
        ({"samples": 8}, "samples = 8: must be 0 without a mismatch sample"),
        ({"group": "access"}, "group = access: must be all without a mismatch sample"),
        ({"group": "access", "deviates": (0.5,)}, "group = access: must be all without a mismatch sample"),
        ({"sample": 1, "samples": 8}, "samples = 8: must be 0 with sampling = random"),
        ({"sample": 9, "sampling": "latin-hypercube", "samples": 8}, "sample = 9: must be <= samples = 8"),
    ],
)
def test_what_says_which_sample_it_is_needs_one(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Conditions(**chosen)
