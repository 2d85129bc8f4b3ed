"""Looking up: multilinear inside the grid where a variable is good for it, refused outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.interpolation import refusal, refusals
from bitline.lut.table import PlainTable
from bitline.parameters import plain

if TYPE_CHECKING:
    import xarray as xr

Grid = NDArray[Any]
_LISTED = 8


@dataclass(frozen=True, eq=False)
class Lookup(Mapping[str, Any]):
    """The variables at one point, as a mapping from name to value; at many points, to an array of values.

    A name that occurs in several tables is written ``table.name``. Asking for a variable
    that has no value at the point raises `OutsideGridError` with the reason.

    Attributes
    ----------
    results : mapping of str to float or ndarray
        The values.
    units : mapping of str to str
        The unit of every value.
    left_out : mapping of str to str
        Why a table, or a single ``table.variable``, has no value here.
    refused : mapping of str to str
        The same reasons by variable, as they would be looked up.
    """

    results: Mapping[str, Any]
    units: Mapping[str, str]
    left_out: Mapping[str, str]
    refused: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        if name in self.results:
            return self.results[name]
        if name in self.refused:
            raise OutsideGridError(f"{name} has no value here: {self.refused[name]}")
        raise UnknownNameError("variable", name, [*self.results, *self.refused])

    # Mapping's own `in` and `get` wait for a KeyError; here a value that is missing raises an error with its reason.

    def __contains__(self, name: object) -> bool:
        return name in self.results

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or `default` where there is none."""
        return self.results.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, eq=False)
class Column:
    """One variable as a plain array, and why it may not be interpolated, by the axes along which it may not."""

    key: str
    unit: str
    values: NDArray[Any]
    refusals: Mapping[str, str]


@dataclass(frozen=True)
class IndexedTable:
    """One table as plain arrays, its variables by name.

    `conditions` has the axes along which none of them may be interpolated, with the reason.
    """

    grids: Mapping[str, Grid]
    conditions: Mapping[str, str]
    columns: Mapping[str, Column]


class Index:
    """Tables taken apart once, so that many look-ups do not go through xarray each time.

    Parameters
    ----------
    tables : mapping of str to Dataset or PlainTable
        As in `Lut`, or as `bitline.lut.files.read_tables` returns them.
    """

    def __init__(self, tables: Mapping[str, xr.Dataset | PlainTable]) -> None:
        plains = {name: _as_plain(table) for name, table in tables.items()}
        self.grids: dict[str, list[Grid]] = {}
        self.tables: dict[str, IndexedTable] = {}
        # Tables share names, such as n_ok, and neither may hide the other.
        occurs = Counter(variable for table in plains.values() for variable in table.variables)
        for name, table in plains.items():
            grids = {axis: field.values for axis, field in table.axes.items()}
            for axis, grid in grids.items():
                self.grids.setdefault(axis, []).append(grid)
            columns = {}
            for variable, field in table.variables.items():
                key = variable
                if occurs[key] > 1:
                    key = f"{name}.{variable}"
                columns[variable] = Column(key, field.attrs["unit"], field.values, refusals(field, table.axes))
            conditions = {axis: reason for axis, field in table.axes.items() if (reason := refusal(field))}
            self.tables[name] = IndexedTable(grids, conditions, columns)
        values = {axis: {v for grid in grids for v in grid.tolist()} for axis, grids in self.grids.items()}
        self.defaults = {axis: single.pop() for axis, single in values.items() if len(single) == 1}

    def lookup(self, coords: Mapping[str, float | str]) -> Lookup:
        """Return every variable of every table at one point.

        - Numeric axes are interpolated linearly between their two neighbours; a value on the
          grid returns exactly what is stored. Text axes and axes of one value must match, and so must
          axes that are marked as not to be interpolated.
        - An axis that has the same single value wherever it occurs may be left out of `coords`.
        - A table without an axis ignores it. A table that does not hold the point although
          another does (Monte Carlo at one supply only) is left out, with the reason.
        - A NaN, at the point or beside it, and a count between grid points are no values.

        Parameters
        ----------
        coords : mapping of str to float or str
            In the units of the axes.

        Raises
        ------
        OutsideGridError
            If an axis has the value in no table, or only between values that are not to be interpolated, or no
            variable has a value at the point.
        UnknownNameError
            If no table has such an axis.
        InputError
            If an axis that is needed is missing, or text is given where a number belongs.
        """
        # This comes first, because an axis that is misspelt or out of range in every table is the caller's mistake,
        # while a table that does not reach the point is only left out.
        known = {axis: _plain(value, self.grids.get(axis, [])) for axis, value in coords.items()}
        for axis, value in known.items():
            self._check(axis, value)
        point = {**self.defaults, **known}
        results: dict[str, float] = {}
        units: dict[str, str] = {}
        left_out: dict[str, str] = {}
        refused: dict[str, str] = {}
        for name, table in self.tables.items():
            reason, places = _places(table, point)
            if reason:
                left_out[name] = reason
                refused.update((column.key, reason) for column in table.columns.values())
                continue
            for variable, column in table.columns.items():
                reason, value = _refused(table, column, places, point), 0.0
                if not reason:
                    reason, value = _interpolate(column.values, places)
                if reason:
                    left_out[f"{name}.{variable}"] = refused[column.key] = reason
                else:
                    results[column.key], units[column.key] = value, column.unit
        if not results:
            _refuse(left_out, {axis: max(grids, key=len) for axis, grids in self.grids.items() if axis not in point})
        return Lookup(results, units, left_out, refused)

    def lookup_arrays(self, coords: Mapping[str, Any]) -> Lookup:
        """Return every variable at many points: `lookup` at each, as arrays of the shape that the coordinates have.

        A variable that has no value at one of the points is left out, with the reason and the point's.

        Parameters
        ----------
        coords : mapping of str to array_like
            Numbers or texts, which broadcast against each other.

        Raises
        ------
        InputError
            If the coordinates do not broadcast; as of `lookup` for each point.
        """
        try:
            grids = np.broadcast_arrays(*(np.asarray(value) for value in coords.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in coords.items())
            raise InputError(f"look-up: arrays do not broadcast against each other ({shapes})") from None
        shape = grids[0].shape
        points = [
            self.lookup(dict(zip(coords, values, strict=True))) for values in zip(*(g.flat for g in grids), strict=True)
        ]
        if not points:
            raise InputError("look-up: the arrays have no points")
        left_out = {name: reason for point in points for name, reason in point.left_out.items()}
        refused = {name: reason for point in points for name, reason in point.refused.items()}
        kept = [name for name in points[0] if name not in refused]
        results = {name: np.array([point[name] for point in points]).reshape(shape) for name in kept}
        return Lookup(results, {name: points[0].units[name] for name in kept}, left_out, refused)

    def _check(self, axis: str, value: Any) -> None:
        """Refuse a coordinate that no table can be read at."""
        if axis not in self.grids:
            raise UnknownNameError("axis", axis, self.grids)
        # The message shows the widest axis, because the Monte Carlo often has a single value of it.
        widest = max(self.grids[axis], key=len)
        # Python counts True as a number; as a coordinate it can only be a mistake.
        if widest.dtype.kind != "U" and (not isinstance(value, Real) or isinstance(value, bool)):
            raise InputError(f"{axis} = {value!r}: must be a number ({span(widest)})")
        if widest.dtype.kind == "U" and not isinstance(value, str):
            raise OutsideGridError(f"{axis} = {value!r}: outside the grid ({span(widest)}); it takes text")
        between = ""
        for table in self.tables.values():
            if axis not in table.grids:
                continue
            reason, place = _placed(table, axis, value)
            if not reason:
                return
            # Tables that do not reach the value say less than those that have it between two of theirs.
            if place:
                between = between or reason
        outside = f"{axis} = {value}: outside the grid ({span(widest)}); bitline never extrapolates"
        raise OutsideGridError(between or outside)


def _as_plain(table: xr.Dataset | PlainTable) -> PlainTable:
    return table if isinstance(table, PlainTable) else PlainTable.of(table)


def span(grid: Grid) -> str:
    """Return what an axis allows, for messages: ``tt, ss``, ``1.8`` or ``1.62..1.98``."""
    values = grid.tolist()
    if grid.dtype.kind == "U" or len(values) == 1:
        return ", ".join(str(value) for value in values)
    return f"{values[0]!r}..{values[-1]!r}"


def _plain(value: Any, grids: list[Grid]) -> Any:
    """Return a coordinate as its axis has it: without NumPy's type, and a flag as the text of it."""
    value = plain(value)
    if isinstance(value, bool) and any(grid.dtype.kind == "U" for grid in grids):
        return str(value).lower()
    return value


def listed(grid: Grid) -> str:
    """Return the values of an axis, for messages; those in the middle of many are left out."""
    texts = [str(value) for value in grid.tolist()]
    if len(texts) > _LISTED:
        texts = [*texts[:3], "...", texts[-1]]
    return ", ".join(texts)


def _places(table: IndexedTable, point: Mapping[str, float | str]) -> tuple[str, list[tuple[int, float]]]:
    """Return why a table cannot be read at the point (or ""), and where the point is in it."""
    places = []
    for axis, grid in table.grids.items():
        if axis not in point:
            return f"{axis} is not given ({span(grid)})", []
        reason, place = _placed(table, axis, point[axis])
        if reason or not place:
            return reason, []
        places.append(place)
    return "", places


def _placed(table: IndexedTable, axis: str, value: float | str) -> tuple[str, tuple[int, float] | None]:
    """Return why a table cannot be read at a value of an axis (or ""), and where the value is if it is on the axis."""
    grid = table.grids[axis]
    place = _locate(grid, value)
    if place is None:
        return f"{axis} = {value}: outside the grid ({span(grid)})", None
    if place[1] and axis in table.conditions:
        return _between_values(axis, value, grid, table.conditions[axis]), place
    return "", place


def _between_values(axis: str, value: float | str, grid: Grid, reason: str) -> str:
    return f"{axis} = {value}: not interpolated between its values ({listed(grid)}): {reason}"


def _refused(table: IndexedTable, column: Column, places: list[tuple[int, float]], point: Mapping[str, Any]) -> str:
    """Return why a variable cannot be read between the values of an axis where others can be, or ""."""
    for (axis, grid), (_, share) in zip(table.grids.items(), places, strict=True):
        if share and axis in column.refusals:
            return _between_values(axis, point[axis], grid, column.refusals[axis])
    return ""


def _locate(grid: Grid, value: float | str) -> tuple[int, float] | None:
    """Return the index at or below `value` and how far it is towards the next, 0 to 1."""
    if grid.dtype.kind == "U":
        texts = grid.tolist()
        if value not in texts:
            return None
        return texts.index(value), 0.0
    x = float(value)
    if not grid[0] <= x <= grid[-1]:
        return None
    i = int(np.searchsorted(grid, x, side="right")) - 1
    # Without arithmetic, what is stored on a grid point comes back bit for bit.
    if grid[i] == x:
        return i, 0.0
    return i, float((x - grid[i]) / (grid[i + 1] - grid[i]))


def _interpolate(cell: NDArray[Any], places: list[tuple[int, float]]) -> tuple[str, float]:
    """Return why there is no value (or ""), and the value."""
    # An interpolated count would be a number of samples that nobody took.
    if cell.dtype.kind == "i" and any(t for _, t in places):
        return "a count, known at grid points only", 0.0
    # inf beside -inf gives NaN, which is refused below.
    with np.errstate(invalid="ignore"):
        for i, t in places:
            cell = _between(cell, i, t)
    value = cell.item()
    if np.isnan(value):
        return "no valid result there (NaN)", value
    return "", value


def _between(values: NDArray[Any], i: int, t: float) -> Any:
    """Return the values a share `t` of the way from index `i` of the first axis to the next."""
    # On a grid point the neighbour is not read, because zero times a NaN beside it would still be NaN.
    if t == 0:
        return values[i]
    return (1 - t) * values[i] + t * values[i + 1]


def _refuse(left_out: Mapping[str, str], missing: Mapping[str, Grid]) -> None:
    # A missing axis explains all other reasons.
    if missing:
        needed = [f"{axis} ({span(grid)})" for axis, grid in sorted(missing.items())]
        raise InputError(f"look-up needs a value of {', '.join(needed)}")
    reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
    raise OutsideGridError(f"no table has a value there: {reasons}")
