"""The page on the Python API runs as it stands, one block after the other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bitline as bl

PAGE = Path(__file__).parents[1] / "docs/python.md"


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_page_runs(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text("\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)))
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs.sqlite").is_file()
    assert bl.Lut.load(tmp_path / "my-column").attrs["status"] == {"ok": 15}


def test_the_page_names_what_there_is() -> None:
    for name in re.findall(r"`bl\.(\w+)", PAGE.read_text()):
        assert hasattr(bl, name), name
    for method in re.findall(r"^\| `(\w+)\(", PAGE.read_text(), re.MULTILINE):
        assert callable(getattr(bl.Runner, method)), method
