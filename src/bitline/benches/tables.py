"""From a sweep's rows to LUT tables: grids with units, counts of good and failed points, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Output
from bitline.statistics.fit import fit_compressive
from bitline.statistics.intervals import clopper_pearson, mean, sigma
from bitline.statistics.linearity import dnl, inl, straight_line

AXIS_UNITS = {"vdd": "V", "temperature": "degC", "c_line": "F", "t_pulse": "s"}
_NOT_AXES = ("sample", "status")


def axes_of(results: pd.DataFrame, outputs: Sequence[Output]) -> list[str]:
    """Return the columns of a results frame that are axes, in order."""
    measured = {output.name for output in outputs}
    return [str(name) for name in results.columns if name not in measured and name not in _NOT_AXES]


def grid(results: pd.DataFrame, outputs: Sequence[Output]) -> xr.Dataset:
    """Lay rows without mismatch out on their axes, with a count of good and failed points per cell.

    Parameters
    ----------
    results : DataFrame
        One row per point: a column per axis, ``sample``, ``status``, one per output.
    outputs : sequence of Output
        What was measured.

    Returns
    -------
    Dataset
        Dimensions are the axes in the order of the columns; numbers ascend along them, names keep
        the order of the rows.
    """
    # Without mismatch no group of devices varies.
    axes = [axis for axis in axes_of(results, outputs) if axis != "group"]
    rows = results[results["sample"] == 0].assign(
        n_ok=lambda f: (f["status"] == "ok").astype(np.int64),
        n_failed=lambda f: (f["status"] != "ok").astype(np.int64),
    )
    names = [output.name for output in outputs]
    dataset = on_axes(rows, axes, [*names, "n_ok", "n_failed"])
    return annotate(dataset, [*outputs, *_COUNTS])


_COUNTS = (Output("n_ok", "1", "points that gave a result"), Output("n_failed", "1", "points that gave none"))
SURVIVORS = (
    Output("n_ok", "1", "samples that gave a result: mean, sigma and counts are of these"),
    Output("n_failed", "1", "samples that gave none"),
    Output("failed_low", "1", "lower end of the 95 % Clopper-Pearson interval of their share"),
    Output("failed_high", "1", "upper end of it: with none failed, the share that could have been missed"),
)
"""What stands beside every statistic over samples: how many of them it does not know."""


def survivors(n_ok: int, n_failed: int) -> dict[str, float]:
    """Return the columns `SURVIVORS` of a statistic over samples of which some gave no result."""
    low = high = float("nan")
    if n_ok + n_failed:
        share = clopper_pearson(n_failed, n_ok + n_failed)
        low, high = share.low, share.high
    return {"n_ok": n_ok, "n_failed": n_failed, "failed_low": low, "failed_high": high}


def on_axes(rows: pd.DataFrame, axes: list[str], names: list[str]) -> xr.Dataset:
    """Lay rows out on their axes: numbers ascend, names keep the order of the rows."""
    if not axes:
        return xr.Dataset({name: ((), rows[name].iloc[0]) for name in names})
    # pandas would sort corners by the alphabet; a designer lists them in an order that means something.
    order = {axis: list(dict.fromkeys(rows[axis])) for axis in axes}
    order |= {axis: sorted(order[axis]) for axis in axes if pd.api.types.is_numeric_dtype(rows[axis])}
    dataset: xr.Dataset = rows.set_index(axes)[names].to_xarray()
    return dataset.sel(order)


def annotate(dataset: xr.Dataset, outputs: Sequence[Output]) -> xr.Dataset:
    """Give every variable and coordinate its unit and one line of doc."""
    known = {output.name: output for output in outputs}
    for name in dataset.data_vars:
        output = known[str(name)]
        dataset[name].attrs = {"unit": output.unit, "doc": output.doc}
    for name in dataset.coords:
        dataset[name].attrs = {"unit": AXIS_UNITS.get(str(name), "1")}
    return dataset


def transfer_tables(results: pd.DataFrame, outputs: Sequence[Output]) -> dict[str, xr.Dataset]:
    """Return the tables of a transfer bench: nominal, line, and mismatch where there are samples."""
    nominal = grid(results, outputs)
    energies = [str(name) for name in nominal.data_vars if str(name).startswith("energy_")]
    nominal["energy_total"] = sum(nominal[name] for name in energies)
    nominal["energy_total"].attrs = {"unit": "J", "doc": "all supplies over one cycle"}
    tables = {"nominal": nominal}
    if nominal.sizes.get("code", 1) > 2:
        tables["line"] = _line(nominal)
    if (results["sample"] > 0).any():
        tables["mismatch"] = _mismatch(results, axes_of(results, outputs))
    return tables


def _line(nominal: xr.Dataset) -> xr.Dataset:
    """Add INL and DNL to `nominal`; return the line's own figures per condition."""
    code = nominal["code"].values.astype(np.float64)
    curve = nominal["v_line"].transpose(..., "code")
    others, v = curve.dims[:-1], curve.values
    steps = np.concatenate([dnl(v, code=code), np.full((*v.shape[:-1], 1), np.nan)], axis=-1)
    for name, values, doc in (
        ("inl", inl(v, code=code), "integral nonlinearity from the end-point line"),
        ("dnl", steps, "step from this code to the next, less one LSB of the end-point line"),
    ):
        nominal[name] = xr.DataArray(values, dims=curve.dims).transpose(*nominal["v_line"].dims)
        nominal[name].attrs = {"unit": "LSB", "doc": doc}
    # Charge summing compresses: each further cell finds a lower line. One parameter says by how much.
    lsb, _ = straight_line(v, code=code)
    fits = np.empty((*v.shape[:-1], 4))
    for place in np.ndindex(*v.shape[:-1]):
        fit = fit_compressive(code, v[place])
        fits[place] = (fit.v0, fit.gain, fit.alpha, fit.rmse)
    fitted = dict(zip(("v0", "gain", "alpha", "fit_rmse"), np.moveaxis(fits, -1, 0), strict=True))
    coords: dict[Any, Any] = {name: nominal[name] for name in others}
    columns = {"lsb": lsb, **fitted}
    return annotate(xr.Dataset({k: (others, x) for k, x in columns.items()}, coords), _LINE)


_LINE = (
    Output("lsb", "V", "end-point LSB, signed: (V(last) - V(first)) / codes between"),
    Output("v0", "V", "fitted voltage at code 0"),
    Output("gain", "V", "fitted step at code 0 of v0 - gain m / (1 + alpha m)"),
    Output("alpha", "1", "fitted compression"),
    Output("fit_rmse", "V", "root mean square residual of that fit"),
)


def _mismatch(results: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    rows = []
    for place, group in groups(results, axes, results["sample"] > 0):
        good = group[group["status"] == "ok"]
        v = good["v_line"].to_numpy(dtype=np.float64)
        counts = survivors(len(good), len(group) - len(good))
        flips = {}
        if "flips" in good:
            flips["flips"] = int(good["flips"].sum())
        rows.append({**place, **moments(v, "v"), **flips, **counts})
    frame = pd.DataFrame(rows)
    names = [name for name in frame.columns if name not in axes]
    return annotate(on_axes(frame, axes, names), [*_MISMATCH, *SURVIVORS])


def groups(
    frame: pd.DataFrame, axes: Sequence[str], rows: pd.Series[bool] | None = None
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield each place on the axes with its rows, in the order of the rows; without axes all rows at once.

    `rows` says which rows count, by default all.
    """
    if rows is None:
        rows = pd.Series(True, index=frame.index)
    places = np.flatnonzero(rows)
    if not axes:
        yield {}, frame.iloc[places]
        return
    keys = frame[list(axes)].iloc[places]
    # By numbers of groups: pandas would sort a copy of the whole frame to go through it.
    numbers = keys.groupby(list(axes), sort=False).ngroup().to_numpy()
    order = np.argsort(numbers, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        # A row with a coordinate that is not a number is at no place.
        if len(group) and numbers[group[0]] >= 0:
            yield {axis: keys[axis].iloc[group[0]] for axis in axes}, frame.iloc[places[group]]


def moments(x: np.ndarray[Any, np.dtype[np.float64]], name: str) -> dict[str, float]:
    """Return ``<name>_mean`` with its standard error and ``<name>_sigma`` with its interval; NaN below two samples."""
    names = [f"{name}_{part}" for part in ("mean", "mean_se", "sigma", "sigma_low", "sigma_high")]
    if len(x) < 2:
        return dict.fromkeys(names, float("nan"))
    (middle, error), spread = mean(x), sigma(x)
    return dict(zip(names, map(float, (middle, error, spread.value, spread.low, spread.high)), strict=True))


def sampled(results: pd.DataFrame, outputs: Sequence[Output]) -> xr.Dataset:
    """Lay the statistics of each output over mismatch samples out on their axes."""
    axes = axes_of(results, outputs)
    rows = []
    for place, group in groups(results, axes, results["sample"] > 0):
        good = group[group["status"] == "ok"]
        row = {**place, **survivors(len(good), len(group) - len(good))}
        for output in outputs:
            row |= moments(good[output.name].to_numpy(dtype=np.float64), output.name)
        rows.append(row)
    told = [*SURVIVORS, *(part for output in outputs for part in _moments_of(output))]
    return annotate(on_axes(pd.DataFrame(rows), axes, [output.name for output in told]), told)


def _moments_of(output: Output) -> tuple[Output, ...]:
    return (
        Output(f"{output.name}_mean", output.unit, f"mean over mismatch samples: {output.doc}"),
        Output(f"{output.name}_mean_se", output.unit, "standard error of that mean"),
        Output(f"{output.name}_sigma", output.unit, "standard deviation by static mismatch"),
        Output(f"{output.name}_sigma_low", output.unit, "lower end of its 95 % confidence interval"),
        Output(f"{output.name}_sigma_high", output.unit, "upper end of its 95 % confidence interval"),
    )


_MISMATCH = (
    Output("v_mean", "V", "mean of the line over mismatch samples"),
    Output("v_mean_se", "V", "standard error of that mean"),
    Output("v_sigma", "V", "standard deviation of the line by static mismatch, of the samples that gave a result"),
    Output("v_sigma_low", "V", "lower end of its 95 % confidence interval"),
    Output("v_sigma_high", "V", "upper end of its 95 % confidence interval"),
    Output("flips", "1", "cells that changed state, over all samples"),
)
