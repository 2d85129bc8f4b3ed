"""Runs the command line in this process, in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from luts.column import make_column_lut

from bitline.cli import run

SWEEP = """
circuit = "acim-column-qs"
benches = ["transfer"]

[parameters]
rows = 4
active = 2

[axes]
code = [0, 1, 2]
"""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    def refuses(self, code: int, *words: str) -> None:
        """Check that all there is is one line on stderr with these words in it."""
        assert (self.code, self.out) == (code, ""), self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("bitline: error: "), self.err
        for word in words:
            assert word in self.err, (word, self.err)

    def fine(self) -> str:
        assert self.code == 0, self
        return self.out


Bitline = Callable[..., Answer]


@pytest.fixture
def bitline(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bitline:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BITLINE_DEBUG", raising=False)

    def call(*arguments: Any) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def lut(tmp_path: Path) -> Path:
    """Give the folder of a LUT made from formulas."""
    make_column_lut(codes=5).save(tmp_path / "lut")
    return tmp_path / "lut"


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Give the file of a sweep of three points."""
    path = tmp_path / "small.toml"
    path.write_text(SWEEP)
    return path
