"""The hybrid product by matrix products of NumPy: one for each window, one for what is dropped, one for the whole.

All sums are integers below 2^24, which single precision holds exactly whatever the order of the additions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bitline.system.hybrid.analog import Window
from bitline.system.hybrid.noise import FIELDS, WORDS, deviates_of, scrambled
from bitline.system.hybrid.plan import Plan

Array = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

CHUNK = 2**16
"""Products that are worked on at once: intermediate arrays then stay in a processor's second cache."""


def product(plan: Plan, activations: Bytes, boundary: Integers, start: int) -> Array:
    """Return the outputs; see `bitline.system.hybrid.mac.HybridMac.product`.

    Parameters
    ----------
    plan : Plan
    activations : array of uint8, shape (pixels, length)
    boundary : array of int64, shape (pixels, 1) or (pixels, outputs)
    start : int
        Number of the first pixel.
    """
    out = np.empty((len(activations), plan.outputs))
    for value in np.unique(boundary).tolist():
        here = boundary == value
        rows = np.flatnonzero(here.any(axis=1))
        for part in _parts(rows, plan.outputs):
            values = _at(plan, activations[part], value, part + start)
            np.copyto(values, out[part], where=~here[part])
            out[part] = values
    return out


def digital(plan: Plan, activations: Bytes, boundary: int) -> Singles:
    """Return the sum of all orders from a boundary on, exactly; shape (pixels, outputs)."""
    first = [plan.orders.exact_from(boundary, i) for i in range(plan.orders.weight_bits)]
    masks = [2**plan.orders.input_bits - 2**j for j in first]
    return _masked(plan, activations, np.array(masks))


def _parts(rows: Integers, outputs: int) -> Iterator[Integers]:
    chunk = max(CHUNK // outputs, 16)
    for begin in range(0, len(rows), chunk):
        yield rows[begin : begin + chunk]


def _at(plan: Plan, activations: Bytes, boundary: int, numbers: Integers) -> Array:
    """Return all outputs of some pixels at one boundary."""
    exact = whole(plan, activations) - _masked(plan, activations, 2 ** plan.first[boundary] - 1)
    total = np.zeros_like(exact)
    conversions = plan.end[boundary] > plan.first[boundary]
    words: list[NDArray[np.uint64]] = []
    if plan.temporal > 0 and conversions.any():
        words = _words(plan, numbers)
    for i in np.flatnonzero(conversions).tolist():
        first, end, place = (int(table[boundary, i]) for table in (plan.first, plan.end, plan.place))
        word = Window(first, end, place).words(activations)
        level = word @ plan.bits[i].astype(np.float32)
        # What the converter reads is taken out of the exact result first.
        exact -= level * np.float32(np.sign(plan.signs[i]) * plan.scale(boundary))
        reading = _read(plan, level, boundary, i, words)
        if plan.signs[i] < 0:
            total -= reading
        else:
            total += reading
    return exact.astype(np.float64) + (total * np.float32(plan.scale(boundary))).astype(np.float64)


def _read(plan: Plan, level: Singles, boundary: int, i: int, words: list[NDArray[np.uint64]]) -> Singles:
    """Return what the converters read at some sums, which are overwritten."""
    if plan.transfer is not None:
        level = plan.transfer[level.astype(np.intp)]
    level += plan.offsets[i]
    if words:
        level += plan.temporal * deviates_of(words[i // FIELDS], i % FIELDS)
    level -= plan.origin[boundary, i]
    level *= plan.inverse[boundary, i]
    np.floor(level, out=level)
    np.clip(level, np.float32(0), plan.top, out=level)
    level *= plan.step[boundary, i]
    level += plan.base[boundary, i]
    return level


def _words(plan: Plan, numbers: Integers) -> list[NDArray[np.uint64]]:
    """Return the scrambled words of some pixels' conversions, one for four weight bits."""
    columns = np.arange(plan.outputs, dtype=np.uint64)
    counter = np.uint64(WORDS) * (numbers.astype(np.uint64)[:, None] * np.uint64(plan.outputs) + columns)
    return [scrambled(plan.key, (counter + np.uint64(word)).astype(np.uint64)) for word in range(WORDS)]


def whole(plan: Plan, activations: Bytes) -> Singles:
    """Return the sum of all orders, exactly; shape (pixels, outputs)."""
    return np.asarray(activations.astype(np.float32) @ plan.weights.astype(np.float32))


def _masked(plan: Plan, activations: Bytes, masks: Integers) -> Singles:
    """Return the sum of the activation bits that each weight bit has in its mask."""
    counted = np.flatnonzero(masks).tolist()
    if not counted:
        return np.zeros((len(activations), plan.outputs), dtype=np.float32)
    # One product of all weight bits behind one another is faster than one for each.
    parts = [activations & np.uint8(masks[i]) for i in counted]
    weights = [plan.bits[i].astype(np.float32) * np.float32(plan.signs[i]) for i in counted]
    return np.asarray(np.concatenate(parts, axis=1).astype(np.float32) @ np.concatenate(weights))
