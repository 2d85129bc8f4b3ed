"""Where templates, models, sweeps and reference LUTs lie: in the wheel or in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bitline.errors import SetupError

Folder = Literal["templates", "models", "characterize", "luts"]

_PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = {
    "templates": "templates",
    "models": "models",
    "characterize": "characterize",
    "luts": "results/luts",
}


def folder(name: Folder) -> Path:
    """Return the folder of that content: the wheel's first, then the checkout's.

    Raises
    ------
    SetupError
        If neither is there: the installation is incomplete.
    """
    installed = _PACKAGE / "content" / name
    checkout = _PACKAGE.parents[1] / _IN_CHECKOUT[name]
    for candidate in (installed, checkout):
        if candidate.is_dir():
            return candidate
    raise SetupError(f"bitline's {name} folder is missing ({installed}): reinstall bitline")
