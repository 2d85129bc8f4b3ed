"""The adder tree in SPICE: exact counts, leakage at rest, energies by charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.logic.popcount import Popcount, deck, measure
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]


def counted(
    run: Run, pdk: Pdk, circuit: AdderTree, inputs: Popcount, conditions: Conditions | None = None
) -> dict[str, Any]:
    conditions = conditions or Conditions()
    made = with_accuracy(deck(circuit, conditions, inputs, pdk), "fast")
    return measure(run(made), setup_of(circuit, inputs, conditions, pdk))


@pytest.mark.parametrize("corner", list(Corner))
def test_every_count_is_right_at_every_corner(corner: Corner, run: Run, sky130: Pdk) -> None:
    """A short form of the sweep dcim-popcount; each corner has operands of its own."""
    inputs = Popcount(operations=4, operand_seed=list(Corner).index(corner))
    values = counted(run, sky130, AdderTree(), inputs, Conditions(corner=corner))
    assert values["errors"] == 0
    assert 0.3e-9 < values["t_critical"] < 4e-9


def test_too_fast_an_operation_is_an_error(run: Run, sky130: Pdk) -> None:
    assert counted(run, sky130, AdderTree(t_operation=0.8e-9), Popcount(operations=6))["errors"] > 0


@pytest.mark.parametrize("form", [{"multiplier": "nor2"}, {"structure": "ripple"}, {"structure": "arrival"}])
def test_every_form_counts(form: dict[str, Any], run: Run, sky130: Pdk) -> None:
    assert counted(run, sky130, AdderTree(**form), Popcount(operations=3))["errors"] == 0


def test_at_rest_it_takes_what_leaks(run: Run, sky130: Pdk) -> None:
    """No input toggles: each operation costs the operating point's power times its length."""
    circuit, inputs = AdderTree(), Popcount(operations=1, p_redraw=0.0)
    conditions = Conditions(temperature=85.0)
    made = deck(circuit, conditions, inputs, sky130)
    rest = run(made.with_analysis(OperatingPoint()))
    logic = -rest.value("i(vdd)") * conditions.vdd * circuit.t_operation
    whole = logic - rest.value("i(vdrv)") * conditions.vdd * circuit.t_operation
    values = measure(run(made), setup_of(circuit, inputs, conditions, sky130))
    assert values["errors"] == 0
    assert values["energy_logic"] == pytest.approx(logic, rel=0.01)
    assert values["energy_idle"] == pytest.approx(whole, rel=0.01)


def test_after_an_operation_it_is_not_at_rest_yet(run: Run, sky130: Pdk) -> None:
    """The leakage is the operating point's; the idle operation takes more, as nodes charge through devices off."""
    circuit, inputs, conditions = AdderTree(), Popcount(operations=1), Conditions()
    made = deck(circuit, conditions, inputs, sky130)
    rest = run(made.with_analysis(OperatingPoint()))
    power = -conditions.vdd * (rest.value("i(vdd)") + rest.value("i(vdrv)"))
    values = measure(run(with_accuracy(made, "fast")), setup_of(circuit, inputs, conditions, sky130))
    assert values["energy_leakage"] == pytest.approx(power * circuit.t_operation, rel=0.01)
    assert values["energy_idle"] > 20 * values["energy_leakage"]
    assert values["energy_idle"] < values["energy_logic"] / 100


def test_the_simulator_adds_no_conductance_that_would_pass_for_leakage(run: Run, sky130: Pdk) -> None:
    """A tenth of the least conductance takes the same power; that of ngspice's default takes more than twice."""
    made = deck(AdderTree(), Conditions(), Popcount(operations=1), sky130).with_analysis(OperatingPoint())
    chosen, less, usual = (
        -sum(run(one).value(f"i({supply})") for supply in ("vdd", "vdrv"))
        for one in (made, made.with_options({"gmin": 1e-17}), made.with_options({"gmin": 1e-12}))
    )
    assert chosen == pytest.approx(less, rel=1e-3)
    assert usual > 2 * chosen


def test_wire_on_the_drivers_costs_its_charge(run: Run, sky130: Pdk) -> None:
    """Nothing glitches behind a driver: C V^2 each time its output rises, which is when its input becomes 1.

    With no wire at all the input's edge throws the output beyond the rails, and charge back into the supply: that is
    another few per cent, which wire takes away.
    """
    inputs = Popcount(operations=3)
    rows = inputs.operands(16)[0]
    rises = np.count_nonzero((rows[1:] == 1) & (rows[:-1] == 0)) / inputs.operations
    light, heavy = (counted(run, sky130, AdderTree(c_net=c), inputs) for c in (10e-15, 20e-15))
    assert heavy["energy_drivers"] - light["energy_drivers"] == pytest.approx(rises * 10e-15 * 1.8**2, rel=0.02)


def test_counts_are_right_where_supply_and_temperature_are_lowest(run: Run, sky130: Pdk) -> None:
    slow = Conditions(corner=Corner.ss, vdd=1.62, temperature=-40.0)
    assert counted(run, sky130, AdderTree(), Popcount(operations=4), slow)["errors"] == 0
