"""Numbers as SPICE reads them: the one filter that every value in a deck passes through."""

from __future__ import annotations

from typing import Any

from bitline.errors import InputError


def number(value: Any) -> str:
    """Write a number exactly as SPICE reads it: an integer, or a float by `repr`, never a suffix.

    Raises
    ------
    InputError
        For anything that is not a finite number.
    """
    # Python counts True as 1; in a deck it can only be a mistake.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{value!r} is not a number and cannot go into a deck")
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f"{value!r} is not finite and cannot go into a deck")
    # Sub-classes, such as NumPy's float64 or an IntEnum, have a repr that SPICE does not read.
    if isinstance(value, int):
        return repr(int(value))
    return repr(float(value))
