"""Events: the energy of a network's operations, from tables of its cells and the order in which its nets switch.

When an input of a cell changes, the cell costs the table's energy from the one state to the other at the mean load of
its outputs, and each output follows after the delay at its own load and at the input's edge, with an edge of its own.
An output that has not settled yet turns back sooner: the delay of a pulse's second edge is ``1 - exp(-width/edge)`` of
the whole, where the width is that without this shortening and the edge the output's own (after the delay degradation
model of Bellido-Diaz et al., IEE Proc. Circuits Devices Syst. 147 (2000) 107, whose time constants are fitted). An
output's pulse that would be shorter than the inertial time, and whose first edge has not come yet, does not come at
all. Of its energy a share is counted, the square of its width over the inertial time: an output that opens gives a
current that grows with time, so that its net has moved by the square of it. A net that rises costs
``(C_wire + C_pins) V^2``, by the cell that drives it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.parameters import finite_number
from bitline.system.logic.cell_table import CellTable
from bitline.system.logic.network import Network

Array = NDArray[np.float64]

INERTIA = 280e-12
"""Inertial time [s] at tt, 1.8 V and 27 degC: of all it has the least rms error of single operations of a compressor
tree 36 wide without wire (`benchmarks/event_model.csv`)."""
ADDER_DELAY = 187.3e-12
"""Mean delay of the full adder there, over its transitions, by the shortest edge of the table and without load [s]."""


def inertial_time(tables: Mapping[str, CellTable]) -> float:
    """Return the inertial time [s] at the condition of some tables: `INERTIA`, longer as the full adder is slower.

    Raises
    ------
    InputError
        If there is no table of the full adder.
    """
    if "fa_1" not in tables:
        raise InputError(f"inertial_time: tables: must have fa_1; there are {', '.join(sorted(tables))}")
    return INERTIA * tables["fa_1"].mean_delay / ADDER_DELAY


@dataclass(frozen=True)
class Operations:
    """What a sequence of operations costs.

    Parameters
    ----------
    energy : ndarray, shape (operations, groups)
        Of each operation by the group of cells that gives it, in the order of `groups` [J].
    groups : tuple of str
        ``drivers`` (cells of the network that only the sources drive) and ``logic`` (all others).
    least : ndarray, shape (operations, groups)
        What they would cost if every cell went once from its old settled state to its new one: without glitches [J].
    settled : ndarray, shape (operations,)
        When the last net of the result switched after the inputs [s]; 0 if none did.
    """

    energy: Array
    groups: tuple[str, ...]
    least: Array
    settled: Array

    @property
    def glitch_share(self) -> float:
        """The part of the energy that a network without glitches would not take."""
        return 1 - float(self.least.sum() / self.energy.sum())


@dataclass
class _Edge:
    """A change of a net: when its middle comes, and how long it takes [s]; a void one does not come."""

    time: float
    length: float
    void: bool = False


@dataclass
class _State:
    """A simulation between two events; times in s from the operation's start."""

    levels: dict[str, int]
    # Of each gate the state of its inputs, and the one that its newest charge counts from, with that charge.
    inputs: list[int]
    origin: list[tuple[int, float]]
    energy: Array
    waiting: list[tuple[float, int, str, int, _Edge]] = field(default_factory=list)
    # Of each net its newest change, whether it has come or not.
    newest: dict[str, _Edge] = field(default_factory=dict)
    count: int = 0
    last: float = 0.0


class EventModel:
    """Gate-level model of a network with load-dependent delays and one inertial time.

    Parameters
    ----------
    network : Network
    tables : mapping of str to CellTable
        By the name of the cell.
    vdd : float
        Supply [V], that of the tables.
    c_net : float
        Wire of each net that a cell drives [F].
    t_edge : float
        Length of the inputs' edges, 0 to 100 % [s].
    inertia : float
        Inertial time [s]: a fitted number, the same for all cells.

    Raises
    ------
    InputError
        If a cell of the network has no table, a table ends below a load, or the inertial time is below 0.
    """

    def __init__(
        self,
        network: Network,
        tables: Mapping[str, CellTable],
        *,
        vdd: float,
        c_net: float,
        t_edge: float,
        inertia: float,
    ) -> None:
        self.vdd = finite_number("vdd", vdd)
        self.t_edge = finite_number("t_edge", t_edge)
        self.inertia = finite_number("inertia", inertia)
        if self.inertia < 0:
            raise InputError(f"EventModel: inertia = {self.inertia:g}: must be 0 or more")
        if missing := {gate.cell for gate in network.gates} - set(tables):
            raise InputError(f"EventModel: tables: has none of {', '.join(sorted(missing))}")
        self.network = network
        self._tables = [tables[gate.cell] for gate in network.gates]
        # Sources give what the drivers' own gates take, which is in neither group.
        self._loads = {net: c_net + self._pins(net) for net in network.nets}
        self._cells = [
            table.loaded([self._loads[net] for net in gate.outputs])
            for table, gate in zip(self._tables, network.gates, strict=True)
        ]
        sources = set(network.inputs)
        self._group = [int(not sources.issuperset(gate.inputs)) for gate in network.gates]

    def _pins(self, net: str) -> float:
        return float(sum(self._tables[gate].pins[pin] for gate, pin in self.network.readers[net]))

    def run(self, levels: Sequence[Sequence[int]], period: float) -> Operations:
        """Simulate a sequence of operations.

        Parameters
        ----------
        levels : sequence of sequence of int
            Level of each of the network's inputs: the settled state before the first operation, then one per operation.
        period : float
            Length of an operation [s], over which each cell leaks in its new state.
        """
        settled = [self.network.settled(row) for row in levels]
        runs = [self._operation(*pair) for pair in pairwise(settled)]
        least = [self._least(*pair) for pair in pairwise(settled)]
        leakage = np.array([self._leakage(state) * period for state in settled[1:]])
        return Operations(
            energy=np.array([state.energy for state in runs]) + leakage,
            groups=("drivers", "logic"),
            least=np.array(least) + leakage,
            settled=np.array([state.last for state in runs]),
        )

    def _operation(self, before: Mapping[str, int], after: Mapping[str, int]) -> _State:
        inputs = [self._inputs(before, gate) for gate in range(len(self.network.gates))]
        state = _State(dict(before), inputs, [(old, 0.0) for old in inputs], np.zeros(2))
        for net in self.network.inputs:
            if before[net] != after[net]:
                self._switch(state, net, _Edge(0.0, self.t_edge))
        while state.waiting:
            _, _, net, gate, edge = heapq.heappop(state.waiting)
            if not edge.void:
                self._drive(state, net, gate, edge)
        if any(state.levels[net] != after[net] for net in self.network.nets):
            raise InputError("EventModel: a net did not settle at the level that its cell's function gives")
        return state

    def _inputs(self, levels: Mapping[str, int], gate: int) -> int:
        """Return the state of a gate's inputs, the first the lowest bit."""
        return sum(levels[net] << k for k, net in enumerate(self.network.gates[gate].inputs))

    def _drive(self, state: _State, net: str, gate: int, edge: _Edge) -> None:
        """Turn an output over."""
        rises = 1 - state.levels[net]
        state.energy[self._group[gate]] += rises * self._loads[net] * self.vdd**2
        if net in self.network.result:
            state.last = max(state.last, edge.time)
        self._switch(state, net, edge)

    def _switch(self, state: _State, net: str, edge: _Edge) -> None:
        """Turn a net over, and let the gates that read it answer."""
        state.levels[net] ^= 1
        # A gate that reads the net with two pins sees one transition of both.
        for gate in dict.fromkeys(gate for gate, _ in self.network.readers[net]):
            self._answer(state, gate, edge)

    def _answer(self, state: _State, gate: int, edge: _Edge) -> None:
        """Charge a gate's transition and schedule its outputs; take back the part of a pulse that is too short."""
        cell, old, new = self._cells[gate], state.inputs[gate], self._inputs(state.levels, gate)
        state.inputs[gate] = new
        origin, charged = state.origin[gate]
        outputs = range(len(self.network.gates[gate].outputs))
        share = min(self._schedule(state, gate, output, (old, new), edge) for output in outputs)
        full = cell.energy(old, new, edge.length)
        if share < 1:
            # Of a pulse that did not come through: its share of both transitions, for the rest the one transition from
            # before it to after it.
            total = share * (charged + full) + (1 - share) * cell.energy(origin, new, edge.length)
            state.energy[self._group[gate]] += total - charged
            state.origin[gate] = (origin, total)
            return
        state.energy[self._group[gate]] += full
        state.origin[gate] = (old, full)

    def _schedule(self, state: _State, gate: int, output: int, states: tuple[int, int], edge: _Edge) -> float:
        """Schedule an output's change; return the share of a pulse that it cancels, else 1."""
        cell, net, kind = self._cells[gate], self.network.gates[gate].outputs[output], self._tables[gate].cell
        old, new = states
        if kind.at(old)[output] == kind.at(new)[output]:
            return 1.0
        delay, length = (of(output, old, new, edge.length) for of in (cell.delay, cell.slew))
        newest = state.newest.get(net)
        if newest is not None and not newest.void:
            width = edge.time + delay - newest.time
            # The second edge may even come before the first, which leaves no width, whatever the inertial time.
            delay *= -math.expm1(-max(width, 0.0) / length)
            width = edge.time + delay - newest.time
            if width <= 0 or (width < self.inertia and newest.time > edge.time):
                newest.void = True
                share = float(width / self.inertia) ** 2 if width > 0 else 0.0
                state.energy[self._group[gate]] += share * self._loads[net] * self.vdd**2
                return share
        at = edge.time + delay
        answer = _Edge(at, length)
        state.newest[net] = answer
        state.count += 1
        heapq.heappush(state.waiting, (at, state.count, net, gate, answer))
        return 1.0

    def _leakage(self, levels: Mapping[str, int]) -> Array:
        """Return what the cells leak at rest, by group [W]."""
        power = np.zeros(2)
        for gate, table in enumerate(self._tables):
            power[self._group[gate]] += table.leakage[self._inputs(levels, gate)]
        return power

    def _least(self, before: Mapping[str, int], after: Mapping[str, int]) -> Array:
        energy = np.zeros(2)
        for gate, cell in enumerate(self.network.gates):
            old, new = self._inputs(before, gate), self._inputs(after, gate)
            if old != new:
                energy[self._group[gate]] += self._cells[gate].energy(old, new, self.t_edge)
            rises = sum(self._loads[net] for net in cell.outputs if after[net] > before[net])
            energy[self._group[gate]] += rises * self.vdd**2
        return energy
