"""The LUTs that come with bitline and with plug-ins, and how a LUT is named."""

from __future__ import annotations

from pathlib import Path

from bitline.content import folders
from bitline.errors import UnknownNameError
from bitline.files import path_of


def shipped() -> dict[str, Path]:
    """Return the folders of the LUTs that come with bitline and with plug-ins, by name."""
    paths = [path for folder in folders("luts") for path in sorted(folder.glob("*/lut.json"))]
    return {path.parent.name: path.parent for path in paths}


def lut_folder(source: str | Path) -> Path:
    """Return the folder of a LUT from its folder, its manifest or the name of a shipped one.

    Raises
    ------
    UnknownNameError
        If it is none of these. Of a folder that holds no LUT the path comes back: reading it says what is missing.
    """
    path = path_of("LUT", source)
    if path.name == "lut.json":
        path = path.parent
    # The user's own folder comes before a shipped LUT of the same name.
    if (path / "lut.json").exists():
        return path
    known = shipped()
    if str(source) in known:
        return known[str(source)]
    # This looks like a path. Reading it says which file is missing, which a list of shipped LUTs would not.
    if path.is_dir() or len(path.parts) > 1:
        return path
    raise UnknownNameError("LUT or folder with a lut.json", str(source), known)
