"""The gate-level event model against SPICE, with cell tables measured here; its inertial time is not fitted here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.logic import logic_cell, popcount
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.system.logic.cell_table import CellTable, cell_table
from bitline.system.logic.events import EventModel

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD, INERTIA = 1.8, 275e-12
LOADS = (0.0, 10e-15)


def transition(run: Run, pdk: Pdk, circuit: CombinationalCell, before: int, after: int) -> dict[str, float]:
    inputs = logic_cell.LogicTransition(before=before, after=after)
    made = with_accuracy(logic_cell.deck(circuit, Conditions(), inputs, pdk), "fast")
    return logic_cell.measure(run(made), setup_of(circuit, inputs, pdk=pdk))


def table(run: Run, pdk: Pdk, name: str) -> CellTable:
    kind = CombinationalCell(cell=name).kind  # type: ignore[arg-type]
    states = range(kind.states)
    rows = [
        [
            [transition(run, pdk, CombinationalCell(cell=name, c_load=load), b, a) for load in LOADS]  # type: ignore[arg-type]
            for a in states
        ]
        for b in states
    ]
    axes = {"before": list(states), "after": list(states), "c_load": list(LOADS)}
    values = {
        key: (tuple(axes), np.array([[[point[key] for point in line] for line in block] for block in rows]))
        for key in rows[0][0][0]
    }
    circuit = CombinationalCell()
    return cell_table(name, xr.Dataset(values, axes), vdd=VDD, window=circuit.t_edge + circuit.t_settle)


@pytest.fixture(scope="module")
def tables(run: Run, sky130: Pdk) -> dict[str, CellTable]:
    return {name: table(run, sky130, name) for name in ("inv_2", "and2_1", "ha_1", "fa_1")}


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


def test_energies_of_the_model_are_those_of_spice(run: Run, sky130: Pdk, tables: dict[str, CellTable]) -> None:
    """Twenty operations: the mean within 5 %, single operations within 12 % rms, the delay within 10 %."""
    circuit, inputs = AdderTree(c_net=0.0), popcount.Popcount(operations=20)
    made = popcount.deck(circuit, Conditions(), inputs, sky130)
    waves, setup = run(with_accuracy(made, "fast")), setup_of(circuit, inputs, pdk=sky130)
    values, spice = popcount.measure(waves, setup), popcount.energies(waves, setup)[:-1]
    model = EventModel(circuit.network, tables, vdd=VDD, c_net=0.0, inertia=INERTIA)
    levels = popcount.levels(circuit, inputs)
    modelled = model.run(levels[:-1], circuit.t_operation)
    ratio = modelled.energy[:, 1] / spice
    assert modelled.energy[:, 1].mean() == pytest.approx(spice.mean(), rel=0.05)
    assert np.sqrt(np.mean((ratio - 1) ** 2)) < 0.12
    assert modelled.settled.max() == pytest.approx(values["t_critical"], rel=0.1)
    # Without the inertial filter the model counts pulses that never form.
    unfiltered = EventModel(circuit.network, tables, vdd=VDD, c_net=0.0, inertia=0.0)
    assert unfiltered.run(levels[:-1], circuit.t_operation).energy.sum() > 1.2 * modelled.energy.sum()


def test_at_rest_the_model_leaks_as_spice(run: Run, sky130: Pdk, tables: dict[str, CellTable]) -> None:
    circuit, inputs = AdderTree(c_net=0.0), popcount.Popcount(operations=1)
    rest = run(popcount.deck(circuit, Conditions(), inputs, sky130).with_analysis(OperatingPoint()))
    level = popcount.levels(circuit, inputs)[0]
    model = EventModel(circuit.network, tables, vdd=VDD, c_net=0.0, inertia=INERTIA).run([level, level], 1.0)
    assert model.energy.sum() == pytest.approx(-(rest.value("i(vdd)") + rest.value("i(vdrv)")) * VDD, rel=0.1)


def test_slim_cards_of_a_full_adder_equal_the_full_library(run: Run, sky130: Pdk) -> None:
    circuit, inputs = CombinationalCell(cell="fa_1", c_load=LOADS[1]), logic_cell.LogicTransition(before=0, after=7)
    slim, full = (
        logic_cell.measure(
            run(logic_cell.deck(circuit, Conditions(), inputs, sky130, full=full)), setup_of(circuit, inputs)
        )
        for full in (False, True)
    )
    assert slim == pytest.approx(full, rel=1e-6)
