"""The hybrid product compiled: counts of ones in packed bits, sixteen products a word, outputs side by side.

Importing this module needs numba (the extra ``fast``). It gives the bits of `bitline.system.hybrid.matrices`: the sums
are the same integers, and every operation of single precision comes in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from bitline.system.hybrid.matrices import whole
from bitline.system.hybrid.noise import FIELDS, MIX_1, MIX_2, STRIDE, WORDS, table
from bitline.system.hybrid.plan import Plan

Array = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Halves = NDArray[np.uint16]
Words = NDArray[np.uint64]

WORD = 16
"""Products in a packed word: 144 of them fill nine without a rest."""
TRIPLE = 3
"""Words that are counted in one loop over the outputs."""
NO_BITS, ALL_BITS = 0, 0xFFFF
GROUP = 4
"""Activation bits that are counted in one go; planes of zeros behind the last one fill up the last group."""


class Constants(NamedTuple):
    """A plan as arrays and numbers, which compiled code can take; see `bitline.system.hybrid.plan.Plan`."""

    first: Integers
    end: Integers
    place: Integers
    signs: Integers
    scales: Array
    origin: Singles
    inverse: Singles
    base: Singles
    step: Singles
    top: np.float32
    offsets: Singles
    transfer: Singles
    temporal: np.float32
    deviates: Singles
    key: np.uint64


def product(plan: Plan, activations: Bytes, boundary: Integers, start: int) -> Array:
    """Return the outputs; parameters as for `bitline.system.hybrid.matrices.product`."""
    out = np.empty((len(activations), plan.outputs))
    planes = _planes(activations, plan.orders.input_bits)
    offered = np.unique(boundary)
    _fill(
        _constants(plan),
        planes,
        _packed_weights(plan),
        whole(plan, activations),
        boundary,
        offered,
        np.uint64(start),
        out,
    )
    return out


def _constants(plan: Plan) -> Constants:
    transfer = plan.transfer
    # Compiled code has one type for it: an empty table is the sum itself.
    if transfer is None:
        transfer = np.empty(0, dtype=np.float32)
    return Constants(
        first=plan.first,
        end=plan.end,
        place=plan.place,
        signs=plan.signs,
        scales=np.array([plan.scale(b) for b in range(plan.orders.highest + 1)]),
        origin=plan.origin,
        inverse=plan.inverse,
        base=plan.base,
        step=plan.step,
        top=plan.top,
        offsets=plan.offsets,
        transfer=transfer,
        temporal=plan.temporal,
        deviates=table(),
        key=np.uint64(plan.key),
    )


def _packed(ones: NDArray[np.uint8]) -> Halves:
    """Pack zeros and others along the last axis into words of 16 bits, filled up with zeros to whole triples."""
    packed = np.packbits(ones, axis=-1, bitorder="little")
    whole_words = np.zeros((*packed.shape[:-1], -(-packed.shape[-1] // (2 * TRIPLE)) * 2 * TRIPLE), dtype=np.uint8)
    whole_words[..., : packed.shape[-1]] = packed
    return whole_words.view(np.uint16)


def _planes(activations: Bytes, bits: int) -> Halves:
    """Return the bits of activations, the lowest first: shape (pixels, bits + GROUP, words)."""
    planes = [_packed(activations & np.uint8(1 << j)) for j in range(bits)]
    return np.stack(planes + GROUP * [np.zeros_like(planes[0])], axis=1)


def _packed_weights(plan: Plan) -> Halves:
    """Return the bits of the weights: shape (weight_bits, words, outputs)."""
    return np.ascontiguousarray(_packed(np.ascontiguousarray(plan.bits.swapaxes(1, 2))).swapaxes(1, 2))


def _ones_python(typing_context: Any, word: Any) -> Any:
    """Count the ones of a 16-bit word, within 16 bits: that many outputs fit into a processor's registers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint16(types.uint16), generate


_ones: Callable[[Any], Any] = intrinsic(_ones_python)  # type: ignore[assignment]


def _two_python(a: Any, b: Any, w: Any) -> Any:
    """Return what two activation bits make with a word of weight bits."""
    return _ones(a & w) + (_ones(b & w) << 1)


_two = njit(cache=True, nogil=True)(_two_python)


def _four_python(a: Any, b: Any, c: Any, d: Any, w: Any) -> Any:
    return _two(a, b, w) + (_two(c, d, w) << 2)


_four = njit(cache=True, nogil=True)(_four_python)


def _count_python(sums: Halves, planes: Halves, weights: Halves, first: int, end: int, place: int) -> None:
    """Add to the sums of all outputs what activation bits first..end - 1 make, the first one counting 2^place."""
    for j in range(first, end, GROUP):
        many, shift = min(end - j, GROUP), place + j - first
        # Bits of the group that do not belong to it count nothing.
        second, fourth = np.uint16(NO_BITS if many == 1 else ALL_BITS), np.uint16(NO_BITS if many == 3 else ALL_BITS)
        a, b, c, d = planes[j], planes[j + 1], planes[j + 2], planes[j + 3]
        for k in range(0, planes.shape[1], TRIPLE):
            a0, a1, a2 = a[k], a[k + 1], a[k + 2]
            b0, b1, b2 = b[k] & second, b[k + 1] & second, b[k + 2] & second
            if many <= 2:
                for o in range(sums.size):
                    ones = _two(a0, b0, weights[k, o]) + _two(a1, b1, weights[k + 1, o])
                    sums[o] += (ones + _two(a2, b2, weights[k + 2, o])) << shift
                continue
            c0, c1, c2 = c[k], c[k + 1], c[k + 2]
            d0, d1, d2 = d[k] & fourth, d[k + 1] & fourth, d[k + 2] & fourth
            for o in range(sums.size):
                ones = _four(a0, b0, c0, d0, weights[k, o]) + _four(a1, b1, c1, d1, weights[k + 1, o])
                sums[o] += (ones + _four(a2, b2, c2, d2, weights[k + 2, o])) << shift


_count = njit(cache=True, nogil=True)(_count_python)


def _scramble_python(words: Words, start: np.uint64, key: np.uint64, group: np.uint64) -> None:
    """Fill in the scrambled words of a pixel's conversions, of which the first output has the number `start`."""
    for o in range(words.size):
        word = ((start + np.uint64(o)) * np.uint64(WORDS) + group) * np.uint64(STRIDE) + key
        word ^= word >> np.uint64(30)
        word *= np.uint64(MIX_1)
        word ^= word >> np.uint64(27)
        word *= np.uint64(MIX_2)
        word ^= word >> np.uint64(31)
        words[o] = word


_scramble = njit(cache=True, nogil=True)(_scramble_python)


def _take_python(taken: NDArray[np.int32], sums: Halves, right: int, factor: int) -> None:
    """Add sums, whose lowest `right` bits are zero and not counted, to what is taken out of the exact result."""
    shift, times = np.int32(right), np.int32(factor)
    for o in range(taken.size):
        taken[o] += times * np.int32(sums[o] >> shift)


_take = njit(cache=True, nogil=True)(_take_python)


def _level_python(levels: Singles, sums: Halves, transfer: Singles, offsets: Singles) -> None:
    """Fill in what the columns put out at their sums, without temporal noise."""
    if transfer.size:
        for o in range(levels.size):
            levels[o] = transfer[sums[o]] + offsets[o]
    else:
        for o in range(levels.size):
            levels[o] = np.float32(sums[o]) + offsets[o]


_level = njit(cache=True, nogil=True)(_level_python)


def _add_noise_python(levels: Singles, words: Words, deviates: Singles, field: int, temporal: np.float32) -> None:
    for o in range(levels.size):
        levels[o] += temporal * deviates[(words[o] >> np.uint64(16 * field)) & np.uint64(0xFFFF)]


_add_noise = njit(cache=True, nogil=True)(_add_noise_python)


def _convert_python(total: Singles, levels: Singles, c: Constants, b: int, i: int) -> None:
    """Add what the converters of a weight bit read to the totals, with its sign."""
    zero, top, sign = np.float32(0), c.top, np.float32(1 if c.signs[i] > 0 else -1)
    origin, inverse, base, step = c.origin[b, i], c.inverse[b, i], c.base[b, i], c.step[b, i]
    for o in range(total.size):
        code = np.floor((levels[o] - origin) * inverse)
        code = code if code > zero else zero
        code = code if code < top else top
        total[o] += sign * (code * step + base)


_convert = njit(cache=True, nogil=True)(_convert_python)


def _pixel_python(
    c: Constants, planes: Halves, weights: Halves, b: int, words: Words, taken: NDArray[np.int32], total: Singles
) -> None:
    """Fill in, of all outputs of a pixel, what is not digital at a boundary and what the converters read."""
    sums, levels = np.empty(taken.size, np.uint16), np.empty(taken.size, np.float32)
    taken[:] = 0
    total[:] = 0
    for i in range(weights.shape[0]):
        first, end, place = c.first[b, i], c.end[b, i], c.place[b, i]
        if first > 0:
            sums[:] = 0
            _count(sums, planes, weights[i], 0, first, 0)
            _take(taken, sums, 0, c.signs[i])
        if first < end:
            sums[:] = 0
            _count(sums, planes, weights[i], first, end, place)
            _take(taken, sums, place, c.signs[i] << first)
            _level(levels, sums, c.transfer, c.offsets[i])
            if c.temporal > 0:
                _add_noise(levels, words[i // FIELDS], c.deviates, i % FIELDS, c.temporal)
            _convert(total, levels, c, b, i)


_pixel = njit(cache=True, nogil=True)(_pixel_python)


def _fill_python(
    c: Constants,
    planes: Halves,
    weights: Halves,
    exact: Singles,
    boundary: Integers,
    offered: Integers,
    start: np.uint64,
    out: Array,
) -> None:
    pixels, outputs = out.shape
    taken, total = np.empty(outputs, np.int32), np.empty(outputs, np.float32)
    words = np.empty((WORDS, outputs), np.uint64)
    single = boundary.shape[1] == 1
    for p in range(pixels):
        if c.temporal > 0:
            for word in range(WORDS):
                _scramble(words[word], (start + np.uint64(p)) * np.uint64(outputs), c.key, np.uint64(word))
        for b in offered:
            if not np.any(boundary[p] == b):
                continue
            # All outputs side by side, and those kept that have this boundary: faster than one at a time.
            _pixel(c, planes[p], weights, b, words, taken, total)
            scale = np.float32(c.scales[b])
            for o in range(outputs):
                if single or boundary[p, o] == b:
                    out[p, o] = np.float64(exact[p, o] - np.float32(taken[o])) + np.float64(total[o] * scale)


_fill = njit(cache=True, nogil=True)(_fill_python)
