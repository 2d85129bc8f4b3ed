"""The one form a table has: checked once, so that lookup, files and exporters rely on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.names import check_name

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Field:
    """An axis or a variable: its values, and its attributes."""

    values: NDArray[Any]
    attrs: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PlainTable:
    """A table as arrays: enough to look it up in, where xarray would take longer to load than the look-up.

    Parameters
    ----------
    axes : mapping of str to Field
    variables : mapping of str to Field
        Arrays with a dimension for each axis, in the axes' order.
    attrs : mapping
        Of the table itself.
    """

    axes: Mapping[str, Field]
    variables: Mapping[str, Field]
    attrs: Mapping[str, Any]

    @classmethod
    def of(cls, table: xr.Dataset) -> PlainTable:
        """Return a table whose variables all have the same dimensions, in the same order."""
        grids = {axis: Field(grid, _text_keys(table[axis].attrs)) for axis, grid in axes(table).items()}
        variables = {str(name): Field(v.to_numpy(), _text_keys(v.attrs)) for name, v in table.data_vars.items()}
        return cls(grids, variables, _text_keys(table.attrs))

    def dataset(self) -> xr.Dataset:
        """Return it as xarray's."""
        import xarray as xr

        dims = tuple(self.axes)
        variables = {name: (dims, field.values, dict(field.attrs)) for name, field in self.variables.items()}
        coords = {name: (name, field.values, dict(field.attrs)) for name, field in self.axes.items()}
        return xr.Dataset(variables, coords, dict(self.attrs))

    def normalised(self, name: str) -> PlainTable:
        """Return it with canonical dtypes, order along its axes and attributes; see `normalised`."""
        check_name("table", name)
        grids = {}
        values = {key: field.values for key, field in self.variables.items()}
        for dim, (axis, field) in enumerate(self.axes.items()):
            grid = field.values
            # Numbers are sorted because look-up searches them; names keep the sweep's order (tt, ss, ff).
            if grid.dtype.kind in "iuf" and (np.diff(grid) < 0).any():
                order = np.argsort(grid, kind="stable")
                grid, values = grid[order], {key: array.take(order, dim) for key, array in values.items()}
            grids[axis] = Field(_axis(name, axis, grid), _attrs(name, axis, field.attrs))
        variables = {
            key: Field(_number(f"table {name}: {key}", values[key]), _attrs(name, key, field.attrs))
            for key, field in self.variables.items()
        }
        return PlainTable(grids, variables, json_able(f"attrs of table {name}", self.attrs))


def axes(table: xr.Dataset) -> dict[str, NDArray[Any]]:
    """Return the axes of a table in the order of its variables' dimensions."""
    dims = next(iter(table.data_vars.values())).dims
    return {str(dim): table[dim].to_numpy() for dim in dims}


def column(name: str, unit: str) -> str:
    """Return the header of a column: ``"v_line [V]"``, or the bare name where the unit is 1 or none."""
    if unit in ("", "1"):
        return name
    return f"{name} [{unit}]"


def json_able(what: str, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy as JSON reads it back; raises `InputError` if it has no JSON form."""
    try:
        # There and back, so that a LUT in memory is the LUT that a reader of its file gets. The encoding refuses lone
        # surrogates, which no UTF-8 file can hold.
        text = json.dumps(dict(attrs), allow_nan=False, ensure_ascii=False)
        copy: dict[str, Any] = json.loads(text.encode())
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} cannot be written as JSON: {error}") from None
    return copy


def normalised(name: str, table: xr.Dataset) -> xr.Dataset:
    """Return the table with canonical dtypes, dimension order and attributes.

    Axes are float64 or int64 (finite, sorted) or str (in the order given); each value occurs
    once. Variables are float64 or int64 and have every axis. Axes follow the order of the
    first variable's dimensions.

    Raises
    ------
    InputError
        If the table cannot be brought into that form; names table and field.
    """
    import xarray as xr

    check_name("table", name)
    if not isinstance(table, xr.Dataset):
        raise InputError(f"table {name} = {table!r}: must be an xarray Dataset")
    if not table.data_vars:
        raise InputError(f"table {name}: has no variable")
    dims = next(iter(table.data_vars.values())).dims
    # A coordinate that is no axis would have no column in the CSV, and be lost on disk.
    if extra := set(table.coords) ^ set(dims):
        raise InputError(f"table {name}: coordinates and dimensions differ in {sorted(map(str, extra))}")
    # A row of the CSV is one grid point with every variable.
    for key, variable in table.data_vars.items():
        if set(variable.dims) != set(dims):
            raise InputError(f"table {name}: {key} has axes {variable.dims}, the first variable {dims}")
    return PlainTable.of(table.transpose(*dims)).normalised(name).dataset()


def _axis(table: str, axis: str, values: NDArray[Any]) -> NDArray[Any]:
    owner = f"table {table}: axis {axis}"
    if not values.size:
        raise InputError(f"{owner} is empty")
    if values.dtype.kind in "iuf":
        values = _number(owner, values)
        # A NaN equals nothing, so no look-up would reach it, and between two equal values nothing is defined.
        if not (np.isfinite(values).all() and (np.diff(values) > 0).all()):
            raise InputError(f"{owner} = {values.tolist()}: must be finite and distinct")
        return values
    texts = values.tolist()
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise InputError(f"{owner} = {texts}: must be all numbers or all printable text")
    if len(set(texts)) != len(texts):
        raise InputError(f"{owner} = {texts}: must be distinct")
    # Members of an enum, such as a corner, become the text that they are.
    return np.array([str(text) for text in texts])


def _number(owner: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return a C-ordered copy as float64 or int64."""
    dtype = {"f": np.float64, "i": np.int64, "u": np.int64}.get(values.dtype.kind)
    if dtype is None:
        raise InputError(f"{owner} has dtype {values.dtype}: must be float or integer")
    # A caller who goes on to change the array must not change the LUT, so this is a copy.
    return np.array(values, dtype=dtype, order="C")


def _attrs(table: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``unit`` and ``doc`` (empty if not given), then whatever else there is."""
    check_name(f"table {table}: variable", name)
    attrs = {"unit": "", "doc": "", **given}
    for key in ("unit", "doc"):
        if not (isinstance(attrs[key], str) and attrs[key].isprintable()):
            raise InputError(f"table {table}: {key} of {name} = {attrs[key]!r}: must be printable text")
    return json_able(f"attrs of {name} in table {table}", attrs)


def _text_keys(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in attrs.items()}
