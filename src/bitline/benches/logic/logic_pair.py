"""Logic-pair bench: two inputs of a standard cell that change one after the other, or one that changes and returns.

Where the second change comes before the cell has answered to the first, energy and delays are not those of the two
transitions apart: a pulse of the output forms in part or not at all, and transistors that open together drive harder.
"""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.logic.cell_pins import cell_deck, driven, outputs, ramps, state_bits
from bitline.benches.reducers import one_table
from bitline.benches.schedule import Schedule
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.deck import Deck, Phase
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class LogicPair:
    """What the logic-pair bench varies: the cell's first input is the lowest bit of a state, and number 0."""

    before: int = parameter(0, "state of the inputs before both changes", source="choice", ge=0)
    first: int = parameter(0, "number of the input that changes first", source="choice", ge=0)
    second: int = parameter(1, "number of the input that changes then; the same one returns", source="choice", ge=0)
    t_gap: float = parameter(
        80e-12, "time from the first change to the second", unit="s", source="choice", ge=0, le=1e-7
    )

    @property
    def states(self) -> tuple[int, int, int]:
        """States before, between and after the changes."""
        between = self.before ^ 1 << self.first
        return self.before, between, between ^ 1 << self.second


OUTPUTS = (
    Output("right", "1", "1 if every output ends at the level of the cell's function"),
    Output("energy_cell", "J", "what the cell's supply gives for both changes, with the charge of the loads"),
    Output("energy_pins", "J", "what drivers of the pins take from their rail"),
    Output("swing_first", "1", "farthest that the first output is from its level before, over the supply"),
    Output("swing_second", "1", "the same of the second output; 0 of a cell with one"),
    Output("width_first", "s", "from the first output's first crossing of the middle to its last; 0 of fewer than two"),
    Output("width_second", "s", "the same of the second output; 0 of a cell with one"),
    Output("delay_first", "s", "from the middle of the second edge to the first output's last crossing; 0 of none"),
    Output("delay_second", "s", "the same of the second output; 0 of a cell with one"),
)
_SUPPLIES = Supplies({"energy_cell": ("vdd",), "energy_pins": ("vp*",)})


def schedule(circuit: CombinationalCell, inputs: LogicPair) -> Schedule:
    """Return the schedule: a moment at rest, then both changes."""
    t = {"first": 0.1e-9, "second": 0.1e-9 + inputs.t_gap}
    end = t["second"] + circuit.t_edge + circuit.t_settle
    return Schedule(t, end, (Phase("changes", t["first"], end),))


def deck(
    circuit: CombinationalCell, conditions: Conditions, inputs: LogicPair, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the deck of both changes; raises `InputError` for a state or an input that the cell has not."""
    for field in ("first", "second"):
        if (number := getattr(inputs, field)) >= len(circuit.kind.inputs):
            raise InputError(f"{field} = {number}: {circuit.cell} has the inputs 0..{len(circuit.kind.inputs) - 1}")
    t = schedule(circuit, inputs)
    states = [state_bits(circuit, "before", state) for state in inputs.states]
    courses = ramps(states, [t["first"], t["second"]], circuit.t_edge)
    title = f"{circuit.name} {circuit.cell}, {' to '.join(map(str, inputs.states))}, {conditions}"
    return cell_deck(circuit, conditions, pdk, t, courses, title, full=full)


def measure(w: Waveforms, setup: Setup[CombinationalCell, LogicPair]) -> dict[str, float]:
    """Measure both changes."""
    circuit, vdd, t = setup.circuit, setup.conditions.vdd, schedule(setup.circuit, setup.inputs)
    nodes, bits = outputs(circuit), circuit.kind.at(setup.inputs.states[-1])
    levels = [float(w[f"v({node})"][-1]) / vdd for node in nodes]
    start, stop = t["first"], float(w.axis[-1])
    values = {
        "right": float(all(abs(level - bit) < 0.1 for level, bit in zip(levels, bits, strict=True))),
        "energy_cell": w.energy("vdd", vdd, start, stop),
        "energy_pins": sum(w.driver_energy(source, node, start, stop) for source, node in driven(circuit).items()),
    }
    middle = t["second"] + circuit.t_edge / 2
    for k, place in enumerate(("first", "second")):
        crossings = _crossings(w, nodes[k], vdd / 2) if k < len(nodes) else []
        values |= {
            f"swing_{place}": _swing(w, nodes[k], vdd) if k < len(nodes) else 0.0,
            f"width_{place}": crossings[-1] - crossings[0] if crossings else 0.0,
            f"delay_{place}": crossings[-1] - middle if crossings else 0.0,
        }
    return values


def _crossings(w: Waveforms, node: str, level: float) -> list[float]:
    return sorted(at for rising in (False, True) for at in w.crossings(f"v({node})", level, rising=rising))


def _swing(w: Waveforms, node: str, vdd: float) -> float:
    """Return the farthest from the level before, towards the other one."""
    voltage = w[f"v({node})"]
    starts_high = voltage[0] > vdd / 2
    return float(vdd - voltage.min() if starts_high else voltage.max()) / vdd


BENCH = Bench(
    name="logic-pair",
    version=1,
    doc="two inputs of a standard cell that change one after the other: energy, pulses, delays",
    circuits=(CombinationalCell,),
    inputs=LogicPair,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    supplies=_SUPPLIES,
)
