"""Consumers of tables ask what a table holds, never which circuit it came from: they name no circuit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bitline
from bitline import content
from bitline.circuits.registry import circuits

PACKAGE = Path(bitline.__file__).parent
CONSUMERS = ["export", "plot", "report", "system"]
ASKED = re.compile(r"\b(?:lut|self\.lut|opened)\.(?:kind|name)\s*(?:==|!=|in\b|not\b|\.(?:starts|ends)with)")
"""A test of a LUT's name or circuit."""


def names() -> set[str]:
    """Return the names of circuits, in every spelling, and of shipped tables."""
    kebab = set(circuits()) | {path.parent.name for path in content.folder("luts").glob("*/lut.json")}
    classes = {circuit.__name__ for circuit in circuits().values()}
    return kebab | {name.replace("-", "_") for name in kebab} | classes


def sources() -> list[Path]:
    return sorted(path for package in CONSUMERS for path in (PACKAGE / package).rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_consumer_names_no_circuit(path: Path) -> None:
    text = path.read_text()
    pattern = "|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names(), key=len, reverse=True))
    assert re.findall(pattern, text) == []
    assert ASKED.findall(text) == []
