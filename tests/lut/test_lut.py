from __future__ import annotations

import enum
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from luts.column import ATTRS, UNITS, make_column_lut

from bitline.errors import InputError
from bitline.lut.lut import Lut


def table(values: Any = (1.0, 2.0), axis: Any = (0, 1), **attrs: Any) -> xr.Dataset:
    return xr.Dataset({"v": ("code", np.array(values), attrs)}, {"code": ("code", np.array(axis))})


def lut(dataset: xr.Dataset, **changes: Any) -> Lut:
    return Lut(**{"name": "x", "kind": "made-up", "tables": {"t": dataset}, "attrs": {}, **changes})


def test_the_synthetic_lut_has_the_tables_of_the_contract() -> None:
    made = make_column_lut()
    assert made.attrs == ATTRS
    assert {t: {v: d[v].attrs["unit"] for v in d.data_vars} for t, d in made.tables.items()} == UNITS
    assert dict(made.tables["nominal"].sizes) == {"code": 17, "corner": 3, "vdd": 3, "temperature": 3}
    assert set(made.tables["line"].dims) == {"corner", "vdd", "temperature"}
    assert dict(made.tables["snr"].sizes) == {"corner": 1, "vdd": 1, "temperature": 1}


def test_types_order_and_attributes_are_made_canonical() -> None:
    class Corner(enum.StrEnum):
        tt = "tt"
        ss = "ss"

    source = xr.Dataset(
        {
            "v": (("corner", "code"), np.ones((2, 2), np.float32)),
            "n_ok": (("code", "corner"), np.array([[1, 2], [3, 4]], np.uint8), {"doc": "count"}),
        },
        {"code": np.array([0, 1], np.int32), "corner": pd.Index([Corner.tt, Corner.ss])},
        {"seed": 1},
    )
    made = lut(source).tables["t"]
    assert made["v"].dims == made["n_ok"].dims == ("corner", "code")
    assert (made["v"].dtype, made["n_ok"].dtype, made["code"].dtype) == (np.float64, np.int64, np.int64)
    assert made["corner"].values.tolist() == ["tt", "ss"]
    assert made["n_ok"].values.tolist() == [[1, 3], [2, 4]]
    assert made["n_ok"].attrs == {"unit": "", "doc": "count"}
    assert made.attrs == {"seed": 1}


def test_a_frame_of_results_in_any_order_becomes_a_table() -> None:
    frame = pd.DataFrame({"corner": ["tt", "tt", "ss", "ss"], "vdd": [1.8, 1.62] * 2, "v": [1.0, 2.0, 3.0, 4.0]})
    made = lut(frame.set_index(["corner", "vdd"]).to_xarray().sel(corner=["tt", "ss"], vdd=[1.8, 1.62]))
    assert made.tables["t"]["vdd"].values.tolist() == [1.62, 1.8]
    assert made.tables["t"]["corner"].values.tolist() == ["tt", "ss"]
    assert made.lookup(corner="ss", vdd=1.62)["v"] == 4


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (table(axis=(0, 0)), "axis code = .*distinct"),
        (table(axis=(0.0, np.nan)), "axis code = .*finite"),
        (table(axis=("a", "a")), "distinct"),
        (table(axis=("a", "b\n")), "printable"),
        (table(axis=(False, True)), "all numbers or all printable text"),
        (table((), ()), "code is empty"),
        (table(("a", "b")), "v has dtype <U1: must be float or integer"),
        (table(unit=3), "unit of v = 3"),
        (table(doc="a\nb"), "doc of v"),
        (table(other=object()), "attrs of v in table t cannot be written as JSON"),
        (table().assign_attrs(x=float("nan")), "attrs of table t cannot be written as JSON"),
        (table().rename(v="V"), "variable 'V'"),
        (table().drop_vars("v"), "no variable"),
        (table().drop_vars("code"), "coordinates and dimensions differ in .'code'"),
        (table().assign(w=("other", [1.0])).assign_coords(other=[0]), "differ in .'other'"),
        (table().assign(w=1.0), "w has axes"),
    ],
)
def test_a_table_of_another_form_is_refused(dataset: xr.Dataset, message: str) -> None:
    with pytest.raises(InputError, match=f"table t.*{message}|{message}"):
        lut(dataset)


@pytest.mark.parametrize(
    "changes",
    [{"name": "../x"}, {"name": ""}, {"kind": "a b"}, {"tables": {"T/x": table()}}, {"attrs": {"x": {1}}}],
)
def test_names_and_attributes_are_checked(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        lut(table(), **changes)
