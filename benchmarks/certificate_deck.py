"""One column operation in SPICE: a DAC for each row, the pass gates of the weights, the column they drive.

Every row has a DAC of its own, whose output is the supply of the row's pass gate, so that what a level becomes under
its load is simulated: unit capacitor, parasitics, and the line that moves below it. Of each row that drives the line
(weight 1, word above 0) all transistors and capacitors have a mismatch of their own, as have the line's reset and the
units of all 144 rows. The other rows of one weight and one word are equal DACs and pass gates in parallel without
mismatch: at weight 0 their outputs do not reach the line, at word 0 they stand still.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.analysis import Transient
from bitline.circuits.column_dac import ColumnDac
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

Integers = NDArray[np.int64]

# The templates of column and DAC fix the names of their nodes, and here are many DACs: the same macros, sizes and
# parasitics with a group's name in each, and a count of equal groups.
TEXT = """
{% from "periphery/reset_switch.cir.j2" import reset_switch with context %}
{% from "mosfet.cir.j2" import mos with context %}
{% macro pair(id, input, output, supply, wn, wp, l, m) %}
{{ mos("p" ~ id, "pmos", output, input, supply, supply, wp, l, parallel=m) -}}
{{ mos("n" ~ id, "nmos", output, input, "0", "0", wn, l, parallel=m) -}}
{% endmacro %}
{% set c, d = circuit, dac %}
{% set unit, part = capacitor(c.capacitor, c.c_unit), capacitor(d.capacitor, d.c_unit) %}
{% set sigma = unit.spread(c.c_unit) * c.c_unit %}
{% set spread_dac = part.spread(d.c_unit) * d.c_unit %}
{{ reset_switch("line", "vcm", c.w_reset, c.w_switch, c.dummy_ratio * c.w_switch, c.length) -}}
cpar line 0 {{ c.c_par_fixed + c.inputs * unit.line_parasitic(c.c_unit) }}
{% for group in groups %}
{% set k, n = loop.index0, group.rows|length %}
{% set m = none if group.varies else n %}
{% set s = spread_dac if group.varies else 0 %}
{{ pair("ra" ~ k, "hold", "ha" ~ k, "vdac", 0.42e-6, 0.42e-6, d.length, m) -}}
{{ pair("rb" ~ k, "ha" ~ k, "hb" ~ k, "vdac", 0.42e-6, 0.42e-6, d.length, m) -}}
{{ mos("sw" ~ k, "nmos", "out" ~ k, "hb" ~ k, "0", "0", d.w_switch, d.length, parallel=m) -}}
{{ mos("du" ~ k, "nmos", "out" ~ k, "ha" ~ k, "out" ~ k, "0", d.w_switch / 2, d.length, parallel=m) -}}
co{{ k }} out{{ k }} 0 {{ n * 2 ** d.bits * part.line_parasitic(d.c_unit) }}
ce{{ k }} out{{ k }} 0 {{ spread("ce" ~ k, n * d.c_unit, s) }}
{% for b in range(d.bits) %}
{% set gate = "go" if group.word // 2 ** b % 2 else "gs" %}
{% set id = k ~ "_" ~ b %}
{{ pair("d" ~ id, gate, "b" ~ id, "vref", 2 ** b * d.w_driver_n, 2 ** b * d.w_driver_p, d.length, m) -}}
cb{{ id }} out{{ k }} b{{ id }} {{ spread("cb" ~ id, n * 2 ** b * d.c_unit, 2 ** (b / 2) * s) }}
cq{{ id }} b{{ id }} 0 {{ n * 2 ** b * part.plate_ratio * d.c_unit }}
{% endfor %}
{% set input = "won" if group.weight else "woff" %}
{{ pair("en" ~ k, input, "en" ~ k, "vctl", c.w_driver_n, 2 * c.w_driver_n, c.length, m) -}}
{{ mos("up" ~ k, "nmos_lvt", "out" ~ k, "en" ~ k, "plate" ~ k, "0", c.w_driver_p, c.length, parallel=m) -}}
{{ mos("pp" ~ k, "pmos", "plate" ~ k, input, "out" ~ k, "vctl", c.w_driver_p, c.length, parallel=m) -}}
{{ mos("dn" ~ k, "nmos", "plate" ~ k, input, "0", "0", 2 * c.w_driver_n, c.length, parallel=m) -}}
{% for r in group.rows %}
cu{{ r }} line plate{{ k }} {{ spread("cu" ~ r, c.c_unit, sigma) }}
{% endfor %}
cp{{ k }} plate{{ k }} 0 {{ n * unit.plate_ratio * c.c_unit }}
{% endfor %}
vref vref 0 {{ d.v_ref }}
vdac vdac 0 {{ vdd }}
vctl vctl 0 {{ vdd }}
vcm vcm 0 {{ c.v_cm }}
vrst rst 0 pwl(0 {{ vdd }} {{ t.release }} {{ vdd }} {{ t.released }} 0 {{ t.held }} 0 {{ t.reset }} {{ vdd }})
vhold hold 0 pwl(0 {{ vdd }} {{ t.free }} {{ vdd }} {{ t.freed }} 0 {{ t.held }} 0 {{ t.reset }} {{ vdd }})
vgo go 0 pwl(0 {{ vdd }} {{ t.convert }} {{ vdd }} {{ t.converted }} 0 {{ t.restore }} 0 {{ t.restored }} {{ vdd }})
vgs gs 0 {{ vdd }}
vwon won 0 pwl(0 {{ vdd }} {{ t.on }} {{ vdd }} {{ t.opened }} 0 {{ t.off }} 0 {{ t.closed }} {{ vdd }})
vwoff woff 0 {{ vdd }}
"""
GATES = ("rst", "hold", "go", "gs", "won", "woff")
SUPPLIES = ("vref", "vdac", "vctl", "vcm")


@dataclass(frozen=True)
class Group:
    """Rows of one weight bit and one word; `varies`: a single row, whose transistors have a mismatch of their own."""

    weight: int
    word: int
    rows: tuple[int, ...]
    varies: bool


def groups(weights: Integers, words: Integers) -> list[Group]:
    """Return the rows that drive the line one by one, the first of the list, and the others by weight and word."""
    on = [k for k in range(len(words)) if weights[k] and words[k]]
    made = [Group(1, int(words[k]), (k,), varies=True) for k in on]
    others = sorted({(int(w), int(x)) for w, x in zip(weights, words, strict=True) if not (w and x)})
    for w, x in others:
        rows = np.flatnonzero((weights == w) & (words == x)).tolist()
        made.append(Group(w, x, tuple(rows), varies=False))
    return made


@dataclass(frozen=True)
class Chain:
    """The circuits of an analog operation."""

    column: AcimColumnQR = field(default_factory=lambda: AcimColumnQR(inputs=144, input_bits=4))
    dac: ColumnDac = field(default_factory=ColumnDac)


def schedule(chain: Chain) -> Schedule:
    """Return one cycle: weights on, DACs free, line free, words, sample, words back, reset, weights off."""
    c, edge = chain.column, chain.column.t_edge
    t = {"on": c.t_reset / 4, "opened": c.t_reset / 4 + edge}
    # The DACs' switches open first: what they leave on the plates is there before the line is free, and not on it.
    # The line takes 0.5 ns by its switch, and is given four times as long to be back.
    t |= {"free": c.t_reset / 2, "freed": c.t_reset / 2 + edge, "release": 5 * c.t_reset / 2}
    t["released"] = t["release"] + edge
    t["convert"] = t["released"] + c.t_reset / 2
    t["converted"] = t["convert"] + edge
    t["sample"] = t["convert"] + c.t_evaluate
    t["restore"] = t["sample"] + 2 * edge
    t["restored"] = t["restore"] + edge
    # What the words moved is back before the switches close on it.
    t["held"] = t["restored"] + c.t_reset / 2
    t["reset"] = t["held"] + edge
    t["off"] = t["reset"] + c.t_reset / 2
    t["closed"] = t["off"] + edge
    return Schedule(t, t["closed"] + c.t_restore, marked=("release", "convert", "sample"))


def deck(
    chain: Chain,
    weights: Integers,
    words: Integers,
    conditions: Conditions,
    pdk: Pdk,
    accuracy: Accuracy = "default",
) -> Deck:
    """Return the deck of one operation: weight bits 0 or 1 and DAC words, one of each a row."""
    t, devices = schedule(chain), netlist(conditions, pdk)
    body = render_circuit(
        environment().from_string(TEXT),
        devices,
        circuit=chain.column,
        dac=chain.dac,
        t=t,
        vdd=conditions.vdd,
        groups=groups(weights, words),
    )
    kept = ["v(line)", "v(plate0)", *(f"i({v})" for v in SUPPLIES)]
    made = Deck(
        title="column operation",
        body=body,
        saves=(*kept, *(vector for g in GATES for vector in (f"v({g})", f"i(v{g})"))),
        analysis=Transient(t.end),
        marks=t.marks,
        temperature=conditions.temperature,
    )
    return with_accuracy(made, accuracy)


def measure(w: Waveforms, chain: Chain, vdd: float) -> dict[str, float]:
    """Return the line at the sample [V], and the energies of a whole cycle [J], state restored.

    ``energy_reference`` is what the DACs take from their reference, ``energy_dac`` their switches' drivers and gates,
    ``energy_column`` the pass gates, the line's reset and its level.
    """
    stop = float(w.axis[-1])
    gate = {g: w.driver_energy(f"v{g}", g, 0.0, stop) for g in GATES}
    reset = w.energy("vcm", chain.column.v_cm, 0.0, stop) + gate["rst"]
    return {
        "v_line": w.at("v(line)", w.marks["sample"]),
        "energy_reference": w.energy("vref", chain.dac.v_ref, 0.0, stop),
        "energy_dac": w.energy("vdac", vdd, 0.0, stop) + gate["hold"] + gate["go"] + gate["gs"],
        "energy_column": w.energy("vctl", vdd, 0.0, stop) + gate["won"] + gate["woff"] + reset,
    }
