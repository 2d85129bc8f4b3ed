"""The write bench: energies against C V^2, its delay against the shortest pulse that writes, the orders of corners."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions, Setup
from bitline.benches.cell import write
from bitline.benches.cell.write import Write
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()


def simulated(
    run: Run, pdk: Pdk, at: Conditions | None = None, accuracy: Accuracy = "default", **inputs: object
) -> tuple[dict[str, float], Waveforms]:
    at, made = at or Conditions(), Write(**inputs)
    waves = run(with_accuracy(write.deck(CELL, at, made, pdk), accuracy))
    return write.measure(waves, Setup(CELL, at, made, pdk)), waves


def written(run: Run, pdk: Pdk, at: Conditions | None = None, **inputs: object) -> dict[str, float]:
    return simulated(run, pdk, at, **inputs)[0]


def test_each_load_takes_c_v_squared_from_its_own_supply(run: Run, sky130: Pdk) -> None:
    plain = written(run, sky130)
    line = written(run, sky130, c_line=110e-15)
    word = written(run, sky130, c_word=130e-15)
    # One line falls and rises, and both word lines rise.
    assert line["energy_line"] - plain["energy_line"] == pytest.approx(100e-15 * 1.8**2, rel=0.01)
    assert word["energy_wordline"] - plain["energy_wordline"] == pytest.approx(2 * 100e-15 * 1.8**2, rel=0.01)
    assert line["energy_array"] == pytest.approx(plain["energy_array"], rel=0.02)


@pytest.mark.parametrize(("ports", "corner"), [("both", "tt"), ("digital", "ss")])
def test_the_shortest_pulse_that_writes_is_about_the_delay(ports: str, corner: str, run: Run, sky130: Pdk) -> None:
    at = Conditions(corner=corner)
    delay = written(run, sky130, at, ports=ports)["t_flip"]
    short, long = 60e-12, 500e-12
    for _ in range(7):
        middle = (short + long) / 2
        values, waves = simulated(run, sky130, at, ports=ports, t_pulse=middle)
        if values["written"]:
            long = middle
            on = waves.axis[waves["v(wll)"] > at.vdd / 2]
        else:
            short = middle
    assert 0.9 * delay < np.ptp(on) < 1.5 * delay


@pytest.mark.parametrize("ports", ["digital", "both"])
def test_a_fast_process_writes_faster(ports: str, run: Run, sky130: Pdk) -> None:
    delays = [written(run, sky130, Conditions(corner=corner), ports=ports)["t_flip"] for corner in ("ff", "tt", "ss")]
    assert all(fast < 0.9 * slow for fast, slow in pairwise(delays))


def test_one_port_writes_a_0_into_its_own_side_and_no_1(run: Run, sky130: Pdk) -> None:
    both, own, other = (
        written(run, sky130, ports=ports, stored=stored)
        for ports, stored in (("both", 1), ("digital", 1), ("digital", 0))
    )
    assert both["written"] == own["written"] == 1.0
    assert both["t_flip"] < own["t_flip"]
    assert both["energy_wordline"] == pytest.approx(2 * own["energy_wordline"], rel=0.02)
    assert (other["written"], other["t_flip"]) == (0.0, 2e-9)


def test_finer_steps_change_little(run: Run, sky130: Pdk) -> None:
    coarse, fine = (simulated(run, sky130, accuracy=accuracy)[0] for accuracy in ("default", "reference"))
    assert coarse == pytest.approx(fine, rel=0.01)
