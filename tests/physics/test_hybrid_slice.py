"""Both ports of a slice in one cycle: exact counts, a line as with either alone, and where coupling spoils it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hybrid_slice import CIRCUIT, RECORD, Prediction, load, report, simulated

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.slice.both_ports import BENCH
from bitline.benches.slice.operands import BothPorts
from bitline.circuits.deck import Deck
from bitline.circuits.hybrid_slice import HybridSlice
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

SLOW = Conditions(corner=Corner.ss, vdd=1.62, temperature=-40.0)


def cycle(run: Run, pdk: Pdk, circuit: HybridSlice, at: Conditions | None = None, **inputs: object) -> dict[str, float]:
    setup = BENCH.setup(circuit, at or Conditions(), BothPorts(**inputs), pdk)
    made = with_accuracy(BENCH.deck(circuit, setup.conditions, setup.inputs, pdk), "fast")
    return dict(BENCH.measure(run(made), setup))


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_keeper_saves_the_count_that_coupling_spoils(run: Run, sky130: Pdk) -> None:
    """At ss, 1.62 V, -40 degC and 0.08 fF to either side a held BL passes for a 0; half a latch on it is enough."""
    bare, kept = (cycle(run, sky130, HybridSlice(active=2, c_couple=0.08e-15, w_keeper=w), SLOW) for w in (0, 0.42e-6))
    assert bare["popcount_errors"] == 1
    assert bare["v_held_bl"] < 0.6 * SLOW.vdd
    assert kept["popcount_errors"] == kept["flips"] == bare["flips"] == 0
    assert kept["v_held_bl"] > 0.7 * SLOW.vdd
    assert kept["t_read"] > bare["t_read"]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_without_coupling_a_cycle_is_two_alone(run: Run, sky130: Pdk) -> None:
    """The same count, the same line, and the sum of both energies, part by part."""
    circuit = HybridSlice(active=2, c_couple=0.0)
    both, digital, analog = (cycle(run, sky130, circuit, ports=ports) for ports in ("both", "digital", "analog"))
    assert both["popcount"] == digital["popcount"] == BothPorts().operands(circuit).count
    assert both["popcount_errors"] == digital["popcount_errors"] == analog["popcount_errors"] == 0
    lsb = Prediction.of_table(Lut.load("acim-qr-inputs"), circuit.columns).lsb
    assert both["v_line"] == pytest.approx(analog["v_line"], abs=0.1 * lsb)
    assert digital["v_line"] == pytest.approx(circuit.v_cm, abs=1e-3)
    for part in ("digital_read", "tree", "inputs"):
        assert both[f"energy_{part}"] == pytest.approx(digital[f"energy_{part}"], rel=0.01)
    assert both["energy_analog_read"] == pytest.approx(analog["energy_analog_read"], rel=0.01)
    # The smallest part, of which the preset `fast` is 3 % off.
    assert both["energy_column"] == pytest.approx(analog["energy_column"], rel=0.03)
    assert both["energy_total"] == pytest.approx(digital["energy_total"] + analog["energy_total"], rel=0.01)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_row_may_be_read_on_both_ports_at_once(run: Run, sky130: Pdk) -> None:
    values = cycle(run, sky130, HybridSlice(active=2), row_analog=0)
    operands = BothPorts(row_analog=0).operands(CIRCUIT)
    assert values["popcount"] == operands.count
    assert values["popcount_errors"] == values["flips"] == 0
    prediction = Prediction.of_table(Lut.load("acim-qr-inputs"), CIRCUIT.columns)
    assert values["v_line"] == pytest.approx(prediction.volts[operands.level_sum], abs=0.2 * prediction.lsb)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_chip_gives_what_the_record_says() -> None:
    """Set 3 of `benchmarks/hybrid_slice.py` again, to the solver's accuracy."""
    again, kept = simulated(3), load(RECORD)[2]
    assert again == pytest.approx(kept, abs=1e-4)


def test_the_record_is_of_the_operands_it_names_and_the_docs_judge_it() -> None:
    rows = load(RECORD)
    assert [row["set"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        operands = BothPorts(operand_seed=int(row["set"])).operands(CIRCUIT)
        assert (row["popcount"], row["level_sum"]) == (operands.count, operands.level_sum)
    docs = (Path(__file__).parents[2] / "docs" / "hybrid-slice.md").read_text(encoding="utf-8")
    assert report(rows, Lut.load("acim-qr-inputs")) in docs.replace("    ", "")


@pytest.mark.pdk
def test_the_spread_of_the_record_is_that_of_its_capacitors_and_its_reset(sky130: Pdk) -> None:
    """By formula for the words at hand: dV = dC (V_k - u) / C with u the line's step; the reset's from the table.

    The root mean square of N standard-normal numbers is 1 within 2.5 / sqrt(2 N), in 99 % of cases.
    """
    lut, rows = Lut.load("acim-qr-inputs"), load(RECORD)
    prediction = Prediction.of_table(lut, CIRCUIT.columns)
    share = prediction.lsb / CIRCUIT.drive_level(1)  # of a unit in the line's whole capacitance
    spread = sky130.capacitor(CIRCUIT.capacitor, CIRCUIT.c_unit).spread(CIRCUIT.c_unit)
    ratios = []
    for row in rows:
        operands = BothPorts(operand_seed=int(row["set"])).operands(CIRCUIT)
        plates = np.array([CIRCUIT.drive_level(word) for word in operands.words]) * operands.bits[operands.analog]
        step = share * plates.sum()
        units = spread * share * np.sqrt(np.sum((plates - step) ** 2))
        error = row["v_line"] - prediction.volts[operands.level_sum]
        ratios.append(error / np.hypot(units, prediction.sigma[0]))
    assert np.sqrt(np.mean(np.square(ratios))) == pytest.approx(1, abs=2.5 / np.sqrt(2 * len(rows)))


def test_sums_far_from_the_prediction_are_outside() -> None:
    """The report can fail: 0.9 LSB more on every line, and no set is inside."""
    lut = Lut.load("acim-qr-inputs")
    lsb = Prediction.of_table(lut, CIRCUIT.columns).lsb
    moved = [{**row, "v_line": row["v_line"] + 0.9 * lsb} for row in load(RECORD)]
    assert report(moved, lut).count(f": 0 of {len(moved)} ") == 2
