"""Noise bench of the QR column: reset switch on, plates low."""

from __future__ import annotations

from collections.abc import Mapping

from bitline.benches.acim.thermal import NOISE_DOC, OUTPUTS, R_PROBE, line_noise, noise_deck
from bitline.benches.base import Bench, Conditions, NoInputs
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.deck import Deck, Option
from bitline.circuits.render import render_circuit
from bitline.pdk.descriptor import Pdk

# The switch's drain is within a nanovolt of its source, and the model gives 40 % of the channel's charge to the one
# and 60 % to the other: at ngspice's tolerances the sign, and with it 0.28 fF of c_line, was wrong at -40 degC.
_OPERATING_POINT: Mapping[str, Option] = {"reltol": 1e-6, "abstol": 1e-16, "vntol": 1e-12}


def deck(circuit: AcimColumnQR, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit("benches/acim_qr_noise.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, r_probe=R_PROBE)
    return noise_deck(circuit, conditions, devices, body, source="vcm", switch="msw").with_options(_OPERATING_POINT)


BENCH = Bench(
    name="noise",
    version=3,
    doc=NOISE_DOC,
    circuits=(AcimColumnQR,),
    inputs=NoInputs,
    outputs=OUTPUTS,
    deck=deck,
    measure=line_noise,
    reduce=one_table("noise", OUTPUTS),
)
