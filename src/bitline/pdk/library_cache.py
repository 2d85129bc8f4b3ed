"""The cache of cut-down libraries: one section as JSON, believed only while every file it was read from is the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from bitline.cache import cache_root
from bitline.pdk.library import DeviceText, Library, ModelCard, read_library

# Raised when what is kept of a library changes.
_FORMAT = 4


def load_library(
    path: Path, section: str, devices: Iterable[str], includes: Iterable[Path] = (), ignored: Iterable[str] = ()
) -> Library:
    """Return one section of a library, from the cache unless one of its files has changed.

    Parameters and errors are those of `read_library`.
    """
    # In whatever order devices are asked for, it is one entry of the cache.
    wanted, before, left_out = sorted(devices), list(includes), sorted(ignored)
    identity = json.dumps([_FORMAT, str(path), section, wanted, [str(file) for file in before], left_out])
    cache = cache_folder() / f"{_digest(identity)[:32]}.json"
    cached = _read_cache(cache)
    # By content, not by date: a library that was copied anew is the same, one that was edited in place is not.
    if cached is not None and all(_sha256(Path(name)) == digest for name, digest in cached.files.items()):
        return cached
    library = read_library(path, section, wanted, before, left_out)
    _write_cache(cache, library)
    return library


def cache_folder() -> Path:
    """Return the folder in which cut-down libraries are cached (`BITLINE_CACHE_DIR` overrides)."""
    return cache_root() / "slim"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read_cache(path: Path) -> Library | None:
    try:
        digest, _, text = path.read_text().partition("\n")
        # A full disk cuts a file short anywhere, perhaps where it still reads as JSON.
        if _digest(text) != digest:
            return None
        data = json.loads(text)
        devices = {
            name: DeviceText(**{**item, "models": tuple(ModelCard(**card) for card in item["models"])})
            for name, item in data["devices"].items()
        }
        return Library(**{**data, "devices": devices})
    except (OSError, ValueError):
        return None  # missing or damaged: the library is read again


def _write_cache(path: Path, library: Library) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Each process writes a file of its own and renames it, so that no other reads half of one.
        partial = path.with_suffix(f".{os.getpid()}")
        text = json.dumps(asdict(library))
        partial.write_text(f"{_digest(text)}\n{text}")
        partial.replace(path)
    except OSError:
        return  # a cache that cannot be written costs time, not results
