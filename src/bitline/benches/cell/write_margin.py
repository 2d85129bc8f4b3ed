"""Write margin of the split-port cell, by its bit line or its word line, through both ports or one.

**Bit-line method**: with the word lines on, the line on the high node falls from VDD; the margin is its voltage where
the cell flips. **Word-line method**: with that line at ground the word lines rise; the margin is what they are still
below VDD where the cell flips. Either way more is easier, and at 0 the cell is only just written with full levels. The
sweeps go on beyond the rails, so that a margin below 0 says what a write would need besides.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import Dc
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

_STEP = 1e-3
# How far the sweeps go beyond the rails [V]: further, junctions conduct and a margin means nothing.
_BEYOND = 0.5


@validated
class Write:
    """What the bench varies."""

    method: Literal["bit-line", "word-line"] = parameter("bit-line", "what is swept", source="choice")
    ports: Literal["digital", "analog", "both"] = parameter(
        "both", "ports that are on: digital is WLL and BL, analog is WLR and BLB", source="choice"
    )
    stored: int = parameter(1, "bit in the cell before: Q", source="choice", ge=0, le=1)


OUTPUTS = (
    Output("write_margin", "V", "line, or VDD less word line, where the cell flips; -0.5 V where it does not by then"),
    Output("written", "1", "1 if the cell flips within the rails"),
)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Write, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one write."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_write.cir.j2", devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd
    )
    sweep = Dc("vsweep", conditions.vdd, -_BEYOND, -_STEP)
    if inputs.method == "word-line":
        sweep = Dc("vsweep", 0.0, conditions.vdd + _BEYOND, _STEP)
    return Deck(
        title=f"{circuit.name} {inputs.method} write of {1 - inputs.stored}, ports {inputs.ports}, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)"),
        analysis=sweep,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, Write]) -> dict[str, float]:
    """Find where the cell flips."""
    inputs = setup.inputs
    flipped = (w["v(q)"] > w["v(qb)"]) != bool(inputs.stored)
    margin = -_BEYOND
    if flipped.any():
        margin = float(w.axis[np.argmax(flipped)])
        if inputs.method == "word-line":
            margin = setup.conditions.vdd - margin
    return {"write_margin": margin, "written": float(margin >= 0)}


BENCH = Bench(
    name="write-margin",
    version=1,
    doc="static write margin by the bit line or the word line, through both ports or one",
    circuits=(SplitPort6T,),
    inputs=Write,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("write_margin", OUTPUTS),
)
