"""Popcount bench of the adder tree: operations in a row, each counted, with its energy and its time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.levels import shows
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.lut.operation import Choices, Energy, Operation, Success, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.system.logic.events import EventModel
from bitline.system.logic.library import CellLibrary
from bitline.system.logic.popcount import popcount_levels

Array = NDArray[np.float64]
Bits = NDArray[np.int64]


@validated
class Popcount:
    """What the popcount bench varies."""

    operations: int = parameter(8, "operations, without the first state and the idle end", source="choice", ge=1)
    p_input: float = parameter(0.5, "probability that an input is 1", source="assumed", ge=0, le=1)
    p_weight: float = parameter(0.5, "probability that a weight is 1", source="assumed", ge=0, le=1)
    p_redraw: float = parameter(
        1.0, "probability that an operation draws an input anew instead of keeping it", source="assumed", ge=0, le=1
    )
    operand_seed: int = parameter(1, "seed of inputs and weights", source="choice", ge=0)

    def operands(self, width: int) -> tuple[Bits, Bits]:
        """Draw the operands.

        An input toggles from one operation to the next with probability ``2 p_redraw p_input (1 - p_input)``.

        Returns
        -------
        inputs : array, shape (operations + 2, width)
            The state before the operations, these, and the last one again.
        weights : array, shape (width,)
        """
        generator = np.random.Generator(np.random.PCG64(self.operand_seed))
        weights = (generator.random(width) < self.p_weight).astype(np.int64)
        inputs = [generator.random(width) < self.p_input]
        for _ in range(self.operations):
            anew, drawn = generator.random(width) < self.p_redraw, generator.random(width) < self.p_input
            inputs.append(np.where(anew, drawn, inputs[-1]))
        return np.array([*inputs, inputs[-1]]).astype(np.int64), weights


OUTPUTS = (
    Output("errors", "1", "operations whose result has a bit that is no clear 0 or 1, or is wrong"),
    Output("energy_logic", "J", "multipliers and tree, per operation"),
    Output("energy_spread", "J", "standard deviation of that over the operations"),
    Output("energy_drivers", "J", "drivers of the inputs with the multipliers' gates, per operation"),
    Output("energy_inputs", "J", "what the drivers' own gates and the static weights take, per operation"),
    Output("energy_total", "J", "logic, drivers and inputs, per operation"),
    Output(
        "energy_idle",
        "J",
        "logic and drivers over an operation in which no input changes: leakage, and what the one before left",
    ),
    Output("energy_leakage", "J", "the same before the first operation, where all nodes have settled: leakage alone"),
    Output("t_critical", "s", "from the inputs' edge to the last change of the result, the longest of all operations"),
)
_SUPPLIES = Supplies({"energy_logic": ("vdd",), "energy_drivers": ("vdrv",), "energy_inputs": ("vi*", "vw*")})


def levels(circuit: AdderTree, inputs: Popcount) -> list[list[int]]:
    """Return the level of each source in each operation, the state before them first and the idle end last."""
    rows, weights = inputs.operands(circuit.width)
    return [popcount_levels(row.tolist(), weights.tolist(), circuit.multiplier) for row in rows]


def event_model(circuit: AdderTree, library: CellLibrary) -> EventModel:
    """Return the event model of a tree, which runs `levels`."""
    return EventModel(circuit.network, library, c_net=circuit.c_net, t_edge=circuit.t_edge)


def deck(circuit: AdderTree, conditions: Conditions, inputs: Popcount, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of a sequence of operations."""
    devices, period = netlist(conditions, pdk, full=full), circuit.t_operation
    body = render_circuit(
        "benches/adder_tree_popcount.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        levels=levels(circuit, inputs),
    )
    names = ["before", *(f"operation {k}" for k in range(inputs.operations)), "idle"]
    return Deck(
        title=f"{circuit.name} popcount, {inputs.operations} operations of seed {inputs.operand_seed}, {conditions}",
        body=body,
        saves=(
            "i(vdd)",
            "i(vdrv)",
            *(vector for s, node in _driven(circuit).items() for vector in (f"v({node})", f"i({s})")),
            *(f"v({node})" for node in circuit.network.result),
        ),
        analysis=Transient(len(names) * period),
        options=LEAKAGE,
        phases=tuple(Phase(name, k * period, (k + 1) * period) for k, name in enumerate(names)),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _driven(circuit: AdderTree) -> dict[str, str]:
    """Return the ideal sources that drive gates, and the node of each."""
    return {f"v{net}": net for net in circuit.network.inputs}


def energies(w: Waveforms, setup: Setup[AdderTree, Popcount], supply: str = "vdd") -> Array:
    """Return what a supply gives in each operation and in the idle one after them [J], shape (operations + 1,)."""
    period, vdd = setup.circuit.t_operation, setup.conditions.vdd
    starts = [(k + 1) * period for k in range(setup.inputs.operations + 1)]
    return np.array([w.energy(supply, vdd, start, start + period) for start in starts])


def measure(w: Waveforms, setup: Setup[AdderTree, Popcount]) -> dict[str, float]:
    """Measure the operations.

    The state before them is of the operating point: what the supplies give there is leakage, and in no other energy.
    After an operation nodes inside the cells still charge through transistors that are off, with a current that falls
    about as one over the time: the idle operation takes many times the leakage, which it reaches after microseconds.
    """
    circuit, count = setup.circuit, setup.inputs.operations
    vdd, logic, drivers = setup.conditions.vdd, energies(w, setup), energies(w, setup, "vdrv")
    start, stop = circuit.t_operation, (count + 1) * circuit.t_operation
    inputs = sum(w.driver_energy(source, node, start, stop) for source, node in _driven(circuit).items()) / count
    values = {
        "energy_logic": float(logic[:-1].mean()),
        "energy_spread": float(logic[:-1].std()),
        "energy_drivers": float(drivers[:-1].mean()),
        "energy_inputs": inputs,
    }
    return {
        "errors": float(_errors(w, setup)),
        **values,
        "energy_total": values["energy_logic"] + values["energy_drivers"] + inputs,
        "energy_idle": float(logic[-1] + drivers[-1]),
        "energy_leakage": sum(w.energy(supply, vdd, 0.0, start) for supply in ("vdd", "vdrv")),
        "t_critical": max(_settled(w, setup, k) for k in range(count)),
    }


def _errors(w: Waveforms, setup: Setup[AdderTree, Popcount]) -> int:
    """Count the operations, the idle one among them, that do not end with the sum of the products."""
    period, vdd = setup.circuit.t_operation, setup.conditions.vdd
    rows, weights = setup.inputs.operands(setup.circuit.width)
    errors = 0
    for k, expected in enumerate((rows @ weights).tolist()):
        # Just before the next inputs come.
        end = (k + 1) * period - setup.circuit.t_edge / 2
        shares = [w.at(f"v({node})", end) / vdd for node in setup.circuit.network.result]
        errors += not shows(shares, expected)
    return errors


def _settled(w: Waveforms, setup: Setup[AdderTree, Popcount], operation: int) -> float:
    """Return when the result last changed after the middle of the inputs' edge [s]; 0 if it did not."""
    period, half = setup.circuit.t_operation, setup.conditions.vdd / 2
    start = (operation + 1) * period
    inside = np.flatnonzero((w.axis > start) & (w.axis < start + period))
    if not len(inside):
        raise BadMeasureError(f"no point of the transient lies in operation {operation}")
    last = 0.0
    for node in setup.circuit.network.result:
        high = w[f"v({node})"][inside] > half
        changes = np.flatnonzero(high[1:] != high[:-1])
        if len(changes):
            last = max(last, float(w.axis[inside[changes[-1] + 1]]) - start - setup.circuit.t_edge / 2)
    return last


def operation(circuit: AdderTree) -> Operation:
    """Return one popcount as data."""
    energy = Energy(
        variable="energy_total",
        event=f"{circuit.width} one-bit products counted",
        includes=("multipliers", "adder tree", "input drivers", "gates of the input drivers"),
        excludes=("weights' read", "input registers", "result register", "clock tree"),
        convention="supply integrals over whole operations, averaged; new inputs each time, weights static",
        supplies=_SUPPLIES,
        components={},
        beyond=("the weights' read", "registers"),
    )
    return Operation(
        event=f"{circuit.width} one-bit products counted",
        energy=energy,
        operands=Choices(("operand_seed",)),
        cycle=circuit.t_operation,
        latency="t_critical",
        success=Success("errors", 0.0),
    )


BENCH = Bench(
    name="popcount",
    version=1,
    doc="operations in a row: count, energy per operation, critical path, leakage",
    circuits=(AdderTree,),
    inputs=Popcount,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    operation=operation,
    supplies=_SUPPLIES,
)
