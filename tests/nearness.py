"""Comparison of small numbers."""

from __future__ import annotations

from typing import Any

import pytest


def near(expected: Any, rel: float = 1e-6, abs: float = 0.0) -> Any:
    """`pytest.approx` without its absolute tolerance of 1e-12, which would pass any femtofarad and picojoule."""
    return pytest.approx(expected, rel=rel, abs=abs)
