"""The converter in SPICE: linear where its parts are ideal, the same codes as its model, energy by charge."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import mismatch
from bitline.benches.sar import convert as sar
from bitline.benches.sar.convert import Convert
from bitline.benches.sar.tables import measured_transitions
from bitline.circuits.deck import Deck
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.system.converter import codes, transition_linearity, transitions

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

Run = Callable[[Deck], Waveforms]
Result = Callable[..., dict[str, float]]
# About one LSB at the defaults: v_ref C_u / C_top, a comparator's input among C_top.
LSB = 0.0364
LSB_IDEAL = 0.038


@pytest.fixture
def convert(run: Run, sky130: Pdk) -> Result:
    """Convert once, at the preset of the shipped sweep."""

    def converted(circuit: SarAdc, conditions: Conditions | None = None, **inputs: Any) -> dict[str, float]:
        asked = Convert(**inputs)
        made = sar.deck(circuit, conditions or Conditions(), asked, sky130)
        return sar.measure(run(with_accuracy(made, "fast")), setup_of(circuit, asked, conditions, sky130))

    return converted


def every_code(convert: Result, circuit: SarAdc, lsb: float, conditions: Conditions | None = None) -> pd.DataFrame:
    """Convert the middle of every code."""
    count = 2**circuit.bits
    middles = [(k - count / 2 + 0.5) * lsb for k in range(count)]
    return pd.DataFrame([{"v_diff": v, "status": "ok", **convert(circuit, conditions, v_diff=v)} for v in middles])


@pytest.mark.parametrize("decisions", ["ideal", "strongarm"])
def test_without_mismatch_it_is_linear(decisions: str, convert: Result) -> None:
    """With the ideal comparator 0.02 LSB is asked for; the nominal one loads the top plates, no more."""
    rows = every_code(convert, SarAdc(decisions=decisions), LSB_IDEAL if decisions == "ideal" else LSB)
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
    for k in (2, 4, 7):
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
    circuit = SarAdc(bits=4, decisions="ideal", kappa=0.4)
    nominal = measured_transitions(every_code(convert, SarAdc(bits=4, decisions="ideal"), 0.073), 4)
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
    low = SarAdc(switching="up", comparator=StrongArm(input_pair="nmos_lvt"), t_evaluate=2e-9)
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
    small, large = (SarAdc(decisions="ideal", c_unit=c) for c in (7.5e-15, 15e-15))
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
    whole = convert(SarAdc(), v_diff=0.1)["energy_comparator"]
    assert whole / (5 * per_decision) == pytest.approx(1.0, abs=0.1)
