"""A LUT outside bitline: as an xarray tree, and shown in a notebook."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import xarray as xr
from luts.column import make_column_lut

from bitline.lut.lut import Lut
from bitline.lut.operation import parse_operation


def test_a_lut_is_a_tree_with_a_node_per_table() -> None:
    lut = make_column_lut(codes=5)
    tree = lut.to_xarray()
    assert set(tree.children) == set(lut.tables)
    for name, table in lut.tables.items():
        xr.testing.assert_equal(tree[name].to_dataset(), table)
        assert tree[name]["vdd"].attrs["units"] == "V"
    assert tree["nominal"]["v_line"].attrs["unit"] == "V"
    assert "units" not in lut.tables["nominal"]["v_line"].attrs
    assert (tree.attrs["name"], tree.attrs["kind"]) == (lut.name, lut.kind)
    assert json.loads(tree.attrs["provenance"]) == lut.attrs
    assert lut.operation is not None
    assert parse_operation("tree", json.loads(tree.attrs["operation"])) == lut.operation


def test_lists_in_attributes_become_text_that_files_can_hold() -> None:
    table = xr.Dataset({"v": ("code", [1.0, 2.0], {"unit": "V", "includes": ["a", "b"]})}, {"code": [0, 1]})
    node = Lut("x", "made-up", {"t": table.assign_attrs(flag=True)}, {}).to_xarray()["t"]
    assert node["v"].attrs["includes"] == '["a", "b"]'
    assert node.attrs == {"flag": "true"}


def test_a_notebook_shows_tables_axes_and_provenance() -> None:
    lut = make_column_lut()
    page = lut._repr_html_()
    for text in (lut.name, lut.kind, "nominal", "vdd [V] = 1.62..1.98 (3)", "v_line [V]", "snr_a [dB]", "sky130"):
        assert text in page, text
    assert len(page) < 5000


def test_what_a_table_says_is_text_and_never_markup() -> None:
    table = xr.Dataset({"v": ("name", np.ones(1), {"unit": "<b>"})}, {"name": ["<script>alert(1)</script>"]})
    lut = Lut("x", "made-up", {"t": table}, {"description": "<img src=x>", "pdk": 'a"b'})
    page = lut._repr_html_()
    tags: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)

    Tags().feed(page)
    assert tags == {"div", "p", "b", "table", "tr", "th", "td"}
    assert "&lt;img src=x&gt;" in page
    assert replace(lut, attrs={})._repr_html_().endswith("</div>")
