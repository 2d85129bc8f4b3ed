"""The sweep that docs/cell.md shows for a cell of one's own size measures what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bitline.cli import run
from bitline.lut.lut import Lut

PAGE = (Path(__file__).parents[2] / "docs/cell.md").read_text(encoding="utf-8")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_read_current_is_that_of_a_line_that_hardly_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    Path("my-cell.toml").write_text(text)
    commands = re.findall(r"`bitline ((?:characterize|plot) my-cell[^`]*)`", PAGE)
    assert len(commands) == 2
    for command in commands:
        assert run(command.split()) == 0
    read = Lut.load("my-cell").tables["read"].squeeze()
    assert (read["swing"] < 0.1 * read["vdd"]).all()
    current = read["i_read"].sel(vdd=1.8)
    assert float(current.sel(corner="ss")) < 0.9 * float(current.sel(corner="tt"))
    assert float(current.sel(corner="ff")) > 1.1 * float(current.sel(corner="tt"))
