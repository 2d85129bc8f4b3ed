"""Noise bench of the 8T column: precharge on, one read port on."""

from __future__ import annotations

from bitline.benches.acim.thermal import DISCHARGE_OUTPUTS, NOISE_DOC, R_PROBE, discharge_noise, noise_deck
from bitline.benches.base import Bench, Conditions, NoInputs, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline_lab.column_8t import Column8T

READ_PORT = ("mru0", "mrd0")


def deck(circuit: Column8T, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit("lab/column_8t_noise.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, r_probe=R_PROBE)
    return noise_deck(circuit, conditions, devices, body, source="vpre", switch="mprel", line="rbl", cell=READ_PORT)


def measure(w: Waveforms, setup: Setup[Column8T, NoInputs]) -> dict[str, float]:
    """Measure the line's noise and that of a discharging read port."""
    return discharge_noise(w, setup, READ_PORT)


BENCH = Bench(
    name="noise",
    version=1,
    doc=NOISE_DOC,
    circuits=(Column8T,),
    inputs=NoInputs,
    outputs=DISCHARGE_OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", DISCHARGE_OUTPUTS),
)
