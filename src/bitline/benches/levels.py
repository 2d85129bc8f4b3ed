"""Levels: whether nodes of a logic circuit show a number, every bit of it clearly."""

from __future__ import annotations

from collections.abc import Sequence

LOW, HIGH = 0.1, 0.9
"""A clear 0 is below, a clear 1 above these shares of the supply (choice)."""


def shows(shares: Sequence[float], number: int) -> bool:
    """Return whether nodes stand clearly at the bits of a number, none of which is left over.

    Parameters
    ----------
    shares : sequence of float
        Voltage of each node over the supply, the least significant bit first.
    number : int
        From 0 on.
    """
    bits = [number >> place & 1 for place in range(len(shares))]
    clear = all(share > HIGH if bit else share < LOW for share, bit in zip(shares, bits, strict=True))
    return clear and number < 2 ** len(shares)
