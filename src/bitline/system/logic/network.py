"""Network: cells and the nets between them, in an order in which each cell's inputs come before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bitline.errors import InputError
from bitline.system.logic.cells import LogicCell, logic_cell


@dataclass(frozen=True)
class Gate:
    """One cell in a network.

    Parameters
    ----------
    name : str
        Of the instance.
    cell : str
        Of the standard cell: ``"fa_1"``.
    nets : mapping of str to str
        The net of each pin.
    """

    name: str
    cell: str
    nets: Mapping[str, str]

    @property
    def kind(self) -> LogicCell:
        """Pins and function of its cell."""
        return logic_cell(self.cell)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Nets of its inputs, in the order of the cell's pins."""
        return tuple(self.nets[pin] for pin in self.kind.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Nets of its outputs, in the order of the cell's pins."""
        return tuple(self.nets[pin] for pin in self.kind.outputs)


@dataclass(frozen=True)
class Network:
    """A combinational network.

    Parameters
    ----------
    inputs : tuple of str
        Nets that sources drive.
    gates : tuple of Gate
        Each after those that drive its inputs.
    result : tuple of str
        Nets of the binary result, the least significant first.

    Raises
    ------
    InputError
        If a net has two drivers, or a gate reads one that nothing drives before it.
    """

    inputs: tuple[str, ...]
    gates: tuple[Gate, ...]
    result: tuple[str, ...]

    def __post_init__(self) -> None:
        driven = set(self.inputs)
        for gate in self.gates:
            if missing := set(gate.inputs) - driven:
                raise InputError(f"network: gate {gate.name}: nothing before it drives {', '.join(sorted(missing))}")
            if twice := set(gate.outputs) & driven:
                raise InputError(f"network: gate {gate.name}: {', '.join(sorted(twice))} has a driver already")
            driven.update(gate.outputs)

    @property
    def nets(self) -> tuple[str, ...]:
        """Every net that a cell drives."""
        return tuple(net for gate in self.gates for net in gate.outputs)

    @cached_property
    def readers(self) -> dict[str, list[tuple[int, int]]]:
        """Of each net the gates (by position) that read it, and with which pin (by position)."""
        readers: dict[str, list[tuple[int, int]]] = {net: [] for net in (*self.inputs, *self.nets)}
        for position, gate in enumerate(self.gates):
            for pin, net in enumerate(gate.inputs):
                readers[net].append((position, pin))
        return readers

    def count(self, cell: str) -> int:
        """Return how many gates are of that cell."""
        return sum(gate.cell == cell for gate in self.gates)

    def settled(self, levels: Sequence[int]) -> dict[str, int]:
        """Return the level of every net when nothing moves any more, for one level per input."""
        state = dict(zip(self.inputs, levels, strict=True))
        for gate in self.gates:
            bits = gate.kind.function(tuple(state[net] for net in gate.inputs))
            state.update(zip(gate.outputs, bits, strict=True))
        return state

    def value(self, levels: Sequence[int]) -> int:
        """Return the number that the result stands for."""
        state = self.settled(levels)
        return sum(state[net] << k for k, net in enumerate(self.result))
