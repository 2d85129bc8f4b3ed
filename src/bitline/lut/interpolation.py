"""Interpolation: along which axes a variable may be read between its values, decided by leaving its values out.

A variable states in its attributes, and thereby in ``lut.json``, along which axes it may not: ``not_interpolated`` has
the reason by axis. An axis states ``interpolation``, ``"none"`` with the ``reason`` where no variable of the table may
be read between its values, else ``"linear"``. A variable may be where the prediction of each inner value from its
neighbours (`bitline.lut.heldout`) errs by no more than

- 0.1 LSB in voltages and nonlinearities, of the LSB at that place, where the LUT has one,
- 0.5 % of the operation's mean energy in energies,
- 0.5 % of the largest value in anything else.

Two values leave nothing to predict, so that nothing is known of what lies between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from bitline.lut.heldout import left_out

if TYPE_CHECKING:
    import xarray as xr

    from bitline.lut.operation import Operation

LSB_LIMIT = 0.1
RELATIVE_LIMIT = 0.005
_MARK = "not_interpolated"


class Described(Protocol):
    """An axis or a variable, as xarray's or as a field of a plain table."""

    @property
    def attrs(self) -> Mapping[Any, Any]:
        """What it says of itself."""


class Scale(NamedTuple):
    """What an error is read in: its size, place by place or one for all, its name, and the share that is allowed."""

    size: xr.DataArray | float
    name: str
    limit: float

    @property
    def allowed(self) -> str:
        """The limit in words."""
        if self.name == "LSB":
            return f"{self.limit:g} LSB"
        return f"{100 * self.limit:g} % of {self.name}"


def marked(tables: Mapping[str, xr.Dataset], operation: Operation | None) -> dict[str, xr.Dataset]:
    """Return tables whose variables and axes of numbers state what may be interpolated.

    Parameters
    ----------
    tables : mapping of str to Dataset
        As in `Lut`.
    operation : Operation, optional
        Whose energy the energies are compared with.
    """
    return {name: _marked(table, tables, operation) for name, table in tables.items()}


def refusal(axis: Described) -> str:
    """Return why nothing may be interpolated along an axis, or "": also where it says nothing, as older LUTs do."""
    if axis.attrs.get("interpolation", "linear") == "linear":
        return ""
    return str(axis.attrs.get("reason", "")) or "it holds conditions, not samples of a curve"


def refusals(variable: Described, axes: Mapping[Any, Described]) -> dict[str, str]:
    """Return why a variable may not be interpolated, by those of its table's axes along which it may not."""
    whole = {str(name): refusal(axis) for name, axis in axes.items()}
    return {axis: reason for axis, reason in {**whole, **variable.attrs.get(_MARK, {})}.items() if reason}


def scale_of(array: xr.DataArray, tables: Mapping[str, xr.Dataset], operation: Operation | None) -> Scale:
    """Return what an error of a variable is read in."""
    unit = array.attrs.get("unit", "")
    if unit == "LSB":
        return Scale(1.0, "LSB", LSB_LIMIT)
    if unit == "V" and "lsb" in tables.get("line", ()):
        return Scale(_lsb(array, abs(tables["line"]["lsb"])), "LSB", LSB_LIMIT)
    if unit == "J" and operation is not None:
        energy = tables[operation.table][operation.energy.variable]
        # The mean, not the place's own: an operation on operands of 0 may take no energy at all.
        return Scale(float(abs(energy).mean()), "the mean energy", RELATIVE_LIMIT)
    return Scale(float(abs(array).max()), "the largest value", RELATIVE_LIMIT)


def _lsb(array: xr.DataArray, lsb: xr.DataArray) -> xr.DataArray | float:
    """Return the LSB at each place of an array; the smallest where the table has other places."""
    dims = set(lsb.dims)
    if dims <= set(array.dims) and all(np.isin(array[dim], lsb[dim]).all() for dim in dims):
        return lsb.sel({dim: array[dim] for dim in dims})
    return float(lsb.min())


def _marked(table: xr.Dataset, tables: Mapping[str, xr.Dataset], operation: Operation | None) -> xr.Dataset:
    copy = table.copy()
    # Counts are never interpolated.
    curves = {str(name): array for name, array in table.data_vars.items() if array.dtype.kind == "f"}
    scales = {name: scale_of(array, tables, operation) for name, array in curves.items()}
    reasons: dict[str, dict[str, str]] = {name: {} for name in curves}
    for dim in map(str, table.dims):
        if table[dim].dtype.kind not in "if" or table.sizes[dim] < 2:
            continue
        if table.sizes[dim] == 2:
            _state(copy[dim], interpolation="none", reason="of two values neither can be predicted from others")
            continue
        along = {name: reason for name, array in curves.items() if (reason := _reason(array, dim, scales[name]))}
        for name, reason in along.items():
            reasons[name][dim] = reason
        if curves and len(along) == len(curves):
            _state(copy[dim], interpolation="none", reason=next(iter(along.values())))
        else:
            _state(copy[dim], interpolation="linear")
    for name, along in reasons.items():
        _state(copy[name], **({_MARK: along} if along else {}))
    return copy


def _state(array: xr.DataArray, **marks: object) -> None:
    """Put marks in place of those that an axis or a variable has."""
    others = {key: value for key, value in array.attrs.items() if key not in ("interpolation", "reason", _MARK)}
    array.attrs = {**others, **marks}


def _reason(array: xr.DataArray, dim: str, scale: Scale) -> str:
    """Return why a variable may not be interpolated along an axis, or ""."""
    error = left_out(array, dim)
    known = np.isfinite(error) & (error > 0)
    # A failed point is NaN, and so are three predictions. An LSB that is not known allows no error.
    excess = (error / (scale.limit * scale.size)).fillna(np.inf).where(known, 0.0)
    if float(excess.max()) <= 1.0:
        return ""
    worst = float(error.where(excess == excess.max()).max())
    unit = array.attrs.get("unit", "1").replace("1", "")
    off = f"with a value left out {array.name} is off by {worst:.2g} {unit}".rstrip()
    return f"{off}, allowed is {scale.allowed}"
