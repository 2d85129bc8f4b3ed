"""Both-ports bench of the hybrid slice: one cycle with both ports on, or with either alone for comparison.

A precharged BL reads as weight 1. So the digital inputs rest at the level that makes every product 0 and come only when
the lines have settled; they are withdrawn before the precharge comes back.
"""

from __future__ import annotations

import numpy as np

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.levels import shows
from bitline.benches.netlist import netlist
from bitline.benches.precharged import disturbed
from bitline.benches.reducers import sampled_tables
from bitline.benches.schedule import Schedule
from bitline.benches.slice.operands import BothPorts, Operands
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.hybrid_slice import HybridSlice
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Choices, Energy, Operation, Success, Supplies
from bitline.pdk.descriptor import Pdk
from bitline.system.logic.popcount import popcount_levels

OUTPUTS = (
    Output("popcount", "1", "the result's bits above half the supply at the sampling instant, as a number"),
    Output("popcount_errors", "1", "1 if a bit of the result is no clear 0 or 1, or the count is wrong"),
    Output("v_line", "V", "accumulate line at the sampling instant"),
    Output("level_sum", "1", "exact sum of the DAC words of the columns whose analog weight is 1"),
    Output("v_held_bl", "V", "lowest that a BL gets whose cell does not discharge it, until the sample"),
    Output("v_held_blb", "V", "lowest that a BLB gets whose cell does not discharge it, until the sample"),
    Output("flips", "1", "real cells that changed state"),
    Output("bump", "V", "largest excursion of a storage node of the real cells"),
    Output("t_read", "s", "from the word line at half the supply to the slowest falling BL there; 0 where none falls"),
    Output("t_read_blb", "s", "the same of BLB"),
    Output("t_popcount", "s", "from the inputs' edge to the last change of the result before the sample"),
    Output("energy_digital_read", "J", "BL: precharge, keepers and sense inverters, their drivers, and word line WLL"),
    Output("energy_analog_read", "J", "BLB: precharge, keepers and sense inverters, their drivers, and word line WLR"),
    Output("energy_cells", "J", "cell supply"),
    Output("energy_tree", "J", "multipliers and tree"),
    Output(
        "energy_inputs", "J", "drivers of the digital inputs with the multipliers' gates, and the drivers' own gates"
    ),
    Output("energy_column", "J", "DAC levels, reset level, plate and reset drivers of the accumulate line"),
    Output("energy_total", "J", "all of them, over one cycle"),
)
_SUPPLIES = Supplies(
    {
        "energy_digital_read": ("vbl", "vpcl", "vpl", "vwll", "vinl"),
        "energy_analog_read": ("vblb", "vpcr", "vpr", "vwlr", "vinr"),
        "energy_cells": ("vcell",),
        "energy_tree": ("vdd",),
        "energy_inputs": ("vdrv", "vi[0-9]*"),
        "energy_column": ("vdac*", "vcm", "vctl", "vrst"),
    }
)
# Sources at VDD all the time, and the node of each that pulses a gate, by the output that counts them.
_CONSTANT = {
    "energy_digital_read": ("vbl", "vpcl", "vwll"),
    "energy_analog_read": ("vblb", "vpcr", "vwlr"),
    "energy_cells": ("vcell",),
    "energy_tree": ("vdd",),
    "energy_inputs": ("vdrv",),
    "energy_column": ("vctl",),
}
_GATES = {
    "energy_digital_read": ("pl", "inl"),
    "energy_analog_read": ("pr", "inr"),
    "energy_column": ("rst",),
}


def schedule(circuit: HybridSlice) -> Schedule:
    """Return the schedule of one cycle."""
    c = circuit
    t = {"release": c.t_reset, "released": c.t_reset + c.t_edge}
    # Precharge and reset are off before a cell conducts or a plate moves.
    t["pulse"] = t["released"] + c.t_reset / 2
    t["inputs"] = t["pulse"] + c.t_read
    t["sample"] = t["inputs"] + c.t_count
    # Inputs first: a line that is precharged beside an input of 1 would be a product.
    t["withdraw"] = t["sample"] + 2 * c.t_edge
    t["restore"] = t["withdraw"] + 6 * c.t_edge
    # The plates follow BLB back, half of what is left later the line is held again.
    t["reset"] = t["restore"] + c.t_restore / 2
    end = t["restore"] + c.t_restore + c.t_edge
    phases = (
        Phase("precharge", 0.0, t["released"]),
        Phase("read", t["pulse"], t["inputs"]),
        Phase("count", t["inputs"], t["sample"]),
        Phase("restore", t["restore"], end),
    )
    return Schedule(t, end, phases, marked=("pulse", "inputs", "sample"))


def deck(circuit: HybridSlice, conditions: Conditions, inputs: BothPorts, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one cycle."""
    t, devices, operands = schedule(circuit), netlist(conditions, pdk, full=full), inputs.operands(circuit)
    body = render_circuit(
        "benches/hybrid_slice_both_ports.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        operands=operands,
        digital=operands.digital,
        analog=operands.analog,
        inputs=_input_levels(circuit, operands),
        bl_on=inputs.ports != "analog",
        blb_on=inputs.ports != "digital",
    )
    return Deck(
        title=f"{circuit.name}, ports {inputs.ports}, rows {inputs.row_digital} and {inputs.row_analog}, "
        f"operands of seed {inputs.operand_seed}, {conditions}",
        body=body,
        saves=_saves(circuit),
        analysis=Transient(t.end),
        options=LEAKAGE,
        phases=t.phases,
        marks=t.marks,
        panels=_panels(circuit),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _input_levels(circuit: HybridSlice, operands: Operands) -> list[tuple[int, int]]:
    """Return of each digital input its source's level at rest and in the count."""
    nothing = [0] * circuit.columns
    rest = popcount_levels(nothing, nothing, circuit.multiplier)
    count = popcount_levels(operands.inputs.tolist(), nothing, circuit.multiplier)
    return list(zip(rest, count, strict=True))[: circuit.columns]


def _cells(circuit: HybridSlice) -> list[str]:
    """Return the names of the real cells."""
    return [f"{r}x{k}" for r in range(circuit.active) for k in range(circuit.columns)]


def _driven(circuit: HybridSlice) -> dict[str, str]:
    """Return the sources of the digital inputs and the node of each."""
    return {f"vi{k}": f"i{k}" for k in range(circuit.columns)}


def _saves(circuit: HybridSlice) -> tuple[str, ...]:
    columns = range(circuit.columns)
    gates = [node for nodes in _GATES.values() for node in nodes]
    nodes = ["wll", "wlr", "line", *gates, *circuit.network.result]
    nodes += [f"{name}{k}" for name in ("bl", "blb", "plate", "i") for k in columns]
    nodes += [f"{side}{cell}" for cell in _cells(circuit) for side in ("q", "qb")]
    sources = [source for names in _CONSTANT.values() for source in names]
    sources += ["vcm", *(f"v{node}" for node in gates), *_driven(circuit), *(f"vdac{k}" for k in columns)]
    return (*(f"v({node})" for node in nodes), *(f"i({source})" for source in sources))


def _panels(circuit: HybridSlice) -> dict[str, tuple[str, ...]]:
    """Return what a figure shows: hundreds of nodes on one Axes would hide each other."""
    families = {name: [f"v({name}{k})" for k in range(circuit.columns)] for name in ("bl", "blb", "i", "plate")}
    return {
        "Word lines": ("v(wll)", "v(wlr)"),
        "BL": tuple(families["bl"]),
        "Inputs": tuple(families["i"]),
        "Count": tuple(f"v({node})" for node in circuit.network.result),
        "BLB": tuple(families["blb"]),
        "Accumulate line": ("v(line)", *families["plate"]),
    }


def measure(w: Waveforms, setup: Setup[HybridSlice, BothPorts]) -> dict[str, float]:
    """Measure one cycle; what a port that is off shows is measured all the same."""
    circuit, vdd, inputs = setup.circuit, setup.conditions.vdd, setup.inputs
    operands, sample = inputs.operands(circuit), w.marks["sample"]
    shares = [w.at(f"v({node})", sample) / vdd for node in circuit.network.result]
    count = sum(1 << place for place, share in enumerate(shares) if share > 0.5)
    # With the digital port off no input comes, and nothing is to be counted.
    expected = 0 if inputs.ports == "analog" else operands.count
    bump, flips = disturbed(w, _cells(circuit))
    falls_bl = [f"bl{k}" for k in np.flatnonzero(operands.bits[operands.digital] == 0) if inputs.ports != "analog"]
    falls_blb = [f"blb{k}" for k in np.flatnonzero(operands.bits[operands.analog] == 1) if inputs.ports != "digital"]
    energies = _energies(w, setup, operands)
    return {
        "popcount": float(count),
        "popcount_errors": float(not shows(shares, expected)),
        "v_line": w.at("v(line)", sample),
        "level_sum": float(operands.level_sum),
        "v_held_bl": _lowest(w, setup, "bl", falls_bl),
        "v_held_blb": _lowest(w, setup, "blb", falls_blb),
        "flips": flips,
        "bump": bump,
        "t_read": _slowest(w, vdd / 2, "wll", falls_bl),
        "t_read_blb": _slowest(w, vdd / 2, "wlr", falls_blb),
        "t_popcount": _settled(w, circuit, vdd / 2),
        **energies,
        "energy_total": sum(energies.values()),
    }


def _energies(w: Waveforms, setup: Setup[HybridSlice, BothPorts], operands: Operands) -> dict[str, float]:
    """Return what the supplies give over the cycle [J], by part."""
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    energies = {
        output: sum(w.energy(source, vdd, 0.0, stop) for source in _CONSTANT[output])
        + sum(w.driver_energy(f"v{node}", node, 0.0, stop) for node in _GATES.get(output, ()))
        for output in _SUPPLIES.counted
    }
    energies["energy_inputs"] += sum(
        w.driver_energy(source, node, 0.0, stop) for source, node in _driven(circuit).items()
    )
    energies["energy_column"] += w.energy("vcm", circuit.v_cm, 0.0, stop)
    for k, word in enumerate(operands.words.tolist()):
        energies["energy_column"] += w.energy(f"vdac{k}", circuit.drive_level(word), 0.0, stop)
    return energies


def _lowest(w: Waveforms, setup: Setup[HybridSlice, BothPorts], port: str, falling: list[str]) -> float:
    """Return the lowest level [V] of a port's lines that are held high; the supply if all fall."""
    inside = (w.axis >= w.marks["pulse"]) & (w.axis <= w.marks["sample"])
    held = [f"{port}{k}" for k in range(setup.circuit.columns) if f"{port}{k}" not in falling]
    return min((float(w[f"v({line})"][inside].min()) for line in held), default=setup.conditions.vdd)


def _slowest(w: Waveforms, half: float, word_line: str, falling: list[str]) -> float:
    """Return how long after its word line the slowest of the falling lines passes a level [s].

    One that does not pass it by the sample counts with all the time that it had.
    """
    if not falling:
        return 0.0
    start, sample = w.crossing(f"v({word_line})", half), w.marks["sample"]
    instants = [min([*w.crossings(f"v({line})", half, rising=False), sample]) for line in falling]
    return min(max(instants), sample) - start


def _settled(w: Waveforms, circuit: HybridSlice, half: float) -> float:
    """Return when the result last crossed a level before the sample, from the middle of the inputs' edge [s]."""
    start, sample = w.marks["inputs"] + circuit.t_edge / 2, w.marks["sample"]
    changes = [
        instant
        for node in circuit.network.result
        for rising in (False, True)
        for instant in w.crossings(f"v({node})", half, rising=rising)
        if instant < sample
    ]
    return max([*changes, start]) - start


def operation(circuit: HybridSlice) -> Operation:
    """Return one cycle as data."""
    event = f"one cycle of {circuit.columns} columns: a row counted digitally, a row summed on the accumulate line"
    energy = Energy(
        variable="energy_total",
        event=event,
        includes=("both row reads", "cells", "multipliers", "adder tree", "input drivers", "plates", "DAC levels"),
        excludes=("row decoders", "what makes the DAC levels", "ADC", "registers", "clock tree"),
        convention="supply integrals over the whole cycle, state restored at its end; gates that ideal sources pulse "
        "are counted as C V^2 from VDD; the DAC levels are ideal sources",
        supplies=_SUPPLIES,
        components={},
        beyond=("the DACs", "the ADC", "registers"),
    )
    return Operation(
        event=event,
        energy=energy,
        operands=Choices(("operand_seed",)),
        table="slice",
        cycle=schedule(circuit).end,
        success=Success("popcount_errors", 0.0),
    )


BENCH = Bench(
    name="both-ports",
    version=1,
    doc="a row counted through BL while another is summed through BLB: count, line, held lines, flips, energy by part",
    circuits=(HybridSlice,),
    inputs=BothPorts,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("slice", OUTPUTS),
    operation=operation,
    supplies=_SUPPLIES,
)
