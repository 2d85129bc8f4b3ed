"""Logic cells: the pins of the standard cells that networks are made of, and the function of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bitline.errors import UnknownNameError

Bits = tuple[int, ...]
PLACES = ("first", "second")
"""Of outputs, as the tables of cells name them."""


@dataclass(frozen=True)
class LogicCell:
    """A combinational cell.

    Parameters
    ----------
    name : str
        Of the standard cell: ``"fa_1"``.
    inputs, outputs : tuple of str
        Pins.
    function : callable
        From the inputs' bits to the outputs'.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    function: Callable[[Bits], Bits]

    def at(self, state: int) -> Bits:
        """Return the outputs where the first input is the lowest bit of `state`."""
        return self.function(tuple(state >> k & 1 for k in range(len(self.inputs))))

    @property
    def states(self) -> int:
        """How many combinations of inputs there are."""
        return int(2 ** len(self.inputs))


def _count(bits: Bits) -> Bits:
    """Return carry and sum: the number of ones in two bits."""
    return sum(bits) >> 1, sum(bits) & 1


_CELLS = (
    LogicCell("inv_2", ("A",), ("Y",), lambda bits: (1 - bits[0],)),
    LogicCell("and2_1", ("A", "B"), ("X",), lambda bits: (bits[0] & bits[1],)),
    LogicCell("nor2_1", ("A", "B"), ("Y",), lambda bits: (1 - (bits[0] | bits[1]),)),
    LogicCell("ha_1", ("A", "B"), ("COUT", "SUM"), _count),
    LogicCell("fa_1", ("A", "B", "CIN"), ("COUT", "SUM"), _count),
)
LOGIC_CELLS = {cell.name: cell for cell in _CELLS}


def logic_cell(name: str) -> LogicCell:
    """Return the cell of that name; raises `UnknownNameError` with the nearest one."""
    if name not in LOGIC_CELLS:
        raise UnknownNameError("logic cell", name, LOGIC_CELLS)
    return LOGIC_CELLS[name]
