"""Names of a LUT and of what is in it: one rule each, asked before a sweep as well as when the LUT is made."""

from __future__ import annotations

import re
from typing import Any

from bitline.errors import InputError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LUT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_name(what: str, name: Any) -> None:
    """Raise `InputError` unless a table, an axis or a variable can be called so."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(f"{what} {name!r}: only lower-case letters, digits and '_', a letter first")


def check_lut_name(field: str, text: Any) -> None:
    """Raise `InputError` unless a LUT can have this name or kind."""
    # The name becomes that of a folder and of exported files, so it has no separator and no dot in front.
    if not isinstance(text, str) or not _LUT.fullmatch(text):
        raise InputError(f"LUT {field} = {text!r}: only letters, digits, '.', '_', '-' are allowed")
