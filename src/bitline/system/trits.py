"""Balanced ternary numbers: digits -1, 0, +1 with the weights 1, 3, 9 ...

A number has exactly one form, its negative is the form with every digit's sign changed, and dropping
low digits rounds to nearest. Five trits hold -121..121: 243 of the 256 values of eight bits. So
conversion of eight bits is a bijection on those 243; -128..-122 and 122..127 have no form.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError

Outside = Literal["raise", "clip"]

WIDEST = 40
"""Most trits whose numbers all fit in 64 bits."""


def largest(width: int) -> int:
    """Return the largest number of `width` trits, (3**width - 1)/2; the smallest is its negative.

    Raises
    ------
    InputError
        If `width` is not 1..40.
    """
    if not 1 <= width <= WIDEST:
        raise InputError(f"width = {width} trits: must be 1..{WIDEST}")
    return int((3**width - 1) // 2)


def to_trits(numbers: ArrayLike, width: int = 5, outside: Outside = "raise") -> NDArray[np.int8]:
    """Return the balanced ternary digits of integers.

    Parameters
    ----------
    numbers : array of integers, shape (...)
    width : int
        Number of trits, 1..40.
    outside : {"raise", "clip"}
        What becomes of numbers beyond ``largest(width)``: an error, or the nearest that there is.

    Returns
    -------
    ndarray of int8, shape (..., width)
        Least significant digit first.

    Raises
    ------
    InputError
        If the numbers are no integers, one has no form and is not to be clipped, or `width` is wrong.
    """
    if outside not in get_args(Outside):
        raise InputError(f"outside = {outside!r}: must be 'raise' or 'clip'")
    rest = held(numbers, width, outside)
    digits = np.empty((*rest.shape, width), dtype=np.int8)
    for place in range(width):
        # Nearest multiple of 3, not the one below: so the digit is -1, 0 or +1 and the rest stays small.
        digit = (rest + 1) % 3 - 1
        digits[..., place] = digit
        rest = (rest - digit) // 3
    return digits


def held(numbers: ArrayLike, width: int = 5, outside: Outside = "raise") -> NDArray[np.int64]:
    """Return integers as `width` trits hold them; parameters and errors as of `to_trits`."""
    limit = largest(width)
    x = np.asarray(numbers)
    if x.dtype.kind not in "iu" and x.size:
        raise InputError(f"numbers of dtype {x.dtype}: must be integers")
    # First, so that the largest of 64 bits do not turn negative.
    if x.dtype.kind == "u":
        x = np.minimum(x.astype(np.uint64), np.uint64(2**63 - 1))
    wide = x.astype(np.int64)
    inside = np.clip(wide, -limit, limit)
    if outside == "raise" and (lost := wide[inside != wide]).size:
        raise InputError(f"number {lost.flat[0]}: {width} trits hold {-limit}..{limit}")
    return inside


def from_trits(trits: ArrayLike) -> NDArray[np.int64]:
    """Return the integers that balanced ternary digits stand for.

    Parameters
    ----------
    trits : array of integers, shape (..., width)
        Digits -1, 0, +1, least significant first; width 1..40.

    Returns
    -------
    ndarray of int64, shape (...)

    Raises
    ------
    InputError
        If something other than -1, 0, +1 is among them, or there are no digits or too many.
    """
    digits = checked(trits)
    largest(digits.shape[-1])
    return digits.astype(np.int64) @ weights(digits.shape[-1])


def weights(width: int) -> NDArray[np.int64]:
    """Return what each digit counts, least significant first: 1, 3, 9 ..., shape (width,)."""
    # 64 bits by name: the default integer is narrower on some systems, and 3^39 needs 62.
    return 3 ** np.arange(width, dtype=np.int64)


def checked(trits: ArrayLike) -> NDArray[np.int8]:
    """Return the digits as int8; raises `InputError` if they are not all -1, 0 or +1."""
    digits = np.asarray(trits)
    if digits.ndim == 0 or digits.dtype.kind not in "iu" or (digits.size and not _is_trit(digits).all()):
        raise InputError("trits: must be an array of the integers -1, 0 and +1")
    # A byte a digit: dot products of a network hold millions of them.
    return digits.astype(np.int8)


def _is_trit(digits: NDArray[np.signedinteger]) -> NDArray[np.bool_]:
    return (digits >= -1) & (digits <= 1)
