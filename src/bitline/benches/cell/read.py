"""Read bench of the split-port cell: one port's word line pulses, its precharged line floats.

With `noise` it is a trial of the dynamic read margin: the same DC noise in series with both inputs as in the static
margin, but for as long as a pulse lasts and with a line that falls.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.disturb import excursion
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

# Of the word line; the line floats for a while before and after the pulse, so that its rest is seen.
_EDGE = 50e-12
_BEFORE = 0.5e-9


@validated
class Read:
    """What the read bench varies."""

    port: Literal["left", "right"] = parameter(
        "right", "left: WLL and BL, the digital port; right: WLR and BLB, the analog port", source="choice"
    )
    stored: int = parameter(1, "bit in the cell: Q", source="choice", ge=0, le=1)
    c_line: float = parameter(10e-15, "capacitance of each floating line", unit="F", source="choice", gt=0, le=1e-9)
    t_pulse: float = parameter(2e-9, "word-line pulse width", unit="s", source="choice", gt=_EDGE, le=1e-6)
    v_swing: float = parameter(0.1, "fall of the line that t_read waits for", unit="V", source="choice", gt=0, le=1.8)
    noise: float = parameter(
        0.0, "DC noise in series with both inverters' inputs, against the bit", unit="V", source="choice", ge=0, le=1.8
    )


OUTPUTS = (
    Output(
        "swing",
        "V",
        "fall of the read line by the end of the pulse; a stored bit that does not discharge gives 0",
    ),
    Output("i_read", "A", "mean discharge current over the pulse, c_line * swing / t_pulse"),
    Output("disturb", "V", "largest excursion of a storage node"),
    Output("flips", "1", "1 if the cell changed state"),
    Output("energy_array", "J", "cell supply over the read"),
    Output("energy_wordline", "J", "gate of the pulsed word line, as C V^2 from VDD"),
    Output("energy_line", "J", "what a precharge gives to bring both lines back to VDD: c_line VDD (VDD - V)"),
    Output("t_read", "s", "from word line at half to the line v_swing lower; t_pulse where it has not come there"),
)


def schedule(inputs: Read) -> Schedule:
    """Return the schedule of one read."""
    t = {"pulse": _BEFORE, "sample": _BEFORE + inputs.t_pulse + _EDGE}
    end = t["sample"] + 2 * _BEFORE
    phases = (Phase("hold", 0.0, t["pulse"]), Phase("read", t["pulse"], t["sample"]), Phase("hold", t["sample"], end))
    return Schedule(t, end, phases, marked=("pulse", "sample"))


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Read, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one read."""
    t, devices = schedule(inputs), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_read.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        edge=_EDGE,
        high=inputs.t_pulse - _EDGE,
        vdd=conditions.vdd,
    )
    return Deck(
        title=f"{circuit.name} read, {inputs.port} port, Q = {inputs.stored}, {conditions}",
        body=body,
        saves=("v(bl)", "v(blb)", "v(q)", "v(qb)", "v(wll)", "v(wlr)", "i(vdd)", "i(vpulse)"),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, Read]) -> dict[str, float]:
    """Measure one read."""
    inputs = setup.inputs
    line = "v(blb)" if inputs.port == "right" else "v(bl)"
    swing = w.at(line, w.marks["pulse"]) - w.at(line, w.marks["sample"])
    disturb, flipped = excursion(w, "v(q)", "v(qb)")
    stop, vdd = float(w.axis[-1]), setup.conditions.vdd
    fallen = w[line] <= vdd - inputs.v_swing
    t_read = inputs.t_pulse
    if fallen.any() and w.axis[np.argmax(fallen)] <= w.marks["sample"]:
        t_read = w.crossing(line, vdd - inputs.v_swing) - w.marks["pulse"] - _EDGE / 2
    return {
        "swing": swing,
        "i_read": inputs.c_line * swing / inputs.t_pulse,
        "disturb": disturb,
        "flips": float(flipped),
        "energy_array": w.energy("vdd", vdd, 0.0, stop),
        "energy_wordline": w.driver_energy("vpulse", f"wl{inputs.port[0]}", 0.0, stop),
        "energy_line": inputs.c_line * vdd * sum(vdd - float(w[f"v({name})"][-1]) for name in ("bl", "blb")),
        "t_read": t_read,
    }


BENCH = Bench(
    name="read",
    version=3,
    doc="single-ended read through one port: swing, current, delay, read disturb, energy",
    circuits=(SplitPort6T,),
    inputs=Read,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("read", OUTPUTS),
    supplies=Supplies({"energy_array": ("vdd",), "energy_wordline": ("vpulse",)}),
)
