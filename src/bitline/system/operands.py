"""Operands: what a column adds up, how often each sum occurs, and the random numbers of a dot product."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import UNIFORM_BITS, UNIFORM_TRITS, Products
from bitline.parameters import Parameters, parameter, validated
from bitline.statistics.distributions import binomial_pmf, trinomial_pmf
from bitline.system.trits import largest

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Shape = Literal["normal", "half-normal", "uniform"]


@validated
class Operands(Parameters):
    """Statistics of the numbers in a dot product, independent of one another; rounded, then clipped.

    The defaults are those of circuits.md section 1.1 (45/255 and 30/128), as parts of the largest number.
    """

    length: int = parameter(144, "products in a dot product", source="assumed", ge=1, le=65536)
    trits: int = parameter(5, "trits of weights and of inputs", source="transcribed", ge=1, le=12)
    weights: Shape = parameter("normal", "distribution of the weights", source="choice")
    inputs: Shape = parameter("half-normal", "distribution of the inputs", source="choice")
    weight_sigma: float = parameter(
        30 / 128, "sigma of normal weights over the largest weight", source="choice", gt=0, le=10
    )
    input_sigma: float = parameter(
        45 / 255, "sigma of normal inputs over the largest input", source="choice", gt=0, le=10
    )

    def draw(self, trials: int, generator: np.random.Generator) -> tuple[Integers, Integers]:
        """Return weights and inputs, each of shape (trials, length)."""
        size = (trials, self.length)
        return (
            _draw(self.weights, self.weight_sigma, largest(self.trits), size, generator),
            _draw(self.inputs, self.input_sigma, largest(self.trits), size, generator),
        )


def _draw(shape: Shape, sigma: float, limit: int, size: tuple[int, int], generator: np.random.Generator) -> Integers:
    if shape == "uniform":
        return generator.integers(-limit, limit, size, endpoint=True)
    numbers = sigma * limit * generator.standard_normal(size)
    if shape == "half-normal":
        numbers = np.abs(numbers)
    return np.clip(np.rint(numbers), -limit, limit).astype(np.int64)


def products_of(lut: Lut) -> Products:
    """Return what a column's operation adds up; raises `InputError` if the LUT does not describe a column."""
    products = None if lut.operation is None else lut.operation.products
    if products is None:
        raise InputError(f"LUT {lut.name}: its operation adds up no products: not a column")
    return products


def sum_pmf(products: Products, count: int) -> Array:
    """Return how often each sum of `count` products occurs.

    Returns
    -------
    array, shape (count + 1,) or (2 count + 1,)
        Over 0..count, or -count..count where products can be -1.
    """
    if products.signed:
        return np.asarray(pair_pmf(products, count).sum(axis=1))
    return binomial_pmf(count, products.plus)


def pair_pmf(products: Products, count: int) -> Array:
    """Return how often each sum of `count` signed products occurs with so many pairs; see `trinomial_pmf`."""
    return trinomial_pmf(count, products.plus, products.minus)


def pair_shares(products: Products, count: int) -> Array:
    """Return how often each number of pairs occurs within one sum: `pair_pmf` with rows that add up to 1."""
    pmf = pair_pmf(products, count)
    return np.asarray(pmf / pmf.sum(axis=1, keepdims=True))


def statement(products: Products) -> str:
    """Say in words what the products are and how their sum is distributed."""
    if not products.signed:
        if products.plus == UNIFORM_BITS:
            what, chance = "products of independent uniform bits", "1/4"
        else:
            what, chance = f"independent products that are 1 with probability {products.plus!r}", repr(products.plus)
        return f"{what}: {products.axis} ~ Binomial(rows, {chance}) ({products.source})"
    if products.plus == products.minus == UNIFORM_TRITS:
        return f"products of independent uniform trits: +1 and -1 with probability 2/9 each ({products.source})"
    return (
        f"independent products: +1 with probability {products.plus!r}, -1 with {products.minus!r} ({products.source})"
    )


def activity_statement(products: Products) -> str:
    """Say in words how many products are not 0."""
    count = products.count
    if not products.signed:
        what = "products of independent uniform random bits"
        if products.plus != UNIFORM_BITS:
            what = f"independent products ({products.source})"
        return f"{products.axis} ~ Binomial({count}, {products.plus!r}): {count} {what}"
    if products.plus == products.minus == UNIFORM_TRITS:
        return f"active products ~ Binomial({count}, 4/9): uniform random trits ({products.source})"
    return f"active products ~ Binomial({count}, {products.activity!r}) ({products.source})"
