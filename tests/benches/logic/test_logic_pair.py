"""Logic-pair bench without ngspice."""

from __future__ import annotations

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.logic.cell_pins import ramps
from bitline.benches.logic.logic_pair import LogicPair, deck, measure, schedule
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

EDGE = 100e-12


def test_states_follow_the_inputs_that_change() -> None:
    assert LogicPair(before=5, first=1, second=0).states == (5, 7, 6)
    assert LogicPair(before=5, first=1, second=1).states == (5, 7, 5)


@pytest.mark.pdk
def test_an_input_that_the_cell_has_not_is_refused(sky130: Pdk) -> None:
    with pytest.raises(InputError, match=r"second = 2: and2_1 has the inputs 0\.\.1"):
        deck(CombinationalCell(cell="and2_1"), Conditions(), LogicPair(before=0, first=0, second=2), sky130)


def test_a_pulse_shorter_than_its_edge_stays_below_the_other_level() -> None:
    """Half an edge after it began to rise the input begins to fall: it stays at half meanwhile."""
    (course,) = ramps([(0,), (1,), (0,)], [1e-10, 1.5e-10], EDGE)
    assert dict(course) == pytest.approx({0: 0, 1e-10: 0, 1.5e-10: 0.5, 2e-10: 0.5, 2.5e-10: 0})


def test_two_inputs_have_edges_of_their_own() -> None:
    first, second = ramps([(0, 1), (1, 1), (1, 0)], [1e-10, 1.5e-10], EDGE)
    assert dict(first)[2.5e-10] == 1
    assert dict(second) == pytest.approx({0: 1, 1e-10: 1, 1.5e-10: 1, 2e-10: 0.5, 2.5e-10: 0})


@pytest.mark.parametrize(("top", "width"), [(1.8, 100e-12), (0.6, 0.0)])
def test_a_pulse_is_measured(top: float, width: float) -> None:
    """An AND's output rises and falls within 0.2 ns, or to a third of the supply and back."""
    circuit, inputs = CombinationalCell(cell="and2_1"), LogicPair(before=1, first=1, second=0, t_gap=80e-12)
    t = schedule(circuit, inputs)
    time = np.linspace(0, t.end, 20001)
    begin = t["first"] + 300e-12
    output = np.interp(time, begin + np.array([0, 100e-12, 200e-12]), [0, top, 0])
    level, current = np.full_like(time, 1.8), np.full_like(time, -1e-6)
    pins = {"v(pin_a)": level, "i(vpa)": current, "v(pin_b)": level, "i(vpb)": 0 * current}
    w = Waveforms(time, {"i(vdd)": current, "v(pin_x)": output, **pins})
    values = measure(w, setup_of(circuit, inputs))
    assert values["right"] == 1
    assert values["swing_first"] == pytest.approx(top / 1.8, rel=1e-3)
    assert values["width_first"] == pytest.approx(width, abs=1e-13)
    expected = 0.0 if not width else begin + 150e-12 - t["second"] - circuit.t_edge / 2
    assert values["delay_first"] == pytest.approx(expected, abs=1e-13)
    assert values["swing_second"] == values["width_second"] == values["delay_second"] == 0
    assert values["energy_cell"] == pytest.approx(1.8e-6 * (t.end - t["first"]))
    assert values["energy_pins"] == pytest.approx(1.8e-6 * (t.end - t["first"]))
