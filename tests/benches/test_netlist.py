from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.registry import bench
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
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
