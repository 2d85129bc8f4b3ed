"""Events: the energy of a network's operations, from tables of its cells and the order in which its nets switch.

When an input of a cell changes, the cell costs the table's energy from the one state to the other at the mean load of
its outputs, and each output follows after the delay at its own load and at the input's edge, with an edge of its own.
A net that rises costs ``(C_wire + C_pins) V^2``, by the cell that drives it.

What a second change does that comes before the cell has answered to the first is read from the table of pairs of
changes (`bitline.system.logic.pairs`), at the time between them: the energy that it adds or saves, how much sooner or
later an output comes, and of an output that turns back the width of its pulse. A pulse that does not reach half the
supply does not come. Of three changes in a row the second pair counts as much as there was of the state between the
first two: what a state that was not reached would have cost is saved once.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.parameters import finite_number
from bitline.system.logic.cell_table import LoadedCell
from bitline.system.logic.library import CellLibrary
from bitline.system.logic.network import Network
from bitline.system.logic.pairs import LoadedPairs, Pair

Array = NDArray[np.float64]

PASSES = 0.5
"""Swing of a pulse over the supply from which on the cells behind it see it."""


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
class _Change:
    """A change of a gate's inputs: when, from which state to which, with what edge.

    `share` is how much of the new state there is, 1 until a next change is known.
    """

    edge: _Edge
    old: int
    new: int
    share: float = 1.0


@dataclass
class _State:
    """A simulation between two events; times in s from the operation's start."""

    levels: dict[str, int]
    # Of each gate the state of its inputs, and its newest change.
    inputs: list[int]
    energy: Array
    changes: dict[int, _Change] = field(default_factory=dict)
    waiting: list[tuple[float, int, str, int, _Edge]] = field(default_factory=list)
    # Of each net its newest edge, whether it has come or not, and the change of inputs that made it.
    newest: dict[str, _Edge] = field(default_factory=dict)
    origin: dict[str, _Change] = field(default_factory=dict)
    count: int = 0
    last: float = 0.0

    def pending(self, net: str, time: float) -> bool:
        """Tell whether an edge of the net is still to come."""
        newest = self.newest.get(net)
        return newest is not None and not newest.void and newest.time > time

    def send(self, net: str, gate: int, edge: _Edge) -> None:
        """Schedule an edge."""
        self.newest[net] = edge
        self.count += 1
        heapq.heappush(self.waiting, (edge.time, self.count, net, gate, edge))


class EventModel:
    """Gate-level model of a network with load-dependent delays and measured pairs of changes.

    Parameters
    ----------
    network : Network
    library : CellLibrary
        Tables of its cells.
    c_net : float
        Wire of each net that a cell drives [F].
    t_edge : float
        Length of the inputs' edges, 0 to 100 % [s].

    Raises
    ------
    InputError
        If a cell of the network has no table, or a table ends below a load.
    """

    def __init__(self, network: Network, library: CellLibrary, *, c_net: float, t_edge: float) -> None:
        self.vdd = library.vdd
        self.t_edge = finite_number("t_edge", t_edge)
        if missing := {gate.cell for gate in network.gates} - set(library.cells):
            raise InputError(f"EventModel: tables: has none of {', '.join(sorted(missing))}")
        self.network = network
        self._tables = [library.cells[gate.cell] for gate in network.gates]
        # Sources give what the drivers' own gates take, which is in neither group.
        self._loads = {net: c_net + self._pins(net) for net in network.nets}
        self._cells: list[LoadedCell] = []
        self._pairs: list[LoadedPairs | None] = []
        for gate in network.gates:
            loads = [self._loads[net] for net in gate.outputs]
            self._cells.append(library.cells[gate.cell].loaded(loads))
            pairs = library.pairs.get(gate.cell)
            self._pairs.append(pairs.loaded(loads) if pairs else None)
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
        state = _State(dict(before), inputs, np.zeros(2))
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
        """Charge a gate's transition, and let its outputs follow."""
        old, new = state.inputs[gate], self._inputs(state.levels, gate)
        before, change = state.changes.get(gate), _Change(edge, old, new)
        state.inputs[gate], state.changes[gate] = new, change
        pair = None if before is None else self._pair(state, gate, before, change)
        energy = self._cells[gate].energy(old, new, edge.length)
        if before is not None and pair is not None:
            energy += before.share * pair.energy
            change.share = pair.share
        kind = self._tables[gate].cell
        for output, net in enumerate(self.network.gates[gate].outputs):
            follows = state.pending(net, edge.time) and state.origin[net] is before
            if kind.at(old)[output] != kind.at(new)[output]:
                came = self._turn(state, gate, output, change, pair)
                # The pair's energy has the charge of its pulse's load, which does not flow if none comes.
                energy += 0.0 if came or not follows else self._loads[net] * self.vdd**2
            elif pair is not None and follows:
                # Another input hastens or delays the edge that is still to come.
                newest = state.newest[net]
                newest.void = True
                state.send(net, gate, _Edge(max(newest.time + pair.shift[output], edge.time), newest.length))
        state.energy[self._group[gate]] += energy

    def _pair(self, state: _State, gate: int, before: _Change, change: _Change) -> Pair | None:
        """Return the pair that a change makes with the one before it; None if it comes far behind."""
        pairs, cell = self._pairs[gate], self.network.gates[gate]
        if pairs is not None:
            return pairs.at(before.old, before.new, change.new, change.edge.time - before.edge.time)
        if any(state.pending(net, change.edge.time) for net in cell.outputs):
            raise InputError(f"EventModel: no pairs of {cell.cell}, whose inputs change before its output has settled")
        return None

    def _turn(self, state: _State, gate: int, output: int, change: _Change, pair: Pair | None) -> bool:
        """Let an output turn over; return False if it makes a pulse too short to come, which is taken back."""
        cell, net, edge = self._cells[gate], self.network.gates[gate].outputs[output], change.edge
        delay, length = (of(output, change.old, change.new, edge.length) for of in (cell.delay, cell.slew))
        at, newest = edge.time + delay, state.newest.get(net)
        if newest is None or newest.void:
            at += 0.0 if pair is None else pair.shift[output]
        else:
            pulse = self._pulse(state, gate, output, change)
            if pulse is not None and pulse.swing[output] < PASSES and newest.time > edge.time:
                newest.void = True
                return False
            if pulse is not None and pulse.width[output] > 0:
                at = newest.time + pulse.width[output]
            at = max(at, newest.time)
        state.origin[net] = change
        state.send(net, gate, _Edge(max(at, edge.time), length))
        return True

    def _pulse(self, state: _State, gate: int, output: int, change: _Change) -> Pair | None:
        """Return the pair that makes an output's pulse; None if its changes are apart or no table has it."""
        pairs, origin = self._pairs[gate], state.origin[self.network.gates[gate].outputs[output]]
        if pairs is None:
            return None
        gap = change.edge.time - origin.edge.time
        if origin.new == change.old:
            # The table's edges are alike; longer ones delay each change by what they add to its own delay.
            gap += self._late(gate, output, change) - self._late(gate, output, origin)
            return pairs.at(origin.old, origin.new, change.new, gap)
        # Inputs that do not move the output have changed meanwhile: as if they had before.
        before, kind = change.old ^ origin.old ^ origin.new, self._tables[gate].cell
        if kind.at(before)[output] != kind.at(change.new)[output]:
            return None
        return pairs.at(before, change.old, change.new, gap)

    def _late(self, gate: int, output: int, change: _Change) -> float:
        """Return how much longer an output's delay is than with edges as long as in the table of pairs [s]."""
        pairs = self._pairs[gate]
        if pairs is None:
            return 0.0
        of = self._cells[gate].delay
        return of(output, change.old, change.new, change.edge.length) - of(output, change.old, change.new, pairs.t_edge)

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
