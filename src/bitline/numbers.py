"""Numbers as text: the one filter of every value in a deck, and the one reader of what a user types."""

from __future__ import annotations

import math
import re
from typing import Any

from bitline.errors import InputError

# Python reads 1_0 as ten, and the digits of every script: in a file or on a command line both are slips of the hand.
_INTEGER = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def real(text: str) -> float:
    """Read a finite number in ASCII digits, such as ``0.14e-6``; raises `ValueError` for any other text."""
    if not _REAL.fullmatch(text) or not math.isfinite(value := float(text)):
        raise ValueError(f"{text!r} is not a number")
    return value


def cell(text: str) -> float:
    """Read a float as `repr` writes it, one that is not finite too; raises `ValueError` for any other text."""
    if text in _NOT_FINITE:
        return _NOT_FINITE[text]
    return real(text)


def integer(text: str) -> int:
    """Read an integer in ASCII digits; raises `ValueError` for any other text."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text!r} is not an integer")
    return int(text)


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
