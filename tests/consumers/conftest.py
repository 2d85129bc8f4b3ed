"""Tests in the programs that read bitline's exports, run by `make test-consumers`.

The environment variable BITLINE_CONSUMERS (a,b) names what is installed: its tests fail where it cannot be loaded.
Any other consumer's tests are skipped.
"""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

PROGRAMS = {"opensta": "sta"}


@pytest.fixture
def consumer() -> Callable[[str], Any]:
    """Return a function that loads a consumer: its module, or the path of its program."""
    required = os.environ.get("BITLINE_CONSUMERS", "").split(",")

    def load(name: str) -> Any:
        if name in PROGRAMS:
            found = shutil.which(PROGRAMS[name])
            reason = f"{PROGRAMS[name]} is not on the path"
        else:
            try:
                return importlib.import_module(name)
            except ImportError as error:
                found, reason = None, str(error)
        if found is None:
            (pytest.fail if name in required else pytest.skip)(f"{name} cannot be loaded: {reason}")
        return found

    return load
