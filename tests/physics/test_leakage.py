"""Leakage of the idle cell: its paths against its supplies, a device alone, and the trends of a process."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions, Setup
from bitline.benches.cell import leakage
from bitline.benches.cell.leakage import Idle
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()
PATHS = ("i_pull_up", "i_pull_down", "i_access_bl", "i_access_blb", "i_junction")


def leaks(run: Run, deck: Deck, at: Conditions, inputs: Idle, pdk: Pdk) -> dict[str, float]:
    return leakage.measure(run(with_accuracy(deck, "default")), Setup(CELL, at, inputs, pdk))


def measured(run: Run, pdk: Pdk, at: Conditions, **inputs: object) -> dict[str, float]:
    made = Idle(**inputs)
    return leaks(run, leakage.deck(CELL, at, made, pdk), at, made, pdk)


@pytest.mark.parametrize("lines", ["high", "low"])
@pytest.mark.parametrize("stored", [0, 1])
@pytest.mark.parametrize("temperature", [-40.0, 27.0, 125.0])
def test_the_paths_add_up_to_what_the_sources_give(
    lines: str, stored: int, temperature: float, run: Run, sky130: Pdk
) -> None:
    """But for impact ionisation, which is the whole rest: without it in the models the rest is rounding."""
    at, inputs = Conditions(temperature=temperature), Idle(stored=stored, lines=lines)
    deck = leakage.deck(CELL, at, inputs, sky130)
    values = leaks(run, deck, at, inputs, sky130)
    assert 0 < values["i_other"] < 5e-3 * values["i_leak"]
    body, changed = re.subn(r"\balpha([01])=\S+", r"alpha\1=0", deck.body)
    assert changed
    without = leaks(run, replace(deck, body=body), at, inputs, sky130)
    assert sum(without[path] for path in PATHS) == pytest.approx(without["i_leak"], rel=1e-5)


@pytest.mark.parametrize("stored", [0, 1])
def test_the_line_on_the_low_node_leaks_as_an_access_device_alone(stored: int, run: Run, sky130: Pdk) -> None:
    at = Conditions()
    values = measured(run, sky130, at, stored=stored)
    template = environment().from_string(
        '{% from "mosfet.cir.j2" import mos with context %}'
        '{{ mos("x", "pass_n", "d", "0", "0", "0", c.w_pass, c.length, c.area_bl, 0.0, c.edge_bl, 0.0) }}vd d 0 1.8\n'
    )
    body = render_circuit(template, netlist(at, sky130), c=CELL)
    alone = run(Deck("alone", body, ("v(@mx[id])",), OperatingPoint(), options=leakage.OPTIONS)).value("v(@mx[id])")
    near, far = ("i_access_blb", "i_access_bl") if stored else ("i_access_bl", "i_access_blb")
    assert values[near] == pytest.approx(alone, rel=1e-4)
    assert values[far] < 1e-6 * alone


@pytest.mark.parametrize("lines", ["high", "low"])
@pytest.mark.parametrize("corner", list(Corner))
def test_leakage_rises_with_temperature_and_supply(corner: Corner, lines: str, run: Run, sky130: Pdk) -> None:
    at = [measured(run, sky130, Conditions(corner=corner, temperature=t), lines=lines) for t in (-40.0, 27.0, 125.0)]
    for cold, hot in pairwise(at):
        assert all(cold[path] < hot[path] for path in (*PATHS, "i_leak", "i_cell") if cold[path] > 1e-20)
    supplies = [measured(run, sky130, Conditions(corner=corner, vdd=v), lines=lines)["p_leak"] for v in (1.62, 1.98)]
    assert supplies[0] < supplies[1]


def test_a_fast_process_leaks_more_and_each_device_by_its_own_corner(run: Run, sky130: Pdk) -> None:
    at = {corner: measured(run, sky130, Conditions(corner=corner)) for corner in Corner}
    assert at[Corner.ff]["i_leak"] > at[Corner.tt]["i_leak"] > at[Corner.ss]["i_leak"]
    for path, first, second in (("i_access_blb", Corner.fs, Corner.sf), ("i_pull_up", Corner.sf, Corner.fs)):
        assert at[first][path] > 10 * at[Corner.tt][path] > 100 * at[second][path]
