"""Half-select of the split-port cell: what its neighbours' accesses do to it.

**In the row** of a cell that is accessed both its word lines pulse, and its own lines float precharged: it is read by
both ports, and nobody looks. **In the column** of a cell that is written its word lines stay off, while one line falls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.cell import read
from bitline.benches.disturb import excursion
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

_EDGE = 50e-12


@validated
class HalfSelect:
    """What the bench varies."""

    select: Literal["row", "bl", "blb"] = parameter(
        "row",
        "row: both word lines pulse, the lines float; bl, blb: this line falls, the word lines are off",
        source="choice",
    )
    stored: int = parameter(1, "bit in the cell: Q", source="choice", ge=0, le=1)
    c_line: float = parameter(10e-15, "capacitance of each floating line", unit="F", source="choice", gt=0, le=1e-9)
    t_pulse: float = parameter(2e-9, "width of the pulse", unit="s", source="choice", gt=_EDGE, le=1e-6)


OUTPUTS = (
    Output("disturb", "V", "largest excursion of a storage node"),
    Output("flips", "1", "1 if the cell changed state"),
    Output("energy_array", "J", "cell supply over the pulse"),
    Output("energy_wordline", "J", "gates of the word lines, as C V^2 from VDD"),
    Output("energy_line", "J", "what the cell costs its lines: their precharge, or what their drivers give"),
)


def canonical(circuit: SplitPort6T, inputs: HalfSelect) -> HalfSelect:
    """Return the inputs with the line's capacitance as it is by default where the lines are driven."""
    if inputs.select == "row":
        return inputs
    return replace(inputs, c_line=HalfSelect().c_line)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: HalfSelect, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one cell beside an access."""
    t = read.schedule(read.Read(t_pulse=inputs.t_pulse))
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/split_port_6t_half_select.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        edge=_EDGE,
        high=inputs.t_pulse - _EDGE,
        vdd=conditions.vdd,
    )
    sources = ["vdd", "vwll", "vwlr"]
    if inputs.select != "row":
        sources += ["vbl", "vblb"]
    nodes = ("bl", "blb", "q", "qb", "wll", "wlr")
    return Deck(
        title=f"{circuit.name} half-selected by {inputs.select}, Q = {inputs.stored}, {conditions}",
        body=body,
        saves=(*(f"v({node})" for node in nodes), *(f"i({source})" for source in sources)),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, HalfSelect]) -> dict[str, float]:
    """Measure what the cell went through."""
    inputs, vdd, stop = setup.inputs, setup.conditions.vdd, float(w.axis[-1])
    disturb, flipped = excursion(w, "v(q)", "v(qb)")
    if inputs.select == "row":
        line = inputs.c_line * vdd * sum(vdd - float(w[f"v({name})"][-1]) for name in ("bl", "blb"))
    else:
        line = sum(w.driver_energy(f"v{name}", name, 0.0, stop) for name in ("bl", "blb"))
    return {
        "disturb": disturb,
        "flips": float(flipped),
        "energy_array": w.energy("vdd", vdd, 0.0, stop),
        "energy_wordline": sum(w.driver_energy(f"v{name}", name, 0.0, stop) for name in ("wll", "wlr")),
        "energy_line": line,
    }


BENCH = Bench(
    name="half-select",
    version=1,
    doc="disturb and cost of a cell in the row or the column of one that is accessed",
    circuits=(SplitPort6T,),
    inputs=HalfSelect,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("half_select", OUTPUTS),
    supplies=Supplies({"energy_array": ("vdd",), "energy_wordline": ("vwll", "vwlr"), "energy_line": ("vbl", "vblb")}),
    canonical=canonical,
)
