"""The adder tree in SPICE: exact counts, leakage at rest, energies by charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
