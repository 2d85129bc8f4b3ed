"""Popcount bench without ngspice: operands, and measures of waveforms with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.logic.popcount import Popcount, energies, levels, measure
from bitline.circuits.adder_tree import AdderTree
from bitline.engine.waveforms import Waveforms

VDD, AMPERES = 1.8, 1e-6


def ideal(circuit: AdderTree, inputs: Popcount, late: float = 1e-9) -> Waveforms:
    """Return waveforms of an ideal tree, whose result follows `late` after the inputs, with a constant current."""
    period, rows = circuit.t_operation, levels(circuit, inputs)
    time = np.arange(0, len(rows) * period, 10e-12)
    time = np.append(time, len(rows) * period)
    operation = np.minimum((time / period).astype(int), len(rows) - 1)
    delayed = np.clip(((time - late) / period).astype(int), 0, len(rows) - 1)
    states = [circuit.network.settled(row) for row in rows]
    signals = {}
    for k, net in enumerate(circuit.network.inputs):
        signals[f"v({net})"] = VDD * np.array([row[k] for row in rows], dtype=float)[operation]
        signals[f"i(v{net})"] = np.zeros_like(time)
    for net in circuit.network.result:
        signals[f"v({net})"] = VDD * np.array([state[net] for state in states], dtype=float)[delayed]
    signals |= {f"i({supply})": np.full_like(time, -AMPERES) for supply in ("vdd", "vdrv")}
    return Waveforms(time, signals)


def test_an_ideal_tree_is_measured_without_errors() -> None:
    circuit, inputs = AdderTree(), Popcount(operations=5)
    values = measure(ideal(circuit, inputs), setup_of(circuit, inputs))
    charge = VDD * AMPERES * circuit.t_operation
    assert values["errors"] == 0
    assert values["energy_logic"] == pytest.approx(charge)
    assert values["energy_total"] == pytest.approx(2 * charge)
    assert values["energy_idle"] == pytest.approx(2 * charge)
    assert values["energy_leakage"] == pytest.approx(2 * charge)
    assert values["t_critical"] == pytest.approx(1e-9 - circuit.t_edge / 2, abs=11e-12)


def test_a_late_and_a_wrong_result_are_errors() -> None:
    circuit, inputs = AdderTree(), Popcount(operations=5)
    setup = setup_of(circuit, inputs)
    waves = ideal(circuit, inputs, late=circuit.t_operation)
    rows, weights = inputs.operands(circuit.width)
    moved = np.count_nonzero(np.diff(rows @ weights))
    assert moved > 0
    assert measure(waves, setup)["errors"] == moved
    good = ideal(circuit, inputs)
    net = f"v({circuit.network.result[-1]})"
    stuck = replace(good, signals={**good.signals, net: np.full_like(good.axis, VDD / 2)})
    assert measure(stuck, setup)["errors"] == inputs.operations + 2


def test_energies_are_of_each_operation_and_the_idle_one() -> None:
    circuit, inputs = AdderTree(), Popcount(operations=3)
    waves = ideal(circuit, inputs)
    ramp = replace(waves, signals={**waves.signals, "i(vdd)": -waves.axis})
    middles = (np.arange(4) + 1.5) * circuit.t_operation
    found = energies(ramp, setup_of(circuit, inputs))
    assert found == pytest.approx(VDD * middles * circuit.t_operation, rel=1e-3)


@pytest.mark.parametrize(("p", "redraw"), [(0.5, 1.0), (0.1, 1.0), (0.5, 0.25)])
def test_operands_have_the_stated_statistics(p: float, redraw: float) -> None:
    rows, weights = Popcount(operations=400, p_input=p, p_weight=0.3, p_redraw=redraw).operands(256)
    assert rows.shape == (402, 256)
    assert rows.mean() == pytest.approx(p, abs=0.02)
    assert weights.mean() == pytest.approx(0.3, abs=0.1)
    toggles = np.abs(np.diff(rows[:-1], axis=0)).mean()
    assert toggles == pytest.approx(2 * redraw * p * (1 - p), abs=0.01)
    assert (rows[-1] == rows[-2]).all()


def test_the_same_seed_draws_the_same_operands() -> None:
    first, again, other = (Popcount(operand_seed=seed).operands(16) for seed in (1, 1, 2))
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != other[0]).any()
