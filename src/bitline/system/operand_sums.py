"""Operand sums: which sums of one-bit products a column is asked for, with random operands.

Operands of several bits are computed bit by bit: every bit i of the inputs with every bit j of the weights makes a sum
m_ij of one-bit products, a *slice*, and the dot product is ``y = sum g_ij m_ij`` with ``g_ij = +-2^(i+j)``, negative
where j is the sign bit of two's complement. The slices of one dot product depend on each other: a small negative weight
has ones in all its upper bits. So these operands are drawn. A distribution over the codes themselves is one slice of
weight 1, and exact.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from bitline.errors import InputError
from bitline.files import path_of, why_not_read
from bitline.lut.operation import Products
from bitline.numbers import integer, real
from bitline.parameters import Parameters, parameter, validated
from bitline.statistics.distributions import binomial_pmf
from bitline.system.products import statement

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
GAUSSIAN_SIGMAS = 8
"""Standard deviations that the codes 0..count of Gaussian sums are wide: the full scale is the mean +- 4 sigma."""


@dataclass(frozen=True, eq=False)
class OperandSums:
    """Dot products, how often each occurs, and the sums that a column makes for it.

    Parameters
    ----------
    statement : str
        What the operands are, in words.
    chance : array, shape (n,)
        How often each dot product occurs; adds up to 1.
    codes : array of int, shape (n, slices)
        Sums of one-bit products that make it.
    weights : array, shape (slices,)
        What the sum of each slice counts in it.
    exact : array, shape (n,)
        Its value y_o before the operands are quantised.
    share : array, shape (count + 1,)
        How often a column is asked for the sums 0..count, every slice as often as the others.

    Raises
    ------
    InputError
        If `chance` is no distribution, or all its weight is on one value.
    """

    statement: str
    chance: Array
    codes: Integers
    weights: Array
    exact: Array
    share: Array

    def __post_init__(self) -> None:
        if not (np.all(self.chance >= 0) and abs(self.chance.sum() - 1) < 1e-9):
            raise InputError(f"operands: chances add up to {self.chance.sum():g}: must be >= 0 and add up to 1")
        if not self.variance(self.result) > 0:
            raise InputError(f"operands: {self.statement}: all weight is on one code: SNR needs a signal")

    @property
    def count(self) -> int:
        """The largest sum that a column is asked for."""
        return self.share.size - 1

    @property
    def result(self) -> Array:
        """The ideal value of each dot product with quantised operands, as digital hardware gives it; shape (n,)."""
        return np.asarray(self.codes @ self.weights)

    def mean(self, values: Array) -> float:
        """Return the mean of a value of each dot product."""
        return float(self.chance @ values)

    def variance(self, values: Array) -> float:
        """Return the variance of a value of each dot product."""
        return self.mean((values - self.mean(values)) ** 2)


def code_sums(pmf: ArrayLike, statement: str) -> OperandSums:
    """Return the sums whose codes 0..n themselves are the dot product."""
    p = np.asarray(pmf, dtype=np.float64)
    m = np.arange(p.size)
    # What never occurs need not be worked out.
    occurs = p > 0
    return OperandSums(statement, p[occurs], m[occurs, None], np.ones(1), m[occurs].astype(np.float64), p)


def uniform_codes(count: int) -> OperandSums:
    """Return sums 0..count that are all equally frequent."""
    return code_sums(np.full(count + 1, 1 / (count + 1)), f"every code 0..{count} equally frequent")


def random_bits(products: Products, count: int | None = None) -> OperandSums:
    """Return the sums of independent products that are 1 as often as the LUT's operation says."""
    n = products.count if count is None else count
    return code_sums(binomial_pmf(n, products.plus), statement(products))


def active_products(text: str, count: int) -> OperandSums:
    """Return the sums of `count` independent products that are 1 with the probability that `text` says."""
    try:
        chance = real(text)
    except ValueError:
        chance = -1.0
    if not 0 < chance < 1:
        raise InputError(f"activity = {text}: must be a probability between 0 and 1")
    words = f"independent products that are 1 with probability {chance:g}: code ~ Binomial({count}, {chance:g})"
    return code_sums(binomial_pmf(count, chance), words)


def gaussian_codes(count: int) -> OperandSums:
    """Return sums that are Gaussian about the middle code; their sigma is an eighth of the full scale (a choice)."""
    sigma = count / GAUSSIAN_SIGMAS
    density = np.exp(-0.5 * ((np.arange(count + 1) - count / 2) / sigma) ** 2)
    words = f"codes Gaussian about {count / 2:g} with sigma {sigma:g}: the full scale is the mean +- 4 sigma (choice)"
    return code_sums(density / density.sum(), words)


@validated
class BitSliced(Parameters):
    """Half-normal activations times Gaussian weights, rounded, clipped and computed bit by bit.

    Activations are unsigned, weights two's complement. The sigmas are those of circuits.md section 1.1.
    """

    vectors: ClassVar[int] = 4096

    input_bits: int = parameter(8, "bits of an activation", source="choice", ge=1, le=12)
    weight_bits: int = parameter(8, "bits of a weight, the sign with them", source="choice", ge=2, le=12)
    input_sigma: float = parameter(
        45 / 255, "sigma of the normal behind the activations over their largest", source="assumed", gt=0, le=10
    )
    weight_sigma: float = parameter(
        30 / 128, "sigma of the weights over their largest magnitude", source="assumed", gt=0, le=10
    )

    def chances(self) -> Array:
        """Return how often each one-bit product is 1; shape (input_bits, weight_bits), the lowest bits first.

        A rounded normal has the value v with Phi((v + 1/2)/sigma) - Phi((v - 1/2)/sigma), the magnitude of one with
        twice that above 0. Bit i of an activation is then 1 with p_i, bit j of a weight with q_j, both independent.
        """
        top, half = 2**self.input_bits, 2 ** (self.weight_bits - 1)
        inputs, weights = np.arange(top), np.arange(-half, half)
        p = np.diff(2 * ndtr(_edges(inputs) / (self.input_sigma * (top - 1))))
        p[0] -= 1.0
        q = np.diff(ndtr(_edges(weights) / (self.weight_sigma * half)))
        return np.outer(p @ _bits(inputs, self.input_bits), q @ _bits(weights, self.weight_bits))

    def sums(self, count: int) -> OperandSums:
        """Return the sums of `vectors` random dot products of `count` products, of a fixed seed.

        In a slice m_ij ~ Binomial(count, p_i q_j), and `share` is the mean of these.
        """
        generator = np.random.default_rng(1)
        top, half = 2**self.input_bits - 1, 2 ** (self.weight_bits - 1)
        shape = (self.vectors, count)
        x = np.abs(self.input_sigma * top * generator.standard_normal(shape))
        w = self.weight_sigma * half * generator.standard_normal(shape)
        input_bits = _bits(np.clip(np.rint(x), 0, top).astype(np.int64), self.input_bits)
        weight_bits = _bits(np.clip(np.rint(w), -half, half - 1).astype(np.int64), self.weight_bits)
        codes = np.swapaxes(input_bits, 1, 2).astype(np.float64) @ weight_bits
        place = 2.0 ** np.arange(self.weight_bits)
        # Two's complement: the sign bit counts negative.
        place[-1] = -place[-1]
        return OperandSums(
            f"{self.input_bits}-bit half-normal activations (sigma {self.input_sigma:.3g} of the largest) times "
            f"{self.weight_bits}-bit Gaussian weights (sigma {self.weight_sigma:.3g}), bit by bit (assumed)",
            np.full(self.vectors, 1 / self.vectors),
            codes.reshape(self.vectors, -1).astype(np.int64),
            np.outer(2.0 ** np.arange(self.input_bits), place).ravel(),
            (x * w).sum(axis=1),
            np.mean([binomial_pmf(count, chance) for chance in self.chances().ravel()], axis=0),
        )


def _edges(values: Integers) -> Array:
    """Return the ends of the intervals that are rounded to these values; what lies beyond is clipped."""
    return np.concatenate([[-np.inf], values[1:] - 0.5, [np.inf]])


def _bits(values: Integers, bits: int) -> Integers:
    """Return the bits of integers along a last axis, the lowest first; negative ones in two's complement."""
    return (values[..., None] >> np.arange(bits)) & 1


def histogram(path: str | Path, count: int) -> OperandSums:
    """Read how often codes occur from a CSV with the columns ``code`` and ``count``.

    Codes that the file does not name never occur. Counts may be any numbers >= 0: they are divided by their sum.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or a row is not a code 0..`count` with a number >= 0.
    """
    file = path_of("operands", path)
    try:
        lines = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(f"operands {file}: {why_not_read(file, error)}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"operands {file}: {error}") from None
    if not lines or not {"code", "count"} <= lines[0].keys():
        raise InputError(f"operands {file}: must be a CSV with the columns code and count, and a row at least")
    pmf = np.zeros(count + 1)
    seen: set[int] = set()
    for number, line in enumerate(lines, 2):
        try:
            code, often = integer(line["code"] or ""), real(line["count"] or "")
        except ValueError:
            raise InputError(f"operands {file}, line {number}: must be an integer and a number") from None
        if not (0 <= code <= count and often >= 0) or code in seen:
            raise InputError(f"operands {file}, line {number}: code {code}: must be 0..{count}, once, with count >= 0")
        seen.add(code)
        pmf[code] = often
    if not pmf.sum() > 0:
        raise InputError(f"operands {file}: every count is 0")
    return code_sums(pmf / pmf.sum(), f"codes as often as in {file.name}")


ACTIVITY = "activity:"
"""Before a probability that a product is 1: ``"activity:0.1"``."""
NAMED: dict[str, Callable[[Products], OperandSums]] = {
    "uniform": lambda products: uniform_codes(products.count),
    "bits": random_bits,
    "half-normal": lambda products: BitSliced().sums(products.count),
    "gaussian": lambda products: gaussian_codes(products.count),
}
"""Operand distributions by the name that a command line gives them."""


def operand_sums(text: str, products: Products) -> OperandSums:
    """Return the sums that a name or a CSV file says; raises `InputError` for signed products and unknown names."""
    if products.signed:
        raise InputError(f"operands {text}: the column adds up signed products; allowed are products of 0 and 1")
    if text in NAMED:
        return NAMED[text](products)
    if text.startswith(ACTIVITY):
        return active_products(text.removeprefix(ACTIVITY), products.count)
    if Path(text).suffix.lower() != ".csv":
        raise InputError(f"operands {text!r}: must be one of {', '.join(NAMED)}, {ACTIVITY}P, or a .csv file")
    return histogram(text, products.count)
