"""The pins of a standard cell alone: what drives them, and the deck of transitions one after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk
from bitline.system.logic.cells import Bits

Points = list[tuple[float, float]]


def driven(circuit: CombinationalCell) -> dict[str, str]:
    """Return the sources of the inputs, and the node of each."""
    return {f"vp{pin.lower()}": f"pin_{pin.lower()}" for pin in circuit.kind.inputs}


def outputs(circuit: CombinationalCell) -> list[str]:
    """Return the nodes of the outputs."""
    return [f"pin_{pin.lower()}" for pin in circuit.kind.outputs]


def state_bits(circuit: CombinationalCell, field: str, state: int) -> Bits:
    """Return the inputs of a state, the first the lowest bit; raises `InputError` if the cell has it not."""
    if state >= circuit.kind.states:
        raise InputError(f"{field} = {state}: {circuit.cell} has the states 0..{circuit.kind.states - 1}")
    return tuple(state >> k & 1 for k in range(len(circuit.kind.inputs)))


def ramps(states: Sequence[Bits], starts: Sequence[float], edge: float) -> list[Points]:
    """Return the corners of each pin's course through states, in s and in parts of the supply.

    Edges of one pin that overlap add up: a pulse that is shorter than its edge does not reach the other level.
    """
    instants: list[float] = [0, *starts, *(start + edge for start in starts)]
    if len(starts) > 1:  # instants of two edges that are equal but for rounding would be two corners in one place
        instants = [round(at, 18) for at in instants]
    corners = sorted(set(instants))
    courses = []
    for levels in zip(*states, strict=True):
        steps = [after - before for before, after in pairwise(levels)]
        courses.append([(at, levels[0] + _risen(at, steps, starts, edge)) for at in corners])
    return courses


def _risen(at: float, steps: Sequence[int], starts: Sequence[float], edge: float) -> float:
    return sum(
        step * min(1.0, max(0.0, (at - start) / edge)) for step, start in zip(steps, starts, strict=True) if step
    )


def cell_deck(
    circuit: CombinationalCell,
    conditions: Conditions,
    pdk: Pdk,
    schedule: Schedule,
    courses: Sequence[Points],
    title: str,
    *,
    full: bool,
) -> Deck:
    """Build the deck in which each pin takes its course."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/combinational_cell_pins.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, courses=courses
    )
    sources = [vector for s, node in driven(circuit).items() for vector in (f"v({node})", f"i({s})")]
    return Deck(
        title=title,
        body=body,
        saves=("i(vdd)", *sources, *(f"v({node})" for node in outputs(circuit))),
        analysis=Transient(schedule.end),
        options=LEAKAGE,
        phases=schedule.phases,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )
