"""Noise bench of the QS column: precharge on, one cell on."""

from __future__ import annotations

from bitline.benches.acim.thermal import DISCHARGE_OUTPUTS, NOISE_DOC, R_PROBE, discharge_noise, noise_deck
from bitline.benches.base import Bench, Conditions, NoInputs, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

CELL = ("mpgr0", "mpdr0")


def deck(circuit: AcimColumnQS, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    if circuit.timing != "fixed":
        raise InputError(
            f"noise: timing = {circuit.timing}: must be fixed, with t_pulse the width that the transfer bench measures"
        )
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit("benches/acim_qs_noise.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, r_probe=R_PROBE)
    return noise_deck(circuit, conditions, devices, body, source="vpre", switch="mprel", cell=CELL)


def measure(w: Waveforms, setup: Setup[AcimColumnQS, NoInputs]) -> dict[str, float]:
    """Measure the line's noise and that of a discharging cell."""
    return discharge_noise(w, setup, CELL)


BENCH = Bench(
    name="noise",
    version=4,
    doc=NOISE_DOC,
    circuits=(AcimColumnQS,),
    inputs=NoInputs,
    outputs=DISCHARGE_OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", DISCHARGE_OUTPUTS),
)
