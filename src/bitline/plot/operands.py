"""Axes and outputs that a panel knows by what they are: the LUT's operation says how they are called.

A LUT without an operation, such as one over rows, is read by their usual names.
"""

from __future__ import annotations

from collections.abc import Callable

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Products, uniform_bits, uniform_trits

Name = str | Callable[[Lut], str]
"""The name of an axis or variable, or how a LUT's operation names it."""

_BITS = uniform_bits("code", 1)
"""Names in a LUT without an operation, of products 0 and 1."""
_TRITS = uniform_trits("mac", 1, pairs="extra", output="v_diff")
"""The same of products -1, 0 and 1."""


def resolved(lut: Lut, name: Name) -> str:
    """Return the name that an axis or variable has in a LUT; ``""`` where the LUT cannot have it."""
    if isinstance(name, str):
        return name
    return name(lut)


def products(lut: Lut) -> Products | None:
    """Return the LUT's operands if its operation adds up products."""
    if lut.operation is None:
        return None
    return lut.operation.products


def code(lut: Lut) -> str:
    """Return the axis with sums of products 0 and 1; ``"code"`` where no operation names it."""
    sums = products(lut) or _BITS
    # A signed axis is `mac`'s: no table is drawn as both kinds of column.
    if sums.signed:
        return ""
    return sums.axis


def mac(lut: Lut) -> str:
    """Return the axis with sums of products -1, 0 and 1; ``"mac"`` where no operation names it."""
    sums = products(lut) or _TRITS
    if not sums.signed:
        return ""
    return sums.axis


def pairs(lut: Lut) -> str:
    """Return the axis with the pairs of +1 and -1 that cancel; ``"extra"`` where no operation names it."""
    return (products(lut) or _TRITS).pairs


def output(lut: Lut) -> str:
    """Return the variable with the sum of a column with products 0 and 1; ``"v_line"`` where no operation names it."""
    return (products(lut) or _BITS).output


def difference(lut: Lut) -> str:
    """Return the variable with the sum of a ternary column; ``"v_diff"`` where no operation names it."""
    return (products(lut) or _TRITS).output


def sharing(lut: Lut) -> bool:
    """Return whether the output is a mean over all cells (charge redistribution), not a sum."""
    return (products(lut) or _BITS).sharing


def choices(lut: Lut) -> tuple[str, ...]:
    """Return the axes whose values are the operands, each as frequent as the others."""
    if lut.operation is None or not isinstance(lut.operation.operands, Choices):
        return ()
    return lut.operation.operands.names


def analog_input(lut: Lut) -> str:
    """Return the axis with a converter's or comparator's input; ``"v_diff"`` where no operation names it."""
    # The first operand is the input; a further one, such as a common mode, is a condition of the picture.
    return next(iter(choices(lut)), "v_diff")
