"""Lut: a circuit's measured tables in memory and on disk, looked up without extrapolation.

Names are loaded when they are first used: a manifest alone is read without xarray.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitline.lut.lookup import Lookup as Lookup
    from bitline.lut.lut import Lut as Lut

_PUBLIC = {"Lookup": "bitline.lut.lookup", "Lut": "bitline.lut.lut"}
__all__ = ["Lookup", "Lut"]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
