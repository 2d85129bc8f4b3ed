"""Which part of a LUT a panel shows: a condition is fixed, one axis is drawn, one makes the lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.plot import label

_ALL = "all"
_USUAL = ("tt", _ALL, "half")
"""Values of text axes that stand for the reference condition: typical corner, all mismatch, V/2."""


@dataclass(frozen=True)
class Cut:
    """A LUT at one condition, except along the axes that are drawn.

    Parameters
    ----------
    lut : Lut
        What is cut.
    fixed : mapping
        Every axis that is not drawn, and its value.
    by : str or None
        The axis with one line per value.
    """

    lut: Lut
    fixed: Mapping[str, Any]
    by: str | None

    def values(self, table: str) -> list[Any]:
        """Return the values that make the lines, ``[None]`` for a single line."""
        if self.by is None:
            return [None]
        values: list[Any] = self.lut.tables[table][self.by].values.tolist()
        return values

    def line(self, table: str, value: object = None) -> xr.Dataset | None:
        """Return a table at the condition and at one value of `by`; None where it has no such cell."""
        dataset = self.lut.tables.get(table)
        if dataset is None:
            return None
        coordinates = dict(self.fixed)
        if self.by is not None:
            coordinates[self.by] = value
        # A table is cut along the axes it has: the noise, say, does not depend on the code.
        for axis in [axis for axis in coordinates if axis in dataset.dims]:
            index = _position(dataset[axis].values.tolist(), coordinates[axis])
            if index is None:
                return None
            dataset = dataset.isel({axis: index})
        return dataset

    def lines(self, table: str) -> Iterator[tuple[Any, xr.Dataset]]:
        """Yield each value of `by` with the table there."""
        for value in self.values(table):
            dataset = self.line(table, value)
            if dataset is not None:
                yield value, dataset

    def name(self, axis: str, value: object) -> str:
        """Write one coordinate with its unit."""
        return label.coordinate(axis, value, coordinate_unit(self.lut, axis))

    def condition(self, table: str) -> str:
        """Write the condition, as far as a table has its axes: ``"tt, 1.8 V, 27 °C"``."""
        dims = self.lut.tables[table].dims
        return ", ".join(self.name(axis, value) for axis, value in self.fixed.items() if axis in dims)

    def title(self, table: str, head: str | None) -> str:
        """Write a heading, by default what the LUT is of, and the condition: ``"Transfer: tt, 1.8 V, 27 °C"``."""
        heading = head or self.lut.kind
        return ": ".join(part for part in (heading, self.condition(table)) if part)


def cut(lut: Lut, table: str, x: str, by: str | None, condition: Mapping[str, Any]) -> Cut:
    """Choose what a panel shows of `table`.

    Every axis but `x` and `by` is fixed: at the value in `condition`, else where the Monte Carlo ran, else at
    tt, at all mismatch, or the middle of its grid.

    Raises
    ------
    InputError
        If the LUT has no such table.
    UnknownNameError
        If `x`, `by` or a name in `condition` is not an axis of it.
    OutsideGridError
        If a value in `condition` is not on the grid; a plot never interpolates.
    """
    # Every name is checked before anything is cut, so that an error says what there is instead.
    if table not in lut.tables:
        raise InputError(f"LUT {lut.name!r} has no table {table!r} (has: {', '.join(sorted(lut.tables))})")
    axes = {axis: lut.tables[table][axis].values.tolist() for axis in map(str, lut.tables[table].dims)}
    # A condition may name an axis of another table: the band or the noise beside a curve is cut there too.
    known = {axis for dataset in lut.tables.values() for axis in map(str, dataset.dims)}
    for axis in (x, by):
        if axis is not None and axis not in axes:
            raise UnknownNameError("axis", axis, axes, f"of table {table!r}")
    for axis in condition:
        if axis not in known:
            raise UnknownNameError("axis", axis, known, f"of LUT {lut.name!r}")
    # What is drawn beside this table may have an axis that it lacks, as chips have the group of devices that varies.
    beside = {axis: values for dataset in lut.tables.values() for axis, values in _texts(dataset) if axis not in axes}
    known_axes = {**axes, **{axis: values for axis, values in beside.items() if _ALL in values}}
    held = {axis: fixed(lut, axis, grid, condition) for axis, grid in known_axes.items() if axis not in {x, by}}
    return Cut(lut, held, by)


def _texts(dataset: xr.Dataset) -> Iterator[tuple[str, list[Any]]]:
    """Yield each axis of texts with its values."""
    for axis in map(str, dataset.dims):
        values = dataset[axis].values.tolist()
        if isinstance(values[0], str):
            yield axis, values


def fixed(lut: Lut, axis: str, grid: list[Any], condition: Mapping[str, Any]) -> Any:
    """Return the value at which an axis that is not drawn is fixed; errors as of `cut`."""
    if axis in condition:
        index = _position(grid, condition[axis])
        if index is None:
            raise OutsideGridError(f"{axis} = {condition[axis]!r}: not on the grid ({', '.join(map(str, grid))})")
        return grid[index]
    # Panels are compared with the Monte Carlo's, so what it held fixed comes first.
    sampled = _grid(lut, "mismatch", axis)
    if len(sampled) == 1 and sampled[0] in grid:
        return sampled[0]
    return next((usual for usual in _USUAL if usual in grid), grid[len(grid) // 2])


def _grid(lut: Lut, table: str, axis: str) -> list[Any]:
    dataset = lut.tables.get(table, xr.Dataset())
    if axis not in dataset.dims:
        return []
    values: list[Any] = dataset[axis].values.tolist()
    return values


def on_grid(grid: list[Any], value: Any) -> bool:
    """Return whether a value is on a grid, up to the rounding of its last digits."""
    return _position(grid, value) is not None


def _position(grid: list[Any], value: Any) -> int | None:
    """Return where on the grid a value lies, up to the rounding of its last digits."""
    return next((k for k, point in enumerate(grid) if _same(point, value)), None)


def _same(point: Any, value: Any) -> bool:
    if isinstance(point, str) or isinstance(value, str):
        return bool(point == value)
    if not isinstance(value, int | float | np.number):
        return False
    # A user types 0.3 where the grid has 0.1 * 3.
    return bool(np.isclose(point, value, 1e-9, 0))


def coordinate_unit(lut: Lut, axis: str) -> str:
    """Return the unit of an axis, from the first table that has it."""
    for dataset in lut.tables.values():
        if axis in dataset.coords:
            return str(dataset[axis].attrs.get("unit", ""))
    return ""


def swept(dataset: xr.Dataset, prefer: Sequence[str], exclude: Sequence[str] = ()) -> str | None:
    """Return an axis with more than one value, the first of `prefer` if it is one; None if there is none."""
    axes = [str(axis) for axis in dataset.dims if axis not in exclude and dataset.sizes[axis] > 1]
    return next((axis for axis in (*prefer, *axes) if axis in axes), None)
