"""Half-selected cells: a row against the static low state, a column against leakage and the other side."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Bench, Conditions
from bitline.benches.cell import half_select, n_curve, read
from bitline.benches.cell.n_curve import zeros
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()


def measured(run: Run, pdk: Pdk, bench: Bench, at: Conditions | None = None, **inputs: object) -> dict[str, float]:
    setup = bench.setup(CELL, at or Conditions(), bench.inputs(**inputs), pdk)
    deck = bench.deck(CELL, setup.conditions, setup.inputs, pdk)
    return dict(bench.measure(run(with_accuracy(deck, "default")), setup))


@pytest.mark.parametrize(("stored", "node"), [(1, "qb"), (0, "q")])
def test_a_long_half_selected_row_comes_to_the_static_low_state(stored: int, node: str, run: Run, sky130: Pdk) -> None:
    disturb = measured(run, sky130, half_select.BENCH, stored=stored, c_line=1e-9, t_pulse=10e-9)["disturb"]
    inputs = n_curve.Forced(access="both", node=node)
    curve = run(with_accuracy(n_curve.deck(CELL, Conditions(), inputs, sky130), "default"))
    assert disturb == pytest.approx(zeros(curve.axis, -curve["i(vforce)"])[0], abs=2e-3)


def test_a_half_selected_row_costs_its_line_what_a_read_does(run: Run, sky130: Pdk) -> None:
    """The cell discharges the line on its low node as in a read through that port; the other one stays high."""
    row = measured(run, sky130, half_select.BENCH)["energy_line"]
    assert row == pytest.approx(measured(run, sky130, read.BENCH)["energy_line"], rel=2e-3)


@pytest.mark.parametrize("corner", list(Corner))
def test_a_half_selected_column_moves_a_cell_by_millivolts(corner: Corner, run: Run, sky130: Pdk) -> None:
    at = Conditions(corner=corner, vdd=1.98, temperature=125.0)
    for select, stored in (("bl", 1), ("blb", 0)):
        values = measured(run, sky130, half_select.BENCH, at, select=select, stored=stored)
        assert values["disturb"] < 5e-3 and not values["flips"]
        # The line takes C V^2 of one contact and one overlap, some tenths of a femtofarad, from its driver.
        assert 0.05e-15 < values["energy_line"] / 1.98**2 < 0.3e-15
    other = measured(run, sky130, half_select.BENCH, at, select="blb", stored=1)
    assert other["disturb"] < values["disturb"]
