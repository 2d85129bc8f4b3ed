"""How well a hybrid product computes at a boundary: powers of signal and error over a sample of operands and chips.

With y the exact product and e what the hybrid one differs by, over pixels and outputs::

    snr_total = var(y) / var(e)          csnr = var(y) / mean(e^2)

so that the mean error, which the dropped orders make, is removed in the first and kept in the second. Every output of
the sample is another chip's: its columns have static errors of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from bitline.errors import InputError
from bitline.statistics.snr import power_ratio
from bitline.system.hybrid.analog import Conversion, Ranges, full_ranges, sigma_ranges, windows
from bitline.system.hybrid.assumptions import COLUMNS
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.measured import AnalogParts, conversion_of
from bitline.system.hybrid.operands import Operands

AdcRange = Literal["4sigma", "full"]
"""Mean +- 4 sigma of each weight bit's sums in held-out data, or every sum."""


@dataclass(frozen=True)
class Accuracy:
    """Powers of a product and of its error.

    Attributes
    ----------
    signal : float
        Variance of the exact product.
    bias, sigma : float
        Mean and standard deviation of the error [LSB of the product].
    """

    signal: float
    bias: float
    sigma: float

    @property
    def snr_total(self) -> float:
        """The ratio with the mean error removed; infinite where there is no error."""
        return power_ratio(self.signal, self.sigma**2)

    @property
    def csnr(self) -> float:
        """The ratio with the mean error kept."""
        return power_ratio(self.signal, self.sigma**2 + self.bias**2)


def ranges_of(adc_range: AdcRange, sample: Operands, orders: BitOrders, boundary: int) -> Ranges:
    """Return the converters' ranges at a boundary; raises `InputError` for another rule."""
    if adc_range not in get_args(AdcRange):
        raise InputError(f"adc_range = {adc_range!r}: must be '4sigma' or 'full'")
    if adc_range == "full":
        return full_ranges(COLUMNS, orders)
    return sigma_ranges(sample.weights, sample.held_out, [boundary], 4.0, orders)


def conversion_at(parts: AnalogParts, bits: int, ranges: Ranges, sample: Operands, boundary: int) -> Conversion:
    """Return the errors of the conversions at a boundary, those of all weight bits taken as alike.

    Words and step are means over the weight bits that are converted; without any the errors are 0. A window with more
    orders than the DAC has bits is refused, as a word that the DAC has not.
    """
    shapes = list(windows(ranges.orders, [boundary]))
    if not shapes:
        return Conversion(adc_bits=bits)
    words = np.stack([shape.words(sample.held_out) for _, _, shape in shapes]).astype(np.int64)
    step = float(np.mean([ranges.steps(bits)[boundary, i] for _, i, _ in shapes]))
    # A window with fewer orders than the DAC has bits drives its upper ones: a step of the sum is several of its steps.
    steps = max(1, (parts.highest_word + 1) >> ranges.orders.window)
    whole = conversion_of(parts, bits, steps * words, steps * step)
    return Conversion(adc_bits=bits, static=whole.static / steps, temporal=whole.temporal / steps)


def accuracy(sample: Operands, ranges: Ranges, conversion: Conversion, boundary: int, seed: int = 1) -> Accuracy:
    """Return how well the product of a sample is computed at a boundary; errors as of `HybridMac`."""
    exact = sample.exact(sample.activations)
    array = HybridMac(sample.weights, ranges, conversion, seed=seed)
    # One path whatever is installed; both give the same bits, of which the tests of the product make sure.
    error = array.product(sample.activations, boundary, path="numpy") - exact
    return Accuracy(float(exact.var()), float(error.mean()), float(error.std()))
