"""Digit density: how often a digit of a weight or an input is not 0, which is what a column's energy depends on.

Uniform digits are those of the tables. A network's numbers are small: with the same statistics (circuits.md section
1.1, `Operands` and `BitSliced`) their high digits are mostly 0, those of two's complement less so, for a small negative
number has ones in all its upper bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from bitline.system.operand_sums import BitSliced
from bitline.system.operands import Operands
from bitline.system.trits import largest, to_trits

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


class Density(NamedTuple):
    """Probability that a digit of a weight, and one of an input, is not 0; mean over the digits of a number."""

    weight: float
    input: float

    @property
    def product(self) -> float:
        """Probability that the product of two independent digits is not 0."""
        return self.weight * self.input

    def towards(self, other: Density, share: float) -> Density:
        """Return the densities at a share of the way to others."""
        return Density(*(a + share * (b - a) for a, b in zip(self, other, strict=True)))


UNIFORM_TRIT = Density(2 / 3, 2 / 3)
"""Trits that are -1, 0 and +1 equally often."""
UNIFORM_BIT = Density(1 / 2, 1 / 2)
"""Bits that are 0 and 1 equally often."""


def network_trits(operands: Operands | None = None) -> Density:
    """Return the densities of normal weights and half-normal inputs as balanced ternary numbers, exactly."""
    chosen = operands or Operands()
    limit = largest(chosen.trits)
    numbers = np.arange(-limit, limit + 1)
    digits = np.abs(to_trits(numbers, chosen.trits))
    weights = _normal(numbers, chosen.weight_sigma * limit)
    inputs = _half_normal(numbers, chosen.input_sigma * limit)
    return Density(float(np.mean(weights @ digits)), float(np.mean(inputs @ digits)))


def network_bits(operands: BitSliced | None = None) -> Density:
    """Return the densities of weights in two's complement and unsigned inputs with the same statistics, exactly."""
    chosen = operands or BitSliced()
    top, half = 2**chosen.input_bits, 2 ** (chosen.weight_bits - 1)
    weights, inputs = np.arange(-half, half), np.arange(top)
    return Density(
        float(np.mean(_normal(weights, chosen.weight_sigma * half) @ _bits(weights, chosen.weight_bits))),
        float(np.mean(_half_normal(inputs, chosen.input_sigma * (top - 1)) @ _bits(inputs, chosen.input_bits))),
    )


def _normal(numbers: Integers, sigma: float) -> Array:
    """Return how often a rounded normal has each value; what lies beyond them is clipped."""
    edges = np.concatenate([[-np.inf], numbers[1:] - 0.5, [np.inf]])
    return np.asarray(np.diff(ndtr(edges / sigma)))


def _half_normal(numbers: Integers, sigma: float) -> Array:
    """Return how often the rounded magnitude of a normal has each value, 0 for negative ones."""
    both = _normal(numbers, sigma)
    # Folded at 0: a magnitude has the chance of its number and of its negative.
    return np.where(numbers > 0, 2 * both, np.where(numbers == 0, ndtr(0.5 / sigma) - ndtr(-0.5 / sigma), 0.0))


def _bits(numbers: Integers, bits: int) -> Integers:
    return (numbers[:, None] >> np.arange(bits)) & 1
