"""The gate-level event model with its shipped tables against SPICE; all trees: `benchmarks/event_model.py`."""

from __future__ import annotations

from collections.abc import Callable

import event_model
import numpy as np
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.logic import logic_cell, logic_pair, popcount
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.system.logic.cell_table import load_cells

Run = Callable[[Deck], Waveforms]

SPICE = [pytest.mark.ngspice, pytest.mark.pdk]

VDD, LOADS = 1.8, (0.0, 10e-15)


def spice(test: Callable[..., None]) -> Callable[..., None]:
    for mark in SPICE:
        test = mark(test)
    return test


@pytest.mark.parametrize(
    "tree",
    event_model.load(),
    ids=lambda tree: f"{tree.circuit.width} {tree.circuit.structure} {tree.circuit.c_net:g} {tree.seed}",
)
def test_energies_of_the_model_are_those_of_spice(tree: event_model.Tree) -> None:
    """The mean within 6 %, single operations within 14 % of it, the last change within 11 %."""
    model = tree.model()
    logic, mean = model.energy[:, 1], tree.logic.mean()
    assert logic.mean() == pytest.approx(mean, rel=0.06)
    assert np.sqrt(np.mean((logic - tree.logic) ** 2)) < 0.14 * mean
    assert model.settled.max() == pytest.approx(tree.t_critical, rel=0.11)


def test_all_draws_of_a_tree_are_within_five_percent() -> None:
    kept = event_model.load()
    for circuit in {tree.circuit for tree in kept}:
        draws = [tree for tree in kept if tree.circuit == circuit]
        model = sum(tree.model().energy[:, 1].sum() for tree in draws)
        assert model == pytest.approx(sum(tree.logic.sum() for tree in draws), rel=0.05)


def transition(run: Run, pdk: Pdk, circuit: CombinationalCell, before: int, after: int) -> dict[str, float]:
    inputs = logic_cell.LogicTransition(before=before, after=after)
    made = with_accuracy(logic_cell.deck(circuit, Conditions(), inputs, pdk), "default")
    return logic_cell.measure(run(made), setup_of(circuit, inputs, pdk=pdk))


@spice
def test_shipped_tables_are_of_these_cells(run: Run, sky130: Pdk) -> None:
    """Energy, delay and edge of some transitions, measured again."""
    for name, before, after in (("fa_1", 1, 3), ("ha_1", 1, 3), ("and2_1", 3, 1), ("inv_2", 0, 1)):
        circuit = CombinationalCell(cell=name, c_load=LOADS[1])  # type: ignore[arg-type]
        values = transition(run, sky130, circuit, before, after)
        cell = load_cells(event_model.CELLS)[name].loaded([LOADS[1]] * len(circuit.kind.outputs))
        rises = sum(b > a for a, b in zip(circuit.kind.at(before), circuit.kind.at(after), strict=True))
        energy = cell.energy(before, after, circuit.t_edge) + rises * LOADS[1] * VDD**2
        assert energy == pytest.approx(values["energy_cell"], rel=1e-3)
        assert cell.delay(0, before, after, circuit.t_edge) == pytest.approx(values["delay_first"], rel=1e-3)
        assert cell.slew(0, before, after, circuit.t_edge) == pytest.approx(values["slew_first"], rel=1e-3)


@spice
def test_shipped_pairs_are_of_these_cells(run: Run, sky130: Pdk) -> None:
    """A pulse of a full adder's sum that forms in part, measured again, and its energy beyond both transitions."""
    circuit = CombinationalCell(cell="fa_1", c_load=LOADS[1], t_edge=100e-12)
    values = {}
    for gap in (45e-12, 2e-9):
        inputs = logic_pair.LogicPair(before=0, first=0, second=1, t_gap=gap)
        made = with_accuracy(logic_pair.deck(circuit, Conditions(), inputs, sky130), "default")
        values[gap] = logic_pair.measure(run(made), setup_of(circuit, inputs, pdk=sky130))
    pair = event_model.library().pairs["fa_1"].loaded([LOADS[1]] * 2).at(0, 1, 3, 45e-12)
    assert pair is not None
    assert 0.3 < pair.swing[1] < 1
    assert pair.swing[1] == pytest.approx(values[45e-12]["swing_second"], rel=1e-3)
    assert pair.width[1] == pytest.approx(values[45e-12]["width_second"], rel=1e-3)
    assert pair.energy == pytest.approx(values[45e-12]["energy_cell"] - values[2e-9]["energy_cell"], rel=1e-2)


@spice
def test_a_load_costs_its_charge_and_only_when_it_rises(run: Run, sky130: Pdk) -> None:
    """An AND whose output rises gives C V^2 more with C, one whose output falls nothing, within 3 % of C V^2.

    The rest is current through both transistors of the output, which a load prolongs.
    """
    for before, after, rises in ((1, 3, 1), (3, 1, 0)):
        light, heavy = (
            transition(run, sky130, CombinationalCell(cell="and2_1", c_load=load), before, after) for load in LOADS
        )
        assert light["right"] == heavy["right"] == 1
        charge = rises * LOADS[1] * VDD**2
        assert heavy["energy_cell"] - light["energy_cell"] == pytest.approx(charge, abs=0.03 * LOADS[1] * VDD**2)
        assert heavy["delay_first"] > light["delay_first"] > 0


@spice
def test_energies_of_spice_are_those_that_the_model_is_compared_with(run: Run, sky130: Pdk) -> None:
    """The first four operations of the shortest tree in `benchmarks/event_model.csv`, simulated again."""
    tree = event_model.load()[0]
    inputs = popcount.Popcount(operations=4)
    made = popcount.deck(tree.circuit, Conditions(), inputs, sky130)
    spice = popcount.energies(run(with_accuracy(made, "fast")), setup_of(tree.circuit, inputs, pdk=sky130))
    assert spice[:4] == pytest.approx(tree.logic[:4], rel=0.01)


@spice
def test_at_rest_the_model_leaks_as_spice(run: Run, sky130: Pdk) -> None:
    circuit, inputs = AdderTree(c_net=0.0), popcount.Popcount(operations=1)
    rest = run(popcount.deck(circuit, Conditions(), inputs, sky130).with_analysis(OperatingPoint()))
    level = popcount.levels(circuit, inputs)[0]
    model = popcount.event_model(circuit, event_model.library())
    assert model.run([level, level], 1.0).energy.sum() == pytest.approx(
        -(rest.value("i(vdd)") + rest.value("i(vdrv)")) * VDD, rel=0.1
    )


@spice
def test_slim_cards_of_a_full_adder_equal_the_full_library(run: Run, sky130: Pdk) -> None:
    circuit, inputs = CombinationalCell(cell="fa_1", c_load=LOADS[1]), logic_cell.LogicTransition(before=0, after=7)
    slim, full = (
        logic_cell.measure(
            run(logic_cell.deck(circuit, Conditions(), inputs, sky130, full=full)), setup_of(circuit, inputs)
        )
        for full in (False, True)
    )
    assert slim == pytest.approx(full, rel=1e-6)
