"""Restore by contention: its deck, and its measures on made-up waveforms."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from nearness import near
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.restore import contention
from bitline.benches.restore.contention import Contention, deck, measure
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_contention import NvSram8T2R, NvSramSlc
from bitline.devices.reram import ReRam
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

END, RAMPED, OPEN, OPENED = 25e-9, 1e-9, 5e-9, 5.1e-9
TIME = np.unique(np.concatenate([np.linspace(0, END, 2501), [OPENED]]))


def waves(apart: float = 0.4, ends_high: bool = True, **changed: Any) -> Waveforms:
    """Return a restore: QB - Q is `apart` when the ramp ends and 1.8 V, up or down, from 3 ns on."""
    difference = np.interp(TIME, [0.0, RAMPED, 3e-9], [0.0, apart, 1.8 if ends_high else -1.8])
    signals = {
        **{"v(qb)": np.maximum(difference, 0), "v(q)": np.maximum(-difference, 0)},
        "i(vsup)": np.interp(TIME, [0, 1e-9, 2e-9, OPEN, OPENED], [0, -9e-6, -2e-6, -2e-6, -3e-12]),
        **{"i(vwell)": np.zeros_like(TIME), "i(vrsw)": np.where(TIME <= OPEN, -1e-7, 1e-7)},
    }
    marks = {"ramped": RAMPED, "open": OPEN, "opened": OPENED}
    return Waveforms(TIME, signals | changed, marks=marks)


def setup(bit: int = 1) -> Any:
    return setup_of(NvSram8T2R(), Contention(bit=bit, v_boost=2.0))


@pytest.mark.parametrize("bit", [0, 1])
@pytest.mark.parametrize("ends_high", [False, True])
def test_low_resistance_on_the_left_pulls_q_down(bit: int, ends_high: bool) -> None:
    values = measure(waves(0.4 if ends_high else -0.4, ends_high), setup(bit))
    assert list(values) == [output.name for output in contention.OUTPUTS]
    assert values["correct"] == (bit == ends_high)
    assert values["margin"] == near(0.4 if bit == ends_high else -0.4)


def test_the_end_decides_the_sign_of_the_margin() -> None:
    assert measure(waves(-0.01, True), setup())["margin"] == near(0.01)


def test_latency_is_when_the_sides_stay_apart() -> None:
    # from 0.4 V at 1 ns to 1.8 V at 3 ns in a straight line
    crossing = 1e-9 + (0.8 * 1.8 - 0.4) / 1.4 * 2e-9
    assert measure(waves(), setup())["latency"] == pytest.approx(crossing, abs=1.01e-11)


def test_energy_of_a_trapezoid_of_current() -> None:
    values = measure(waves(), setup())
    charge = 9e-6 * 0.5e-9 + 5.5e-6 * 1e-9 + 2e-6 * 3e-9 + 1e-6 * 0.1e-9  # the last while RSW falls
    assert values["energy_array"] == near(1.8 * charge, rel=2e-3)
    assert values["energy_switch"] == near(2.0 * 1e-7 * OPEN)  # what its fall returns is lost
    assert values["energy_total"] == values["energy_array"] + values["energy_switch"]
    assert values["i_dc"] == near(2e-6)
    assert values["energy_dc"] == near(1.8 * 2e-6 * (OPEN - RAMPED))
    assert values["i_peak"] == near(9e-6)
    assert values["i_static"] == near(3e-12, rel=1e-6)


def resistance(name: str, body: str) -> float:
    found = re.search(rf"^{name} \S+ \S+ (\S+)$", body, re.MULTILINE)
    assert found is not None
    return float(found[1])


@pytest.mark.pdk
@pytest.mark.parametrize(("bit", "left", "right"), [(1, 80e3, 1e6), (0, 1e6, 80e3)])
def test_a_bit_is_stored_complementarily(bit: int, left: float, right: float, sky130: Pdk) -> None:
    circuit = NvSram8T2R(reram=ReRam(r_lrs=80e3, r_hrs=1e6))
    body = deck(circuit, Conditions(), Contention(bit=bit), sky130).body
    assert (resistance("rrel", body), resistance("rrer", body)) == (left, right)


@pytest.mark.pdk
@pytest.mark.parametrize(("bit", "left"), [(1, 80e3), (0, 1e6)])
def test_a_single_level_is_compared_with_the_reference(bit: int, left: float, sky130: Pdk) -> None:
    circuit = NvSramSlc(cluster=NsnrCluster(reram=ReRam(r_lrs=80e3, r_hrs=1e6)), r_reference=283e3)
    body = deck(circuit, Conditions(), Contention(bit=bit), sky130).body
    assert resistance("rrec_0", body) == left
    assert resistance("rref", body) == 283e3
    assert resistance("cref", body) == near(circuit.cluster.c_all)


@pytest.mark.pdk
def test_memory_alone_varies_no_transistor(sky130: Pdk) -> None:
    nominal = deck(NvSram8T2R(), Conditions(), Contention(), sky130)
    decks = [deck(NvSram8T2R(), Conditions(sample=2), Contention(mismatch=m), sky130) for m in ("all", "memory")]
    every, memory = ([line for line in made.body.splitlines() if not line.startswith("rre")] for made in decks)
    assert memory == [line for line in nominal.body.splitlines() if not line.startswith("rre")]
    assert every != memory
    for made in decks:
        z = made.deviates
        assert list(z)[:2] == ["left.lnr", "right.lnr"]
        sigma = NvSram8T2R().reram.sigma_lnr
        assert resistance("rrel", made.body) == near(80e3 * np.exp(sigma * z["left.lnr"]))
    assert decks[1].deviates.items() <= decks[0].deviates.items()


@pytest.mark.pdk
@pytest.mark.parametrize("bit", [0, 1])
def test_each_side_spreads_as_its_level_does(bit: int, sky130: Pdk) -> None:
    circuit = NvSram8T2R(reram=ReRam(sigma_lnr=0.1, spread_lrs=0.5, spread_hrs=3.0, read_noise=0.02))
    made = deck(circuit, Conditions(sample=4), Contention(bit=bit), sky130)
    low, high = ("left", "right") if bit else ("right", "left")
    for side, median, spread in ((low, 80e3, 0.5), (high, 1e6, 3.0)):
        expected = median * np.exp(np.hypot(0.1 * spread, 0.02) * made.deviates[f"{side}.lnr"])
        assert resistance(f"rre{side[0]}", made.body) == near(expected)


@pytest.mark.pdk
def test_junctions_have_no_conductance_of_ngspices_own(sky130: Pdk) -> None:
    """At its default of 1e-12 S each i_static would be ngspice's, not the latch's."""
    assert deck(NvSram8T2R(), Conditions(), Contention(), sky130).options["gmin"] <= 1e-15


@pytest.mark.pdk
def test_marks_follow_the_inputs(sky130: Pdk) -> None:
    made = deck(NvSram8T2R(), Conditions(), Contention(t_edge=1e-10, t_ramp=2e-9, t_on=3e-9, t_hold=7e-9), sky130)
    m = made.marks
    assert m["ramped"] == near(2.1e-9)
    assert m["open"] - m["ramped"] == near(3e-9)
    assert m["opened"] - m["open"] == near(1e-10)
    assert made.analysis.stop - m["opened"] == near(7e-9)
    assert [phase.name for phase in made.phases] == ["ramp", "contention", "hold"]
