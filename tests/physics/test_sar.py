"""The converter in SPICE: linear where its parts are ideal, the same codes as its model, energy by charge."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import mismatch, offset
from bitline.benches.sar import convert as sar
from bitline.benches.sar.convert import Convert
from bitline.benches.sar.tables import measured_transitions
from bitline.circuits.deck import Deck
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.sar_sequencer import SarSequencer
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.system.converter import codes, transition_linearity, transitions

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

Run = Callable[[Deck], Waveforms]
Result = Callable[..., dict[str, float]]
# About one LSB at the defaults: v_ref C_u / C_top, a comparator's input among C_top.
LSB = 0.0372
LSB_IDEAL = 0.038


@pytest.fixture
def convert(run: Run, sky130: Pdk) -> Result:
    """Convert once; the fast preset errs at ff and fs, 1.62 V."""

    def converted(circuit: SarAdc, conditions: Conditions | None = None, **inputs: Any) -> dict[str, float]:
        asked = Convert(**inputs)
        made = sar.deck(circuit, conditions or Conditions(), asked, sky130)
        return sar.measure(run(with_accuracy(made, "default")), setup_of(circuit, asked, conditions, sky130))

    return converted


def every_code(convert: Result, circuit: SarAdc, lsb: float, conditions: Conditions | None = None) -> pd.DataFrame:
    """Convert the middle of every code."""
    count = 2**circuit.bits
    middles = [(k - count / 2 + 0.5) * lsb for k in range(count)]
    return pd.DataFrame([{"v_diff": v, "status": "ok", **convert(circuit, conditions, v_diff=v)} for v in middles])


@pytest.mark.parametrize("decisions", ["ideal", "strongarm"])
def test_without_mismatch_it_is_linear(decisions: str, convert: Result) -> None:
    """With the ideal comparator 0.02 LSB is asked for; the nominal one loads the top plates, no more."""
    logic = "ideal" if decisions == "ideal" else "self-timed"
    circuit = SarAdc(logic=logic, decisions=decisions)
    rows = every_code(convert, circuit, LSB_IDEAL if decisions == "ideal" else LSB)
    assert rows["code"].tolist() == list(range(32))
    assert set(rows["resolved"]) == {5.0}
    found = measured_transitions(rows, 5)
    line, steps = transition_linearity(found)
    assert np.abs(line).max() < 0.02
    assert np.abs(steps).max() < 0.02
    assert abs(found[15]) < 0.02 * LSB


def test_boundaries_by_bisection_agree_with_a_ramp_and_with_the_levels(convert: Result) -> None:
    circuit = SarAdc(bits=3)
    lsb = 0.111
    from_levels = measured_transitions(every_code(convert, circuit, lsb), 3)
    for k in (2, 7):
        low, high = (k - 4.5) * lsb, (k - 3.5) * lsb
        while high - low > lsb / 200:
            middle = (low + high) / 2
            low, high = (middle, high) if convert(circuit, v_diff=middle)["code"] < k else (low, middle)
        ramp = from_levels[k - 1] + np.arange(-2.5, 3) * lsb / 64
        stairs = [convert(circuit, v_diff=float(v))["code"] for v in ramp]
        assert sorted(stairs) == stairs
        assert set(stairs) == {k - 1.0, float(k)}
        edge = float(ramp[stairs.index(k)]) - lsb / 128
        assert edge == pytest.approx((low + high) / 2, abs=lsb / 64)
        assert from_levels[k - 1] == pytest.approx((low + high) / 2, abs=lsb / 100)


def test_the_pure_model_gives_the_same_codes(convert: Result, sky130: Pdk) -> None:
    """Capacitors spread so far that codes are wrong: the model computes the steps from the same deviates."""
    circuit = SarAdc(bits=4, logic="ideal", decisions="ideal", kappa=0.4)
    nominal = measured_transitions(every_code(convert, SarAdc(bits=4, logic="ideal", decisions="ideal"), 0.073), 4)
    lsb = (nominal[-1] - nominal[0]) / 14
    units = np.array([4.0, 2.0, 1.0, 1.0])
    rest = circuit.v_ref / lsb - units.sum()  # of a top plate, in units: what is not a unit capacitor
    for sample in (1, 2, 3):
        conditions = Conditions(sample=sample)
        z = sar.deck(circuit, conditions, Convert(), sky130).deviates
        steps = []
        for side in "pn":
            drawn = np.array([z[f"c{side}{k}.c"] for k in (0, 1, 2, "d")])
            capacitors = units + circuit.kappa / math.sqrt(3.75) * np.sqrt(units) * drawn
            steps.append(circuit.v_ref * capacitors[:3] / (capacitors.sum() + rest))
        rows = every_code(convert, circuit, lsb, conditions)
        expected = transitions(*steps)
        assert np.abs(transition_linearity(expected)[0]).max() > 0.1
        v = rows["v_diff"].to_numpy()
        clear = np.abs(v[:, None] - expected).min(axis=1) > 0.05 * lsb
        assert clear.sum() > 10
        assert np.array_equal(rows["code"].to_numpy()[clear], codes(v, *steps)[clear])
        found = measured_transitions(rows, 4)
        known = np.isfinite(found)
        assert known.sum() > 10
        assert found[known] == pytest.approx(expected[known], abs=0.05 * lsb)


@pytest.mark.parametrize("corner", Corner)
def test_codes_are_right_at_all_corners(corner: Corner, convert: Result) -> None:
    for vdd, temperature in ((1.62, -40.0), (1.98, 125.0)):
        for code in (5, 26):
            conditions = Conditions(corner=corner, vdd=vdd, temperature=temperature)
            values = convert(SarAdc(), conditions, v_diff=(code - 15.5) * LSB)
            assert values["code"] == code
            assert values["resolved"] == 5.0
            assert values["t_margin"] > 50e-12


def test_one_line_against_a_level(convert: Result) -> None:
    """A line that falls from the supply, and one that rises from ground: the same circuit, switching the other way."""
    slow = SarSequencer(t_convert=25e-9)
    low = SarAdc(switching="up", comparator=StrongArm(input_pair="nmos_lvt"), sequencer=slow)
    for circuit, level in ((SarAdc(), 1.5), (low, 0.6)):
        for code in (8, 21):
            values = convert(circuit, v_diff=(code - 15.5) * LSB, v_common=level, drive="single")
            assert values["code"] == code
            assert values["resolved"] == 5.0


def test_an_offset_moves_the_code(convert: Result, sky130: Pdk) -> None:
    """The comparator's input pair alone is moved apart, by a little more than one LSB: so is the code."""
    made = sar.deck(SarAdc(), Conditions(sample=1), Convert(), sky130)
    sigma = mismatch.pair_sigma(StrongArm(), Conditions(), sky130)
    apart = {"ina": 0.6 * LSB / sigma * math.sqrt(2), "inb": -0.6 * LSB / sigma * math.sqrt(2)}
    moved = tuple(apart.get(name.split(".")[0], 0.0) for name in made.deviates)
    for code in (6, 16, 25):
        values = convert(SarAdc(), Conditions(deviates=moved), v_diff=(code - 15.5) * LSB)
        # plus needs 1.2 LSB more
        assert values["code"] == code - 1
        still = convert(SarAdc(), Conditions(deviates=(0.0,) * len(moved)), v_diff=(code - 15.5) * LSB)
        assert still["code"] == code


def test_the_reference_delivers_the_charge_of_monotonic_switching(convert: Result) -> None:
    """What falls to ground comes back from the reference, its top plate having fallen.

    A capacitor that waits for its turn takes charge as the others pull its top plate down, and loses it when it
    falls. Per side ``v_ref^2 [C_sw (1 - C_sw / C_top) + sum_i<j C_i C_j / C_top]``. The difference of two sizes is
    compared: the drivers' own capacitance drops out.
    """
    sides = ((8, 1), (4, 2))  # code 18 of 32: bits 1, 0, 0, 1
    small, large = (SarAdc(logic="ideal", decisions="ideal", c_unit=c) for c in (7.5e-15, 15e-15))
    measured = [convert(circuit, v_diff=0.1) for circuit in (small, large)]
    assert [values["code"] for values in measured] == [18.0, 18.0]

    def expected(circuit: SarAdc) -> float:
        top = 16 * (1 + circuit.c_par_ratio)
        units = sum((a + b) * (1 - (a + b) / top) + a * b / top for a, b in sides)
        return circuit.v_ref**2 * circuit.c_unit * units

    difference = measured[1]["energy_reference"] - measured[0]["energy_reference"]
    assert difference / (expected(large) - expected(small)) == pytest.approx(1.0, abs=0.03)


def test_the_comparators_energy_is_that_of_its_decisions(convert: Result, run: Run, sky130: Pdk) -> None:
    inputs = comparator.Decide(v_diff=0.05, v_common=1.25)
    alone = comparator.deck(StrongArm(), Conditions(), inputs, sky130)
    setup = setup_of(StrongArm(), inputs, pdk=sky130)
    per_decision = comparator.measure(run(with_accuracy(alone, "default")), setup)["energy_decision"]
    # The loop's gate and the buses of a converter of transistors would load it as well.
    whole = convert(SarAdc(logic="ideal"), v_diff=0.1)["energy_comparator"]
    assert whole / (5 * per_decision) == pytest.approx(1.0, abs=0.1)


_NO_WIRES = SarSequencer(c_net=0.0)
_LOW = StrongArm(input_pair="nmos_lvt", w_input=1e-6, w_tail=0.84e-6, w_latch_n=0.42e-6, w_latch_p=0.42e-6)


@pytest.mark.parametrize(
    ("circuit", "vdd", "energy", "time"),
    [
        (SarAdc(), 1.8, 1.25e-12, 8e-9),
        (SarAdc(bits=4, comparator=_LOW, sequencer=_NO_WIRES), 1.8, 0.7e-12, 8e-9),
        (SarAdc(v_ref=0.45, comparator=_LOW, sequencer=SarSequencer(t_convert=30e-9)), 1.2, 0.5e-12, 30e-9),
        (
            SarAdc(bits=4, v_ref=0.45, comparator=_LOW, sequencer=_NO_WIRES.replace(t_convert=30e-9)),
            1.2,
            0.32e-12,
            30e-9,
        ),
    ],
    ids=["5 bits, 1.8 V", "4 bits, no wires", "5 bits, 1.2 V", "4 bits, 1.2 V, no wires"],
)
def test_energy_and_time_of_the_self_timed_converter(
    circuit: SarAdc, vdd: float, energy: float, time: float, convert: Result
) -> None:
    """The bounds of a whole conversion, every transistor simulated, at tt and 27 degC."""
    values = convert(circuit, Conditions(vdd=vdd), v_diff=0.1, v_common=0.78 * vdd)
    assert values["resolved"] == circuit.bits
    assert values["energy_total"] <= energy
    assert values["t_conversion"] <= time


def test_each_wire_costs_the_charge_of_its_swings(convert: Result) -> None:
    """C V^2 for each net that rises once a conversion: the energy account misses nothing of the logic.

    Of 5 bits: a node of each cell (5), an enable of each but the first (4), a plate driver's gate (4), and with each
    decision `nor`, `ready`, `clkb` and two of the buses `valid`, `qp`, `qn`; the two sampling buses once.
    """
    bare, wired = (
        convert(SarAdc(sequencer=SarSequencer(c_net=c, bus_ratio=2.0)), v_diff=0.1)["energy_total"]
        for c in (0.0, 0.5e-15)
    )
    nets, buses = 5 + 4 + 4 + 5 + 5 + 6, 5 + 5 + 2
    assert wired - bare == pytest.approx((nets * 0.5e-15 + buses * 1e-15) * 1.8**2, rel=0.1)


@pytest.mark.parametrize("logic", ["synchronous", "ideal"])
def test_the_clocked_forms_decide_alike(logic: Literal["synchronous", "ideal"], convert: Result) -> None:
    for code in (0, 9, 22, 31):
        values = convert(SarAdc(logic=logic), v_diff=(code - 15.5) * LSB)
        assert (values["code"], values["resolved"]) == (code, 5.0)


def test_trim_moves_the_offset_either_way(run: Run, sky130: Pdk) -> None:
    """More on, more offset; alike for both sides; seven units are worth several, and none is worth nothing."""
    moved = []
    for trim in (-7, -3, 0, 3, 7):
        circuit = StrongArm(trim_bits=3, trim=trim)
        inputs = offset.Search()
        made = offset.deck(circuit, Conditions(), inputs, sky130)
        moved.append(offset.measure(run(made), setup_of(circuit, inputs, pdk=sky130))["offset"])
    assert moved == sorted(moved, reverse=True)
    assert moved[2] == pytest.approx(0.0, abs=1e-3)
    assert moved[3] == pytest.approx(-moved[1], abs=1e-3)
    assert moved[4] == pytest.approx(-moved[0], abs=1e-3)
    assert 8e-3 < moved[0] < 25e-3
