"""Restore bench of a trit with half-rail latches: INIT, DISCHARGE with two closing times, LATCH, then HOLD.

INIT precharges the Q nodes, the cluster line and VDDC to `v_start`, the QB nodes and VGND to one reference. In
DISCHARGE the Q nodes fall through the selected ReRAM while VDDC goes to the reference: no device that is on has a
voltage across it. CS1 closes latch 1, CS2 and WLR latch 2; then VGND falls and VDDC rises.
"""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.restore.half_rail_sizing import HalfRail, HalfRailSizing, size_half_rail
from bitline.benches.restore.trit import (
    OPTIONS,
    check_selectors,
    decisions,
    latency,
    reduce,
    resistances,
    restore_operation,
)
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Operation, Supplies
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("trit", "1", "restored trit: 1, 0 or -1; 2 is the code that no level gives"),
    Output("correct", "1", "1 if it is the trit of the level"),
    Output("margin_1", "V", "latch 1's sides apart as LATCH begins, towards the right state"),
    Output("margin_2", "V", "latch 2, likewise"),
    Output("lead_1", "V", "latch 1's sides apart once it decides, with its offset: below 0 is wrong"),
    Output("lead_2", "V", "latch 2, likewise"),
    Output("v_cell", "V", "Q of latch 1 as it closes"),
    Output("v_common", "V", "mean of both sides of both latches as LATCH begins"),
    Output("latency", "s", "from the begin of INIT until both latches are within a tenth of the supply"),
    Output("energy_init", "J", "supply of the start level: bit line, and VDDC in INIT"),
    Output("energy_select", "J", "supplies of the select lines"),
    Output("energy_reference", "J", "supply of the reference: QB nodes and both rails"),
    Output("energy_wordline", "J", "supply of the word lines WLL and WLR"),
    Output("energy_switch", "J", "supply of the cluster switches CS1 and CS2"),
    Output("energy_array", "J", "supply of the latches and their well"),
    Output("energy_row", "J", "gates of the rails' drivers, this trit's share"),
    Output("energy_total", "J", "all of them, from the begin of INIT to the end of LATCH"),
    Output("phase_init", "J", "energy_total in INIT"),
    Output("phase_discharge", "J", "energy_total in DISCHARGE"),
    Output("phase_latch", "J", "energy_total in LATCH"),
    Output(
        "i_init",
        "A",
        "mean current out of all levels' supplies over the last tenth of INIT: static only where INIT is long",
    ),
    Output("i_discharge", "A", "likewise before CS1 falls: displacement, and static only where DISCHARGE is stretched"),
    Output("i_hold", "A", "likewise in HOLD, over all of it"),
    Output("i_peak", "A", "largest current of the latches' supply"),
    Output("v_stress", "V", "largest voltage between gate and channel of pass transistors and switches"),
)
_SUPPLIES = Supplies(
    {
        "energy_init": ("vbl", "vstart"),
        "energy_select": ("vsl", "vslu"),
        "energy_reference": ("vref", "vrow"),
        "energy_wordline": ("vwll", "vwlr"),
        "energy_switch": ("vcs1", "vcs2"),
        "energy_array": ("vsup", "vwell"),
        "energy_row": ("vgst", "vgrg", "vgrd", "vgdn", "vgup"),
    }
)
# Everything above ground in HOLD that is no gate; and the select lines, which are at ground by then.
_HELD = ("vbl", "vstart", "vref", "vrow", "vsup", "vwell")
_LEVELS = (*_HELD, "vsl", "vslu")
_MARKS = (
    *("boost", "close", "closed", "select", "selected", "close_1", "closed_1", "stop", "latch"),
    *("raise", "lead", "latched", "done"),
)
# Each pass transistor or switch: its gate, and the nodes of its channel.
_CHANNELS = (
    *(("wll", ("bl", "q1")), ("wll", ("bl", "q2")), ("wlr", ("ref", "qb1")), ("wlr", ("ref", "qb2"))),
    *(("cs1", ("cl", "q1")), ("cs2", ("cl", "q2"))),
)
_NODES = (
    "q1",
    "qb1",
    "q2",
    "qb2",
    "cl",
    "vddc",
    "vgnd",
    "bl",
    "ref",
    "sl",
    "slu",
    "wll",
    "wlr",
    "cs1",
    "cs2",
    "gup",
    "gdn",
)


def deck(
    circuit: NvSramTritHalfRail, conditions: Conditions, inputs: HalfRail, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the deck of one restore."""
    sizing = size_half_rail(circuit, inputs)
    devices = netlist(conditions, pdk, full=full, still=inputs.mismatch == "memory")
    memory = resistances(circuit.cluster, inputs, devices)
    # Before any transistor draws, as the template needs both times at once; without jitter neither takes a deviate.
    late_1, late_2 = (devices.shift(name, inputs.jitter) for name in ("close_1", "close_2"))
    t = schedule(inputs, sizing, late_1, late_2)
    body = render_circuit(
        "benches/nvsram_half_rail_restore.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        sizing=sizing,
        t=t,
        vdd=conditions.vdd,
        **memory,
    )
    sources = (source for group in _SUPPLIES.counted.values() for source in group)
    return Deck(
        title=f"{circuit.name} restore of {inputs.level}, {conditions}",
        body=body,
        saves=(*(f"v({node})" for node in _NODES), *(f"i({source})" for source in sources)),
        analysis=Transient(t.end),
        options=OPTIONS,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def schedule(inputs: HalfRail, sizing: HalfRailSizing, late_1: float = 0.0, late_2: float = 0.0) -> Schedule:
    """Return the schedule of one restore: INIT, DISCHARGE, LATCH, HOLD; its closing edges are late by so much [s]."""
    edge = inputs.t_edge
    t = {"boost": edge + inputs.t_step, "close": sizing.t_init}
    t["boosted"] = t["boost"] + edge
    t["closed"] = t["close"] + edge
    t["select"] = t["closed"] + edge
    t["selected"] = t["select"] + edge
    # The node begins to fall in the middle of the select line's edge.
    begin = t["select"] + edge / 2
    t["close_1"] = begin + sizing.t_close_1 * inputs.stretch + late_1
    t["closed_1"] = t["close_1"] + edge
    # LATCH follows the second closing, late or not.
    t["stop"] = begin + sizing.t_close_2 * inputs.stretch + late_2
    t["stopped"] = t["stop"] + edge
    t["latch"] = t["stopped"] + edge
    t["fallen"] = t["latch"] + inputs.t_ramp
    t["raise"] = t["latch"] + inputs.t_lag
    t["latched"] = t["raise"] + inputs.t_ramp
    t["lead"] = t["raise"] + 0.5 * inputs.t_ramp
    t["done"] = t["latched"] + inputs.t_settle
    end = t["done"] + inputs.t_hold
    phases = (
        Phase("init", 0.0, t["select"]),
        Phase("discharge", t["select"], t["stop"]),
        Phase("latch", t["stop"], t["done"]),
        Phase("hold", t["done"], end),
    )
    return Schedule(t, end, phases, _MARKS)


def measure(w: Waveforms, setup: Setup[NvSramTritHalfRail, HalfRail]) -> dict[str, float]:
    """Measure one restore; energies from the begin of INIT to the end of LATCH."""
    m, inputs = w.marks, setup.inputs
    sizing = size_half_rail(setup.circuit, inputs)
    selected = w.at("v(cl)", m["selected"]) - sizing.v_select
    other = float(np.max(np.abs((w["v(cl)"] - w["v(slu)"])[w.axis <= m["stop"]])))
    check_selectors(setup.circuit.cluster.selector, inputs, selected, other)
    phases = {
        "init": _energies(w, setup, sizing, 0.0, m["select"]),
        "discharge": _energies(w, setup, sizing, m["select"], m["stop"]),
        "latch": _energies(w, setup, sizing, m["stop"], m["done"]),
    }
    energies = {name: sum(phase[name] for phase in phases.values()) for name in phases["init"]}
    open_for = m["close_1"] - m["select"]
    decided = decisions(w, inputs.level, "latch")
    if inputs.tau_lead > 0:
        for k in (1, 2):
            decided[f"lead_{k}"] = math.copysign(_size(w, k, setup), decided[f"lead_{k}"])
    return {
        **decided,
        "v_cell": w.at("v(q1)", m["close_1"]),
        "v_common": float(np.mean([w.at(f"v({node})", m["latch"]) for node in _NODES[:4]])),
        "latency": latency(w, setup.conditions.vdd),
        **energies,
        "energy_total": sum(energies.values()),
        **{f"phase_{name}": sum(phase.values()) for name, phase in phases.items()},
        "i_init": _drawn(w, _LEVELS, 0.9 * m["close"], m["close"]),
        "i_discharge": _drawn(w, _LEVELS, m["close_1"] - 0.1 * open_for, m["close_1"]),
        "i_hold": _drawn(w, _HELD, m["done"], float(w.axis[-1])),
        "i_peak": float(np.max(-w["i(vsup)"])),
        "v_stress": _stress(w),
    }


def _size(w: Waveforms, latch: int, setup: Setup[NvSramTritHalfRail, HalfRail]) -> float:
    """Return a lead by how late the latch decides [V]: ``VDD/2 exp(-(t - latched)/tau_lead)``.

    A latch that regenerates from x decides ``tau ln(VDD/2/x)`` later than one that begins at VDD/2. So this goes to 0
    where x does, on whatever side of 0 the latch's own offset has put that.
    """
    half = setup.conditions.vdd / 2
    apart = np.abs(w[f"v(q{latch})"] - w[f"v(qb{latch})"])
    last = int(np.flatnonzero(apart < half)[-1])
    # Between two steps of the solver the sides move on a straight line; undecided at the end counts as decided there.
    ends = slice(last, last + 2)
    t = float(np.interp(half, apart[ends], w.axis[ends]))
    return half * math.exp((w.marks["latched"] - t) / setup.inputs.tau_lead)


def _drawn(w: Waveforms, levels: tuple[str, ...], start: float, stop: float) -> float:
    """Return the mean current that leaves the supplies [A]; what one gives to another counts once."""
    charges = (-w.integral(f"i({name})", start, stop) for name in levels)
    return sum(max(charge, 0.0) for charge in charges) / (stop - start)


def _stress(w: Waveforms) -> float:
    """Return the largest voltage from a gate to the lower end of its channel [V]."""
    return max(
        float(np.max(w[f"v({gate})"] - np.minimum(*(w[f"v({node})"] for node in ends)))) for gate, ends in _CHANNELS
    )


def _energies(
    w: Waveforms, setup: Setup[NvSramTritHalfRail, HalfRail], sizing: HalfRailSizing, start: float, stop: float
) -> dict[str, float]:
    """Return each supply's energy in a phase. A driver takes its charge from its high level and returns none."""
    inputs, vdd, m = setup.inputs, setup.conditions.vdd, w.marks

    def driver(name: str, volts: float, begin: float, end: float) -> float:
        """While the driver's line is at `volts`, or on its way up to it."""
        first, last = max(start, begin), min(stop, end)
        return w.energy(name, volts, first, last) if first < last else 0.0

    def boosted(name: str, end: float) -> float:
        return driver(name, vdd, 0.0, m["boost"]) + driver(name, inputs.v_boost, m["boost"], end)

    select = driver("vsl", inputs.v_start, 0.0, m["select"])
    if sizing.v_select < 0:  # a rail below ground pays
        select += driver("vsl", sizing.v_select, m["select"], m["latch"])
    row = boosted("vgst", m["close"]) + boosted("vgrg", m["stop"])
    row += driver("vgrd", inputs.v_boost, m["select"], m["stop"]) + driver("vgdn", vdd, m["latch"], stop)
    # The gate of the PMOS falls in LATCH: the charge of its rise belongs to the next restore, and is the same.
    row += max(0.0, -driver("vgup", vdd, m["raise"], m["done"]))
    return {
        "energy_init": sum(w.energy(name, inputs.v_start, start, stop) for name in ("vbl", "vstart")),
        "energy_select": select + driver("vslu", sizing.v_idle, 0.0, m["latch"]),
        "energy_reference": sum(w.energy(name, sizing.v_ref, start, stop) for name in ("vref", "vrow")),
        "energy_wordline": boosted("vwll", m["close"]) + boosted("vwlr", m["stop"]),
        "energy_switch": boosted("vcs1", m["close_1"]) + boosted("vcs2", m["stop"]),
        "energy_array": sum(w.energy(name, vdd, start, stop) for name in ("vsup", "vwell")),
        "energy_row": row,
    }


def operation(circuit: NvSramTritHalfRail) -> Operation:
    """Return one restore as data."""
    return restore_operation(
        includes=("init", "select", "reference", "wordline", "switch", "array", "row"),
        excludes=(
            "word and select line wires outside the cell",
            "generation of boost, reference and low level (docs/restore.md has an estimate)",
            "timing generation",
        ),
        supplies=_SUPPLIES,
    )


BENCH = Bench(
    name="restore",
    version=2,
    doc="restore of a trit by half-rail latches: right or wrong, margins, latency, energy, static current",
    circuits=(NvSramTritHalfRail,),
    inputs=HalfRail,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope={
        "selectors": "assumed: they hold off more than half of the swing (v_th 0.7 V at the defaults)",
        "yield": "static mismatch of every transistor (mismatch = all) but lumped switches (clusters = lumped), "
        "lognormal ReRAM; a failed point is not counted",
    },
    operation=operation,
    supplies=_SUPPLIES,
)
