"""Static noise margin of the split-port cell: hold, a read through either port, and a read through both.

The loop is cut: one source drives both inverters, so that one sweep gives both transfer curves of the same six
transistors, and a mismatch sample is the same chip as in the other benches. The bit lines are at VDD, as precharged:
the worst that a read does to a cell.
"""

from __future__ import annotations

from typing import Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell.butterfly import squares
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import Dc
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

# Between two points the curves are taken as straight; half the step changes no margin by more than 10 uV (a test).
_STEP = 2e-3


@validated
class Access:
    """What the bench varies."""

    access: Literal["none", "digital", "analog", "both"] = parameter(
        "none", "ports that are on: none is hold, digital is WLL and BL, analog is WLR and BLB", source="choice"
    )


OUTPUTS = (
    Output("snm", "V", "static noise margin: the smaller of both; below 0 where the cell loses a bit"),
    Output("snm_1", "V", "that of a stored 1 (Q high)"),
    Output("snm_0", "V", "that of a stored 0 (Q low)"),
)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Access, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of the two transfer curves."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_snm.cir.j2", devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd
    )
    return Deck(
        title=f"{circuit.name} butterfly, access {inputs.access}, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)"),
        analysis=Dc("vx", 0.0, conditions.vdd, _STEP),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, Access]) -> dict[str, float]:
    """Measure the squares of one butterfly."""
    one, zero = squares(w.axis, w["v(q)"], w["v(qb)"])
    return {"snm": min(one.side, zero.side), "snm_1": one.side, "snm_0": zero.side}


BENCH = Bench(
    name="snm",
    version=2,
    doc="static noise margin: hold, read through either port, through both",
    circuits=(SplitPort6T,),
    inputs=Access,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("snm", OUTPUTS),
)
