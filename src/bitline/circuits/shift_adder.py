"""ShiftAdder: what adds a converter's codes up, bit of the input by bit."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class ShiftAdder(Circuit):
    """Accumulator of serial inputs from the PDK's standard cells.

    With `radix` 2, for bits, the least significant code comes first. Each clock adds a code to the accumulator's upper
    part and shifts the sum down by one bit, which the register of the digits below takes: after n clocks
    ``value = sum_k code_k 2^k``. The adder is a ripple of full adders one bit wider than the code, the registers are
    flip-flops, the upper ones with reset.

    With `radix` 3, for trits, no shift divides by the weight, so that the most significant code comes first and each
    clock makes ``y + 2 y + code`` of the whole sum y. A row of adders makes two numbers of the three (carry-save), and
    a ripple makes one of the two. Both rows and the register are as wide as the largest sum.
    """

    name: ClassVar[str] = "shift-adder"
    template: ClassVar[str] = "periphery/shift_adder.cir.j2"

    # The weights of a number's digits: 2^k of bits, 3^k of trits.
    radix: int = parameter(2, "weight of a code over that of the next lower one", source="choice", ge=2, le=3)
    bits: int = parameter(5, "bits of a code", source="choice", ge=1, le=16)
    digits: int = parameter(
        6, "codes that are added up; of bits, flip-flops below the adder as well", source="choice", ge=1, le=32
    )
    c_net: float = parameter(1e-15, "wire of each net between cells", unit="F", source="assumed", ge=0, le=1e-12)
    t_clock: float = parameter(3e-9, "clock period", unit="s", source="choice", gt=0, le=1e-6)
    t_edge: float = parameter(
        50e-12, "rise and fall time of clock and codes at the inputs", unit="s", source="choice", gt=0, le=1e-8
    )

    @property
    def weights(self) -> tuple[int, ...]:
        """Weight of each code in the order in which they come."""
        if self.radix == 2:
            return tuple(2**k for k in range(self.digits))
        return tuple(3**k for k in reversed(range(self.digits)))

    @property
    def largest(self) -> int:
        """The largest sum."""
        return ((1 << self.bits) - 1) * sum(self.weights)

    @property
    def width(self) -> int:
        """Bits of the adder: of bits the accumulator's upper part never exceeds the largest code."""
        if self.radix == 2:
            return self.bits + 1
        return self.largest.bit_length()

    @property
    def flip_flops(self) -> int:
        """Flip-flops that the clock drives."""
        if self.radix == 2:
            return self.width + self.digits
        return self.width

    @property
    def sums(self) -> tuple[str, ...]:
        """Nodes that the register takes at the clock's edge, and of bits the last carry."""
        nodes = tuple(f"s{k}" for k in range(self.width))
        if self.radix == 2:
            return (*nodes, f"c{self.width}")
        return nodes

    @property
    def result(self) -> tuple[str, ...]:
        """Nodes of the accumulated value, its least significant bit first."""
        upper = tuple(f"h{k}" for k in range(self.width))
        if self.radix == 2:
            return (*(f"d{k}" for k in range(self.digits)), *upper)
        return upper
