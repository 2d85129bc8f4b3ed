"""What both paths of the hybrid product work from: weights by bits, the windows as tables, the converters' constants.

Every constant that meets a sum is rounded to single precision here, once, so that both paths compute with the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitline.system.hybrid.analog import Conversion, Ranges, windows
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.noise import key_of, static_deviates

Singles = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Plan:
    """Constants of one array of columns; tables are over boundary and weight bit.

    Parameters
    ----------
    orders : BitOrders
    weights : array of int8, shape (length, outputs)
    bits : array of uint8, shape (weight_bits, length, outputs)
        Bits of the weights, the lowest first.
    signs : array of int64, shape (weight_bits,)
        ``2^i``, negative for the top bit.
    first, end, place : arrays of int64, shape (boundaries, weight_bits)
        Window; first = end where it holds no bit.
    origin, inverse, base, step : arrays of float32, shape (boundaries, weight_bits)
        code = floor((u - origin) inverse), reading = base + step code.
    top : float
        Largest code.
    offsets : array of float32, shape (weight_bits, outputs)
        Static errors of this chip's columns [LSB of the sum].
    transfer : array of float32, shape (sums,), or None
        Mean output at each sum; None is the sum itself.
    temporal : float
        [LSB of the sum]
    key : int
        Of the temporal noise.
    """

    orders: BitOrders
    weights: NDArray[np.int8]
    bits: NDArray[np.uint8]
    signs: Integers
    first: Integers
    end: Integers
    place: Integers
    origin: Singles
    inverse: Singles
    base: Singles
    step: Singles
    top: np.float32
    offsets: Singles
    transfer: Singles | None
    temporal: np.float32
    key: int

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        return int(self.weights.shape[1])

    def scale(self, boundary: int) -> float:
        """Return what one LSB of the sum counts in the product."""
        return float(2.0 ** (boundary - self.orders.window))


def plan_of(
    weights: NDArray[np.int8],
    orders: BitOrders,
    conversion: Conversion,
    ranges: Ranges,
    transfer: Singles | None,
    seed: int,
) -> Plan:
    """Return the constants; raises `InputError` for a negative seed."""
    shape = (orders.highest + 1, orders.weight_bits)
    first, end, place = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for boundary in range(orders.highest + 1):
        first[boundary] = end[boundary] = [orders.analog_from(boundary, i) for i in range(orders.weight_bits)]
    for boundary, i, window in windows(orders, range(orders.highest + 1)):
        end[boundary, i], place[boundary, i] = window.end, window.place
    signs = 1 << np.arange(orders.weight_bits)
    # Two's complement: the top bit counts negative.
    signs[-1] = -signs[-1]
    step = ranges.steps(conversion.adc_bits)
    z = static_deviates(seed, weights.shape[1], orders.weight_bits)
    return Plan(
        orders=orders,
        weights=weights,
        bits=np.stack([(weights >> i) & 1 for i in range(orders.weight_bits)]).astype(np.uint8),
        signs=signs,
        first=first,
        end=end,
        place=place,
        origin=ranges.low.astype(np.float32),
        inverse=(1 / step).astype(np.float32),
        base=(ranges.low + step / 2).astype(np.float32),
        step=step.astype(np.float32),
        top=np.float32(2**conversion.adc_bits - 1),
        offsets=np.float32(conversion.static) * z,
        transfer=transfer,
        temporal=np.float32(conversion.temporal),
        key=key_of(seed),
    )
