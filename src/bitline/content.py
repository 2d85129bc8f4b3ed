"""Where templates, models, sweeps and reference LUTs lie: in the wheel or in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bitline.errors import SetupError
from bitline.plugins import content_folders, left_out

Folder = Literal["templates", "models", "characterize", "luts", "schematics"]

_PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = {
    "templates": "templates",
    "models": "models",
    "characterize": "characterize",
    "luts": "results/luts",
    "schematics": "docs/schematics",
}


def folder(name: Folder) -> Path:
    """Return the folder of that content: the wheel's first, then the checkout's.

    Raises
    ------
    SetupError
        If neither is there: the installation is incomplete.
    """
    # In a checkout the package has no such folder, so the files that are edited there are used.
    installed = _PACKAGE / "content" / name
    checkout = _PACKAGE.parents[1] / _IN_CHECKOUT[name]
    for candidate in (installed, checkout):
        if candidate.is_dir():
            return candidate
    raise SetupError(f"bitline's {name} folder is missing ({installed}): reinstall bitline")


def folders(name: Folder) -> tuple[Path, ...]:
    """Return bitline's own folder of that content, then those that plug-ins bring (see `bitline.plugins`).

    A plug-in's folder in which a file has the name of one of bitline's, which would hide it, is named in a
    `PlugInWarning` and left out.

    Raises
    ------
    SetupError
        If bitline's own is missing.
    """
    own = folder(name)
    return (own, *(other for other in content_folders(name) if _apart(name, own, other)))


def _apart(name: str, own: Path, other: Path) -> bool:
    for path in other.rglob("*"):
        # Jinja and the registries take the first file of a name. Every folder has a README, which nobody loads.
        hidden = own / path.relative_to(other)
        if path.is_file() and hidden.is_file() and path.name != "README.md":
            left_out(str(path), f"bitline has a file {name}/{path.relative_to(other)} of its own: rename it")
            return False
    return True
