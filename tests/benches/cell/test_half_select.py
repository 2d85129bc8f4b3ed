"""The half-select bench on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell import half_select
from bitline.benches.cell.half_select import HalfSelect, canonical, deck, measure
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 4e-9, 401)
CELL = SplitPort6T()


def waves(*sources: str) -> Waveforms:
    signals = {
        "v(q)": np.full_like(TIME, 1.8),
        "v(qb)": np.interp(TIME, [1e-9, 2e-9, 3e-9], [0.0, 0.3, 0.1]),
        "v(bl)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.7]),
        "v(blb)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.3]),
        "i(vdd)": np.full_like(TIME, -2e-6),
    }
    return Waveforms(TIME, signals | pulsed(TIME, {f"v{node}": node for node in sources}, 1e-7))


def test_in_a_row_the_floating_lines_are_precharged_again() -> None:
    values = measure(waves("wll", "wlr"), setup_of(CELL, HalfSelect(c_line=20e-15)))
    assert list(values) == [output.name for output in half_select.OUTPUTS]
    gate = 1.8 * 1e-7 * 2e-9
    line = 20e-15 * 1.8 * (0.1 + 0.5)
    expected = [0.3, 0.0, 1.8 * 2e-6 * 4e-9, 2 * gate, line]
    assert list(values.values()) == pytest.approx(expected, rel=1e-6, abs=1e-30)


def test_in_a_column_the_lines_are_driven() -> None:
    values = measure(waves("wll", "wlr", "bl", "blb"), setup_of(CELL, HalfSelect(select="bl")))
    assert values["energy_line"] == pytest.approx(2 * 1.8 * 1e-7 * 2e-9, rel=1e-6)


def test_driven_lines_have_one_simulation_whatever_their_capacitance() -> None:
    assert canonical(CELL, HalfSelect(select="bl", c_line=1e-12)) == HalfSelect(select="bl")
    assert canonical(CELL, HalfSelect(c_line=1e-12)).c_line == 1e-12


@pytest.mark.pdk
@pytest.mark.parametrize(("select", "falls"), [("row", ""), ("bl", "vbl bl"), ("blb", "vblb blb")])
def test_the_deck_pulses_word_lines_or_one_line(select: str, falls: str, sky130: Pdk) -> None:
    body = deck(CELL, Conditions(), HalfSelect(select=select), sky130).body
    assert body.count(" pulse(0 1.8 ") == (2 if select == "row" else 0)
    assert body.count(" pulse(1.8 0 ") == (0 if select == "row" else 1)
    assert f"\n{falls} 0 pulse(1.8 0 " in body or select == "row"
    assert ("cbl bl 0 1e-14\n" in body) == (select == "row")
