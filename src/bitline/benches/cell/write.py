"""Write of the split-port cell: one line falls, the word lines of the chosen ports pulse, the lines rise again.

Word lines and lines have inverters as drivers, so that every edge is a transistor's. The lines begin and end
precharged, and a cell that holds the other bit holds the same energy: each supply's integral over the cycle closes.
"""

from __future__ import annotations

from typing import Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell.loads import EDGE, Loads
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

_BEFORE = 0.2e-9


@validated
class Write(Loads):
    """What the bench varies."""

    ports: Literal["digital", "analog", "both"] = parameter(
        "both", "ports that are on: digital is WLL and BL, analog is WLR and BLB", source="choice"
    )
    stored: int = parameter(1, "bit in the cell before: Q; the other one is written", source="choice", ge=0, le=1)


OUTPUTS = (
    Output("written", "1", "1 if the cell holds the other bit at the end"),
    Output("t_flip", "s", "from word line at half to nodes that cross; t_pulse where it is not written"),
    Output("t_write", "s", "from word line at half to the rising node at 90 % of VDD; t_pulse where not written"),
    Output("energy_array", "J", "cell supply over the write"),
    Output("energy_wordline", "J", "word-line drivers, supply and gates, over the write"),
    Output("energy_line", "J", "line drivers, supply and gates, over the write with the line's recharge"),
)


def schedule(inputs: Write) -> Schedule:
    """Return the schedule of one write."""
    t = {"drive": _BEFORE, "word": _BEFORE + inputs.t_line}
    t["off"] = t["word"] + inputs.t_pulse + EDGE
    t["release"] = t["off"] + inputs.t_word
    end = t["release"] + 2 * inputs.t_line
    phases = (
        Phase("line falls", t["drive"], t["word"]),
        Phase("write", t["word"], t["off"]),
        Phase("line rises", t["release"], end),
    )
    return Schedule(t, end, phases, marked=("word", "off"))


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Write, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one write."""
    t, devices = schedule(inputs), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_write_cycle.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        edge=EDGE,
        vdd=conditions.vdd,
    )
    nodes = ("bl", "blb", "q", "qb", "wll", "wlr", "inl", "inr", "datal", "datar")
    sources = ("vdd", "vwd", "vline", "vinl", "vinr", "vdatal", "vdatar")
    return Deck(
        title=f"{circuit.name} write of {1 - inputs.stored}, ports {inputs.ports}, {conditions}",
        body=body,
        saves=(*(f"v({node})" for node in nodes), *(f"i({source})" for source in sources)),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, Write]) -> dict[str, float]:
    """Measure one write."""
    inputs, vdd = setup.inputs, setup.conditions.vdd
    falling, rising = ("v(q)", "v(qb)") if inputs.stored else ("v(qb)", "v(q)")
    written = bool(w[rising][-1] > w[falling][-1])
    t_flip = t_write = inputs.t_pulse
    if written:
        word = "v(wlr)" if inputs.ports == "analog" else "v(wll)"
        begin = w.crossing(word, vdd / 2)
        t_flip = w.crossing(w[rising] - w[falling], 0.0) - begin
        t_write = w.crossing(rising, 0.9 * vdd) - begin
    stop = float(w.axis[-1])
    gates = {name: w.driver_energy(f"v{name}", name, 0.0, stop) for name in ("inl", "inr", "datal", "datar")}
    return {
        "written": float(written),
        "t_flip": t_flip,
        "t_write": t_write,
        "energy_array": w.energy("vdd", vdd, 0.0, stop),
        "energy_wordline": w.energy("vwd", vdd, 0.0, stop) + gates["inl"] + gates["inr"],
        "energy_line": w.energy("vline", vdd, 0.0, stop) + gates["datal"] + gates["datar"],
    }


BENCH = Bench(
    name="write",
    version=1,
    doc="write by a word-line pulse through both ports or one: delay, energy by supply",
    circuits=(SplitPort6T,),
    inputs=Write,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("write", OUTPUTS),
    supplies=Supplies(
        {"energy_array": ("vdd",), "energy_wordline": ("vwd", "vin*"), "energy_line": ("vline", "vdata*")}
    ),
)
