"""Noise bench of the binary SRAM column: precharge on, one stack on; the theory is `benches.acim.thermal`."""

from __future__ import annotations

from bitline.benches.acim.thermal import DISCHARGE_OUTPUTS, NOISE_DOC, R_PROBE, discharge_noise, noise_deck
from bitline.benches.base import Bench, Conditions, NoInputs, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

_STACK = ("mt0", "mb0")


def deck(circuit: BinarySramColumn, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/binary_noise.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        r_probe=R_PROBE,
        weights=[1] + [0] * (circuit.active - 1),
        pulsed=[0],
    )
    return noise_deck(circuit, conditions, devices, body, source="vpre", switch="mprel", cell=_STACK)


def measure(w: Waveforms, setup: Setup[BinarySramColumn, NoInputs]) -> dict[str, float]:
    """Measure the line's noise and that of a discharging stack."""
    return discharge_noise(w, setup, _STACK)


BENCH = Bench(
    name="noise",
    version=1,
    doc=NOISE_DOC,
    circuits=(BinarySramColumn,),
    inputs=NoInputs,
    outputs=DISCHARGE_OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", DISCHARGE_OUTPUTS),
)
