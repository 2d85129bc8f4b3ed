"""Axes and outputs that a panel knows by what they are: the LUT's operation says how they are called.

A LUT without an operation, such as one over rows, is read by their usual names.
"""

from __future__ import annotations

from collections.abc import Callable

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Products

Name = str | Callable[[Lut], str]
"""The name of an axis or variable, or how a LUT's operation names it."""


def resolved(lut: Lut, name: Name) -> str:
    """Return the name that an axis or variable has in a LUT; ``""`` where the LUT cannot have it."""
    return name if isinstance(name, str) else name(lut)


def products(lut: Lut) -> Products | None:
    """Return the LUT's operands if its operation adds up products."""
    return None if lut.operation is None else lut.operation.products


def code(lut: Lut) -> str:
    """Return the axis with sums of products 0 and 1; ``"code"`` where no operation names it."""
    sums = products(lut)
    if sums is None:
        return "code"
    return "" if sums.signed else sums.axis


def mac(lut: Lut) -> str:
    """Return the axis with sums of products -1, 0 and 1; ``"mac"`` where no operation names it."""
    sums = products(lut)
    if sums is None:
        return "mac"
    return sums.axis if sums.signed else ""


def pairs(lut: Lut) -> str:
    """Return the axis with the pairs of +1 and -1 that cancel; ``"extra"`` where no operation names it."""
    sums = products(lut)
    return "extra" if sums is None else sums.pairs


def output(lut: Lut) -> str:
    """Return the variable with the sum of a column with products 0 and 1; ``"v_line"`` where no operation names it."""
    sums = products(lut)
    return "v_line" if sums is None else sums.output


def difference(lut: Lut) -> str:
    """Return the variable with the sum of a ternary column; ``"v_diff"`` where no operation names it."""
    sums = products(lut)
    return "v_diff" if sums is None else sums.output


def sharing(lut: Lut) -> bool:
    """Return whether the output is a mean over all cells (charge redistribution), not a sum."""
    sums = products(lut)
    return sums is not None and sums.sharing


def analog_input(lut: Lut) -> str:
    """Return the axis with a converter's or comparator's input; ``"v_diff"`` where no operation names it."""
    operands = lut.operation.operands if lut.operation is not None else None
    return operands.names[0] if isinstance(operands, Choices) else "v_diff"
