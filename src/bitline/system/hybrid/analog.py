"""The analog part of a hybrid product: what its columns and converters make of the exact sums in the window.

The DAC word of an activation holds its bits by their place in the window: the bit of order B - window is the word's
lowest, so that the sum S of any weight bit counts 2^(B - window) in the product, and a DAC line serves all weight bits
of a schedule that goes by place. A window that reaches beyond the activation's bits leaves the others of the word 0.

    u = transfer(S) + static z_column + temporal z        [LSB of the sum: one product at the DAC's lowest level]
    code = floor((u - low) / step), held in 0..2^bits - 1
    reading = low + (code + 1/2) step

z_column is drawn once for each weight bit of each output, so a chip repeats its static error; it is taken to be the
same at every sum, which is assumed: in truth it depends on the cells that are on. z is drawn for each conversion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.parameters import Parameters, parameter, validated
from bitline.statistics.bounds import check_positive
from bitline.system.hybrid.boundary import BitOrders

Array = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.uint8]

NARROWEST = 1.0
"""Least width of a converter's range [LSB of the sum], where the sample of a range has all sums equal."""


@validated
class Conversion(Parameters):
    """Errors of an analog operation with its conversion, its range aside."""

    adc_bits: int = parameter(4, "resolution of the converter", source="assumed", ge=1, le=16)
    static: float = parameter(
        0.0, "standard deviation over columns [LSB of the sum], the same at every sum", source="choice", ge=0, le=1e4
    )
    temporal: float = parameter(
        0.0, "standard deviation over conversions [LSB of the sum]", source="choice", ge=0, le=1e4
    )


@dataclass(frozen=True, eq=False)
class Ranges:
    """Where the converters' ranges lie, for each boundary and weight bit.

    Parameters
    ----------
    orders : BitOrders
    low, high : array, shape (highest boundary + 1, weight_bits)
        Ends of the range [LSB of the sum]; NaN for a boundary that has none.
    """

    orders: BitOrders
    low: Array
    high: Array

    def __post_init__(self) -> None:
        shape = (self.orders.highest + 1, self.orders.weight_bits)
        if self.low.shape != shape or self.high.shape != shape:
            raise InputError(f"ranges of shapes {self.low.shape} and {self.high.shape}: must be {shape}")
        if not np.all(np.isnan(self.low) | (self.low < self.high)):
            raise InputError("ranges: low must be below high")

    def check(self, boundaries: Iterable[int]) -> None:
        """Raise `InputError` if a conversion of some boundary has no range."""
        for boundary, i, _ in windows(self.orders, boundaries):
            if np.isnan(self.low[boundary, i]) or np.isnan(self.high[boundary, i]):
                raise InputError(f"boundary = {boundary}: the converters have no range for it")

    def steps(self, bits: int) -> Array:
        """Return the converter's steps [LSB of the sum], of the shape of `low`."""
        return np.asarray((self.high - self.low) / 2**bits)


def full_ranges(length: int, orders: BitOrders | None = None) -> Ranges:
    """Return ranges that hold every sum of so many products: from half an LSB below 0 to half above the largest."""
    bits = orders or BitOrders()
    low, high = _no_ranges(bits)
    for boundary, i, shape in windows(bits, range(bits.highest + 1)):
        low[boundary, i] = -0.5
        high[boundary, i] = length * shape.largest + 0.5
    return Ranges(bits, low, high)


def sigma_ranges(
    weights: ArrayLike,
    activations: ArrayLike,
    boundaries: Iterable[int],
    sigmas: float = 4.0,
    orders: BitOrders | None = None,
) -> Ranges:
    """Return ranges of mean +- `sigmas` standard deviations of each weight bit's sums in a sample.

    Parameters
    ----------
    weights : array of int, shape (length, outputs)
    activations : array of int, shape (pixels, length)
        The sample; take it from other data than those that are to be judged.
    boundaries : iterable of int
        For which there are to be ranges.
    sigmas : float
        Half the range, > 0; 4 is the minimum-power-clipping of circuits.md section 3.

    Raises
    ------
    InputError
        If a boundary is none, `sigmas` is not above 0, or weights and activations are no such numbers.
    """
    check_positive("sigmas", sigmas, finite=True)
    bits = orders or BitOrders()
    half_scale = 2 ** (bits.weight_bits - 1)
    w = integer_matrix("weights", weights, -half_scale, half_scale - 1)
    x = integer_matrix("activations", activations, 0, 2**bits.input_bits - 1)
    if x.size == 0 or w.size == 0 or x.shape[1] != w.shape[0]:
        raise InputError(f"activations of shape {x.shape}: must be (pixels, {w.shape[0]}), one pixel or more")
    low, high = _no_ranges(bits)
    # One sum of a sample serves every boundary whose window is the same for that weight bit.
    moments: dict[tuple[int, Window], tuple[float, float]] = {}
    for boundary, i, shape in windows(bits, boundaries):
        if (i, shape) not in moments:
            sums = shape.words(x) @ ((w >> i) & 1).astype(np.float32)
            moments[i, shape] = float(sums.mean(dtype=np.float64)), float(sums.std(dtype=np.float64))
        mean, sigma = moments[i, shape]
        half = max(sigmas * sigma, NARROWEST / 2)
        low[boundary, i], high[boundary, i] = mean - half, mean + half
    return Ranges(bits, low, high)


def _no_ranges(orders: BitOrders) -> tuple[Array, Array]:
    shape = (orders.highest + 1, orders.weight_bits)
    return np.full(shape, np.nan), np.full(shape, np.nan)


def integer_matrix(name: str, numbers: ArrayLike, low: int, high: int) -> NDArray[np.integer]:
    """Return numbers as an array; raises `InputError` if they are no integers low..high on two axes."""
    array = np.asarray(numbers)
    if array.dtype.kind not in "iu" or array.ndim != 2:
        raise InputError(f"{name} of type {array.dtype}, shape {array.shape}: must be integers on two axes")
    if array.size and not low <= array.min() <= array.max() <= high:
        wrong = array.min() if array.min() < low else array.max()
        raise InputError(f"{name}: {wrong}: must be {low}..{high}")
    return array


@dataclass(frozen=True)
class Window:
    """The activation bits that are one DAC word.

    Parameters
    ----------
    first, end : int
        Activation bits first..end - 1.
    place : int
        Place of the first in the word.
    """

    first: int
    end: int
    place: int

    @property
    def mask(self) -> int:
        """As many ones as there are bits in the window."""
        return (1 << (self.end - self.first)) - 1

    @property
    def largest(self) -> int:
        """The largest word."""
        return self.mask << self.place

    def words(self, activations: NDArray[np.integer]) -> Singles:
        """Return the DAC word of each activation."""
        return np.asarray(((activations >> self.first) & self.mask) * np.float32(1 << self.place), dtype=np.float32)


def windows(orders: BitOrders, boundaries: Iterable[int]) -> Iterator[tuple[int, int, Window]]:
    """Yield boundary, weight bit and window, where the window holds a bit."""
    for number in boundaries:
        boundary = orders.check_boundary(number)
        for i, bits in enumerate(orders.analog_bits(boundary)):
            if bits:
                yield boundary, i, Window(bits.start, bits.stop, bits.start - (boundary - orders.window - i))
