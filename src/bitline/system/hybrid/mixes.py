"""Two neighbouring boundaries among the outputs: all at one, at random, or chosen by saliency.

Half of the outputs are to have the lower boundary. Chosen by saliency, that is a threshold taken on held-out data
(`bitline.system.hybrid.saliency`). What counts after a rectifier is judged on ``max(product, 0)`` too: a negative
output may then be wrong without harm. The mean error of a boundary, which the dropped orders make, is taken on
held-out data and subtracted (assumed: a constant costs nothing), for a mix would otherwise differ by it from output to
output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bitline.system.hybrid.accuracy import Accuracy, conversion_at
from bitline.system.hybrid.analog import sigma_ranges
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.measured import AnalogParts
from bitline.system.hybrid.operands import Operands
from bitline.system.hybrid.saliency import SaliencyRule

Way = Literal["fixed", "random", "signed", "magnitude"]
"""All outputs at the higher boundary; half of them one lower: at random, or those with the greater saliency."""

WAYS: tuple[Way, ...] = get_args(Way)
SHARE = 0.5
"""Of the outputs, at the lower boundary (choice)."""


@dataclass(frozen=True)
class Mix:
    """What became of a mix: its mean boundary, and its outputs before and behind a rectifier."""

    mean_boundary: float
    outputs: Accuracy
    rectified: Accuracy


def mixed(sample: Operands, parts: AnalogParts, bits: int, boundary: int, way: Way, seed: int = 1) -> Mix:
    """Return a mix of ``boundary - 1`` and `boundary`; errors as of `HybridMac`."""
    ranges = sigma_ranges(sample.weights, sample.held_out, [boundary - 1, boundary])
    conversion = conversion_at(parts, bits, ranges, sample, boundary)
    array = HybridMac(sample.weights, ranges, conversion, seed=seed)
    chosen = _boundaries(array, sample, boundary, way, seed)
    # Chosen output by output from two whole products, which is what the product does with a boundary for each output.
    low, high = (_without_mean_error(array, sample, b) for b in (boundary - 1, boundary))
    product = np.where(chosen == boundary, high, low)
    exact = sample.exact(sample.activations)
    return Mix(float(chosen.mean()), _judged(product, exact), _judged(np.maximum(product, 0), np.maximum(exact, 0)))


def _without_mean_error(array: HybridMac, sample: Operands, boundary: int) -> NDArray[np.float64]:
    """Return the product less the mean error of the held-out one."""
    held_out = array.product(sample.held_out, boundary, path="numpy", start=len(sample.activations))
    bias = float((held_out - sample.exact(sample.held_out)).mean())
    return array.product(sample.activations, boundary, path="numpy") - bias


def _boundaries(array: HybridMac, sample: Operands, boundary: int, way: Way, seed: int) -> NDArray[np.int64]:
    shape = len(sample.activations), sample.weights.shape[1]
    if way == "fixed":
        return np.full(shape, boundary)
    if way == "random":
        return boundary - np.random.default_rng(seed).integers(0, 2, shape)
    shares = {boundary - 1: SHARE, boundary: 1 - SHARE}
    rule = SaliencyRule.at_shares(array.digital(sample.held_out, boundary), shares, way)
    return rule.boundary(array.digital(sample.activations, boundary))


def _judged(product: NDArray[np.float64], exact: NDArray[np.float64]) -> Accuracy:
    error = product - exact
    return Accuracy(float(exact.var()), float(error.mean()), float(error.std()))
