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
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{value!r} is not a number and cannot go into a deck")
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f"{value!r} is not finite and cannot go into a deck")
    return repr(int(value)) if isinstance(value, int) else repr(float(value))
