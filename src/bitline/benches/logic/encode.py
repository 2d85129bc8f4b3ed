"""Encode bench of the ternary encoder: every transition from one trit to another, once."""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions, NoInputs, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.circuits.ternary_encoder import TernaryEncoder
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Choices, Energy, Operation, Success, Supplies
from bitline.pdk.descriptor import Pdk

# Each of the nine ordered pairs once, so that the mean is that of independent uniform trits.
TRITS = (0, 0, 1, 1, -1, -1, 0, -1, 1, 0)

OUTPUTS = (
    Output("right", "1", "1 if every trit gives its pulse, and no other"),
    Output("energy_encoder", "J", "both gates with the drivers' inputs behind them, mean over the nine transitions"),
    Output("energy_inputs", "J", "what the trit's register gives, mean over the nine transitions"),
    Output("energy_total", "J", "both"),
)
_SUPPLIES = Supplies({"energy_encoder": ("vdd",), "energy_inputs": ("vmag", "vneg")})


def deck(circuit: TernaryEncoder, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of the nine transitions."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/ternary_encoder_encode.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        inputs={"mag": [abs(trit) for trit in TRITS], "neg": [int(trit < 0) for trit in TRITS]},
    )
    return Deck(
        title=f"{circuit.name} encode, {conditions}",
        body=body,
        saves=("v(plus)", "v(minus)", "i(vdd)", "v(mag)", "i(vmag)", "v(neg)", "i(vneg)"),
        analysis=Transient(len(TRITS) * circuit.t_trit),
        phases=tuple(Phase(f"trit {t}", k * circuit.t_trit, (k + 1) * circuit.t_trit) for k, t in enumerate(TRITS)),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[TernaryEncoder, NoInputs]) -> dict[str, float]:
    """Measure the transitions; the encoder ends as it began."""
    circuit, vdd, count = setup.circuit, setup.conditions.vdd, len(TRITS) - 1
    stop = float(w.axis[-1])
    encoder = w.energy("vdd", vdd, circuit.t_trit / 2, stop) / count
    inputs = sum(w.driver_energy(f"v{node}", node, circuit.t_trit / 2, stop) for node in ("mag", "neg")) / count
    right = all(
        w.at(f"v({node})", (k + 0.99) * circuit.t_trit) / vdd > 0.9
        if trit == wanted
        else w.at(f"v({node})", (k + 0.99) * circuit.t_trit) / vdd < 0.1
        for k, trit in enumerate(TRITS)
        for node, wanted in (("plus", 1), ("minus", -1))
    )
    return {
        "right": float(right),
        "energy_encoder": encoder,
        "energy_inputs": inputs,
        "energy_total": encoder + inputs,
    }


def operation(circuit: TernaryEncoder) -> Operation:
    """Return one trit as data."""
    energy = Energy(
        variable="energy_total",
        event="one trit encoded",
        includes=("gates", "inputs of the drivers behind them", "gates of its inputs"),
        excludes=("the trits' register", "line drivers"),
        convention="supply integral over the nine transitions between trits, once each: independent uniform trits",
        supplies=_SUPPLIES,
        components={},
        beyond=("the line drivers",),
    )
    return Operation(
        event="one trit encoded",
        energy=energy,
        operands=Choices(()),
        cycle=circuit.t_trit,
        success=Success("right", 1.0),
    )


BENCH = Bench(
    name="encode",
    version=1,
    doc="every transition between trits: pulses and mean energy",
    circuits=(TernaryEncoder,),
    inputs=NoInputs,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    operation=operation,
    supplies=_SUPPLIES,
)
