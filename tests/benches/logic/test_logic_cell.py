"""Logic-cell bench without ngspice."""

from __future__ import annotations

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.logic.logic_cell import LogicTransition, deck, measure, schedule
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk


@pytest.mark.pdk
def test_a_state_that_the_cell_has_not_is_refused(sky130: Pdk) -> None:
    with pytest.raises(InputError, match=r"after = 4: and2_1 has the states 0\.\.3"):
        deck(CombinationalCell(cell="and2_1"), Conditions(), LogicTransition(before=0, after=4), sky130)


@pytest.mark.parametrize(("after", "delay"), [(3, 400e-12), (2, 0.0)])
def test_a_ramp_is_measured(after: int, delay: float) -> None:
    """An AND's output crosses the middle 0.4 ns after the edge's, or stays; its supply gives 1 uA all the time."""
    circuit, inputs = CombinationalCell(cell="and2_1"), LogicTransition(before=1, after=after)
    t = schedule(circuit)
    middle = t["edge"] + circuit.t_edge / 2
    time = np.linspace(0, t.end, 20001)
    output = np.interp(time, [0, middle + 350e-12, middle + 450e-12], [0, 0, 1.8]) * (after == 3)
    signals = {"i(vdd)": np.full_like(time, -1e-6), "v(pin_x)": output}
    for pin in "ab":
        signals |= {f"v(pin_{pin})": np.zeros_like(time), f"i(vp{pin})": np.zeros_like(time)}
    values = measure(Waveforms(time, signals), setup_of(circuit, inputs))
    assert values["right"] == 1
    assert values["delay_first"] == pytest.approx(delay, abs=1e-13)
    assert values["delay_second"] == 0
    assert values["energy_cell"] == pytest.approx(1.8e-6 * (t.end - t["edge"]))
