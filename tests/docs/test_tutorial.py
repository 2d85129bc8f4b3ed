"""The tutorial's commands run one after the other, as its reader types them."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from bitline.cli import run
from bitline.lut.lut import Lut

PAGE = (Path(__file__).parents[2] / "docs/tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, text in BLOCKS:
        if kind == "toml":
            # The page shows what `bitline init` wrote.
            assert tomllib.loads(text) == tomllib.loads(Path("sweep.toml").read_text())
            continue
        for line in text.splitlines():
            program, *words = shlex.split(line)
            if program == "cd":
                monkeypatch.chdir(words[0])
            elif program == "bitline":
                assert run(words) == 0, f"{line}: {capsys.readouterr().err}"
    mine = tmp_path / "mine"
    assert Lut.load(mine / "table").attrs["status"] == {"ok": 118}
    assert [path for path in ("table.png", "out/output_noise.csv", "report.html") if not (mine / path).is_file()] == []
