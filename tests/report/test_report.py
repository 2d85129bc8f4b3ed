"""The report: its numbers are the table's, it needs nothing else, and its script draws what the table has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from luts.column import make_column_lut

from bitline.content import folder
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.report import key_figures, write
from bitline.report.write import html

NODE = shutil.which("node")
EMPTY = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Reads a page: nesting, exact values, names, links, embedded data, and what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.values: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.data: list[dict[str, Any]] = []
        self.text = ""
        self._json = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in EMPTY:
            self.open.append(tag)
        self._json = given.get("type") == "application/json"
        if tag == "data":
            self.values += given["value"].split(" to ")
        if "id" in given:
            self.ids.append(given["id"])
        self.links += [value for name, value in given.items() if name in ("src", "href", "xlink:href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._json = False

    def handle_data(self, data: str) -> None:
        if self._json:
            self.data.append(json.loads(data))
        elif self.open and self.open[-1] not in ("script", "style"):
            self.text += data


def assert_numbers_are_the_tables(page: Page, luts: list[Lut]) -> None:
    """Compare every embedded number, bit for bit, and every key figure."""
    tables = [table for lut in luts for table in lut.tables.values()]
    for embedded, table in zip(page.data, tables, strict=True):
        for entry in (*embedded["axes"], *embedded["variables"]):
            values = table[entry["name"]].values.ravel().tolist()
            # NaN differs from itself, and JSON has none.
            assert entry["values"] == [None if value != value else value for value in values]
    figures = [figure for lut in luts for figure in key_figures(lut)]
    expected = [repr(n) for f in figures for n in (f.value, f.low, f.high) if n is not None]
    assert set(expected) <= set(page.values)


@pytest.fixture(scope="module")
def column() -> Lut:
    lut = make_column_lut(codes=5)
    return replace(lut, attrs={**lut.attrs, "pdk_descriptor": {"vdd": 1.8}})


@pytest.fixture(scope="module")
def page(column: Lut) -> Page:
    return Page(html([column]))


def test_every_number_of_the_page_is_the_tables(page: Page, column: Lut) -> None:
    assert_numbers_are_the_tables(page, [column])


def test_a_page_is_whole_and_fetches_nothing(page: Page) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if not link.startswith("#")] == []
    assert {link[1:] for link in page.links} <= set(page.ids)


@pytest.mark.parametrize("names", [["sram-cell"], ["acim-qs-budget", "strongarm"]])
def test_a_report_of_shipped_tables(names: list[str]) -> None:
    luts = [Lut.load(name) for name in names]
    text = html(luts)
    assert len(text.encode()) < 5_000_000
    page = Page(text)
    assert_numbers_are_the_tables(page, luts)
    assert len(page.ids) == len(set(page.ids))
    for lut in luts:
        assert lut.attrs["decks_sha256"] in page.text
        assert f"bitline characterize {lut.name} " in page.text


def test_an_error_budget_has_each_source_with_its_interval() -> None:
    lut = Lut.load("acim-qs-budget")
    text = Page(html([lut])).text
    for source in lut.tables["error_budget"]["source"].values:
        assert f"source = {source}" in text


def test_what_a_table_says_is_text_and_never_markup() -> None:
    evil = "</script><script>alert(1)</script>"
    table = xr.Dataset({"v": ("name", np.ones(2), {"unit": "<b>", "doc": evil})}, {"name": [evil, "<i>"]})
    lut = Lut("x", "made-up", {"t": table}, {"description": evil, "pdk": 'a"b', "assumed": [evil], "circuit": evil})
    text = html([lut])
    assert "<script>alert" not in text
    page = Page(text)
    assert page.open == []
    assert page.data[0]["axes"][0]["values"] == [evil, "<i>"]


def test_a_table_in_which_nothing_was_measured_says_so() -> None:
    table = xr.Dataset({"v": ("k", [np.nan, np.nan]), "n_ok": ("k", [0, 0]), "n_failed": ("k", [1, 1])}, {"k": [1, 2]})
    lut = Lut("x", "made-up", {"t": table}, {"status": {"timeout": 2}, "problems": ["table snr could not be made"]})
    text = Page(html([lut])).text
    for words in ("no point gave a result", "2 timeout", "table snr could not be made", "k = 2", "2"):
        assert words in text


def test_the_schematic_is_that_of_the_circuit(column: Lut) -> None:
    drawn = replace(column, attrs={**column.attrs, "circuit": "sar-adc"})
    drawings = html([drawn]).split('<div class="figure schematic">')[1:]
    # The whole first, then its parts.
    assert ["inp" in drawings[0], "Mtail" in drawings[1]] == [True, True]
    undrawn = replace(column, attrs={**column.attrs, "circuit": "acim"})
    assert '<div class="figure schematic">' not in html([undrawn])
    assert "default parameters" not in html([undrawn])


def test_waveforms_are_drawn_as_figures_draw_them() -> None:
    time = np.array([0.0, 1e-9, 2e-9])
    run = Waveforms(time, {"v(bl)": np.array([1.8, 1 / 3, 0.0]), "i(vdd)": np.array([0.0, -1e-3, 0.0])})
    run = replace(run, readings=(("i(vdd)", 0.5e-9),))
    (data,) = Page(html([], {"run": run})).data
    lines, currents = data["panels"]
    assert data["x"] == time.tolist()
    assert lines["signals"] == [{"name": "v(bl)", "values": [1.8, 0.3333333, 0.0]}]
    # A supply that delivers is above zero.
    assert currents["signals"][0]["values"] == [0.0, 1e-3, 0.0]
    assert data["readings"] == [["i(vdd)", 0.5e-9, 0.5e-3]]
    with pytest.raises(InputError, match="run: has 1 points"):
        html([], {"run": Waveforms(time[:1], {"v(bl)": time[:1]})})


def test_markdown_has_figures_beside_it_and_the_same_key_figures(column: Lut, tmp_path: Path) -> None:
    files = write([column], tmp_path / "r.md")
    text = files[0].read_text()
    assert [file.name for file in files] == ["r.md", *re.findall(r"\]\((r-\d+\.svg)\)", text)]
    assert all(file.read_bytes().startswith(b"<?xml") for file in files[1:])
    rows = re.findall(r"^\| (\S+) \| .* \| .* \| .* \| .* \|$", text, re.MULTILINE)
    assert [figure.name for figure in key_figures(column)] == rows[1 : len(key_figures(column)) + 1]
    widths = {}
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths[block] = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
    assert all(len(counts) == 1 for counts in widths.values())


def test_format_overrules_the_name(column: Lut, tmp_path: Path) -> None:
    assert write([column], tmp_path / "r.md", "html")[0].read_text().startswith("<!DOCTYPE html>")


def test_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one LUT"):
        write([], tmp_path / "r.html")


PARTS = ("chart.js", "slices.js", "waves.js")
SCRIPT = """
const table = JSON.parse(require("fs").readFileSync(0, "utf8"));
const choice = Object.assign(firstChoice(table), JSON.parse(process.argv[1]));
const parts = {};
const section = {
  listeners: {},
  querySelector: (name) => {
    if (name[0] !== ".") return null;
    return (parts[name.slice(1)] = parts[name.slice(1)] || { addEventListener: () => {} });
  },
  addEventListener: (kind, listener) => { section.listeners[kind] = listener; },
};
mountSlices(section, table);
const before = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.innerHTML]));
section.listeners.change({ target: { name: "variable", value: table.variables[1].name } });
section.listeners.change({ target: { name: "by", value: "corner" } });
console.log(JSON.stringify({
  first: firstChoice(table), slice: slice(table, choice), drawing: drawing(table, choice),
  zoomed: drawing(table, { ...choice, zoom: [0.9, 2.1] }),
  row: row(table, 7), size: size(table), ticks: ticks(-0.3, 1.2),
  before, after: parts.drawing.innerHTML,
}));
"""


@pytest.fixture(scope="module")
def drawn(page: Page) -> dict[str, Any]:
    """Run the page's script outside a browser, on the first table of the page."""
    if NODE is None:
        pytest.skip("no JavaScript here")
    choice = {"variable": "v_line", "x": "code", "by": "corner"}
    scripts = [(folder("templates") / "reports" / name).read_text() for name in PARTS]
    arguments = (NODE, "-e", "\n".join([*scripts, SCRIPT]), json.dumps(choice))
    done = subprocess.run(arguments, input=json.dumps(page.data[0]), capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_slice_is_the_tables_at_the_nominal_condition(drawn: dict[str, Any], column: Lut) -> None:
    table = column.tables["nominal"].sel(vdd=1.8, temperature=27.0)
    assert [line["label"] for line in drawn["slice"]] == ["tt", "ss", "ff"]
    for line in drawn["slice"]:
        points = {point["at"]: point["y"] for point in line["points"]}
        assert points == dict(zip(range(5), table["v_line"].sel(corner=line["label"]).values, strict=True))


def test_rows_are_those_of_the_csv(drawn: dict[str, Any], column: Lut) -> None:
    table = column.tables["nominal"]
    frame = table.to_dataframe(dim_order=[str(dim) for dim in table["v_line"].dims]).reset_index()
    assert drawn["size"] == len(frame)
    assert drawn["row"] == frame.iloc[7].tolist()


def test_a_drawing_has_every_point_and_a_choice_draws_anew(drawn: dict[str, Any]) -> None:
    assert drawn["first"]["x"] == "code"
    assert drawn["drawing"].count("<circle") == 15
    assert drawn["before"]["rows"].count("<tr>") == 51
    assert "v_line [V]" in drawn["before"]["controls"]
    assert "swing over code" in drawn["after"]
    assert drawn["after"].count("<circle") == 15
    assert "NaN" not in drawn["drawing"] + drawn["after"]
    Page(drawn["drawing"])


def test_a_part_of_the_axis_fills_the_drawing(drawn: dict[str, Any]) -> None:
    places = [float(x) for x in re.findall(r'class="below">|<circle cx="([\d.]+)"', drawn["zoomed"]) if x]
    # Codes 1 and 2 lie inside, and nearly at both ends.
    inside = [x for x in places if 80 <= x <= 624]
    assert len(inside) == 6
    assert max(inside) - min(inside) > 400


def test_ticks_are_round(drawn: dict[str, Any]) -> None:
    assert drawn["ticks"] == [0, 0.5, 1]
