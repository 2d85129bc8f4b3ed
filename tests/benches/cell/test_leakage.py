"""The leakage bench on a made-up operating point, and what its deck promises."""

from __future__ import annotations

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell import leakage
from bitline.benches.cell.leakage import Idle, deck, measure
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.pdk.descriptor import Pdk


def point(**changed: float) -> Waveforms:
    """Return a cell with Q high whose sources give 10 pA, 1 pA of which no path explains."""
    values = dict.fromkeys([f"v(@m{d}[{x}])" for d in leakage._DEVICES for x in ("id", "ibd", "ibs")], 0.0)
    values |= {"v(@mpur[id])": 1e-12, "v(@mpdl[id])": 2e-12, "v(@mpgr[id])": -4e-12, "v(@mpgl[ibd])": -2e-12}
    # Through the devices that are on goes what the others let through: it is no path of its own.
    values |= {"v(@mpul[id])": 2e-12, "v(@mpdr[id])": 5e-12}
    values |= {"v(q)": 1.8, "v(qb)": 0.0, "i(vdd)": -4e-12, "i(vbl)": -2e-12, "i(vblb)": -4e-12}
    values |= {"i(vwll)": 0.0, "i(vwlr)": 0.0} | changed
    return Waveforms(np.zeros(1), {k: np.array([v]) for k, v in values.items()}, abscissa=OperatingPoint.axis)


def test_paths_are_those_of_the_devices_that_are_off() -> None:
    values = measure(point(), setup_of(SplitPort6T(), Idle(stored=1)))
    assert list(values) == [output.name for output in leakage.OUTPUTS]
    assert values == pytest.approx(
        {
            "i_pull_up": 1e-12,
            "i_pull_down": 2e-12,
            "i_access_bl": 0.0,
            "i_access_blb": 4e-12,
            "i_junction": 2e-12,
            "i_other": 1e-12,
            "i_cell": 4e-12,
            "i_leak": 1e-11,
            "p_leak": 1.8e-11,
        },
        rel=1e-9,
        abs=1e-24,
    )


def test_lines_at_ground_give_nothing() -> None:
    assert measure(point(), setup_of(SplitPort6T(), Idle(lines="low")))["i_leak"] == pytest.approx(4e-12)


def test_a_cell_that_lost_its_bit_has_no_paths() -> None:
    with pytest.raises(BadMeasureError, match="does not keep Q = 0"):
        measure(point(), setup_of(SplitPort6T(), Idle(stored=0)))


def test_inputs_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="lines = 'middle': must be 'high' or 'low'"):
        Idle(lines="middle")


@pytest.mark.pdk
@pytest.mark.parametrize(("lines", "volts"), [("high", 1.5), ("low", 0.0)])
def test_the_deck_holds_lines_and_bit(lines: str, volts: float, sky130: Pdk) -> None:
    body = deck(SplitPort6T(), Conditions(vdd=1.5), Idle(stored=0, lines=lines), sky130).body
    assert f"vbl bl 0 {volts}\nvblb blb 0 {volts}\nvwll wll 0 0\nvwlr wlr 0 0\n" in body
    assert ".nodeset v(q)=0.0 v(qb)=1.5\n" in body
    # ngspice would take 1e-14 A as the saturation current of a junction without area and side wall.
    assert "as=0.000000000000000e+00 pd=2.400000000000000e-01 ps=1.000000000000000e-09" in body
