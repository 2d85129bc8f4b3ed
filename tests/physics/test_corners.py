"""Corners are named NMOS first, whatever the library calls its sections: judged by device currents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

BOTH = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("n", "nmos", "dn", "vdd", "0", "0", 0.42e-6, 0.15e-6) -}}
{{ mos("p", "pmos", "dp", "0", "vdd", "vdd", 0.42e-6, 0.15e-6) -}}
vdd vdd 0 1.8
vdn dn 0 1.8
vdp dp 0 0
"""
# uA, measured by hand with the full library (design.md section 2, where sf and fs are the library's names)
NMOS = {Corner.tt: 185.0, Corner.sf: 157.0, Corner.fs: 214.0}
PMOS = {Corner.tt: 76.0, Corner.sf: 95.0, Corner.fs: 57.0}


def on_currents(corner: Corner, pdk: Pdk, run: Run) -> tuple[float, float]:
    """Return I_on of nfet_01v8 and pfet_01v8 of 0.42/0.15 um [uA]."""
    body = render_circuit(environment().from_string(BOTH), netlist(Conditions(corner=corner), pdk))
    waves = run(Deck("on currents", body, ("i(vdn)", "i(vdp)"), Transient(1e-9)))
    return -waves["i(vdn)"][-1] * 1e6, waves["i(vdp)"][-1] * 1e6


@pytest.fixture(scope="module")
def currents(sky130: Pdk, run: Run) -> dict[Corner, tuple[float, float]]:
    return {corner: on_currents(corner, sky130, run) for corner in Corner}


@pytest.mark.parametrize("corner", NMOS)
def test_on_currents_are_those_measured_by_hand(corner: Corner, currents: dict[Corner, tuple[float, float]]) -> None:
    assert currents[corner] == pytest.approx((NMOS[corner], PMOS[corner]), rel=0.02)


def test_the_first_letter_is_the_nmos(currents: dict[Corner, tuple[float, float]]) -> None:
    for device in (0, 1):
        order = sorted(Corner, key=lambda corner: currents[corner][device])
        letters = [corner.value[device] for corner in order]
        assert letters == ["s", "s", "t", "f", "f"]
