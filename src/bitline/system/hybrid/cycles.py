"""How many cycles a hybrid dot product takes.

The rule (assumed): a one-bit digital operation takes a cycle, an analog operation with its conversion takes a cycle,
and both domains work at once. With **separate** reads each port has its own row, so that the longer of both decides.
With **shared** reads both work on the row that is read, so that the longer one decides row by row; a row holds the
bits of one weight order.
"""

from __future__ import annotations

from bitline.system.hybrid.account import Reads, check_reads
from bitline.system.hybrid.boundary import BitOrders


def cycles(orders: BitOrders, boundary: int, reads: Reads = "separate") -> int:
    """Return the cycles of a dot product; raises `InputError` if there is no such boundary or way to read."""
    check_reads(reads)
    counts = orders.counts(boundary)
    if reads == "separate":
        return max(counts.digital, counts.conversions)
    rows = zip(orders.digital_bits(boundary), orders.analog_bits(boundary), strict=True)
    return sum(max(len(digital), int(len(analog) > 0)) for digital, analog in rows)
