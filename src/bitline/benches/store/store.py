"""Store bench: one branch of a cluster is programmed with pulses while the others are half selected.

Procedure (choice; docs/store.md): a branch whose filament is thicker than the target's is erased by
one pulse on the cluster line. Then SET pulses on the select line thicken it step by step, each with
a higher compliance current than the last; after each the branch is read, and the first that reaches
the target is the last (`verify`). A pulse train is causal: the deck holds the whole staircase, and
stopping is done in `measure`. Without verify the number of pulses is what the nominal device needs.

The other branches hang between two stiff lines, so they know of the selected one only what those
lines do: they are pulsed with the erase and the first SET pulse, and the rest is multiplication.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.benches.store.staircase import EDGE, Store, compliance, schedule, unselected
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.render import render_circuit
from bitline.devices.reram import LEVELS, Level, ReRam
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Choices, Energy, Operation, Supplies
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

# Errors of ln R: 0.005 in the pulse that sets off, 0.0005 after later ones (docs/store.md).
_OPTIONS = {"trtol": 1.0}
# The states of the filaments are nodes of the deck: thickness in nm, heating above the ambient in K.
_UNITS = {"v(d0)": "nm", "v(h0)": "K", **{f"v(d{level})": "nm" for level in LEVELS}}
_PANELS = {
    "Voltage": ("v(drive)", "v(sl)", "v(cl)", "v(m0)"),
    "Source current": ("i(vdrive)", "i(vcl)"),
    "Filament change": ("v(d0)",),
    "Temperature rise": ("v(h0)",),
}
_OTHERS = {
    "Voltage": (*_PANELS["Voltage"], "v(slu)"),
    "Source current": (*_PANELS["Source current"], "i(vslu)"),
    "Filament change": ("v(d0)", *(f"v(d{level})" for level in LEVELS)),
}
OUTPUTS = (
    Output("r_final", "Ohm", "resistance at 0.1 V after the last pulse used"),
    Output("ln_ratio", "1", "ln(r_final / target)"),
    Output("in_window", "1", "1 if r_final lies between the geometric means around its level"),
    Output("verified", "1", "1 if a read found the target reached; 0 if the staircase ended before"),
    Output("pulses", "1", "SET pulses used; 0 if the branch held its target already"),
    Output("time", "s", "erase, pulses and rests up to the stop"),
    Output("energy", "J", "all drivers up to the stop; transcribed for the 28 nm macro: 69.2 fJ per trit"),
    Output("energy_select", "J", "of it by the select line's driver"),
    Output("energy_line", "J", "of it by the cluster line's driver: the erase"),
    Output("energy_unselected", "J", "of it by the unselected lines' drivers"),
    Output("kelvin_peak", "K", "highest temperature of the filament up to the stop"),
    *(
        Output(f"disturb_{level}", "1", f"change of ln R of an unselected {level} branch by one SET pulse")
        for level in LEVELS
    ),
    *(Output(f"disturb_erase_{level}", "1", "the same by the erase pulse; 0 where there is none") for level in LEVELS),
)


def deck(circuit: NsnrCluster, conditions: Conditions, inputs: Store, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one store: erase if need be, and the whole staircase."""
    reram, model = circuit.reram, circuit.reram.filament
    devices = netlist(conditions, pdk, full=full)
    r_start = start_resistance(circuit, inputs, devices)
    t = schedule(inputs, reram)
    count = inputs.unselected(circuit)
    body = render_circuit(
        "benches/nsnr_store.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        erases=inputs.erases(reram),
        edge=EDGE,
        high=inputs.t_pulse - EDGE,
        period=inputs.period,
        t0=model.thickness(r_start),
        count=count,
        state=inputs.state(circuit.selector, inputs.v_store),
        others_state=inputs.state(circuit.selector, inputs.part * inputs.v_store),
        others={level: model.thickness(reram.resistance(level)) for level in LEVELS},
        ambient=conditions.kelvin,
        comply=compliance(inputs, reram, t),
        unselected=unselected(inputs, reram, t),
    )
    others: tuple[str, ...] = ()
    panels = dict(_PANELS)
    if count:
        others = ("v(slu)", "i(vslu)", *(f"v(d{level})" for level in LEVELS))
        panels |= _OTHERS
    return Deck(
        title=f"{circuit.name} store of {inputs.target} over {inputs.start}, {conditions}",
        body=body,
        saves=("v(drive)", "v(sl)", "v(cl)", "v(m0)", "v(d0)", "v(h0)", "i(vdrive)", "i(vcl)", *others),
        analysis=Transient(t.end),
        options=_OPTIONS,
        phases=t.phases,
        units=_UNITS,
        panels=panels,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def start_resistance(circuit: NsnrCluster, inputs: Store, devices: Netlist) -> float:
    """Draw the resistance [Ohm] before the store: the level's own spread, within what the model can be."""
    reram, model = circuit.reram, circuit.reram.filament
    resistance = devices.lognormal("start", reram.resistance(inputs.start), reram.sigma(inputs.start))
    return min(max(resistance, 1.001 * model.resistance(model.t_max)), 0.999 * model.resistance(model.t_min))


def _window(reram: ReRam, level: Level) -> tuple[float, float]:
    """Return the resistances [Ohm] between which a branch counts as `level`."""
    low, high = reram.thresholds
    return {"lrs": (0.0, low), "mrs": (low, high), "hrs": (high, 1e15)}[level]


@dataclass(frozen=True)
class _Course:
    """What a store's waveforms are read with.

    Parameters
    ----------
    w : Waveforms
    setup : Setup
    times : Schedule
    r_start : float
        Resistance of the selected branch before [Ohm].
    """

    w: Waveforms
    setup: Setup[NsnrCluster, Store]
    times: Schedule
    r_start: float

    def read(self, used: int) -> float:
        """Return the instant [s] of the read after `used` SET pulses."""
        return min(self.times["set"] + used * self.setup.inputs.period, float(self.w.axis[-1]))

    def resistance(self, instant: float) -> float:
        """Return the resistance [Ohm] at 0.1 V of the selected branch's ReRAM at an instant."""
        grown = self.w.at("v(d0)", instant)
        return self.r_start * math.exp(-grown / self.setup.circuit.reram.filament.nm_per_e)

    @property
    def others(self) -> bool:
        """Whether there are unselected branches in the deck."""
        return self.setup.inputs.unselected(self.setup.circuit) > 0


def measure(w: Waveforms, setup: Setup[NsnrCluster, Store]) -> dict[str, float]:
    """Measure one store, up to the pulse it stops after."""
    inputs, reram = setup.inputs, setup.circuit.reram
    # Drawn again as the deck drew it: the waveforms hold how the filament grows, not where it started.
    r_start = start_resistance(setup.circuit, inputs, netlist(setup.conditions, setup.pdk))
    course = _Course(w, setup, schedule(inputs, reram), r_start)
    used, verified = _stop(course)
    stop = course.read(used)
    if inputs.idle and not used:
        stop = 0.0  # nothing was done, not even a read waited for
    r_final = course.resistance(stop)
    low, high = _window(reram, inputs.target)
    energies = _energies(course, used, stop)
    return {
        "r_final": r_final,
        "ln_ratio": math.log(r_final / reram.resistance(inputs.target)),
        "in_window": float(low <= r_final < high),
        "verified": float(verified),
        "pulses": float(used),
        "time": stop,
        "energy": sum(energies.values()),
        **energies,
        "kelvin_peak": setup.conditions.kelvin + float(w["v(h0)"][w.axis <= stop].max(initial=0.0)),
        **_disturb(course),
    }


def _stop(course: _Course) -> tuple[int, bool]:
    """Return how many SET pulses are used, and whether a read found the target reached."""
    inputs = course.setup.inputs
    count = len(inputs.compliances)
    if inputs.verify == "off":
        return (0 if inputs.idle else count), False
    # Rounding must not keep a branch from being where it starts.
    target = course.setup.circuit.reram.resistance(inputs.target) * (1 + 1e-9)
    for used in range(count + 1):
        if course.resistance(course.read(used)) <= target:
            return used, True
    return count, False


def _energies(course: _Course, used: int, stop: float) -> dict[str, float]:
    w, inputs, begin = course.w, course.setup.inputs, course.times["set"]
    first = min(begin, stop)
    erase, pulse = 0.0, 0.0
    if course.others:
        # One SET pulse was simulated for the others; every later one does the same to them.
        erase = (1 - inputs.part) * _delivered(w, "vslu", 0.0, first)
        pulse = inputs.part * _delivered(w, "vslu", begin, course.read(1))
    return {
        "energy_select": inputs.v_store * _delivered(w, "vdrive", 0.0, stop),
        "energy_line": inputs.v_store * _delivered(w, "vcl", 0.0, first),
        "energy_unselected": inputs.v_store * (erase + used * pulse),
    }


def _delivered(w: Waveforms, source: str, start: float, stop: float) -> float:
    """Return the charge [C] a source gave; what comes back to it is lost."""
    inside = (w.axis > start) & (w.axis < stop)
    time = np.concatenate(([start], w.axis[inside], [stop]))
    current = np.interp(time, w.axis, -w[f"i({source})"])
    return float(np.trapezoid(np.maximum(current, 0.0), time))


def _disturb(course: _Course) -> dict[str, float]:
    """Return the change of ln R of the unselected branches: by one SET pulse, and by the erase."""
    w, reram = course.w, course.setup.circuit.reram
    nm_per_e, erased = reram.filament.nm_per_e, course.setup.inputs.erases(reram)
    pulse, erase = dict.fromkeys(LEVELS, 0.0), dict.fromkeys(LEVELS, 0.0)
    if not course.others:
        return _named(pulse, erase)
    for level in LEVELS:
        before, after = w.at(f"v(d{level})", course.times["set"]), w.at(f"v(d{level})", course.read(1))
        pulse[level] = -(after - before) / nm_per_e
        erase[level] = -before / nm_per_e * float(erased)
    return _named(pulse, erase)


def _named(pulse: Mapping[Level, float], erase: Mapping[Level, float]) -> dict[str, float]:
    """Return changes by level under the names of the outputs."""
    by_pulse = {f"disturb_{level}": change for level, change in pulse.items()}
    return by_pulse | {f"disturb_erase_{level}": change for level, change in erase.items()}


def reduce(results: pd.DataFrame, circuit: NsnrCluster) -> dict[str, xr.Dataset]:
    """Return the tables: transitions, placement of the levels, disturb of the others."""
    from bitline.benches.store.tables import store_tables

    return store_tables(results, circuit)


_SUPPLIES = Supplies({"energy_select": ("vdrive",), "energy_line": ("vcl",), "energy_unselected": ("vslu",)})


def operation(circuit: NsnrCluster) -> Operation:
    """Return the programming of one branch as data."""
    energy = Energy(
        variable="energy",
        event="programming of one branch from a known level, up to the pulse that reaches the target",
        includes=("selected line", "cluster line", "unselected select lines of the cluster"),
        excludes=("reads of the verify", "decoders", "other clusters"),
        convention="of the drivers: a charge is counted when it leaves the rail and is lost when it comes back",
        supplies=_SUPPLIES,
    )
    return Operation(event="programming of one branch to a level", energy=energy, operands=Choices(("start", "target")))


BENCH = Bench(
    name="store",
    version=1,
    doc="programming a branch to a level with pulses: energy, time, placement, disturb of the others",
    circuits=(NsnrCluster,),
    inputs=Store,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope={"transcribed": "store 69.2 fJ per trit (28 nm macro, its own memory device)"},
    operation=operation,
    supplies=_SUPPLIES,
)
