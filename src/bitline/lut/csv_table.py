"""One table as CSV text, in both directions.

Long form: a row per grid point, axes first, ``name [unit]`` in the header, numbers by `repr`
so that every bit comes back.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import LutFileError
from bitline.lut.table import Field, PlainTable, axes, column
from bitline.numbers import cell, integer

if TYPE_CHECKING:
    import xarray as xr

_PARSERS: dict[str, Callable[[str], Any]] = {"float64": cell, "int64": integer, "str": str}


def table_text(table: xr.Dataset) -> str:
    """Return the table as CSV."""
    grids = axes(table)
    fields = [*(table[axis] for axis in grids), *table.data_vars.values()]
    points = product(*(_cells(grid) for grid in grids.values()))
    values = zip(*(_cells(v.to_numpy()) for v in table.data_vars.values()), strict=True)
    out = io.StringIO()
    # The module's default is \r\n, which diff and git would show as a change of every line.
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column(str(field.name), field.attrs["unit"]) for field in fields)
    writer.writerows((*point, *row) for point, row in zip(points, values, strict=True))
    return out.getvalue()


def parse_table(path: Path, raw: bytes, entry: dict[str, Any]) -> PlainTable:
    """Return the table that `raw` holds and the manifest's `entry` describes.

    Parameters
    ----------
    path : Path
        Where `raw` comes from, for messages.
    entry : dict
        One table of the manifest, valid under the schema.

    Raises
    ------
    LutFileError
        If the text is no CSV, or its header, points or cells are not those of `entry`.
    """
    fields = [*entry["axes"], *entry["variables"]]
    header = [column(field["name"], field["unit"]) for field in fields]
    names = [field["name"] for field in fields]
    # Columns are kept by name below, so the first of two with one name would vanish.
    if len(set(names)) != len(names):
        raise LutFileError(f"{path}: the manifest names a column twice: {', '.join(names)}")
    grids = {axis["name"]: _array(path, axis, axis["values"]) for axis in entry["axes"]}
    shape = tuple(grid.size for grid in grids.values())
    rows = _rows(path, raw, header)
    if len(rows) != math.prod(shape):
        raise LutFileError(f"{path}: {len(rows)} rows, the axes in the manifest make {math.prod(shape)}")
    columns = {field["name"]: _column(path, field, rows, i) for i, field in enumerate(fields)}
    # The points follow from the manifest but are compared all the same: in a table that was sorted by hand, values
    # would otherwise move to other conditions.
    for name, points in zip(grids, zip(*product(*grids.values()), strict=True), strict=True):
        _check_points(path, name, columns[name], points)
    return PlainTable(
        {axis["name"]: Field(grids[axis["name"]], _attrs(axis)) for axis in entry["axes"]},
        {v["name"]: Field(columns[v["name"]].reshape(shape), _attrs(v)) for v in entry["variables"]},
        entry["attrs"],
    )


def _cells(values: NDArray[Any]) -> list[str]:
    cells = values.ravel().tolist()
    if values.dtype.kind == "U":
        return cells
    # The repr of a float is the shortest text that reads back as the same bits.
    return [repr(cell) for cell in cells]


def _rows(path: Path, raw: bytes, header: list[str]) -> list[list[str]]:
    try:
        # In strict mode a stray quote is an error and does not swallow the lines that follow it.
        first, *rows = csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise LutFileError(f"{path}: not a CSV table: {error}") from None
    if first != header:
        raise LutFileError(f"{path}: header is {','.join(first)!r}, must be {','.join(header)!r}")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise LutFileError(f"{path}: line {line} has {len(row)} cells, must be {len(header)}")
    return rows


def _column(path: Path, field: dict[str, Any], rows: list[list[str]], index: int) -> NDArray[Any]:
    parse = _PARSERS[field["dtype"]]
    values = []
    for line, row in enumerate(rows, start=2):
        try:
            values.append(parse(row[index]))
        except ValueError:
            raise LutFileError(
                f"{path}: line {line}, {field['name']} = {row[index]!r}: must be {field['dtype']}"
            ) from None
    return _array(path, field, values)


def _array(path: Path, field: dict[str, Any], values: list[Any]) -> NDArray[Any]:
    try:
        # A count in the file may have any number of digits, an int64 has at most 19.
        return np.array(values, dtype=field["dtype"])
    except OverflowError:
        raise LutFileError(f"{path}: {field['name']}: a number is too large for {field['dtype']}") from None


def _check_points(path: Path, name: str, stored: NDArray[Any], expected: tuple[Any, ...]) -> None:
    for line, (point, value) in enumerate(zip(stored, expected, strict=True), start=2):
        if point != value:
            raise LutFileError(f"{path}: line {line}: {name} = {point}, by the manifest it is {value}")


def _attrs(field: dict[str, Any]) -> dict[str, Any]:
    return {**field["attrs"], "unit": field["unit"], "doc": field["doc"]}
