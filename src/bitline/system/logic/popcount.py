"""Popcount: networks that multiply one-bit inputs with one-bit weights and count the ones.

Compressors turn three bits of one weight into one of that weight and one of the next (a full adder), or two bits (a
half adder), until one bit of each weight is left. The ripple-carry tree adds numbers in pairs instead.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bitline.system.logic.network import Gate, Network

Structure = Literal["compressor", "arrival", "ripple"]
Multiplier = Literal["and2", "nor2"]

# Relative delays that order bits by arrival: a sum takes longer than a carry. Nothing else follows from them.
_CARRY, _SUM = 0.35, 0.38


@dataclass
class _Builder:
    """Gates placed so far, with the time at which each net has settled, in arbitrary units."""

    gates: list[Gate] = field(default_factory=list)
    arrival: dict[str, float] = field(default_factory=dict)

    def add(self, bits: Sequence[str]) -> tuple[str, str]:
        """Place an adder of two or three bits; return the nets of its carry and its sum."""
        index = len(self.gates)
        carry, total = f"c{index}", f"s{index}"
        cell, pins = ("ha_1", ("A", "B")) if len(bits) == 2 else ("fa_1", ("A", "B", "CIN"))
        nets = {**dict(zip(pins, bits, strict=True)), "COUT": carry, "SUM": total}
        self.gates.append(Gate(f"a{index}", cell, nets))
        latest = max(self.arrival.get(bit, 0.0) for bit in bits)
        self.arrival.update({carry: latest + _CARRY, total: latest + _SUM})
        return carry, total


def popcount_network(width: int, structure: Structure = "compressor", multiplier: Multiplier = "and2") -> Network:
    """Build a network that counts for how many of `width` pairs input and weight are both 1.

    Inputs are the sources ``i<k>``, each behind an inverter ``inv_2`` as driver, then the weights ``w<k>``. What level
    stands for a 1 depends on the multiplier: see `popcount_levels`.

    Parameters
    ----------
    width : int
        One-bit products, 2 or more.
    structure : str
        ``compressor``: bits wait in a queue; ``arrival``: those that settle first are added first; ``ripple``: a
        binary tree of ripple-carry adders.
    multiplier : str
        ``and2``, or ``nor2`` of inverted inputs and weights.
    """
    build = _Builder()
    for k in range(width):
        build.gates.append(Gate(f"d{k}", "inv_2", {"A": f"i{k}", "Y": f"x{k}"}))
    output = {"and2": "X", "nor2": "Y"}[multiplier]
    for k in range(width):
        build.gates.append(Gate(f"m{k}", f"{multiplier}_1", {"A": f"x{k}", "B": f"w{k}", output: f"p{k}"}))
    products = [f"p{k}" for k in range(width)]
    result = _ripple(build, products) if structure == "ripple" else _compress(build, products, structure)
    inputs = (*(f"i{k}" for k in range(width)), *(f"w{k}" for k in range(width)))
    return Network(inputs, tuple(build.gates), tuple(result))


def popcount_levels(inputs: Sequence[int], weights: Sequence[int], multiplier: Multiplier = "and2") -> list[int]:
    """Return the level of each of the network's inputs for bits of inputs and weights."""
    # The drivers invert: an AND wants the true bit behind them, a NOR the inverted one, and inverted weights.
    if multiplier == "and2":
        return [*(1 - bit for bit in inputs), *weights]
    return [*inputs, *(1 - bit for bit in weights)]


def _compress(build: _Builder, products: list[str], structure: Structure) -> list[str]:
    result, column = [], products
    while column:
        column, kept = _reduced(build, column, by_arrival=structure == "arrival")
        result.append(kept)
    return result


def _reduced(build: _Builder, column: list[str], *, by_arrival: bool) -> tuple[list[str], str]:
    """Add the bits of one weight up to one; return the carries and that bit."""
    # In the queue a bit's place is its key; by arrival it is its time, with the place between equals.
    waiting = [(build.arrival.get(bit, 0.0) * by_arrival, place, bit) for place, bit in enumerate(column)]
    heapq.heapify(waiting)
    carries, place = [], len(column)
    while len(waiting) > 1:
        bits = [heapq.heappop(waiting)[2] for _ in range(min(3, len(waiting)))]
        carry, total = build.add(bits)
        carries.append(carry)
        heapq.heappush(waiting, (build.arrival[total] * by_arrival, place, total))
        place += 1
    return carries, waiting[0][2]


def _ripple(build: _Builder, products: list[str]) -> list[str]:
    numbers = [[bit] for bit in products]
    while len(numbers) > 1:
        pairs = zip(numbers[::2], numbers[1::2], strict=False)
        rest = numbers[len(numbers) // 2 * 2 :]
        numbers = [_sum_of(build, first, second) for first, second in pairs] + rest
    return numbers[0]


def _sum_of(build: _Builder, first: list[str], second: list[str]) -> list[str]:
    """Add two binary numbers, the least significant bit first, by a ripple of adders."""
    total, carry = [], ""
    for k in range(max(len(first), len(second))):
        bits = [number[k] for number in (first, second) if k < len(number)] + [carry] * bool(carry)
        # Above the shorter number, where no carry comes, a bit stands as it is.
        if len(bits) == 1:
            total.append(bits[0])
            continue
        carry, bit = build.add(bits)
        total.append(bit)
    return [*total, carry]
