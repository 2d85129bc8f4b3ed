"""The hybrid product compiled: counts of ones in packed bits, sixteen products a word, outputs side by side.

Importing this module needs numba (the extra ``fast``). It gives the bits of `bitline.system.hybrid.matrices`: the sums
are the same integers, and every operation of single precision comes in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

WORD = 16
"""Products in a packed word: 144 of them fill nine without a rest."""
TRIPLE = 3
"""Words that are counted in one loop over the outputs."""
NO_BITS, ALL_BITS = 0, 0xFFFF
GROUP = 4
"""Activation bits that are counted in one go; planes of zeros behind the last one fill up the last group."""


def product(plan: Plan, activations: Bytes, boundary: Integers, start: int) -> Array:
    """Return the outputs; parameters as for `bitline.system.hybrid.matrices.product`."""
    out = np.empty((len(activations), plan.outputs))
    _fill(
        _planes(activations, plan.orders.input_bits),
        _packed_weights(plan),
        whole(plan, activations),
        boundary,
        np.unique(boundary),
        plan.first,
        plan.end,
        plan.place,
        plan.signs,
        np.array([plan.scale(b) for b in range(plan.orders.highest + 1)]),
        plan.origin,
        plan.inverse,
        plan.base,
        plan.step,
        plan.top,
        plan.offsets,
        np.empty(0, dtype=np.float32) if plan.transfer is None else plan.transfer,
        plan.temporal,
        table(),
        np.uint64(plan.key),
        np.uint64(start),
        out,
    )
    return out


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


def _scramble_python(words: NDArray[np.uint64], start: np.uint64, key: np.uint64, group: np.uint64) -> None:
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


def _add_noise_python(
    levels: Singles, words: NDArray[np.uint64], deviates: Singles, field: int, temporal: np.float32
) -> None:
    for o in range(levels.size):
        levels[o] += temporal * deviates[(words[o] >> np.uint64(16 * field)) & np.uint64(0xFFFF)]


_add_noise = njit(cache=True, nogil=True)(_add_noise_python)


def _convert_python(
    total: Singles,
    levels: Singles,
    origin: np.float32,
    inverse: np.float32,
    base: np.float32,
    step: np.float32,
    top: np.float32,
    sign: np.float32,
) -> None:
    """Add what the converters read to the totals, with a sign."""
    zero = np.float32(0)
    for o in range(total.size):
        code = np.floor((levels[o] - origin) * inverse)
        code = code if code > zero else zero
        code = code if code < top else top
        total[o] += sign * (code * step + base)


_convert = njit(cache=True, nogil=True)(_convert_python)


def _fill_python(
    planes: Halves,
    weights: Halves,
    exact: Singles,
    boundary: Integers,
    offered: Integers,
    first: Integers,
    end: Integers,
    place: Integers,
    signs: Integers,
    scales: Array,
    origin: Singles,
    inverse: Singles,
    base: Singles,
    step: Singles,
    top: np.float32,
    offsets: Singles,
    transfer: Singles,
    temporal: np.float32,
    deviates: Singles,
    key: np.uint64,
    start: np.uint64,
    out: Array,
) -> None:
    pixels, outputs = out.shape
    weight_bits = weights.shape[0]
    sums, below = np.empty(outputs, np.uint16), np.empty(outputs, np.uint16)
    taken, total, levels = np.empty(outputs, np.int32), np.empty(outputs, np.float32), np.empty(outputs, np.float32)
    words = np.empty((WORDS, outputs), np.uint64)
    single = boundary.shape[1] == 1
    for p in range(pixels):
        if temporal > 0:
            number = (start + np.uint64(p)) * np.uint64(outputs)
            for group in range(WORDS):
                _scramble(words[group], number, key, np.uint64(group))
        for b in offered:
            if not np.any(boundary[p] == b):
                continue
            taken[:] = 0
            total[:] = 0
            for i in range(weight_bits):
                low = first[b, i]
                if low > 0:
                    below[:] = 0
                    _count(below, planes[p], weights[i], 0, low, 0)
                    sign = np.int32(signs[i])
                    for o in range(outputs):
                        taken[o] += sign * np.int32(below[o])
                if end[b, i] == low:
                    continue
                sums[:] = 0
                _count(sums, planes[p], weights[i], low, end[b, i], place[b, i])
                left, sign = np.int32(place[b, i]), np.int32(signs[i] << low)
                for o in range(outputs):
                    taken[o] += sign * np.int32(sums[o] >> left)
                if transfer.size:
                    for o in range(outputs):
                        levels[o] = transfer[sums[o]] + offsets[i, o]
                else:
                    for o in range(outputs):
                        levels[o] = np.float32(sums[o]) + offsets[i, o]
                if temporal > 0:
                    _add_noise(levels, words[i // FIELDS], deviates, i % FIELDS, temporal)
                _convert(
                    total,
                    levels,
                    origin[b, i],
                    inverse[b, i],
                    base[b, i],
                    step[b, i],
                    top,
                    np.float32(1 if signs[i] > 0 else -1),
                )
            scale = np.float32(scales[b])
            for o in range(outputs):
                if single or boundary[p, o] == b:
                    out[p, o] = np.float64(exact[p, o] - np.float32(taken[o])) + np.float64(total[o] * scale)


_fill = njit(cache=True, nogil=True)(_fill_python)
