"""Reads in time against static ones: a long pulse on a heavy line has the static margin, and its low state."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Bench, Conditions
from bitline.benches.cell import n_curve, read, snm
from bitline.benches.cell.n_curve import zeros
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()
HELD = 1e-9  # a line of 1 nF does not move [F]
BITS = (("right", 1, "analog", "qb"), ("left", 0, "digital", "q"))
each_bit = pytest.mark.parametrize(("port", "stored", "access", "node"), BITS)


def measured(run: Run, pdk: Pdk, bench: Bench, at: Conditions | None = None, **inputs: object) -> dict[str, float]:
    setup = bench.setup(CELL, at or Conditions(), bench.inputs(**inputs), pdk)
    deck = bench.deck(CELL, setup.conditions, setup.inputs, pdk)
    return dict(bench.measure(run(with_accuracy(deck, "default")), setup))


def noise_that_flips(run: Run, pdk: Pdk, at: Conditions | None = None, **inputs: object) -> float:
    """Return the least noise with which a read flips the cell, within 2 mV."""
    kept, lost = 0.0, 1.0
    while lost - kept > 2e-3:
        noise = (kept + lost) / 2
        if measured(run, pdk, read.BENCH, at, noise=noise, **inputs)["flips"]:
            lost = noise
        else:
            kept = noise
    return kept


@each_bit
def test_a_long_pulse_tends_to_the_static_margin(
    port: str, stored: int, access: str, node: str, run: Run, sky130: Pdk
) -> None:
    at = Conditions(sample=1)
    static = measured(run, sky130, snm.BENCH, at, access=access)[f"snm_{stored}"]
    dynamic = noise_that_flips(run, sky130, at, port=port, stored=stored, c_line=HELD, t_pulse=30e-9)
    assert dynamic == pytest.approx(static, abs=4e-3)


def test_a_short_pulse_or_a_light_line_leaves_more_margin(run: Run, sky130: Pdk) -> None:
    pulses = [noise_that_flips(run, sky130, c_line=HELD, t_pulse=t) for t in (0.1e-9, 0.3e-9, 3e-9)]
    assert all(short > long + 0.02 for short, long in pairwise(pulses))
    lines = [noise_that_flips(run, sky130, c_line=c, t_pulse=3e-9) for c in (10e-15, 100e-15, HELD)]
    assert all(light > heavy + 5e-3 for light, heavy in pairwise(lines))


@each_bit
def test_the_disturb_of_a_held_line_is_the_low_state_of_the_n_curve(
    port: str, stored: int, access: str, node: str, run: Run, sky130: Pdk
) -> None:
    disturb = measured(run, sky130, read.BENCH, port=port, stored=stored, c_line=HELD, t_pulse=10e-9)["disturb"]
    inputs = n_curve.Forced(access=access, node=node)
    curve = run(with_accuracy(n_curve.deck(CELL, Conditions(), inputs, sky130), "default"))
    assert disturb == pytest.approx(zeros(curve.axis, -curve["i(vforce)"])[0], abs=2e-3)


def test_the_delay_is_the_charge_over_the_current(run: Run, sky130: Pdk) -> None:
    held = measured(run, sky130, read.BENCH, c_line=HELD, t_pulse=10e-9)
    delays = [measured(run, sky130, read.BENCH, c_line=1e-12, t_pulse=10e-9, v_swing=v)["t_read"] for v in (0.05, 0.15)]
    # Between two swings the delay of the word line's edge cancels; a lower line draws a little less.
    assert delays[1] - delays[0] == pytest.approx(1e-12 * 0.1 / held["i_read"], rel=0.03)
