"""I-V bench: one branch of a cluster through a triangular sweep, its hysteresis loop."""

from __future__ import annotations

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.render import render_circuit
from bitline.devices.reram import READ_VOLTS, Level
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

# A ramp has no edge at which ngspice would shorten its steps, and a filament runs away within picoseconds: with the
# usual trtol of 7 a step leaps over that, and lands beyond the thinnest filament.
_OPTIONS = {"trtol": 0.02}


@validated
class Triangle:
    """What the I-V bench varies."""

    start: Level = parameter("hrs", "level before the sweep", source="choice")
    v_top: float = parameter(2.8, "top of the triangle", unit="V", source="choice", gt=0, le=10)
    v_bottom: float = parameter(2.8, "depth of the triangle below zero", unit="V", source="choice", gt=0, le=10)
    t_ramp: float = parameter(100e-9, "time of each of the four ramps", unit="s", source="choice", ge=1e-9, le=1e-3)
    r_series: float = parameter(3e3, "resistance of the driver", unit="Ohm", source="assumed", gt=0, le=1e9)
    with_selector: bool = parameter(True, "whether the selector is in series with the ReRAM", source="choice")


OUTPUTS = (
    Output("v_set", "V", "applied voltage where the filament has grown half of what it grows on the positive ramps"),
    Output(
        "v_reset", "V", "applied voltage (negative) where it has shrunk half of what it shrinks on the negative ramps"
    ),
    Output("i_set_peak", "A", "largest current of the positive ramps"),
    Output("i_reset_peak", "A", "largest current of the negative ramps, as a positive number"),
    Output("r_on", "Ohm", "resistance of the ReRAM at 0.1 V after the positive ramps"),
    Output("r_off", "Ohm", "resistance of the ReRAM at 0.1 V after the negative ramps"),
    Output("kelvin_peak", "K", "highest temperature of the filament"),
    Output("energy", "J", "delivered over the loop"),
)


def schedule(inputs: Triangle) -> Schedule:
    """Return the schedule of one loop: up and down above zero, then below."""
    ramp = inputs.t_ramp
    t = {"up": ramp, "down": 2 * ramp, "low": 3 * ramp}
    end = 4 * ramp
    return Schedule(t, end, (Phase("set", 0.0, t["down"]), Phase("reset", t["down"], end)))


def deck(circuit: NsnrCluster, conditions: Conditions, inputs: Triangle, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one loop."""
    t, model = schedule(inputs), circuit.reram.filament
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/nsnr_iv.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        t0=model.thickness(circuit.reram.resistance(inputs.start), READ_VOLTS),
        ambient=conditions.kelvin,
        middle="m0" if inputs.with_selector else "0",
    )
    return Deck(
        title=f"{circuit.name} I-V loop from {inputs.start}, {conditions}",
        body=body,
        saves=("v(drive)", "v(sl)", "i(vsl)", "v(thickness)", "v(kelvin)"),
        analysis=Transient(t.end),
        options=_OPTIONS,
        phases=t.phases,
        units={"v(thickness)": "nm", "v(kelvin)": "K"},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[NsnrCluster, Triangle]) -> dict[str, float]:
    """Measure one loop."""
    middle, end = 2 * setup.inputs.t_ramp, float(w.axis[-1])
    current = -w["i(vsl)"]
    positive = w.axis <= middle
    return {
        "v_set": _switching(w, 0.0, middle),
        "v_reset": _switching(w, middle, end),
        "i_set_peak": float(current[positive].max()),
        "i_reset_peak": float(-current[~positive].min()),
        "r_on": _resistance(w, setup, middle),
        "r_off": _resistance(w, setup, end),
        "kelvin_peak": float(w["v(kelvin)"].max()),
        "energy": float(np.trapezoid(current * w["v(drive)"], w.axis)),
    }


def _switching(w: Waveforms, start: float, stop: float) -> float:
    """Return the applied voltage where the filament has done half its way from `start` to `stop`."""
    before, after = w.at("v(thickness)", start), w.at("v(thickness)", stop)
    inside = (w.axis >= start) & (w.axis <= stop)
    done = (w["v(thickness)"][inside] - before) * np.sign(after - before) >= abs(after - before) / 2
    return float(w["v(drive)"][inside][np.argmax(done)])


def _resistance(w: Waveforms, setup: Setup[NsnrCluster, Triangle], instant: float) -> float:
    reram = setup.circuit.reram
    model, r_start = reram.filament, reram.resistance(setup.inputs.start)
    grown = w.at("v(thickness)", instant) - model.thickness(r_start, READ_VOLTS) * 1e9
    return float(r_start * np.exp(-grown / model.nm_per_e))


BENCH = Bench(
    name="iv",
    version=1,
    doc="triangular voltage over one branch: hysteresis loop, SET and RESET voltages",
    circuits=(NsnrCluster,),
    inputs=Triangle,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("iv", OUTPUTS),
    supplies=Supplies({"energy": ("vsl",)}),
)
