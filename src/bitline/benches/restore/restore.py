"""Restore bench of a trit: INIT, DISCHARGE, LATCH, then HOLD to see that nothing flows any more.

INIT precharges the Q nodes and the cluster line to `v_start` and the QB nodes to their references,
with the latches' supply collapsed. DISCHARGE lets the Q nodes decay through the selected ReRAM into
its grounded select line. LATCH isolates all nodes at once and ramps the supply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.restore.half_rail_sizing import HalfRail
from bitline.benches.restore.sizing import Restore, Sizing, size_restore
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.render import Netlist, render_circuit
from bitline.devices.reram import TRITS
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.lut.operation import Choices, Energy, Operation, Pins, Success, Supplies
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

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
    Output("energy_switch", "J", "supply of the cluster switches CS"),
    Output("energy_array", "J", "supply of the latches and their well"),
    Output("energy_total", "J", "all of them, from the begin of INIT to the end of LATCH"),
    Output("energy_discharge", "J", "of that, during DISCHARGE"),
    Output("i_init", "A", "static current of INIT: mean of all levels' supplies together over its last tenth"),
    Output("i_static", "A", "mean current of the latches' supply during HOLD"),
    Output("i_peak", "A", "largest current of the latches' supply"),
    Output("droop", "V", "largest loss across r_supply"),
)
_SUPPLIES = Supplies(
    {
        "energy_init": ("vbl",),
        "energy_select": ("vsl", "vslu"),
        "energy_reference": ("vref*",),
        "energy_wordline": ("vwll", "vwlr"),
        "energy_switch": ("vcs",),
        "energy_array": ("vsup", "vwell"),
    }
)
# What is above ground in INIT and no gate.
_LEVELS = ("vbl", "vref1", "vref2", "vsl", "vslu", "vwell")
# What the measures and figures need of the schedule.
_MARKS = ("close", "closed", "select", "selected", "stop", "latch", "sense", "lead", "latched", "done")
CONVENTION = "charge times voltage of each supply; drivers take it from their high level and return none"
# The preset's 0.49 lets the supply's current ring by nanoamperes for microseconds after LATCH.
OPTIONS = {**LEAKAGE, "xmu": 0.45}
NO_TRIT = 2  # the code (1, 1), which no level gives


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
    sources = ("vsup", "vwell", "vbl", "vref1", "vref2", "vwll", "vwlr", "vcs", "vsl", "vslu")
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


def resistances(cluster: NsnrCluster, inputs: Restore | HalfRail, devices: Netlist) -> dict[str, object]:
    """Draw the ReRAMs' resistances [Ohm], before any transistor draws: the selected one, and the others.

    Lumped, the others are one branch with n - 1 times the conductance; it has their mean logarithm.
    """
    reram, n = cluster.reram, cluster.n_per_cluster
    chosen = devices.lognormal("r0", reram.resistance(inputs.level), reram.sigma(inputs.level))
    other, count, sigma = reram.resistance(inputs.others), n - 1, reram.sigma(inputs.others)
    if inputs.rest == "lumped":
        # The spread of a mean of n - 1 conductances is small beside that of one, and is left out.
        count, sigma = min(n - 1, 1), 0.0
    others = [devices.lognormal(f"r{k + 1}", other, sigma) for k in range(count)]
    return {"resistance": chosen, "others": others, "dynamic": inputs.selectors == "dynamic"}


def measure(w: Waveforms, setup: Setup[NvSramTrit, Restore]) -> dict[str, float]:
    """Measure one restore; energies from the begin of INIT to the end of LATCH."""
    done, wanted = w.marks["done"], TRITS[setup.inputs.level]
    sizing = size_restore(setup.circuit, setup.inputs)
    line = "v(cl)" if "v(cl)" in w.signals else "v(q1)"
    # Right after the select line's edge the node has not fallen yet: the selector sees the most it ever does.
    selected = w.at(line, w.marks["selected"]) - sizing.v_select
    before = w[line][w.axis <= w.marks["stop"]]
    other = float(np.max(np.abs(before[1:] - sizing.v_idle)))  # at the first point all lines are at ground
    check_selectors(setup.circuit.cluster.selector, setup.inputs, selected, other)
    ended = tuple(w.at(f"v(q{k})", done) > w.at(f"v(qb{k})", done) for k in (1, 2))
    trit = next((trit for trit in TRITS.values() if high(trit) == ended), NO_TRIT)
    right = high(wanted)
    margins = [(1 if right[k - 1] else -1) * apart(w, k, "sense") for k in (1, 2)]
    leads = [lead(w, k, ended[k - 1], right[k - 1]) for k in (1, 2)]
    energies = _energies(w, setup, sizing, 0.0, done)
    loss = w["v(sup)"] - w["v(vddc)"]
    return {
        "trit": float(trit),
        "correct": float(trit == wanted),
        "margin_1": margins[0],
        "margin_2": margins[1],
        "lead_1": leads[0],
        "lead_2": leads[1],
        "v_cell": w.at("v(q1)", w.marks["stop"]),
        "latency": max(settled(w, k, setup.conditions.vdd) for k in (1, 2)),
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


def high(trit: int) -> tuple[bool, bool]:
    """Return whether Q of latch 1 and of latch 2 is high when they hold a trit."""
    return trit < 1, trit < 0


def check_selectors(selector: Selector, inputs: Restore | HalfRail, selected: float, other: float) -> None:
    """Refuse a restore whose selectors would not be on and off as the deck has them.

    Parameters
    ----------
    selector : Selector
    inputs : Restore or HalfRail
    selected, other : float
        Most that the selected selector and any other one sees across its branch [V].

    Raises
    ------
    BadMeasureError
        Names the voltage.
    """
    if selector.kind == "exponential" or inputs.selectors == "dynamic":
        return  # the deck took nothing for granted
    v_th = selector.v_th
    if selected < v_th:
        raise BadMeasureError(f"the selected selector sees {selected:.3f} V: must be >= v_th = {v_th:g}")
    if other > v_th:
        raise BadMeasureError(f"unselected selectors see {other:.3f} V: must be <= v_th = {v_th:g}")


def apart(w: Waveforms, latch: int, mark: str) -> float:
    """Return Q less QB of a latch at a mark [V]."""
    return w.at(f"v(q{latch})", w.marks[mark]) - w.at(f"v(qb{latch})", w.marks[mark])


def lead(w: Waveforms, latch: int, high: bool, right: bool) -> float:
    """Return how far apart a latch's sides are once it decides [V], below 0 if it ended wrong."""
    sides = apart(w, latch, "lead")
    # The final state decides: next to a metastable point the sign at one instant need not agree with it.
    size = abs(sides) if (sides > 0) == high else 1e-9
    return size if high == right else -size


def settled(w: Waveforms, latch: int, vdd: float) -> float:
    """Return when the sides of a latch are apart by 0.9 of the supply for good [s]."""
    undecided = np.abs(w[f"v(q{latch})"] - w[f"v(qb{latch})"]) < 0.9 * vdd
    late = np.flatnonzero(undecided)
    return float(w.axis[min(late[-1] + 1, len(w.axis) - 1)])


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

    select = driver("vsl", inputs.v_start, m["select"])
    if sizing.v_select < 0 and stop > m["select"]:  # an exponential selector's line goes below ground: a rail that pays
        select += w.energy("vsl", sizing.v_select, max(start, m["select"]), min(stop, m["latch"]))
    return {
        "energy_init": w.energy("vbl", inputs.v_start, start, stop),
        "energy_select": select + driver("vslu", sizing.v_idle, m["latch"]),
        "energy_reference": sum(w.energy(name, volts, start, stop) for name, volts in references.items()),
        "energy_wordline": driver("vwll", inputs.v_boost, m["close"]) + driver("vwlr", inputs.v_boost, m["stop"]),
        "energy_switch": driver("vcs", inputs.v_boost, m["stop"]),
        # The well feeds the PMOS bulks from a rail of its own, so that the collapsed supply forward-biases no junction.
        # What leaks into the collapsed supply goes to ground, and is no charge that a rail at VDD gets back.
        "energy_array": w.driver_energy("vsup", "sup", start, stop) + w.energy("vwell", vdd, start, stop),
    }


def reduce(results: pd.DataFrame, circuit: NvSramTrit) -> dict[str, xr.Dataset]:
    """Return table nominal, and table yield where mismatch was sampled."""
    from bitline.benches.restore.yields import restore_tables

    return restore_tables(results, circuit)


def operation(circuit: NvSramTrit) -> Operation:
    """Return one restore as data."""
    energy = Energy(
        variable="energy_total",
        event="one restore of one trit, from collapsed supplies to the end of LATCH",
        includes=("init", "select", "reference", "wordline", "switch", "array"),
        excludes=("line wires outside the cell", "level generation", "timing generation"),
        convention=CONVENTION,
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one restore of a trit from ReRAM into its latches",
        energy=energy,
        operands=Choices(("level",)),
        latency="latency",
        success=Success("correct", 1.0),
        pins=Pins("RESTORE", "begin of INIT", ("T",), "latency", width=2),
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
        "yield": "static mismatch of every transistor (mismatch = all), lognormal ReRAM; a failed point is not counted",
    },
    operation=operation,
    supplies=_SUPPLIES,
)
