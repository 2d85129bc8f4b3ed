from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitline.engine.waveform_file import write
from bitline.engine.waveforms import Waveforms
from bitline.export import neurosim
from bitline.lut.lut import Lut

POINT = ("code=1.5", "corner=tt", "vdd=1.7", "temperature=27")


def edit(manifest: Path, **changes: Any) -> None:
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))


def test_lookup_gives_exact_numbers_and_units(bitline: Any, lut: Path) -> None:
    answer = bitline("lookup", lut, *POINT)
    rows = {line.split()[0]: line.split()[1:] for line in answer.fine().splitlines()[1:]}
    expected = Lut.load(lut).lookup(code=1.5, corner="tt", vdd=1.7, temperature=27.0)
    assert rows["v_line"] == [repr(expected["v_line"]), "V"]
    assert set(rows) == set(expected)
    # Which table has the sigma, and where it was sampled.
    (left_out,) = [line for line in answer.err.splitlines() if line.startswith("no value for mismatch")]
    assert "v_sigma" in left_out
    assert "vdd = 1.7: outside the grid (1.8)" in left_out


def test_lookup_as_json(bitline: Any, lut: Path) -> None:
    found = json.loads(bitline("lookup", lut, *POINT, "--json").fine())
    expected = Lut.load(lut).lookup(code=1.5, corner="tt", vdd=1.7, temperature=27.0)
    assert found["values"] == dict(expected)
    assert found["units"]["energy_total"] == "J"
    assert "mismatch" in found["left_out"]
    assert found["at"]["corner"] == "tt"


def test_lookup_of_several_values_has_a_column_for_each_combination(bitline: Any, lut: Path) -> None:
    answer = bitline("lookup", lut, "code=1,2", "corner=tt,ss", "vdd=1.8", "temperature=27")
    header, *lines = answer.fine().splitlines()
    places = [(code, corner) for code in (1, 2) for corner in ("tt", "ss")]
    assert re.split("  +", header) == ["variable", *(f"code={m} corner={corner}" for m, corner in places), "unit"]
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    table = Lut.load(lut)
    expected = [table.lookup(code=m, corner=corner, vdd=1.8, temperature=27)["v_line"] for m, corner in places]
    assert rows["v_line"] == [*map(repr, expected), "V"]
    # A count has no unit, as in the look-up of one point.
    assert len(rows["nominal.flips"]) == len(places)
    found = json.loads(bitline("lookup", lut, "code=1,2", "corner=tt,ss", "vdd=1.8", "temperature=27", "--json").fine())
    assert found["values"]["v_line"] == [expected[:2], expected[2:]]
    assert found["at"] == {"code": [1.0, 2.0], "corner": ["tt", "ss"], "vdd": 1.8, "temperature": 27.0}


def test_lookup_says_one_reason_once(bitline: Any, lut: Path) -> None:
    messages = bitline("lookup", lut, *POINT).err.splitlines()
    reasons = [line.partition(": ")[2] for line in messages]
    assert len(reasons) == len(set(reasons))
    assert any("n_ok, " in line and line.endswith("a count, known at grid points only") for line in messages)


def test_a_lut_is_named_by_folder_manifest_or_shipped_name(
    bitline: Any, lut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_folder = bitline("lookup", lut, *POINT).fine()
    assert bitline("lookup", lut / "lut.json", *POINT).fine() == by_folder
    monkeypatch.setattr("bitline.content.folder", lambda name: tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert bitline("lookup", "lut", *POINT).fine() == by_folder


@pytest.mark.parametrize(
    ("coordinates", "words"),
    [
        (["vdd=1.99"], ["vdd = 1.99", "1.62..1.98", "never extrapolates"]),
        (["vdd=nan"], ["vdd = 'nan'", "number"]),
        (["vdd=1_8"], ["vdd = '1_8'", "number"]),
        (["vdd=٣"], ["vdd = '٣'", "number"]),
        (["vdd=high"], ["vdd = 'high'", "number"]),
        (["corner=tx"], ["corner = tx", "tt, ss, ff"]),
        (["vd=1.8"], ["'vd'", "did you mean 'vdd'"]),
        (["self=1"], ["unknown axis 'self'"]),
        (["vdd"], ["NAME=VALUE"]),
        (["vdd=1.8", "vdd=1.7"], ["vdd", "twice"]),
        ([], ["needs a value of code (0..4), corner (tt, ss, ff), temperature (-40.0..125.0)"]),
        (["vdd=1.8,", "corner=tt", "code=1", "temperature=27"], ["vdd = ''", "number"]),
        (["vdd=1.8,2.1", "corner=tt", "code=1", "temperature=27"], ["vdd = 2.1", "never extrapolates"]),
    ],
)
def test_lookup_refuses(coordinates: list[str], words: list[str], bitline: Any, lut: Path) -> None:
    bitline("lookup", lut, *coordinates).refuses(2, *words)


def test_plot_writes_a_figure_and_says_where(bitline: Any, lut: Path, tmp_path: Path) -> None:
    assert bitline("plot", lut, "-o", "new/figure.svg").fine() == "new/figure.svg\n"
    assert (tmp_path / "new/figure.svg").read_bytes().startswith(b"<?xml")


def test_plot_has_a_default_name(bitline: Any, lut: Path, tmp_path: Path) -> None:
    assert bitline("plot", lut).fine() == "synthetic-qs.png\n"
    assert (tmp_path / "synthetic-qs.png").read_bytes().startswith(b"\x89PNG")


def test_plot_writes_further_pages_beside_the_figure(bitline: Any, lut: Path, tmp_path: Path) -> None:
    answer = bitline("plot", lut, "-o", "new/v1.8.png")
    assert answer.fine() == "new/v1.8.png\n"
    assert "new/v1.8-2.png" in answer.err
    assert "line.fit_rmse" in answer.err
    assert (tmp_path / "new/v1.8-2.png").read_bytes().startswith(b"\x89PNG")


def test_plot_draws_variables_over_an_axis_of_choice(bitline: Any, lut: Path, tmp_path: Path) -> None:
    made = bitline("plot", lut, "--x", "code", "--by", "corner", "--y", "v_line", "--at", "vdd=1.8", "-o", "s.svg")
    assert made.fine() == "s.svg\n"
    bitline("plot", lut, "--x", "cod").refuses(2, "'cod'", "did you mean 'code'?")
    bitline("plot", lut, "--by", "corner").refuses(2, "--by: needs --x")
    bitline("plot", lut, "--at", "vdd=1.7").refuses(2, "vdd = 1.7", "1.8")


def test_plot_writes_each_panel_apart(bitline: Any, lut: Path, tmp_path: Path) -> None:
    names = bitline("plot", lut, "--apart", "-o", "p.png").fine().splitlines()
    assert names[:2] == ["p.png", "p.transfer.png"]
    assert all((tmp_path / name).is_file() for name in names)


def test_a_cursor_reads_every_signal(bitline: Any, lut: Path, tmp_path: Path) -> None:
    time = np.array([0.0, 1e-9])
    write(Waveforms(time, {"v(line)": np.array([1.0, 2.0])}), tmp_path / "w.csv")
    shown = bitline("plot", "w.csv", "--cursor", "0.25e-9", "--cursor", "0.75e-9").fine().splitlines()
    assert shown[0] == "w.png"
    assert shown[2].split() == ["v(line)", "1.25", "1.75", "0.5", "V"]
    bitline("plot", "w.csv", "--cursor", "2e-9").refuses(1, "outside 0..1e-09")
    bitline("plot", lut, "--cursor", "1").refuses(2, "is for waveforms")
    bitline("plot", "w.csv", "--x", "code").refuses(2, "are for a LUT")


def test_export_writes_and_lists_the_files(bitline: Any, lut: Path) -> None:
    written = bitline("export", lut, "--to", "neurosim", "-o", "out").fine().splitlines()
    assert "out/output_noise.csv" in written
    assert all(Path(name).is_file() for name in written)


def test_export_at_a_condition_with_an_option(bitline: Any, lut: Path) -> None:
    bitline("export", lut, "--to", "neurosim", "-o", "out", "--at", "corner=tt", "--set", "line=best-fit").fine()
    facts = json.loads(Path("out/output_noise.json").read_text())
    assert (facts["condition"]["corner"], facts["line"]) == ("tt", "best-fit")


def test_export_checks_in_the_program_it_is_for(bitline: Any, lut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = replace(neurosim.EXPORTER, checker=lambda: lambda lut, folder: f"{lut.name} is in {folder}")
    monkeypatch.setattr(neurosim, "EXPORTER", checked)
    answer = bitline("export", lut, "--to", "neurosim", "-o", "out", "--check")
    assert answer.err.rstrip().endswith("is in out")
    assert answer.code == 0
    monkeypatch.setitem(sys.modules, "hwcomponents", None)
    answer = bitline("export", lut, "--to", "hwcomponents", "-o", "out", "--set", "activity=0.5", "--check")
    assert answer.code == 3
    assert "pip install hwcomponents" in answer.err
    assert "out/README.md" in answer.out.splitlines()  # what was written is there


def test_export_lists_what_the_lut_allows(bitline: Any, lut: Path) -> None:
    rows = dict(line.split(None, 1) for line in bitline("export", lut, "--list").fine().splitlines())
    assert rows["csv"] == rows["neurosim"] == "yes"
    small = Lut.load(lut)
    Lut("small", small.kind, {"line": small.tables["line"]}, {}).save("small")
    rows = dict(line.split(None, 1) for line in bitline("export", "small", "--list").fine().splitlines())
    assert rows["neurosim"].startswith("no: ")
    assert "mismatch" in rows["neurosim"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--to", "-o"]),
        (["--to", "csv"], ["-o"]),
        (["--to", "neurosm", "-o", "out"], ["did you mean 'neurosim'"]),
        (["--to", "csv", "-o", "out", "--at", "vdd=1.8"], ["--at vdd=1.8", "csv writes every condition"]),
        (["--to", "csv", "-o", "out", "--check"], ["csv has no check"]),
        (["--to", "neurosim", "-o", "out", "--at", "vdd=9"], ["vdd = 9.0", "1.8"]),
        (["--to", "neurosim", "-o", "out", "--set", "lin=best-fit"], ["'lin'", "did you mean 'line'"]),
        (["--to", "neurosim", "-o", "out", "--set", "line=worst"], ["line = 'worst'", "'best-fit'"]),
    ],
)
def test_export_refuses(arguments: list[str], words: list[str], bitline: Any, lut: Path) -> None:
    bitline("export", lut, *arguments).refuses(2, *words)


@pytest.mark.parametrize("command", [("lookup",), ("plot",), ("export", "--list")])
def test_a_lut_that_is_not_there(command: tuple[str, ...], bitline: Any, tmp_path: Path) -> None:
    bitline(*command, "nowhere").refuses(2, "'nowhere'")
    (tmp_path / "empty").mkdir()
    bitline(*command, "empty").refuses(2, "empty/lut.json: no such file")


EXPORT = ("export", "--to", "csv", "-o", "out")


@pytest.mark.parametrize("command", [("lookup",), ("plot",), EXPORT])
def test_a_damaged_table(command: tuple[str, ...], bitline: Any, lut: Path) -> None:
    table = lut / "nominal.csv"
    table.write_bytes(table.read_bytes()[:-5])
    bitline(*command, lut).refuses(2, "nominal.csv", "sha256")


@pytest.mark.parametrize("command", [("lookup",), ("plot",), EXPORT, ("export", "--list")])
def test_a_damaged_or_newer_manifest(command: tuple[str, ...], bitline: Any, lut: Path) -> None:
    edit(lut / "lut.json", schema_version=99)
    bitline(*command, lut).refuses(2, "schema_version = 99", "upgrade")
    (lut / "lut.json").write_text("{")
    bitline(*command, lut).refuses(2, "lut.json", "JSON")


def test_output_that_cannot_be_written(bitline: Any, lut: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bitline("plot", lut, "-o", "file/figure.png").refuses(3, "file")
    bitline("plot", lut, "-o", "figure.gif").refuses(2, ".gif", ".png")
    bitline("export", lut, "--to", "csv", "-o", "file/out").refuses(3, "file/out")


def test_a_list_of_formats_says_that_the_operation_is_missing(bitline: Any, lut: Path) -> None:
    replace(Lut.load(lut), operation=None).save("plain")
    assert "its operation" in bitline("export", "plain", "--list").err
    assert bitline("export", lut, "--list").err == ""
