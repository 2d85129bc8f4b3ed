"""Makes `sweep_fakes` importable here and, through the inherited path, in spawned workers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sweep_fakes


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sweeps know the fake circuit and benches, and only those."""
    monkeypatch.setattr("bitline.sweep.sweep._circuit_class", sweep_fakes.circuit_class)
    monkeypatch.setattr("bitline.sweep.sweep._bench", sweep_fakes.bench)
