from __future__ import annotations

import re
from pathlib import Path

import pytest
from luts.column import UNITS, make_column_lut

DOC = Path(__file__).parents[2] / "docs" / "lut.md"


def test_the_example_in_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_column_lut().save(tmp_path / "acim-qs")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(block, names)
    assert (tmp_path / "out" / "nominal.csv").exists()


def test_the_docs_name_every_variable() -> None:
    text = DOC.read_text()
    for table, units in UNITS.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{table}` |"))
        missing = [name for name in units if f"`{name}`" not in line and not name.startswith("energy_")]
        assert not missing
