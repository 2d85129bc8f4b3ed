"""SPICE netlists of compute-in-memory circuits in, lookup tables for system simulators out.

Names are loaded when they are first used, so that `import bitline` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bitline.errors import BitlineError as BitlineError
    from bitline.pdk.corner import Corner as Corner
    from bitline.pdk.descriptor import Pdk as Pdk
    from bitline.pdk.descriptor import load_pdk as load_pdk
    from bitline.simulate.waveforms import Waveforms as Waveforms

# The public names and where they live; the block above tells type checkers the same.
_PUBLIC = {
    "BitlineError": "bitline.errors",
    "Corner": "bitline.pdk.corner",
    "Pdk": "bitline.pdk.descriptor",
    "Waveforms": "bitline.simulate.waveforms",
    "load_pdk": "bitline.pdk.descriptor",
}
__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    try:
        module = _PUBLIC[name]
    except KeyError:
        raise AttributeError(f"module 'bitline' has no attribute {name!r}") from None
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
