"""TOPS/W of compute-in-memory columns, raw and normalised to one bit, with their split.

An operation is a multiplication or an addition: a MAC is two. What a MAC is worth depends on its digits:
the one-bit-normalised figure multiplies by log2 of the levels of weight and input (1 and 1 for one-bit
operands, log2(3)^2 = 2.51 for trits). Normalised and raw figures are never to be compared.

Columns of different digits are compared at the same operand precision: what a whole MAC of wide numbers
costs, all digit pairs of it (`Precision`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bitline.errors import InputError
from bitline.parameters import Parameters, parameter, validated

OPERATIONS = 2
"""Operations in a MAC."""
CLIPPED = 1
"""Sums at the end of a column's range that its converter reads as their neighbour (choice, the same for every column).

The transcribed macro reads 33 sums by 5 bits, so one of them is clipped, and a column of 17 is then read by 4. With 16
uniform trits the last sum occurs with a probability of 3.5e-11, with 16 uniform bits of 2.3e-10.
"""


def converter_bits(sums: int, clipped: int = CLIPPED) -> int:
    """Return how many bits tell so many sums apart, the clipped ones aside: ``ceil(log2(sums - clipped))``.

    Raises
    ------
    InputError
        If fewer than two sums are left.
    """
    if clipped < 0 or sums - clipped < 2:
        raise InputError(f"sums = {sums}, clipped = {clipped}: at least two must be left")
    # By integers: the logarithm of a power of two may be off in the last bit, and ceil would make a bit of it.
    return (sums - clipped - 1).bit_length()


class Split(NamedTuple):
    """Parts of an energy that add up to 1."""

    array: float
    adc: float
    shift_add: float


@validated
class Precision(Parameters):
    """How wide operands are made of a column's digits, a column operation for each pair of digits."""

    weight_digits: int = parameter(
        5, "digits of a weight, in as many columns or phases", source="transcribed", ge=1, le=64
    )
    input_digits: int = parameter(
        5, "digits of an input, in as many cycles or lines", source="transcribed", ge=1, le=64
    )

    @property
    def pairs(self) -> int:
        """Column operations per MAC of a group of rows."""
        return self.weight_digits * self.input_digits


@validated
class ColumnEnergy(Parameters):
    """Energy of one operation of one column: its array, its ADC and its share of the shift-and-add.

    The defaults are those of the 28 nm ternary macro (transcribed, circuits.md section 2): 91.1 TOPS/W raw,
    228.9 normalised. Its ternary encoder (13.1 fJ, transcribed; per what is not known) is not in them.
    """

    array: float = parameter(
        96e-15, "energy of a column operation with drivers and precharge", unit="J", source="transcribed", ge=0, le=1
    )
    adc: float = parameter(188e-15, "energy of one conversion", unit="J", source="transcribed", ge=0, le=1)
    # One shift-and-add serves the five columns of a weight's trits.
    shift_add: float = parameter(
        336e-15 / 5,
        "energy of the shift-and-add per column, of 336 fJ per 5 columns",
        unit="J",
        source="transcribed",
        ge=0,
    )
    rows: int = parameter(16, "products that the column adds up", source="transcribed", ge=1, le=65536)
    weight_levels: int = parameter(3, "levels of a weight's digit", source="paper", ge=2, le=256)
    input_levels: int = parameter(3, "levels of an input's digit", source="paper", ge=2, le=256)

    def check(self) -> None:
        """Refuse a column that takes no energy."""
        if not self.total > 0:
            raise InputError("ColumnEnergy: array, adc, shift_add adds up to 0: must be > 0")

    @property
    def total(self) -> float:
        """Energy of one column operation [J]."""
        return self.array + self.adc + self.shift_add

    @property
    def split(self) -> Split:
        """Which part of it each takes."""
        return Split(self.array / self.total, self.adc / self.total, self.shift_add / self.total)

    @property
    def tops_per_watt(self) -> float:
        """Raw: operations of this column's own digits per energy [1e12/J]."""
        return self.rows * OPERATIONS / self.total / 1e12

    @property
    def normalised_tops_per_watt(self) -> float:
        """The same in one-bit operations [1e12/J], a digit of L levels counted as log2(L) bits."""
        # What one digit can tell apart, so that a trit counts as much as the 1.58 bits that it stands for.
        return self.tops_per_watt * math.log2(self.weight_levels) * math.log2(self.input_levels)

    def mac(self, precision: Precision) -> float:
        """Return the energy [J] of one MAC of wide operands: every pair of digits, one row's share."""
        # Every pair of digits takes a column operation, whose energy all rows share.
        return precision.pairs * self.total / self.rows

    def tops_per_watt_at(self, precision: Precision) -> float:
        """Return operations of wide operands per energy [1e12/J]."""
        return OPERATIONS / self.mac(precision) / 1e12


TERNARY_5 = Precision()
"""5-trit operands on ternary columns: 25 column operations, -121 .. 121."""
BINARY_8 = Precision(weight_digits=8, input_digits=8)
"""8-bit two's complement on one-bit columns: 64. The top digits count negative, which shift-and-add does."""
TRITS_ON_BINARY = Precision(weight_digits=10, input_digits=10)
"""5-trit operands on one-bit columns, a trit as a bit for +1 and one for -1: 100."""
