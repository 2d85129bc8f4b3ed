"""Exporters of other packages: the same rights as bitline's own, in Python and on the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from luts.column import make_column_lut

import bitline.export as registry
from bitline.errors import ExporterError, InputError, PlugInWarning, SetupError
from bitline.export.plain import CSV
from bitline.lut.lut import Lut

LAB = """
from bitline.export import Exporter, Need


def write(lut, folder, *, digits: int = 3):
    path = folder / "lab.txt"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{lut.name} {digits}")
    return [path]


EXPORTER = Exporter(
    "made-up",
    "made up",
    lambda: write,
    needs=(Need("a column", ("unsigned products",), {"noise": ("v_thermal",)}),),
    checker=lambda: lambda lut, folder: f"checked {lut.name}",
)
FAILS = Exporter("made-up", "made up", lambda: lambda lut, folder: 1 / 0, checker=lambda: lambda lut, folder: "")
NOTHING = Exporter("made-up", "made up", lambda: lambda lut, folder: None)
ELSEWHERE = Exporter("made-up", "made up", lambda: lambda lut, folder: [folder.parent / "a.txt"])
PROMISES = Exporter("made-up", "made up", lambda: lambda lut, folder: [folder / "a.txt"])
ONE_TEXT = Exporter("made-up", "made up", lambda: lambda lut, folder: "a.txt")


def half(lut, folder):
    write(lut, folder, digits=9)
    raise KeyError("digits")


HALF = Exporter("made-up", "made up", lambda: half)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that installs a package whose entry point `made-up` is that object."""

    def install(value: str) -> None:
        site = tmp_path / "site"
        info = site / "lab_export-1.dist-info"
        info.mkdir(parents=True)
        (site / "lab_export.py").write_text(LAB)
        (info / "METADATA").write_text("Name: lab-export\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[bitline.exporters]\nmade-up = {value}\n")
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, "lab_export", raising=False)  # of the test before

    return install


def test_a_package_can_add_a_format(install: Callable[[str], None], tmp_path: Path) -> None:
    install("lab_export:EXPORTER")
    assert "made-up" in registry.formats()
    lut = make_column_lut()
    (path,) = lut.export("made-up", tmp_path / "out", digits=5)
    assert path.read_text() == "synthetic-qs 5"
    assert registry.exporter("made-up").check(lut, tmp_path) == "checked synthetic-qs"


def test_a_packages_format_is_refused_listed_and_checked_as_bitlines_own(
    install: Callable[[str], None], bitline: Any, tmp_path: Path
) -> None:
    install("lab_export:EXPORTER")
    make_column_lut().save(tmp_path / "lut")
    said = bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out", "--set", "digits=7", "--check")
    assert said.out == "out/lab.txt\n"
    assert said.err.rstrip().endswith("checked synthetic-qs")
    bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out", "--set", "digit=7").refuses(2, "'digits'")
    bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out", "--at", "vdd=1").refuses(2, "--at vdd=1")
    rows = dict(line.split(None, 1) for line in bitline("export", tmp_path / "lut", "--list").fine().splitlines())
    assert rows["made-up"] == "yes"
    lut = make_column_lut()
    with pytest.raises(InputError, match="made-up: it is made from table noise, which this LUT does not have"):
        tables = {name: table for name, table in lut.tables.items() if name != "noise"}
        Lut(lut.name, lut.kind, tables, lut.attrs, lut.operation).export("made-up", tmp_path)


@pytest.mark.parametrize("value", ["no_such_package.module:write", "bitline.errors:no_such_function"])
def test_a_broken_plug_in_is_named(value: str, install: Callable[[str], None]) -> None:
    install(value)
    with pytest.raises(SetupError, match=f"export format made-up .{value}. cannot be loaded"):
        registry.exporter("made-up")
    with pytest.warns(PlugInWarning, match=f"plug-in made-up .*{value}.* is left out"):
        assert "made-up" not in registry.exporters()


def test_an_entry_point_that_is_no_exporter_is_named(install: Callable[[str], None], tmp_path: Path) -> None:
    install("lab_export:write")
    for look in (registry.exporter, lambda name: make_column_lut().export(name, tmp_path)):
        with pytest.raises(SetupError, match=r"export format made-up: <function write.* is no bitline.export.Exporter"):
            look("made-up")
    with pytest.warns(PlugInWarning, match=r"plug-in made-up .* is no bitline.export.Exporter"):
        assert "made-up" not in registry.exporters()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("FAILS", "exporter made-up failed: ZeroDivisionError: division by zero"),
        ("NOTHING", "exporter made-up returned None: must be the paths that it wrote"),
    ],
)
def test_an_exporter_that_fails_is_named_in_a_line(
    value: str, message: str, install: Callable[[str], None], bitline: Any, tmp_path: Path
) -> None:
    install(f"lab_export:{value}")
    make_column_lut().save(tmp_path / "lut")
    bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out").refuses(1, message)
    if value == "FAILS":
        with pytest.raises(ExporterError, match="exporter made-up: its check returned ''"):
            registry.exporter("made-up").check(make_column_lut(), tmp_path)


@pytest.mark.filterwarnings("always::bitline.errors.PlugInWarning")  # on the command line it is a line, not an error
@pytest.mark.parametrize("needs", ["Need('a column')", "('a column',)"])
def test_a_wrong_declaration_does_not_take_the_list_down(
    needs: str, install: Callable[[str], None], bitline: Any, tmp_path: Path
) -> None:
    install("lab_export:WRONG")
    module = tmp_path / "site/lab_export.py"
    module.write_text(f"{LAB}\nWRONG = Exporter('made-up', 'made up', lambda: write, needs={needs})\n")
    make_column_lut().save(tmp_path / "lut")
    answer = bitline("export", tmp_path / "lut", "--list")
    assert answer.code == 0
    assert {"neurosim", "csv"} <= {line.split()[0] for line in answer.out.splitlines()}
    assert "made-up" not in answer.out
    (line,) = answer.err.splitlines()
    assert "plug-in made-up" in line
    assert "must be a tuple of Need" in line


def test_no_package_takes_the_place_of_bitlines_own(install: Callable[[str], None], tmp_path: Path) -> None:
    install("lab_export:FAILS")
    entries = tmp_path / "site/lab_export-1.dist-info/entry_points.txt"
    entries.write_text(entries.read_text().replace("made-up", "csv"))
    with pytest.warns(PlugInWarning, match=r"lab_export:FAILS\) is left out: bitline\.export\.plain:CSV has that name"):
        assert registry.exporter("csv") is CSV


@pytest.mark.parametrize("name", ["NOTHING", "ELSEWHERE", "PROMISES", "ONE_TEXT"])
def test_an_exporter_must_return_what_it_wrote(
    name: str, install: Callable[[str], None], bitline: Any, tmp_path: Path
) -> None:
    install(f"lab_export:{name}")
    make_column_lut().save(tmp_path / "lut")
    bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out").refuses(1, "exporter made-up returned")
    assert not (tmp_path / "out").exists()


def test_an_exporter_that_fails_half_way_leaves_the_old_files(
    install: Callable[[str], None], bitline: Any, tmp_path: Path
) -> None:
    install("lab_export:HALF")
    make_column_lut().save(tmp_path / "lut")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lab.txt").write_text("old")
    refused = bitline("export", tmp_path / "lut", "--to", "made-up", "-o", "out")
    refused.refuses(1, "exporter made-up failed: KeyError: 'digits'")
    assert [(path.name, path.read_text()) for path in (tmp_path / "out").iterdir()] == [("lab.txt", "old")]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("format", ["csv", "neurosim"])
@pytest.mark.parametrize("target", ["lut", "link", "lut/../lut", "other"])
def test_an_export_never_goes_into_a_lut(format: str, target: str, bitline: Any, tmp_path: Path) -> None:
    make_column_lut().save(tmp_path / "lut")
    make_column_lut().save(tmp_path / "other")
    (tmp_path / "link").symlink_to("lut")
    before = contents(tmp_path)
    bitline("export", tmp_path / "lut", "--to", format, "-o", target).refuses(2, "holds a LUT", "another folder")
    assert contents(tmp_path) == before


def test_a_lut_inside_an_export_is_not_overwritten_by_its_own_export(bitline: Any, tmp_path: Path) -> None:
    make_column_lut().save(tmp_path / "lut")
    bitline("export", tmp_path / "lut", "--to", "hwcomponents", "-o", "out", "--at", "corner=tt").fine()
    (inside,) = (tmp_path / "out").glob("*/lut")
    before = contents(tmp_path)
    bitline("export", inside, "--to", "hwcomponents", "-o", "out", "--at", "corner=tt").refuses(2, "holds a LUT")
    assert contents(tmp_path) == before
    # the same export from the LUT itself replaces the copy
    bitline("export", tmp_path / "lut", "--to", "hwcomponents", "-o", "out", "--at", "corner=tt").fine()
