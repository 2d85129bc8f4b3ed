"""The cache: where it lies, and what was found good before and need not be tried again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path


def cache_root() -> Path:
    """Return the folder of everything that bitline can make again (`BITLINE_CACHE_DIR` overrides)."""
    override = os.environ.get("BITLINE_CACHE_DIR")
    if override:
        return Path(override)
    return user_cache_path("bitline")


def is_remembered(kind: str, key: str) -> bool:
    """Return whether `remember` was called with this kind of trial and this key, a hash of all it depends on."""
    return (cache_root() / kind / key).is_file()


def remember(kind: str, key: str) -> None:
    """Keep that a trial was passed; where that cannot be written, it is made again next time."""
    with suppress(OSError):
        (cache_root() / kind).mkdir(parents=True, exist_ok=True)
        (cache_root() / kind / key).touch()
