"""Restore bench of a trit: INIT, DISCHARGE, LATCH, then HOLD to see that nothing flows any more.

INIT precharges the Q nodes and the cluster line to `v_start` and the QB nodes to their references,
with the latches' supply collapsed. DISCHARGE lets the Q nodes decay through the selected ReRAM into
its grounded select line. LATCH isolates all nodes at once and ramps the supply.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.restore.sizing import Restore, Sizing, size_restore
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
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Operation, Supplies
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("trit", "1", "restored trit: 1, 0 or -1; 2 is the code that no level gives"),
    Output("correct", "1", "1 if it is the trit of the level"),
    Output("margin_1", "V", "latch 1's sides apart before it decides (60 % of the ramp), towards the right state"),
    Output("margin_2", "V", "latch 2, likewise"),
    Output(
        "lead_1", "V", "latch 1's sides apart once it decides (90 % of the ramp, with its offset): below 0 is wrong"
    ),
    Output("lead_2", "V", "latch 2, likewise"),
    Output("v_cell", "V", "Q of latch 1 at the end of DISCHARGE"),
    Output("latency", "s", "from the begin of INIT until both latches are within a tenth of the supply"),
    Output("energy_init", "J", "supply of the start level: bit line"),
    Output("energy_select", "J", "supplies of the select lines"),
    Output("energy_reference", "J", "supplies of both references"),
    Output("energy_wordline", "J", "supply of the word lines WLL and WLR"),
    Output("energy_switch", "J", "supply of the cluster switches CS, and of the gates of feet"),
    Output("energy_array", "J", "supply of the latches and their well"),
    Output("energy_total", "J", "all of them, from the begin of INIT to the end of LATCH"),
    Output("energy_discharge", "J", "of that, during DISCHARGE"),
    Output("i_init", "A", "static current of INIT: mean of all levels' supplies together over its last tenth"),
    Output("i_static", "A", "mean current of the latches' supply during HOLD"),
    Output("i_peak", "A", "largest current of the latches' supply"),
    Output("droop", "V", "largest loss across r_supply"),
)
_FOOT = ("vft",)


def _supplies(foot: tuple[str, ...]) -> Supplies:
    return Supplies(
        {
            "energy_init": ("vbl",),
            "energy_select": ("vsl", "vslu"),
            "energy_reference": ("vref*",),
            "energy_wordline": ("vwll", "vwlr"),
            "energy_switch": ("vcs", *foot),
            "energy_array": ("vsup", "vwell"),
        }
    )


# What is above ground in INIT and no gate.
_LEVELS = ("vbl", "vref1", "vref2", "vsl", "vslu", "vwell")
# What the measures and figures need of the schedule.
_MARKS = ("close", "closed", "select", "selected", "stop", "latch", "sense", "lead", "latched", "done")


def deck(circuit: NvSramTrit, conditions: Conditions, inputs: Restore, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one restore."""
    sizing = size_restore(circuit, inputs)
    t = schedule(inputs, sizing)
    devices = netlist(conditions, pdk, full=full, still=inputs.mismatch == "memory")
    body = render_circuit(
        "benches/nvsram_restore.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        sizing=sizing,
        vdd=conditions.vdd,
        **resistances(circuit.cluster, inputs, devices),
    )
    foot = _FOOT if circuit.w_foot else ()
    sources = ("vsup", "vwell", "vbl", "vref1", "vref2", "vwll", "vwlr", "vcs", "vsl", "vslu", *foot)
    # Without a cluster switch the cluster's line is the node itself.
    line = ("cl",) if circuit.clustered else ()
    nodes = ("q1", "qb1", "q2", "qb2", *line, "vddc", "sup", "sl", "wll", "cs")
    return Deck(
        title=f"{circuit.name} restore of {inputs.level}, {conditions}",
        body=body,
        saves=(*(f"v({n})" for n in nodes), *(f"i({s})" for s in sources)),
        analysis=Transient(t.end),
        options=OPTIONS,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def schedule(inputs: Restore, sizing: Sizing) -> Schedule:
    """Return the schedule of one restore: INIT, DISCHARGE, LATCH, HOLD."""
    edge = inputs.t_edge
    t = {"close": inputs.t_init}
    t["closed"] = t["close"] + edge
    t["select"] = t["closed"] + edge
    t["selected"] = t["select"] + edge
    t["stop"] = t["select"] + sizing.t_discharge * inputs.stretch
    t["stopped"] = t["stop"] + edge
    t["latch"] = t["stopped"] + edge
    t["latched"] = t["latch"] + inputs.t_ramp
    # A latch starts to decide at about 60 % of its ramp; by 90 % its own offset is in the difference too.
    t["sense"] = t["latch"] + 0.6 * inputs.t_ramp
    t["lead"] = t["latch"] + 0.9 * inputs.t_ramp
    t["done"] = t["latched"] + inputs.t_settle
    end = t["done"] + inputs.t_hold
    phases = (
        Phase("init", 0.0, t["select"]),
        Phase("discharge", t["select"], t["stop"]),
        Phase("latch", t["stop"], t["done"]),
        Phase("hold", t["done"], end),
    )
    return Schedule(t, end, phases, _MARKS)


def measure(w: Waveforms, setup: Setup[NvSramTrit, Restore]) -> dict[str, float]:
    """Measure one restore; energies from the begin of INIT to the end of LATCH."""
    done = w.marks["done"]
    sizing = size_restore(setup.circuit, setup.inputs)
    line = "v(cl)" if "v(cl)" in w.signals else "v(q1)"
    # Right after the select line's edge the node has not fallen yet: the selector sees the most it ever does.
    selected = w.at(line, w.marks["selected"]) - sizing.v_select
    before = w[line][w.axis <= w.marks["stop"]]
    other = float(np.max(np.abs(before[1:] - sizing.v_idle)))  # at the first point all lines are at ground
    check_selectors(setup.circuit.cluster.selector, setup.inputs, selected, other)
    energies = _energies(w, setup, sizing, 0.0, done)
    loss = w["v(sup)"] - w["v(vddc)"]
    return {
        **decisions(w, setup.inputs.level, "sense"),
        "v_cell": w.at("v(q1)", w.marks["stop"]),
        "latency": latency(w, setup.conditions.vdd),
        **energies,
        "energy_total": sum(energies.values()),
        "energy_discharge": sum(_energies(w, setup, sizing, w.marks["selected"], w.marks["stop"]).values()),
        "i_init": _current(w, _LEVELS, 0.9 * w.marks["close"], w.marks["close"]),
        "i_static": _current(w, ("vsup",), done, float(w.axis[-1])),
        "i_peak": float(np.max(-w["i(vsup)"])),
        "droop": float(np.max(loss)),
    }


def _current(w: Waveforms, sources: Sequence[str], start: float, stop: float) -> float:
    """Return the mean of the current that some sources deliver together [A]."""
    return -sum(w.integral(f"i({name})", start, stop) for name in sources) / (stop - start)


def _energies(
    w: Waveforms, setup: Setup[NvSramTrit, Restore], sizing: Sizing, start: float, stop: float
) -> dict[str, float]:
    """Return each supply's energy. A driver takes its charge from its high level and returns none."""
    inputs, vdd, m = setup.inputs, setup.conditions.vdd, w.marks
    references = {"vref1": sizing.ref_1, "vref2": sizing.ref_2}

    def driver(name: str, volts: float, high_until: float) -> float:
        if start >= high_until:
            return 0.0
        return w.energy(name, volts, start, min(stop, high_until))

    foot = w.energy("vft", vdd, start, stop) if setup.circuit.w_foot else 0.0
    select = driver("vsl", inputs.v_start, m["select"])
    if sizing.v_select < 0 and stop > m["select"]:  # an exponential selector's line goes below ground: a rail that pays
        select += w.energy("vsl", sizing.v_select, max(start, m["select"]), min(stop, m["latch"]))
    return {
        "energy_init": w.energy("vbl", inputs.v_start, start, stop),
        "energy_select": select + driver("vslu", sizing.v_idle, m["latch"]),
        "energy_reference": sum(w.energy(name, volts, start, stop) for name, volts in references.items()),
        "energy_wordline": driver("vwll", inputs.v_boost, m["close"]) + driver("vwlr", inputs.v_boost, m["stop"]),
        # The gates of the feet rise to the supply, and their fall is no cost.
        "energy_switch": driver("vcs", inputs.v_boost, m["stop"]) + foot,
        # The well feeds the PMOS bulks from a rail of its own, so that the collapsed supply forward-biases no junction.
        # What leaks into the collapsed supply goes to ground, and is no charge that a rail at VDD gets back.
        "energy_array": w.driver_energy("vsup", "sup", start, stop) + w.energy("vwell", vdd, start, stop),
    }


def operation(circuit: NvSramTrit) -> Operation:
    """Return one restore as data."""
    return restore_operation(
        includes=("init", "select", "reference", "wordline", "switch", "array"),
        excludes=("line wires outside the cell", "level generation", "timing generation"),
        supplies=_supplies(_FOOT if circuit.w_foot else ()),
    )


BENCH = Bench(
    name="restore",
    version=2,
    doc="restore of a trit from its ReRAM: right or wrong, margins, latency, energy, static current",
    circuits=(NvSramTrit,),
    inputs=Restore,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope={
        "static_current": "INIT is not free of DC: at 1.8 V i_init is 1.6 uA per trit at tt, 27 degC and 8.5 uA at ff, "
        "125 degC, and energy_total grows by 0.40 and 2.5 fJ per ns of t_init (docs/restore.md)",
        "yield": "static mismatch of every transistor (mismatch = all) but lumped switches (clusters = lumped), "
        "lognormal ReRAM; a failed point is not counted",
    },
    operation=operation,
    supplies=_supplies(_FOOT),
)
