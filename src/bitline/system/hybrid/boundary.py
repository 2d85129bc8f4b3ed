"""The boundary between the digital and the analog part of a multi-bit product, and what each boundary costs.

A product of a weight of m bits and an activation of n bits is m n one-bit MACs; that of weight bit i and activation
bit j has the *order* k = i + j. A boundary B divides them (circuits.md section 1.1)::

    k >= B             digital: exact, one operation each
    B - window <= k < B    analog: the activation bits in the window are one DAC word, so that each weight bit with a
                       bit in the window takes one analog operation and one conversion
    k < B - window     dropped

A window of four orders is assumed. B = 0 is all digital, B = m + n - 1 is the first with nothing digital.
"""

from __future__ import annotations

from dataclasses import dataclass

from bitline.errors import InputError
from bitline.parameters import Parameters, finite_number, parameter, plain, validated


@dataclass(frozen=True)
class Counts:
    """What becomes of the one-bit MACs of one dot product at a boundary.

    Attributes
    ----------
    digital : int
        One-bit MACs that are exact.
    analog : int
        One-bit MACs inside the window.
    conversions : int
        Analog operations, each with its conversion: weight bits with a bit in the window.
    dropped : int
        One-bit MACs that are not computed.
    """

    digital: int
    analog: int
    conversions: int
    dropped: int

    @property
    def total(self) -> int:
        """One-bit MACs of the whole product."""
        return self.digital + self.analog + self.dropped

    def energy(self, rho: float) -> float:
        """Return the energy of one dot product in units of one digital operation: ``N_D + rho N_A``.

        Parameters
        ----------
        rho : float
            Energy of an analog operation with its conversion over that of a one-bit digital one, > 0.

        Raises
        ------
        InputError
            If `rho` is not a finite number above 0.
        """
        if not finite_number("rho", rho) > 0:
            raise InputError(f"rho = {rho:g}: must be > 0")
        return self.digital + rho * self.conversions

    def gain(self, rho: float) -> float:
        """Return the energy of the all-digital product over that of this one; `rho` as for `energy`."""
        return self.total / self.energy(rho)


@validated
class BitOrders(Parameters):
    """The bits of weights and activations, and how many orders below a boundary are analog."""

    weight_bits: int = parameter(8, "bits of a weight in two's complement", source="assumed", ge=2, le=8)
    input_bits: int = parameter(8, "bits of an unsigned activation", source="assumed", ge=1, le=8)
    window: int = parameter(4, "orders below the boundary that are analog", source="assumed", ge=1, le=8)

    @property
    def highest(self) -> int:
        """The highest boundary: the first with nothing digital."""
        return self.weight_bits + self.input_bits - 1

    def check_boundary(self, boundary: int, name: str = "boundary") -> int:
        """Return a boundary as Python's own integer; raises `InputError` if it is none of 0..`highest`."""
        number = plain(boundary)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= self.highest:
            raise InputError(f"{name} = {boundary!r}: must be an integer 0..{self.highest}")
        return number

    def exact_from(self, boundary: int, weight_bit: int) -> int:
        """Return the lowest activation bit that is digital with a weight bit: 0..`input_bits`."""
        return min(max(boundary - weight_bit, 0), self.input_bits)

    def analog_from(self, boundary: int, weight_bit: int) -> int:
        """Return the lowest activation bit that is not dropped with a weight bit: 0..`input_bits`."""
        return min(max(boundary - self.window - weight_bit, 0), self.input_bits)

    def digital_bits(self, boundary: int) -> list[range]:
        """Return the activation bits that are digital, for each weight bit from the lowest on."""
        return [range(self.exact_from(boundary, i), self.input_bits) for i in range(self.weight_bits)]

    def analog_bits(self, boundary: int) -> list[range]:
        """Return the activation bits in the window, for each weight bit from the lowest on."""
        return [range(self.analog_from(boundary, i), self.exact_from(boundary, i)) for i in range(self.weight_bits)]

    def counts(self, boundary: int) -> Counts:
        """Return what becomes of the one-bit MACs; raises `InputError` for a boundary outside 0..`highest`."""
        b = self.check_boundary(boundary)
        digital, analog = (sum(map(len, bits)) for bits in (self.digital_bits(b), self.analog_bits(b)))
        return Counts(
            digital=digital,
            analog=analog,
            conversions=sum(len(bits) > 0 for bits in self.analog_bits(b)),
            dropped=self.weight_bits * self.input_bits - digital - analog,
        )
