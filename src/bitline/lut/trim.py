"""Trim: the setting of one axis that brings an output to a target at each condition."""

from __future__ import annotations

import xarray as xr

from bitline.errors import InputError


def trim(values: xr.DataArray, axis: str, target: float) -> xr.Dataset:
    """Return the setting of an axis whose value is nearest to a target, and that value, at each other coordinate.

    Settings are those of the table, as a trimming DAC has steps: nothing is interpolated.

    Parameters
    ----------
    values : DataArray
        What is trimmed, such as the LSB of table ``line`` of sweep ``acim-qs-trim`` [V].
    axis : str
        Axis with the settings, such as ``v_wl``.
    target : float
        In the unit of `values`.

    Returns
    -------
    Dataset
        The setting by the name of the axis, and ``value``, over the other axes; NaN where no setting gave a result.

    Raises
    ------
    InputError
        If the table has no such axis.
    """
    if axis not in values.dims:
        raise InputError(f"trim: axis = {axis}: must be one of {', '.join(map(str, values.dims))}")
    off = abs(values - target)
    known = off.notnull().any(axis)
    # Where nothing is known any setting may be taken, and is masked afterwards.
    nearest = off.fillna(float("inf")).argmin(axis)
    chosen = values.isel({axis: nearest})
    settings = chosen[axis].where(known)
    return xr.Dataset({axis: settings.drop_vars(axis), "value": chosen.drop_vars(axis).where(known)})
