"""How wrong is interpolation? Leave one grid point out and predict it from its neighbours.

The prediction spans twice the grid's spacing, and the error of linear interpolation of a
smooth function is h^2 f'' / 8: what is reported is about *four times* the error of a
look-up half-way between two points of the full grid. It is an upper estimate; where a
curve has a kink that falls on a grid point, it is a pessimistic one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

Report = dict[str, dict[str, dict[str, dict[str, float]]]]


def heldout(tables: Mapping[str, xr.Dataset]) -> Report:
    """Return the leave-one-out interpolation error per table, variable and numeric axis.

    Parameters
    ----------
    tables : mapping of str to Dataset
        As in `Lut`; a LUT carries the report in ``attrs["heldout"]``.

    Returns
    -------
    dict
        ``report[table][variable][axis] = {"max": ..., "rms": ..., "points": ...}``, `max` and
        `rms` of |predicted - stored| over all interior points, in the variable's unit. Axes
        with fewer than three points, counts, and variables without two finite neighbours
        around a finite value do not occur. JSON-able.
    """
    report: Report = {}
    for name, table in tables.items():
        variables = {str(key): _errors(array) for key, array in table.data_vars.items()}
        report[name] = {key: errors for key, errors in variables.items() if errors}
    return report


def _errors(array: xr.DataArray) -> dict[str, dict[str, float]]:
    # Counts are never interpolated.
    if array.dtype.kind != "f":
        return {}
    errors = {}
    for dim in array.dims:
        # Only an inner point has two neighbours, and only numbers have an order to interpolate along.
        if array.sizes[dim] >= 3 and array[dim].dtype.kind in "if":
            error = _error(array, dim)
            if error is not None:
                errors[str(dim)] = error
    return errors


def _error(array: xr.DataArray, dim: Hashable) -> dict[str, float] | None:
    error = left_out(array, str(dim)).to_numpy()
    # A failed point is NaN and takes part in three predictions: these are left out, the others count.
    error = error[np.isfinite(error)]
    if not error.size:
        return None
    return {"max": float(error.max()), "rms": float(np.sqrt(np.mean(error**2))), "points": int(error.size)}


def left_out(array: xr.DataArray, dim: str) -> xr.DataArray:
    """Return how far each inner value along an axis is from its prediction by its neighbours, in the array's unit."""
    # Most axes are sorted, and xarray would spend a millisecond to find that out.
    if (np.diff(array[dim].to_numpy()) < 0).any():
        array = array.sortby(dim)
    array = array.transpose(..., dim)
    grid, y = array[dim].to_numpy(), array.to_numpy()
    # Weight of the upper neighbour: the points of a grid need not be equally far apart.
    t = (grid[1:-1] - grid[:-2]) / (grid[2:] - grid[:-2])
    return array.isel({dim: slice(1, -1)}).copy(data=np.abs((1 - t) * y[..., :-2] + t * y[..., 2:] - y[..., 1:-1]))
