"""Lut: a circuit's measured tables in memory and on disk, looked up without extrapolation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitline.lut.lut import Lut as Lut


# Loaded when it is first used: listing tables must not cost the loading of numpy.
def __getattr__(name: str) -> Any:
    if name != "Lut":
        raise AttributeError(f"module 'bitline.lut' has no attribute {name!r}")
    from bitline.lut.lut import Lut

    return Lut
