"""Logic-cell bench: one transition of a standard cell's pins, its energy and its delays."""

from __future__ import annotations

from dataclasses import dataclass

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.logic.cell_pins import cell_deck, driven, outputs, ramps, state_bits
from bitline.benches.reducers import one_table
from bitline.benches.schedule import Schedule
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.deck import Deck, Phase
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class LogicTransition:
    """What the logic-cell bench varies: the cell's first input is the lowest bit of a state."""

    before: int = parameter(0, "state of the inputs before the transition", source="choice", ge=0)
    after: int = parameter(7, "state of the inputs after the transition", source="choice", ge=0)


OUTPUTS = (
    Output("right", "1", "1 if every output ends at the level of the cell's function"),
    Output("energy_cell", "J", "what the cell's supply gives, with the charge of the loads"),
    Output("energy_pins", "J", "what drivers of the pins take from their rail"),
    Output("delay_first", "s", "from the middle of the edge to that of the first output; 0 if it does not switch"),
    Output("delay_second", "s", "the same of the second output; 0 of a cell with one"),
    Output(
        "slew_first", "s", "edge of the first output, 0 to 100 %: 5/3 of that from 20 to 80 %; 0 if it does not switch"
    ),
    Output("slew_second", "s", "the same of the second output; 0 of a cell with one"),
)
_SLEW_SHARES = (0.2, 0.8)
_SUPPLIES = Supplies({"energy_cell": ("vdd",), "energy_pins": ("vp*",)})


def schedule(circuit: CombinationalCell) -> Schedule:
    """Return the schedule: a moment at rest, then the transition."""
    t = {"edge": 0.1e-9}
    end = t["edge"] + circuit.t_edge + circuit.t_settle
    return Schedule(t, end, (Phase("transition", t["edge"], end),))


def deck(
    circuit: CombinationalCell, conditions: Conditions, inputs: LogicTransition, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the deck of one transition; raises `InputError` for a state that the cell has not."""
    t = schedule(circuit)
    states = [state_bits(circuit, "before", inputs.before), state_bits(circuit, "after", inputs.after)]
    courses = ramps(states, [t["edge"]], circuit.t_edge)
    title = f"{circuit.name} {circuit.cell}, {inputs.before} to {inputs.after}, {conditions}"
    return cell_deck(circuit, conditions, pdk, t, courses, title, full=full)


def measure(w: Waveforms, setup: Setup[CombinationalCell, LogicTransition]) -> dict[str, float]:
    """Measure one transition."""
    circuit, vdd = setup.circuit, setup.conditions.vdd
    start, stop = schedule(circuit)["edge"], float(w.axis[-1])
    nodes, bits = outputs(circuit), circuit.kind.at(setup.inputs.after)
    levels = [float(w[f"v({node})"][-1]) / vdd for node in nodes]
    edges = [_edge(w, setup, k) for k in range(len(nodes))]
    return {
        "right": float(all(abs(level - bit) < 0.1 for level, bit in zip(levels, bits, strict=True))),
        "energy_cell": w.energy("vdd", vdd, start, stop),
        "energy_pins": sum(w.driver_energy(source, node, start, stop) for source, node in driven(circuit).items()),
        "delay_first": edges[0].delay,
        "delay_second": edges[-1].delay if len(edges) > 1 else 0.0,
        "slew_first": edges[0].slew,
        "slew_second": edges[-1].slew if len(edges) > 1 else 0.0,
    }


@dataclass(frozen=True)
class _Edge:
    """An output's last edge: its middle after that of the pins, and its length [s]."""

    delay: float = 0.0
    slew: float = 0.0


def _edge(w: Waveforms, setup: Setup[CombinationalCell, LogicTransition], output: int) -> _Edge:
    """Return how an output answers; zeros if it does not switch, or never arrives, which `right` says."""
    kind, inputs, vdd = setup.circuit.kind, setup.inputs, setup.conditions.vdd
    old, new = (kind.at(state)[output] for state in (inputs.before, inputs.after))
    if old == new:
        return _Edge()
    node = f"v({outputs(setup.circuit)[output]})"
    low, high = _SLEW_SHARES
    begin, middle, end = (w.crossings(node, abs(old - share) * vdd, rising=new > old) for share in (low, 0.5, high))
    if not end:
        return _Edge()
    start = schedule(setup.circuit)["edge"] + setup.circuit.t_edge / 2
    return _Edge(middle[-1] - start, (end[-1] - begin[-1]) / (high - low))


BENCH = Bench(
    name="logic-cell",
    version=2,
    doc="one transition of a standard cell's inputs: energy of cell and pins, delays",
    circuits=(CombinationalCell,),
    inputs=LogicTransition,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    supplies=_SUPPLIES,
)
