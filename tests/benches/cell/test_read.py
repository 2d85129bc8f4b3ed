"""The read bench of the split-port cell on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell import read
from bitline.benches.cell.read import Read, deck, measure
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 4e-9, 401)


def waves(**changed: Array) -> Waveforms:
    """Return a read of 1 ns to 3 ns in which BLB falls by 0.5 V and BL by 0.25 V; the cell stands still."""
    signals = {
        "v(blb)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.3]),
        "v(bl)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.55]),
        "v(q)": np.full_like(TIME, 1.8),
        "v(qb)": np.zeros_like(TIME),
        "i(vdd)": np.full_like(TIME, -2e-6),
        **pulsed(TIME, {"vpulse": "wlr"}, 1e-7),
        **pulsed(TIME, {"vpulse": "wll"}, 1e-7),
    }
    return Waveforms(
        axis=TIME,
        signals=signals | changed,
        marks={"pulse": 1e-9, "sample": 3e-9},
    )


def setup(port: str = "right") -> Any:
    return setup_of(SplitPort6T(), Read(port=port, c_line=10e-15, t_pulse=2e-9))


def test_a_read_through_either_port() -> None:
    values = measure(waves(), setup())
    assert values == pytest.approx(
        {
            "swing": 0.5,
            "i_read": 2.5e-6,  # 10 fF * 0.5 V / 2 ns
            "disturb": 0.0,
            "flips": 0.0,
            "energy_array": 1.8 * 2e-6 * 4e-9,
            "energy_wordline": 1.8 * 1e-7 * 2e-9,
            "energy_line": 10e-15 * 1.8 * (0.5 + 0.25),
            "t_read": 0.4e-9 - 25e-12,  # 0.1 V of 0.5 V in 2 ns, from the middle of the word line's edge of 50 ps
        }
    )
    assert list(values) == [output.name for output in read.OUTPUTS]
    assert measure(waves(), setup(port="left"))["swing"] == pytest.approx(0.25)


def test_a_line_that_does_not_fall_far_enough_took_the_whole_pulse() -> None:
    inputs = Read(port="right", c_line=10e-15, t_pulse=2e-9, v_swing=0.6)
    assert measure(waves(), setup_of(SplitPort6T(), inputs))["t_read"] == 2e-9
    late = waves(**{"v(blb)": np.interp(TIME, [1e-9, 3e-9, 4e-9], [1.8, 1.3, 1.0])})
    assert measure(late, setup_of(SplitPort6T(), inputs))["t_read"] == 2e-9


def test_disturb_and_flips() -> None:
    bump = np.interp(TIME, [1e-9, 2e-9, 3e-9], [0.0, 0.4, 0.0])
    lifted = measure(waves(**{"v(qb)": bump}), setup())
    assert (lifted["disturb"], lifted["flips"]) == (pytest.approx(0.4), 0.0)
    ramp = np.interp(TIME, [1e-9, 3e-9], [0.0, 1.8])
    flipped = measure(waves(**{"v(q)": 1.8 - ramp, "v(qb)": ramp}), setup())
    assert (flipped["disturb"], flipped["flips"]) == (pytest.approx(1.8), 1.0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": "middle"}, "port = 'middle': must be 'left' or 'right'"),
        ({"stored": 2}, "stored = 2"),
        ({"t_pulse": 50e-12}, "t_pulse = 5e-11 s: must be > 5e-11"),
        ({"c_line": 0.0}, "c_line = 0.0"),
        ({"noise": -0.1}, "noise = -0.1"),
        ({"v_swing": 0.0}, "v_swing = 0.0"),
    ],
)
def test_inputs_out_of_range_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Read(**values)


@pytest.mark.pdk
@pytest.mark.parametrize("port", ["left", "right"])
@pytest.mark.parametrize("stored", [0, 1])
def test_the_deck_pulses_one_port_only(port: str, stored: int, sky130: Pdk) -> None:
    made = deck(SplitPort6T(), Conditions(vdd=1.5), Read(port=port, stored=stored, t_pulse=1e-9), sky130)
    driven, quiet = ("wlr", "wll") if port == "right" else ("wll", "wlr")
    high = re.search(rf"^vpulse {driven} 0 pulse\(0 1\.5 5e-10 5e-11 5e-11 (\S+) 1\)$", made.body, re.MULTILINE)
    assert high is not None
    assert float(high[1]) == pytest.approx(1e-9 - 50e-12)  # the pulse is as wide between its edges' middles
    assert f"vquiet {quiet} 0 0\n" in made.body
    assert f"v(q)={1.5 if stored else 0.0} v(qb)={0.0 if stored else 1.5}\n" in made.body
    assert made.marks["sample"] == pytest.approx(made.marks["pulse"] + 1e-9 + 50e-12)
    assert made.phases[-1].stop == made.analysis.stop > made.marks["sample"]


@pytest.mark.pdk
@pytest.mark.parametrize(("stored", "left", "right"), [(1, 0.2, -0.2), (0, -0.2, 0.2)])
def test_noise_stands_against_the_bit(stored: int, left: float, right: float, sky130: Pdk) -> None:
    body = deck(SplitPort6T(), Conditions(), Read(stored=stored, noise=0.2), sky130).body
    # What raises the input of the inverter that drives a node lowers the node.
    assert f"vnl gl qb {left}\nvnr gr q {right}\n" in body
    assert "Mpul q gl " in body and "Mpdr qb gr " in body
