"""Products: what a column adds up, how often each of its sums occurs, and how one says so.

The probabilities are those that a LUT's operation states (`bitline.lut.operation.Products`); products are independent
of one another.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import UNIFORM_BITS, UNIFORM_TRITS, Products
from bitline.statistics.distributions import binomial_pmf, trinomial_pmf

Array = NDArray[np.float64]


def products_of(lut: Lut) -> Products:
    """Return what a column's operation adds up; raises `InputError` if the LUT does not describe a column."""
    if lut.operation is None or lut.operation.products is None:
        raise InputError(f"LUT {lut.name}: its operation adds up no products: not a column")
    return lut.operation.products


def sums_of(products: Products) -> int:
    """Return how many sums there are: count + 1, or 2 count + 1 where products can be -1."""
    if products.signed:
        return 2 * products.count + 1
    return products.count + 1


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
    total = pmf.sum(axis=1, keepdims=True)
    # A sum that never occurs has no pairs either: 0, not 0/0.
    return np.asarray(np.divide(pmf, total, out=np.zeros_like(pmf), where=total > 0))


def at_activity(products: Products, activity: float) -> Products:
    """Return the products with another probability of being not 0, +1 and -1 in the same proportion."""
    if activity == products.activity:
        return products
    # An activity does not say more of one sign than of the other.
    factor = activity / products.activity
    return replace(products, plus=factor * products.plus, minus=factor * products.minus)


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
