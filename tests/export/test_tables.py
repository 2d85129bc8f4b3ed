"""CSV, netCDF and Parquet: every number arrives with its place and its unit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
from luts.column import ATTRS, make_column_lut

from bitline.errors import ExporterError
from bitline.lut.lut import Lut
from bitline.lut.operation import parse_operation


def distinct() -> Lut:
    """Return a LUT in which no two numbers are equal, in scales far from one another.

    A slip of 10^3, a swapped column or a transposed axis cannot go unseen.
    """
    made = make_column_lut(codes=5, vdds=[1.62, 1.8, 1.98])
    count, tables = 0, {}
    for name, table in made.tables.items():
        copy = table.copy(deep=True)
        for variable in copy.data_vars.values():
            numbers = np.arange(count + 1, count + variable.size + 1).reshape(variable.shape)
            if variable.dtype.kind == "f":  # k + 1/7: no two differ by a power of ten below 10^6
                numbers = (numbers + 1 / 7) * 10.0 ** (count % 17 - 15)
            variable.values[...] = numbers
            count += variable.size
        tables[name] = copy
    tables["nominal"]["dnl"].values[0, 0, 0, 0] = np.nan
    return replace(made, name="distinct", tables=tables)


LUT = distinct()
HEADERS = {
    name: [f"{v} [{u}]" if (u := table[v].attrs["unit"]) else str(v) for v in (*table.dims, *table.data_vars)]
    for name, table in LUT.tables.items()
}


def rows(table: xr.Dataset) -> list[tuple[Any, ...]]:
    """Return the table in long form by looking up every cell by its coordinates, one at a time."""
    found = []
    for index in np.ndindex(*table.sizes.values()):
        point = [table[dim].values[i] for dim, i in zip(table.sizes, index, strict=True)]
        cells = [variable.sel(dict(zip(table.sizes, point, strict=True))).item() for variable in table.values()]
        found.append((*(x.item() for x in point), *cells))
    return found


def test_no_two_numbers_are_equal() -> None:
    numbers = np.concatenate([v.values.ravel() for t in LUT.tables.values() for v in t.values()])
    numbers = numbers[~np.isnan(numbers)]
    assert len(set(numbers.tolist())) == numbers.size > 1900


@pytest.mark.parametrize("name", LUT.tables)
def test_csv(name: str, tmp_path: Path) -> None:
    LUT.export("csv", tmp_path)
    frame = pd.read_csv(tmp_path / f"{name}.csv")
    assert list(frame) == HEADERS[name]
    check(frame, name)


@pytest.mark.parametrize("name", LUT.tables)
def test_parquet(name: str, tmp_path: Path) -> None:
    LUT.export("parquet", tmp_path)
    frame = pd.read_parquet(tmp_path / f"{name}.parquet")
    check(frame, name)
    units = {str(v): LUT.tables[name][v].attrs["unit"] for v in frame}
    assert frame.attrs["units"] == units
    # and the same for a program that is not pandas
    attrs = json.loads(pq.read_schema(tmp_path / f"{name}.parquet").metadata[b"PANDAS_ATTRS"])
    assert attrs["units"] == units
    assert attrs["docs"]["corner"] == "process corner"
    assert attrs["lut"]["attrs"] == ATTRS
    assert parse_operation("file", attrs["lut"]["operation"]) == LUT.operation
    assert "wl_driver" in attrs["lut"]["energy_scope"]


def check(frame: pd.DataFrame, name: str) -> None:
    expected = rows(LUT.tables[name])
    assert len(frame) == len(expected)
    for i, column in enumerate(frame):
        want = [row[i] for row in expected]
        got = frame[column].tolist()
        if isinstance(want[0], float):
            assert np.array_equal(got, want, equal_nan=True), column
        else:
            assert got == want, column


def test_netcdf(tmp_path: Path) -> None:
    LUT.export("netcdf", tmp_path)
    with xr.open_datatree(tmp_path / "distinct.nc", engine="netcdf4") as tree:
        assert set(tree.children) == set(LUT.tables)
        assert tree.attrs["kind"] == "acim-column-qs"
        assert json.loads(tree.attrs["provenance"]) == ATTRS
        assert parse_operation("tree", json.loads(tree.attrs["operation"])) == LUT.operation
        assert "wl_driver" in tree.attrs["energy_scope"]
        for name, table in LUT.tables.items():
            read = tree[name].to_dataset().load()
            xr.testing.assert_equal(read, table)
            for variable in read.variables:
                assert read[variable].dims == table[variable].dims
                assert read[variable].attrs["units"] == table[variable].attrs["unit"]
                assert read[variable].attrs["doc"] == table[variable].attrs["doc"]
                if table[variable].dtype.kind != "U":
                    assert read[variable].dtype == table[variable].dtype
                    assert read[variable].values.tobytes() == table[variable].values.tobytes()


def test_netcdf_keeps_attributes_it_has_no_type_for(tmp_path: Path) -> None:
    table = xr.Dataset({"e": ((), 1.0, {"unit": "J", "includes": ["cell", "adc"], "n": 3, "ok": True})})
    Lut("x", "made-up", {"t": table}, {}).export("netcdf", tmp_path)
    with xr.open_datatree(tmp_path / "x.nc", engine="netcdf4") as tree:
        attrs = tree["t/e"].attrs
        assert (json.loads(attrs["includes"]), attrs["n"], attrs["ok"]) == (["cell", "adc"], 3, "true")


def test_a_failed_export_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LUT.export("csv", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("bitline.export.csv.write_readme", lambda *a, **k: 1 / 0)
    with pytest.raises(ExporterError, match="exporter csv failed: ZeroDivisionError"):
        make_column_lut().export("csv", tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
