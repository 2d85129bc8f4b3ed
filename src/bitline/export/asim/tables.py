"""What ASiM gets of a hybrid macro: how many levels are digital, and one random error that stands for all.

ASiM computes each pair of weight bit i and activation bit j apart, as a share of `nrow`, and shifts and adds. With
``hybrid_levels = L`` the pairs with ``i + j >= wbit + xbit - 1 - L`` have no noise: the orders from a boundary
``B = wbit + xbit - 1 - L`` on. Every other pair gets normal noise of ``rand_noise_sigma`` percent of `nrow`.

It drops no order, has no window, and rounds every pair to `adc_prec` bits of the full scale, **the digital ones too**.
So the converter is taken out of it (`adc_prec` = 20, which rounds by 1e-4 products or less) and everything that the
macro's product is wrong by, but for its mean, is put into the noise. Noise of independent pairs adds up::

    sigma_error^2 = (rand_noise_sigma / 100 nrow)^2 sum over i + j < B of 4^(i + j)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bitline.errors import InputError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.system.measured_operation import Condition, measured_operation

BITS = 8
"""Bits of weights and of activations."""
CONDITIONS = ("corner", "vdd", "temperature")
PRECISION = 20
"""ASiM's converter, fine enough to round nothing."""


@dataclass(frozen=True)
class Layer:
    """Arguments of an ASiM layer.

    Attributes
    ----------
    hybrid_levels : int
    rand_noise_sigma : float
        [% of the full scale of a pair]
    error_sigma, error_mean : float
        Of the product, which the noise stands for, and which it does not [LSB of the product].
    """

    hybrid_levels: int
    rand_noise_sigma: float
    error_sigma: float
    error_mean: float


def power_below(boundary: int) -> int:
    """Return the sum of ``4^(i + j)`` over the pairs of bits below a boundary."""
    return sum(4 ** (i + j) for i in range(BITS) for j in range(BITS) if i + j < boundary)


def place(lut: Lut, condition: Condition | None) -> dict[str, float | str]:
    """Return corner, supply and temperature: those named, else those at which all tables of the LUT hold.

    Raises
    ------
    InputError
        If another axis is named, or the LUT has neither that value nor one of its own.
    """
    for axis in condition or {}:
        if axis not in CONDITIONS:
            raise UnknownNameError("condition", axis, CONDITIONS)
    conditions = measured_operation(lut, condition).conditions
    for axis in CONDITIONS:
        _check_on_grid(lut, axis, conditions.get(axis), "condition ")
    return {axis: conditions[axis] for axis in CONDITIONS}


def layers(lut: Lut, adc_bits: int, adc_range: str, operands: str, condition: Condition) -> dict[int, Layer]:
    """Return the arguments by boundary at a whole `place`; raises `InputError` if the LUT does not have the others."""
    asked: dict[str, float | str] = {"adc_bits": adc_bits, "adc_range": adc_range, "operands": operands}
    for axis, value in asked.items():
        _check_on_grid(lut, axis, value)
    at = lut.tables["accuracy"].sel({**condition, **asked})
    nrow = products(lut)
    made = {}
    for boundary in at["boundary"].values.tolist():
        sigma, mean = (float(at[name].sel(boundary=boundary)) for name in ("error_sigma", "error_mean"))
        below = power_below(boundary)
        noise = 0.0
        if below:
            noise = 100 * sigma / (nrow * math.sqrt(below))
        made[boundary] = Layer(2 * BITS - 1 - boundary, noise, sigma, mean)
    # At boundary 0 every level is digital, of which ASiM counts one for each order.
    return made


def _check_on_grid(lut: Lut, axis: str, value: float | str | None, what: str = "") -> None:
    known = lut.tables["accuracy"][axis].values.tolist()
    if value not in known:
        raise InputError(f"{what}{axis} = {value}: must be one of {', '.join(map(str, known))}")


def products(lut: Lut) -> int:
    """Return how many products a dot product has; raises `InputError` where the LUT does not say."""
    count = lut.attrs.get("products")
    if not isinstance(count, int) or count < 1:
        raise InputError(f"LUT {lut.name}: attrs.products = {count}: must be how many products a dot product has")
    return count
