"""Restore bench of the cells to compare with: the supply ramps against both resistances, DC and all."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.restore.trit import CONVENTION, settled
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nvsram_contention import NvSram8T2R, NvSramSlc
from bitline.circuits.render import render_circuit
from bitline.devices.reram import Level
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Energy, Operation, Success, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class Contention:
    """What the restore by contention varies."""

    bit: int = parameter(1, "bit to restore: 1 is the low resistance on the left", source="choice", ge=0, le=1)
    mismatch: Literal["all", "memory"] = parameter(
        "all", "what a sample varies: every device, or the ReRAM only", source="choice"
    )
    v_boost: float = parameter(1.95, "high level of RSW", unit="V", source="choice", gt=0, le=5)
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_ramp: float = parameter(1e-9, "supply ramp", unit="s", source="choice", gt=0, le=1e-6)
    t_on: float = parameter(4e-9, "time that RSW stays on after the ramp", unit="s", source="choice", gt=0, le=1e-6)
    t_hold: float = parameter(
        20e-9, "time of HOLD, over which the static current is averaged", unit="s", source="choice", gt=0, le=1e-4
    )


OUTPUTS = (
    Output("correct", "1", "1 if the bit came back"),
    Output("margin", "V", "difference of the sides when the ramp ends, below 0 if it ended wrong"),
    Output("latency", "s", "until the sides are apart by 0.8 of the supply for good"),
    Output("energy_array", "J", "supply of the latch and its well, until RSW is off"),
    Output("energy_switch", "J", "supply of RSW"),
    Output("energy_total", "J", "both"),
    Output("i_dc", "A", "supply current at the end of the time that RSW is on"),
    Output("energy_dc", "J", "of energy_array, what that current takes after the ramp: vdd i_dc t_on"),
    Output("i_static", "A", "mean supply current during HOLD"),
    Output("i_peak", "A", "largest supply current"),
)
_SUPPLIES = Supplies({"energy_array": ("vsup", "vwell"), "energy_switch": ("vrsw",)})


def schedule(inputs: Contention) -> Schedule:
    """Return the schedule of one restore: the supply ramps with RSW on, RSW stays on, then goes off."""
    t = {"ramped": inputs.t_edge + inputs.t_ramp}
    t["open"] = t["ramped"] + inputs.t_on
    t["opened"] = t["open"] + inputs.t_edge
    end = t["opened"] + inputs.t_hold
    phases = (
        Phase("ramp", 0.0, t["ramped"]),
        Phase("contention", t["ramped"], t["opened"]),
        Phase("hold", t["opened"], end),
    )
    return Schedule(t, end, phases, marked=tuple(t))


def deck(
    circuit: NvSram8T2R | NvSramSlc, conditions: Conditions, inputs: Contention, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the deck of one restore by contention."""
    t = schedule(inputs)
    reram = circuit.memory
    devices = netlist(conditions, pdk, full=full, still=inputs.mismatch == "memory")
    low, high = ("left", "right") if inputs.bit else ("right", "left")
    levels: dict[str, Level] = {low: "lrs", high: "hrs"}
    resistances = {
        side: devices.lognormal(side, reram.resistance(levels[side]), reram.sigma(levels[side]))
        for side in ("left", "right")
    }
    body = render_circuit(
        "benches/contention_restore.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        vdd=conditions.vdd,
        **resistances,
    )
    return Deck(
        title=f"{circuit.name} restore of {inputs.bit}, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)", "v(vddc)", "v(rsw)", "i(vsup)", "i(vwell)", "i(vrsw)"),
        analysis=Transient(t.end),
        options=LEAKAGE,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[NvSram8T2R | NvSramSlc, Contention]) -> dict[str, float]:
    """Measure one restore by contention. A low resistance on the left pulls Q down: bit 1 is Q low."""
    inputs, vdd = setup.inputs, setup.conditions.vdd
    m, stop = w.marks, float(w.axis[-1])
    apart = w["v(qb)"] - w["v(q)"]
    correct = bool(apart[-1] > 0) == bool(inputs.bit)
    size = abs(w.at("v(qb)", m["ramped"]) - w.at("v(q)", m["ramped"]))
    # For good: the sides may part the wrong way first.
    latency = settled(w, "q", "qb", 0.8 * vdd)
    array = sum(w.energy(source, vdd, 0.0, m["opened"]) for source in ("vsup", "vwell"))
    switch = w.energy("vrsw", inputs.v_boost, 0.0, m["open"])
    i_dc = -w.at("i(vsup)", m["open"])
    return {
        "correct": float(correct),
        "margin": size if correct else -size,
        "latency": latency,
        "energy_array": array,
        "energy_switch": switch,
        "energy_total": array + switch,
        "i_dc": i_dc,
        "energy_dc": vdd * i_dc * (m["open"] - m["ramped"]),
        "i_static": -w.integral("i(vsup)", m["opened"], stop) / (stop - m["opened"]),
        "i_peak": float(np.max(-w["i(vsup)"])),
    }


def operation(circuit: NvSram8T2R | NvSramSlc) -> Operation:
    """Return one restore as data."""
    energy = Energy(
        variable="energy_total",
        event="one restore of one bit, from collapsed supplies until RSW is off",
        includes=("array", "switch"),
        excludes=("line wires outside the cell", "timing generation"),
        convention=CONVENTION,
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one restore of a bit from ReRAM into its latch, by contention",
        energy=energy,
        latency="latency",
        success=Success("correct", 1.0),
    )


BENCH = Bench(
    name="restore",
    version=1,
    doc="restore of a bit by contention with the supply up, for comparison: energy and DC current",
    circuits=(NvSram8T2R, NvSramSlc),
    inputs=Contention,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    operation=operation,
    supplies=_SUPPLIES,
)
