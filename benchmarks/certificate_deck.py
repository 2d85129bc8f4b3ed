"""One column operation in SPICE: a DAC for each row, the pass gates of the weights, the column they drive.

Every row has a DAC of its own, whose output is the supply of the row's pass gate, so that what a level becomes under
its load is simulated: unit capacitor, parasitics, and the line that moves below it. A row whose weight is 0 has the
same DAC, which moves without load. Each transistor and capacitor of the 144 rows has a mismatch of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
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

# The templates of column and DAC fix the names of their nodes, and here are 144 DACs: the same macros, sizes and
# parasitics, with the row in each name. One more inverter-driven switch holds each output at ground between cycles.
TEXT = """
{% from "periphery/inverter.cir.j2" import inverter with context %}
{% from "periphery/wordline_driver.cir.j2" import wordline_driver with context %}
{% from "periphery/reset_switch.cir.j2" import reset_switch with context %}
{% from "mosfet.cir.j2" import mos with context %}
{% set c, d = circuit, dac %}
{% set unit, part = capacitor(c.capacitor, c.c_unit), capacitor(d.capacitor, d.c_unit) %}
{% set sigma = unit.spread(c.c_unit) * c.c_unit %}
{% set spread_dac = part.spread(d.c_unit) * d.c_unit %}
{{ reset_switch("line", "vcm", c.w_reset, c.w_switch, c.dummy_ratio * c.w_switch, c.length) -}}
cpar line 0 {{ c.c_par_fixed + c.inputs * unit.line_parasitic(c.c_unit) }}
{% for k in range(c.inputs) %}
{{ inverter("ra" ~ k, "hold", "ha" ~ k, "vdac", 0.42e-6, 0.42e-6, d.length) -}}
{{ inverter("rb" ~ k, "ha" ~ k, "hb" ~ k, "vdac", 0.42e-6, 0.42e-6, d.length) -}}
{{ mos("sw" ~ k, "nmos", "out" ~ k, "hb" ~ k, "0", "0", d.w_switch, d.length) -}}
{{ mos("du" ~ k, "nmos", "out" ~ k, "ha" ~ k, "out" ~ k, "0", d.w_switch / 2, d.length) -}}
co{{ k }} out{{ k }} 0 {{ 2 ** d.bits * part.line_parasitic(d.c_unit) }}
ce{{ k }} out{{ k }} 0 {{ spread("ce" ~ k, d.c_unit, spread_dac) }}
{% for b in range(d.bits) %}
{% set gate = "go" if words[k] // 2 ** b % 2 else "gs" %}
{% set id = k ~ "_" ~ b %}
{{ inverter("d" ~ id, gate, "b" ~ id, "vref", 2 ** b * d.w_driver_n, 2 ** b * d.w_driver_p, d.length) -}}
cb{{ id }} out{{ k }} b{{ id }} {{ spread("cb" ~ id, 2 ** b * d.c_unit, 2 ** (b / 2) * spread_dac) }}
cq{{ id }} b{{ id }} 0 {{ 2 ** b * part.plate_ratio * d.c_unit }}
{% endfor %}
{% set input = "won" if weights[k] else "woff" %}
{{ wordline_driver(k, input, "plate" ~ k, "out" ~ k, "vctl", 2 * c.w_driver_n, c.w_driver_p, c.length) -}}
cu{{ k }} line plate{{ k }} {{ spread("cu" ~ k, c.c_unit, sigma) }}
cp{{ k }} plate{{ k }} 0 {{ unit.plate_ratio * c.c_unit }}
{% endfor %}
vref vref 0 {{ d.v_ref }}
vdac vdac 0 {{ vdd }}
vctl vctl 0 {{ vdd }}
vcm vcm 0 {{ c.v_cm }}
vrst rst 0 pwl(0 {{ vdd }} {{ t.release }} {{ vdd }} {{ t.released }} 0 {{ t.held }} 0 {{ t.reset }} {{ vdd }})
vhold hold 0 pwl(0 {{ vdd }} {{ t.release }} {{ vdd }} {{ t.released }} 0 {{ t.held }} 0 {{ t.reset }} {{ vdd }})
vgo go 0 pwl(0 {{ vdd }} {{ t.convert }} {{ vdd }} {{ t.converted }} 0 {{ t.restore }} 0 {{ t.restored }} {{ vdd }})
vgs gs 0 {{ vdd }}
vwon won 0 pwl(0 {{ vdd }} {{ t.on }} {{ vdd }} {{ t.opened }} 0 {{ t.off }} 0 {{ t.closed }} {{ vdd }})
vwoff woff 0 {{ vdd }}
"""
GATES = ("rst", "hold", "go", "gs", "won", "woff")
SUPPLIES = ("vref", "vdac", "vctl", "vcm")


@dataclass(frozen=True)
class Chain:
    """The circuits of an analog operation."""

    column: AcimColumnQR = field(default_factory=lambda: AcimColumnQR(inputs=144, input_bits=4))
    dac: ColumnDac = field(default_factory=ColumnDac)


def schedule(chain: Chain) -> Schedule:
    """Return one cycle: weights on while all is reset, release, words, sample, words back, reset, weights off."""
    c, edge = chain.column, chain.column.t_edge
    t = {"on": c.t_reset / 2, "opened": c.t_reset / 2 + edge, "release": c.t_reset, "released": c.t_reset + edge}
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
    weights: Sequence[int] | Integers,
    words: Sequence[int] | Integers,
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
        weights=[int(w) for w in weights],
        words=[int(x) for x in words],
    )
    kept = ["v(line)", *(f"i({v})" for v in SUPPLIES)]
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

    ``energy_reference`` is what the DACs take from their reference, ``energy_dac`` their switches' drivers and all gates,
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
