"""Two ports in one cycle: row a on the digital port and BL, row b, or row a again, on the analog port and BLB.

The single accesses are in the same table, at `ports` digital and analog, so that each cycle stands beside the two that
it replaces. The lines are precharged at both ends of a cycle: each supply's integral over it closes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell.loads import EDGE, Loads
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

_BEFORE = 0.2e-9


@validated
class TwoPort(Loads):
    """What the bench varies."""

    ports: Literal["digital", "analog", "both"] = parameter(
        "both", "ports that are on: digital is WLL of row a, analog WLR of row b or a", source="choice"
    )
    rows: Literal["same", "different"] = parameter(
        "different", "row on the analog port: b, or the same as on the digital port", source="choice"
    )
    stored_a: int = parameter(0, "bit in row a: Q; a 0 discharges BL", source="choice", ge=0, le=1)
    stored_b: int = parameter(1, "bit in row b: Q; a 1 discharges BLB", source="choice", ge=0, le=1)
    w_precharge: float = parameter(
        1e-6, "width of each line's precharge device", unit="m", source="choice", ge=0.42e-6, le=1e-4
    )

    @property
    def word_lines(self) -> tuple[str, ...]:
        """The word lines that pulse."""
        analog = "wlr_a" if self.rows == "same" else "wlr_b"
        return {"digital": ("wll_a",), "analog": (analog,), "both": ("wll_a", analog)}[self.ports]


OUTPUTS = (
    Output("swing_bl", "V", "fall of BL by the end of the pulse"),
    Output("swing_blb", "V", "fall of BLB by the end of the pulse"),
    Output("disturb_a", "V", "largest excursion of a storage node of row a"),
    Output("disturb_b", "V", "that of row b"),
    Output("flips", "1", "cells that changed state"),
    Output("energy_array", "J", "cell supply over the cycle, both rows"),
    Output("energy_precharge", "J", "precharge supply of both lines over the cycle"),
    Output("energy_wordline", "J", "word-line drivers, supply and gates, over the cycle"),
    Output("energy_control", "J", "precharge driver, supply and gates, over the cycle"),
    Output("energy_total", "J", "all of them"),
)


def canonical(circuit: SplitPort6T, inputs: TwoPort) -> TwoPort:
    """Return the inputs with rows different where the analog port is off, which is the same cycle."""
    if inputs.ports == "digital":
        return replace(inputs, rows="different")
    return inputs


def schedule(inputs: TwoPort) -> Schedule:
    """Return the schedule of one cycle: precharge off, pulse, precharge on."""
    t = {"release": _BEFORE, "released": _BEFORE + EDGE}
    # The precharge must be off before a cell conducts, or its current would be lost in the supply.
    t["pulse"] = t["released"] + _BEFORE
    t["sample"] = t["pulse"] + inputs.t_pulse + EDGE
    t["restore"] = t["sample"] + inputs.t_word
    t["restored"] = t["restore"] + EDGE
    end = t["restored"] + 2 * inputs.t_line
    phases = (
        Phase("precharge", 0.0, t["released"]),
        Phase("access", t["pulse"], t["sample"]),
        Phase("precharge", t["restore"], end),
    )
    return Schedule(t, end, phases, marked=("pulse", "sample"))


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: TwoPort, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one cycle."""
    t, devices, on = schedule(inputs), netlist(conditions, pdk, full=full), inputs.word_lines
    body = render_circuit(
        "benches/split_port_6t_two_port.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        on=on,
        t=t,
        edge=EDGE,
        vdd=conditions.vdd,
    )
    nodes = ["bl", "blb", "q_a", "qb_a", "q_b", "qb_b", *on, "pre", *(f"in{wl}" for wl in on)]
    sources = ["vdd", "vpre", "vwd", "vctl", "vpreg", *(f"vin{wl}" for wl in on)]
    return Deck(
        title=f"{circuit.name} cycle of two rows ({inputs.stored_a}, {inputs.stored_b}), ports {inputs.ports}, "
        f"rows {inputs.rows}, {conditions}",
        body=body,
        saves=(*(f"v({node})" for node in nodes), *(f"i({source})" for source in sources)),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, TwoPort]) -> dict[str, float]:
    """Measure one cycle."""
    vdd, stop = setup.conditions.vdd, float(w.axis[-1])
    (disturb_a, flipped_a), (disturb_b, flipped_b) = (excursion(w, f"v(q_{r})", f"v(qb_{r})") for r in "ab")
    gates = sum(w.driver_energy(f"vin{wl}", f"in{wl}", 0.0, stop) for wl in setup.inputs.word_lines)
    energies = {
        "energy_array": w.energy("vdd", vdd, 0.0, stop),
        "energy_precharge": w.energy("vpre", vdd, 0.0, stop),
        "energy_wordline": w.energy("vwd", vdd, 0.0, stop) + gates,
        "energy_control": w.energy("vctl", vdd, 0.0, stop) + w.driver_energy("vpreg", "pre", 0.0, stop),
    }
    return {
        "swing_bl": w.at("v(bl)", w.marks["pulse"]) - w.at("v(bl)", w.marks["sample"]),
        "swing_blb": w.at("v(blb)", w.marks["pulse"]) - w.at("v(blb)", w.marks["sample"]),
        "disturb_a": disturb_a,
        "disturb_b": disturb_b,
        "flips": float(flipped_a + flipped_b),
        **energies,
        "energy_total": sum(energies.values()),
    }


BENCH = Bench(
    name="two-port",
    version=1,
    doc="two rows, or one, through both ports in one cycle: swings, disturb, energy; beside the single accesses",
    circuits=(SplitPort6T,),
    inputs=TwoPort,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("two_port", OUTPUTS),
    supplies=Supplies(
        {
            "energy_array": ("vdd",),
            "energy_precharge": ("vpre",),
            "energy_wordline": ("vwd", "vin*"),
            "energy_control": ("vctl", "vpreg"),
        }
    ),
    canonical=canonical,
)
