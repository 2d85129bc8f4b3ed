"""Data-retention voltage of the split-port cell: the lowest supply at which it still keeps both bits.

The cell stands twice in the deck, the same six transistors with one bit each, on a supply that falls. A stored bit
follows its stable state down to where that state meets an unstable one, which is where its hold margin is 0. There the
nodes come together or change places at once.
"""

from __future__ import annotations

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell.leakage import LEAST_EDGE, Lines
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import Dc
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError
from bitline.pdk.descriptor import Pdk

_STEP = 1e-3
# No cell has lost a bit where the sweep begins [V], and below its end there is no latch to speak of.
_TOP, _END = 1.2, 0.01
# At 0.3 V and -40 degC a latch's currents are femtoamperes. Tighter tolerances than these are not reached at every
# supply, and ngspice then begins anew from 0 V, where it finds another state.
_OPTIONS = {"gmin": 1e-20, "abstol": 1e-16, "vntol": 1e-7, "reltol": 1e-4}


OUTPUTS = (
    Output("drv", "V", "data-retention voltage: the larger of both"),
    Output("drv_1", "V", "supply at which a stored 1 is lost; 0.01 V where it is kept to the end of the sweep"),
    Output("drv_0", "V", "that of a stored 0"),
)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Lines, pdk: Pdk) -> Deck:
    """Build the deck of one falling supply."""
    devices = netlist(conditions, pdk, least_edge=LEAST_EDGE)
    top = min(_TOP, conditions.vdd)
    body = render_circuit(
        "benches/split_port_6t_retention.cir.j2", devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd, top=top
    )
    return Deck(
        title=f"{circuit.name} retention, lines {inputs.lines}, {conditions}",
        body=body,
        saves=("v(q1)", "v(qb1)", "v(q0)", "v(qb0)"),
        analysis=Dc("vsup", top, _END, -_STEP),
        options=_OPTIONS,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def lost_at(supply: Array, apart: Array) -> float:
    """Return the supply [V] at which a bit is lost, or the last where it is not.

    Parameters
    ----------
    supply : array, shape (n,)
        Descending [V].
    apart : array, shape (n,)
        What the node that is high is above the other [V].

    Raises
    ------
    BadMeasureError
        If the bit was not there at the first supply.
    """
    if apart[0] < supply[0] / 2:
        raise BadMeasureError(f"at {supply[0]:g} V the cell does not keep the bit")
    gone = np.flatnonzero(apart[1:] < apart[:-1] / 2)
    return float(supply[1 + gone[0]] if len(gone) else supply[-1])


def measure(w: Waveforms, setup: Setup[SplitPort6T, Lines]) -> dict[str, float]:
    """Find where each bit is lost."""
    one, zero = lost_at(w.axis, w["v(q1)"] - w["v(qb1)"]), lost_at(w.axis, w["v(qb0)"] - w["v(q0)"])
    return {"drv": max(one, zero), "drv_1": one, "drv_0": zero}


BENCH = Bench(
    name="retention",
    version=1,
    doc="data-retention voltage: the lowest supply that keeps both bits",
    circuits=(SplitPort6T,),
    inputs=Lines,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("retention", OUTPUTS),
)
