"""ShiftAdder: what adds a converter's codes up, bit of the input by bit."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class ShiftAdder(Circuit):
    """Accumulator of serial inputs, least significant first, from the PDK's standard cells.

    Each clock adds a code to the accumulator's upper part and shifts the sum down by one bit, which the register of the
    digits below takes: after n clocks ``value = sum_k code_k 2^k``. The adder is a ripple of full adders one bit wider
    than the code, the registers are flip-flops, the upper ones with reset. Weights of 2 are a choice: trits, whose
    weights are of 3, take one adder more.
    """

    name: ClassVar[str] = "shift-adder"
    template: ClassVar[str] = "periphery/shift_adder.cir.j2"

    bits: int = parameter(5, "bits of a code", source="choice", ge=1, le=16)
    digits: int = parameter(6, "codes that are added up, and flip-flops below the adder", source="choice", ge=1, le=32)
    c_net: float = parameter(1e-15, "wire of each net between cells", unit="F", source="assumed", ge=0, le=1e-12)
    t_clock: float = parameter(3e-9, "clock period", unit="s", source="choice", gt=0, le=1e-6)
    t_edge: float = parameter(
        50e-12, "rise and fall time of clock and codes at the inputs", unit="s", source="choice", gt=0, le=1e-8
    )

    @property
    def width(self) -> int:
        """Bits of the adder: the accumulator's upper part never exceeds the largest code."""
        return self.bits + 1
