"""Which part of a LUT a panel shows: a condition is fixed, one axis is drawn, one makes the lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import xarray as xr

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.plot import label

_USUAL = ("tt", "all", "half")
"""Values of text axes that stand for the reference condition: typical corner, all mismatch, V/2."""


class Lut(Protocol):
    """What a panel needs of a LUT."""

    @property
    def name(self) -> str:
        """Name of the LUT."""

    @property
    def kind(self) -> str:
        """Kebab-case name of the circuit."""

    @property
    def tables(self) -> Mapping[str, xr.Dataset]:
        """Tables by name; dimensions are axes, variables carry ``attrs["unit"]``."""

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Provenance."""


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
        return [None] if self.by is None else self.lut.tables[table][self.by].values.tolist()

    def line(self, table: str, value: object = None) -> xr.Dataset | None:
        """Return a table at the condition and at one value of `by`; None where it has no such cell."""
        found = self.lut.tables.get(table)
        if found is None:
            return None
        wanted = dict(self.fixed) if self.by is None else {**self.fixed, self.by: value}
        for axis in [axis for axis in wanted if axis in found.dims]:
            near = _position(found[axis].values.tolist(), wanted[axis])
            if near is None:
                return None
            found = found.isel({axis: near})
        return found

    def lines(self, table: str) -> Iterator[tuple[Any, xr.Dataset]]:
        """Yield each value of `by` with the table there."""
        for value in self.values(table):
            found = self.line(table, value)
            if found is not None:
                yield value, found

    def name(self, axis: str, value: object) -> str:
        """Write one coordinate with its unit."""
        return label.coordinate(axis, value, coordinate_unit(self.lut, axis))

    def title(self, table: str, head: str | None) -> str:
        """Say circuit and condition: ``"acim-column-qs: tt, 1.8 V, 27 °C"``."""
        dims = self.lut.tables[table].dims
        condition = ", ".join(self.name(axis, value) for axis, value in self.fixed.items() if axis in dims)
        return ": ".join(part for part in (self.lut.kind if head is None else head, condition) if part)


def cut(lut: Lut, table: str, x: str, by: str | None, where: Mapping[str, Any]) -> Cut:
    """Choose what a panel shows of `table`.

    Every axis but `x` and `by` is fixed: at the value of `where`, else at the condition of the
    Monte Carlo, else at tt, at all mismatch, or the middle of its grid.

    Raises
    ------
    InputError
        If the LUT has no such table.
    UnknownNameError
        If `x`, `by` or a name in `where` is not an axis of it.
    OutsideGridError
        If a value of `where` is not on the grid; a plot never interpolates.
    """
    if table not in lut.tables:
        raise InputError(f"LUT {lut.name!r} has no table {table!r} (has: {', '.join(sorted(lut.tables))})")
    axes = {axis: lut.tables[table][axis].values.tolist() for axis in map(str, lut.tables[table].dims)}
    known = {axis for dataset in lut.tables.values() for axis in map(str, dataset.dims)}
    for axis in (x, *([by] if by is not None else [])):
        if axis not in axes:
            raise UnknownNameError(f"axis of table {table!r}", axis, axes)
    for axis in where:
        if axis not in known:
            raise UnknownNameError(f"axis of LUT {lut.name!r}", axis, known)
    fixed = {axis: _fix(lut, axis, grid, where) for axis, grid in axes.items() if axis not in {x, by}}
    return Cut(lut, fixed, by)


def _fix(lut: Lut, axis: str, grid: list[Any], where: Mapping[str, Any]) -> Any:
    if axis in where:
        near = _position(grid, where[axis])
        if near is None:
            raise OutsideGridError(f"{axis} = {where[axis]!r}: not on the grid ({', '.join(map(str, grid))})")
        return grid[near]
    drawn = lut.tables.get("mismatch")
    sampled = drawn[axis].values.tolist() if drawn is not None and axis in drawn.dims else []
    if len(sampled) == 1 and sampled[0] in grid:
        return sampled[0]
    return next((usual for usual in _USUAL if usual in grid), grid[len(grid) // 2])


def _position(grid: list[Any], value: Any) -> int | None:
    """Return where on the grid a value lies, up to the rounding of its last digits."""
    for k, point in enumerate(grid):
        same = point == value if isinstance(point, str) or isinstance(value, str) else np.isclose(point, value, 1e-9, 0)
        if same:
            return k
    return None


def coordinate_unit(lut: Lut, axis: str) -> str:
    """Return the unit of an axis, from the first table that has it."""
    for dataset in lut.tables.values():
        if axis in dataset.coords:
            return str(dataset[axis].attrs.get("unit", ""))
    return ""


def swept(dataset: xr.Dataset, prefer: Sequence[str], exclude: str | None = None) -> str | None:
    """Return an axis with more than one value, the first of `prefer` if it is one; None if there is none."""
    axes = [str(axis) for axis in dataset.dims if axis != exclude and dataset.sizes[axis] > 1]
    return next((axis for axis in prefer if axis in axes), axes[0] if axes else None)
