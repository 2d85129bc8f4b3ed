"""What `bitline init` writes runs as it is."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.cli import run
from bitline.lut.lut import Lut
from bitline.templates import environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "mine"]) == 0
    return tmp_path / "mine"


def test_the_readme_names_every_file(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    files = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert "my_cell/cell.py" in files
    assert "pyproject.toml" in files
    for name in files:
        assert name in text or name in {"README.md", "my_cell/__init__.py"}, name


def test_nothing_is_overwritten(folder: Path, capsys: Any) -> None:
    (folder / "sweep.toml").write_text("mine")
    assert run(["init", "mine"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert (folder / "sweep.toml").read_text() == "mine"


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_sweep_runs(folder: Path) -> None:
    assert run(["characterize", str(folder / "sweep.toml"), "-j", "1", "-o", "table"]) == 0
    table = Lut.load("table").tables
    assert table["nominal"].sizes["code"] == 5
    assert int(table["mismatch"]["n_ok"].min()) == 20
    assert run(["snr", "table", "--adc-bits", "3"]) == 0
    assert run(["export", "table", "--to", "neurosim", "-o", "out"]) == 0


@pytest.fixture
def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Declare the package's entry points as its installation would; workers inherit the path."""
    groups = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["entry-points"]
    lines = [
        line for group, names in groups.items() for line in (f"[{group}]", *(f"{n} = {v}" for n, v in names.items()))
    ]
    information = folder / "my_cell-0.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: my-cell\nVersion: 0.1\n")
    (information / "entry_points.txt").write_text("\n".join([*lines, ""]))
    monkeypatch.syspath_prepend(folder)
    # The package of an earlier test lies in another folder.
    for name in [name for name in sys.modules if name.split(".")[0] == "my_cell"]:
        monkeypatch.delitem(sys.modules, name)
    return folder


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_cell_runs(installed: Path) -> None:
    caches = (benches, circuits, environment)
    for cache in caches:
        cache.cache_clear()
    try:
        assert run(["simulate", "my-cell", "--plot", "wave.png"]) == 0
        assert run(["characterize", "my-cell", "-j", "1", "-o", "my-table"]) == 0
        table = Lut.load("my-table")
        swing = table.lookup(corner="tt", vdd=1.8, stored=1, w=[0.42e-6, 0.84e-6])["swing"]
        assert 0.1 < swing[0] < swing[1] < 1.8
        assert abs(table.lookup(corner="tt", vdd=1.8, stored=0, w=0.42e-6)["swing"]) < 0.05
        assert run(["plot", "my-table"]) == 0
        for format in ("csv", "hwcomponents"):
            assert run(["export", "my-table", "--to", format, "-o", format]) == 0
    finally:
        for cache in caches:
            cache.cache_clear()


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("circuit.c_line", "circuit.c_lin", "UndefinedError: .* has no attribute 'c_lin'"),
        ("{% from", "{% fro", "TemplateSyntaxError: .*'fro'"),
    ],
)
def test_a_mistake_in_a_template_is_said_with_its_line(
    right: str, wrong: str, words: str, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = installed / "my_cell/templates/my_cell/cell.cir.j2"
    text = template.read_text()
    line = text[: text.index(right)].count("\n") + 1
    template.write_text(text.replace(right, wrong))
    caches = (benches, circuits, environment)
    for cache in caches:
        cache.cache_clear()
    try:
        assert run(["render", "my-cell", "--bench", "read"]) == 1
    finally:
        for cache in caches:
            cache.cache_clear()
    found = capsys.readouterr().err.splitlines()[-1]
    assert re.search(rf"bench read: its deck failed: {words}.* \(.*cell\.cir\.j2, line {line}\)$", found), found
