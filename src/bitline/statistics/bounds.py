"""Bounds that a standard deviation, a ratio of powers or a count must keep."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bitline.errors import InputError


def check_positive(name: str, values: ArrayLike, *, zero: bool = False, finite: bool = False) -> None:
    """Raise `InputError` for a value below 0, or 0 unless `zero` allows it; NaN and infinity only if `finite`.

    NaN stands for a point that failed, and makes what is worked out of it NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    wrong = (array < 0) | ((array == 0) & (not zero))
    if finite:
        wrong |= ~np.isfinite(array)
    if wrong.any():
        first = array[wrong].flat[0]
        allowed = ">= 0" if zero else "> 0"
        raise InputError(f"{name} = {first:g}: must be {'finite and ' if finite else ''}{allowed}")


def check_count(name: str, value: object, least: int = 0) -> None:
    """Raise `InputError` unless a value is an integer of at least `least`; NumPy's integers are."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{name} = {value}: must be an integer >= {least}")
