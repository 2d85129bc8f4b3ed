"""N-curve of the split-port cell: the current into a storage node that a source holds at any voltage.

The current is 0 at the low state A, at the metastable point B and at the high state C. Between A and B it resists a
read's disturb, and between B and C a write (Grossar, Stucchi, Maex and Dehaene, IEEE JSSC 41, 2006). The bit lines are
at VDD. With both ports on and little overdrive of the latch, the access devices alone hold both nodes half-way up: B is
then stable, and the margins end at the nearer of the two unstable points around it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell.snm import Access
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import Dc
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

_STEP = 1e-3


@validated
class Forced(Access):
    """What the bench varies."""

    node: Literal["q", "qb"] = parameter("q", "storage node that is held", source="choice")


OUTPUTS = (
    Output("svnm", "V", "static voltage noise margin: from A to B"),
    Output("sinm", "A", "static current noise margin: the largest current between A and B"),
    Output("wtv", "V", "write-trip voltage: from B to C"),
    Output("wti", "A", "write-trip current: the largest current the other way between B and C"),
    Output("zeros", "1", "of the curve: 3, or 5 where B has become a state, with an end of its own on either side"),
)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Forced, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one N-curve."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_n_curve.cir.j2", devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd
    )
    return Deck(
        title=f"{circuit.name} N-curve of {inputs.node}, access {inputs.access}, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)", "i(vforce)"),
        # Without an access device A and C lie at the rails, and the curve crosses 0 just outside of them.
        analysis=Dc("vforce", -10 * _STEP, conditions.vdd + 10 * _STEP, _STEP),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def zeros(volts: Array, current: Array) -> Array:
    """Return the voltages at which the current is 0: A first, C last, and B between them.

    Raises
    ------
    BadMeasureError
        If there are fewer than three: the cell has but one state.
    """
    k = np.flatnonzero(np.signbit(current[:-1]) != np.signbit(current[1:]))
    if len(k) < 3:
        raise BadMeasureError(f"the N-curve crosses zero {len(k)} times, not 3 times: the cell does not keep both bits")
    return np.asarray(volts[k] - current[k] * (volts[k + 1] - volts[k]) / (current[k + 1] - current[k]))


def measure(w: Waveforms, setup: Setup[SplitPort6T, Forced]) -> dict[str, float]:
    """Measure one N-curve."""
    volts, current = w.axis, -w["i(vforce)"]
    found = zeros(volts, current)
    (a, read), (write, c) = found[:2], found[-2:]
    return {
        "svnm": float(read - a),
        "sinm": float(current[(volts > a) & (volts < read)].max()),
        "wtv": float(c - write),
        "wti": float(-current[(volts > write) & (volts < c)].min()),
        "zeros": float(len(found)),
    }


BENCH = Bench(
    name="n-curve",
    version=1,
    doc="N-curve: voltage and current margins of a read and of a write",
    circuits=(SplitPort6T,),
    inputs=Forced,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("n_curve", OUTPUTS),
)
