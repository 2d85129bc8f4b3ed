"""Noise bench of the ternary column: precharge on, a stack of CBL on; the theory is `benches.acim.thermal`."""

from __future__ import annotations

import math

from bitline.benches.acim.thermal import NOISE_DOC, R_PROBE, discharge_noise, noise_deck
from bitline.benches.base import Bench, Conditions, NoInputs, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.ternary_column import TernaryColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("v_thermal", "V", "rms noise of v_diff sampled with both lines: sqrt(2kT/C)"),
    Output("c_line", "F", "capacitance of one line while its precharge is on"),
    Output("r_switch", "Ohm", "resistance of the precharge"),
    Output("v_switch_model", "V", "rms thermal noise of one precharge's channel by its BSIM model, for comparison"),
    Output("v_discharge", "V", "rms noise one discharging stack adds to v_diff; n of them add sqrt(n) times this"),
)
_STACK = ("mtpp0", "mbpp0")


def deck(circuit: TernaryColumn, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/ternary_noise.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        r_probe=R_PROBE,
        weights=[1] + [0] * (circuit.rows - 1),
        pulsed=["p0"],
    )
    return noise_deck(circuit, conditions, devices, body, source="vpre", switch="mprel", line="cbl", cell=_STACK)


def measure(w: Waveforms, setup: Setup[TernaryColumn, NoInputs]) -> dict[str, float]:
    """Measure the noise of the lines' difference: both lines sample kT/C, independently."""
    values = discharge_noise(w, setup, _STACK)
    return {**values, "v_thermal": math.sqrt(2) * values["v_thermal"]}


BENCH = Bench(
    name="noise",
    version=1,
    doc=NOISE_DOC,
    circuits=(TernaryColumn,),
    inputs=NoInputs,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", OUTPUTS),
)
