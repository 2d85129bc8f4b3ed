"""`bitline show`, `report` and `cite`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from luts.column import make_column_lut

from bitline.lut.lut import Lut
from bitline.report import key_figures


def test_show_has_exact_key_figures_axes_and_provenance(bitline: Any, lut: Path) -> None:
    text = bitline("show", lut).fine()
    for figure in key_figures(Lut.load(lut)):
        (line,) = [
            line for line in text.splitlines() if line.startswith(f"{figure.name} ") and f" {figure.where}" in line
        ]
        assert f" {figure.value!r} " in line
        if figure.low is not None:
            assert f" {figure.low!r} to {figure.high!r} " in line
    for words in ("operation: one MAC cycle of a column", "1.62..1.98", "synthetic v_line", "pdk: sky130", "seed: 1"):
        assert words in text, words


def test_show_as_json(bitline: Any, lut: Path) -> None:
    sheet = json.loads(bitline("show", lut, "--json").fine())
    assert sheet["key_figures"][0]["name"] == "nominal.energy_total"
    assert sheet["points"] == {"nominal": 135, "line": 27, "mismatch": 5, "noise": 27, "snr": 1}
    assert sheet["failures"] == []


def test_show_on_a_terminal_rounds_and_gives_value_and_interval_one_prefix(
    bitline: Any, lut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    text = bitline("show", lut).fine()
    (line,) = [line for line in text.splitlines() if "mismatch.v_sigma" in line and "largest" in line]
    assert line.split()[1:6] == ["2.01", "mV", "1.8311", "to", "2.2291"]


def test_a_parameter_that_was_set_is_shown_with_its_default(bitline: Any, lut: Path) -> None:
    whole = Lut.load(lut)
    parameters = {"w_pull_down": 0.5e-6, "w_pass": 0.14e-6, "pull_down_device": "nmos"}
    sources = dict.fromkeys(parameters, "foundry")
    attrs = {**whole.attrs, "circuit": "split-port-6t", "parameters": parameters, "parameter_sources": sources}
    replace(whole, attrs=attrs).save("set")
    lines = bitline("show", "set").fine().splitlines()
    start = lines.index("parameters that are not the circuit's defaults:")
    assert lines[start + 1 : start + 4] == [
        "  w_pull_down: 5e-07 m (default 2.1e-07)",
        "  pull_down_device: nmos (default latch_n)",
        "",
    ]
    assert set(json.loads(bitline("show", "set", "--json").fine())["changed_parameters"]) == {
        "w_pull_down",
        "pull_down_device",
    }
    bitline("report", "set", "-o", "r.md").fine()
    rows = [line for line in Path("r.md").read_text().splitlines() if line.startswith(("| w_p", "| pull_down"))]
    # A width of one's own is no width of the foundry's.
    assert [("set here; default" in row, "foundry" in row) for row in rows] == [
        (True, True),
        (False, True),
        (True, True),
    ]


def test_show_says_where_points_failed_and_what_could_not_be_made(bitline: Any, tmp_path: Path) -> None:
    column = make_column_lut(codes=3)
    nominal = column.tables["nominal"].copy(deep=True)
    nominal["n_failed"][1, 0, 2, 1] = 2
    attrs = {**column.attrs, "status": {"ok": 79, "timeout": 2}, "problems": ["table snr could not be made"]}
    replace(column, tables={**column.tables, "nominal": nominal}, attrs=attrs).save(tmp_path / "failed")
    text = bitline("show", "./failed").fine()
    assert "timeout: 2" in text
    assert "table snr could not be made" in text
    assert "nominal: code = 1, corner = tt, vdd = 1.98 V, temperature = 27 degC: 2 failed, 1 ok" in text


def test_show_of_a_table_that_says_nothing_of_itself(bitline: Any, tmp_path: Path) -> None:
    table = xr.Dataset({"v": ("k", [1.0, 2.0])}, {"k": [1, 2]})
    attrs = {"status": "fine", "conditions": [], "benches": 3, "assumed": "no", "pdk_descriptor": {"vdd": "x"}}
    Lut("bare", "made-up", {"t": table}, attrs).save(tmp_path / "bare")
    text = bitline("show", "./bare").fine()
    assert "t.v" in text
    assert "to repeat" not in text


@pytest.mark.parametrize(("name", "word"), [("acim-qs", "acim-qs"), ("my-own", "SWEEP.toml")])
def test_show_says_how_to_repeat(name: str, word: str, bitline: Any, tmp_path: Path) -> None:
    attrs = {"benches": {"transfer": 3}, "pdk": "sky130", "seed": 7, "samples": 0, "accuracy": "default"}
    replace(make_column_lut(codes=3), name=name, attrs=attrs).save(tmp_path / name)
    repeat = f"to repeat: bitline characterize {word} --pdk sky130 --accuracy default --seed 7\n"
    assert bitline("show", f"./{name}").fine().endswith(repeat)


def test_show_refuses_a_name_that_is_no_lut(bitline: Any) -> None:
    bitline("show", "acim-qz").refuses(2, "acim-qz", "acim-q")


def test_report_writes_one_page_of_several_tables(bitline: Any, lut: Path, tmp_path: Path) -> None:
    assert bitline("report", lut, lut, "-o", "new/both.html").fine() == "new/both.html\n"
    text = (tmp_path / "new/both.html").read_text()
    assert text.count("<h1>synthetic-qs</h1>") == 2


def test_report_takes_waveforms_beside_a_table(bitline: Any, lut: Path, tmp_path: Path) -> None:
    (tmp_path / "wave.csv").write_text("time [s],v(bl) [V]\n0.0,1.8\n1e-9,1.2\n")
    bitline("report", lut, "wave.csv", "-o", "r.html").fine()
    text = (tmp_path / "r.html").read_text()
    assert text.count("<h1>") == 2
    assert '{"name":"v(bl)","values":[1.8,1.2]}' in text
    assert bitline("report", "wave.csv", "-o", "r.md").fine() == "r.md\nr-1.svg\n"


def test_report_has_a_default_name_and_markdown_by_suffix(bitline: Any, lut: Path) -> None:
    assert bitline("report", lut).fine() == "report.html\n"
    first, *figures = bitline("report", lut, "-o", "r.md").fine().splitlines()
    assert first == "r.md"
    assert figures
    assert all(name.endswith(".svg") for name in figures)


def test_report_refuses_a_form_and_a_name(bitline: Any, lut: Path) -> None:
    bitline("report", lut, "--format", "pdf").refuses(2, "'pdf'", "'html', 'md'")
    bitline("report", lut, "acim-qz").refuses(2, "acim-qz")
    bitline("report", lut, "-o", "r.pdf").refuses(2, "'.pdf'", ".html, .htm, .md")
    bitline("report", lut, "--format", "html", "-o", "r.page").fine()


def test_cite_writes_bibtex_and_the_report_has_it_too(bitline: Any, lut: Path, tmp_path: Path) -> None:
    text = bitline("cite", lut).fine()
    assert text.startswith("% transistor models and their mismatch\n@misc{sky130,\n")
    bitline("report", lut, "-o", "r.md").fine()
    assert text.strip() in (tmp_path / "r.md").read_text()
