"""The data-retention voltage against the crossings of the butterfly, and against cells that are left alone for long."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions, Setup
from bitline.benches.cell import retention
from bitline.benches.cell.butterfly import squares
from bitline.benches.cell.leakage import LEAST_EDGE, Lines
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Analysis, Dc, Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()
# A cell on a supply of its own, its loop cut or closed; the lines stay where they are.
SUPPLIED = """
{% if cut %}
{% set gates = ("x", "x") %}
vx x 0 0
{% endif %}
{% include "cells/split_port_6t.cir.j2" %}
vdd vdd 0 {{ supply }}
vbl bl 0 {{ line }}
vblb blb 0 {{ line }}
vwll wll 0 0
vwlr wlr 0 0
{% if not cut %}
.ic v(q)={{ supply if stored else 0.0 }} v(qb)={{ 0.0 if stored else supply }}
{% endif %}
"""
each_case = pytest.mark.parametrize(
    ("sample", "lines", "at"),
    [
        (0, "high", Conditions()),
        (0, "low", Conditions(corner="fs", temperature=-40.0)),
        (2, "high", Conditions(sample=2)),
        (3, "high", Conditions(sample=3, corner="ss")),
        (3, "low", Conditions(sample=3, corner="sf", temperature=125.0)),
    ],
)


def voltages(run: Run, pdk: Pdk, at: Conditions, lines: str = "high") -> dict[str, float]:
    inputs = Lines(lines=lines)
    waves = run(with_accuracy(retention.deck(CELL, at, inputs, pdk), "default"))
    return retention.measure(waves, Setup(CELL, at, inputs, pdk))


def supplied(run: Run, pdk: Pdk, at: Conditions, lines: str, analysis: Analysis, **values: object) -> Waveforms:
    template = environment().from_string(SUPPLIED)
    line = at.vdd if lines == "high" else 0.0
    body = render_circuit(template, netlist(at, pdk, least_edge=LEAST_EDGE), circuit=CELL, line=line, **values)
    deck = Deck("supplied", body, ("v(q)", "v(qb)"), analysis, retention._OPTIONS, temperature=at.temperature)
    return run(with_accuracy(deck, "default"))


def butterfly(run: Run, pdk: Pdk, at: Conditions, lines: str, supply: float) -> Waveforms:
    return supplied(run, pdk, at, lines, Dc("vx", 0.0, supply, supply / 4000), cut=True, supply=supply)


def apart(waves: Waveforms) -> tuple[float, float]:
    """Return how far the nodes are apart in the butterfly's crossing that is nearest to a stored 1 and to a 0 [V]."""
    q, qb = waves["v(q)"], waves["v(qb)"]
    loop = np.interp(qb, waves.axis, q) - waves.axis  # the axis is Q where the other inverter answers with QB
    crossings = np.flatnonzero(np.signbit(loop[1:]) != np.signbit(loop[:-1]))
    between = waves.axis[crossings] - qb[crossings]
    return float(between.max()), float(-between.min())


@each_case
def test_a_bit_has_a_crossing_of_the_butterfly_above_and_none_below(
    sample: int, lines: str, at: Conditions, run: Run, sky130: Pdk
) -> None:
    values = voltages(run, sky130, at, lines)
    for bit, voltage in ((1, values["drv_1"]), (0, values["drv_0"])):
        if voltage < retention._END + 1e-6:  # the favoured bit is kept to the end of the sweep
            continue
        curves = [butterfly(run, sky130, at, lines, voltage + step) for step in (2e-3, -3e-3)]
        above, below = (apart(waves)[1 - bit] for waves in curves)
        assert below < above / 2, bit
        above, below = (squares(w.axis, w["v(q)"], w["v(qb)"])[1 - bit].side for w in curves)
        assert above > 0 and not below > 0, bit
    assert values["drv"] > 0.05


@each_case
def test_a_bit_lasts_for_seconds_above_and_not_below(
    sample: int, lines: str, at: Conditions, run: Run, sky130: Pdk
) -> None:
    values = voltages(run, sky130, at, lines)
    bit = int(values["drv_1"] >= values["drv_0"])
    kept = []
    for supply in (values["drv"] + 5e-3, values["drv"] - 5e-3):
        waves = supplied(run, sky130, at, lines, Transient(10.0, 5e-3), cut=False, supply=supply, stored=bit)
        kept.append(float(waves["v(q)"][-1] - waves["v(qb)"][-1]) * (1 if bit else -1))
    assert kept[0] > 0.04 and kept[1] < kept[0] / 2


def test_a_fast_nmos_with_a_slow_pmos_needs_the_most_supply(run: Run, sky130: Pdk) -> None:
    """The slow pull-up is what fails: it must hold the high node against the leak of the fast pull-down."""
    voltage = [voltages(run, sky130, Conditions(corner=corner))["drv"] for corner in ("fs", "tt", "sf")]
    assert all(more > 1.5 * less for more, less in pairwise(voltage))
