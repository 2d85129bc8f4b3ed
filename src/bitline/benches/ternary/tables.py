"""From a ternary column's rows to tables: transfer over MAC value and mix, spread, sensing margin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Output
from bitline.benches.tables import SURVIVORS, annotate, axes_of, grid, groups, on_axes, survivors
from bitline.benches.tables import moments as mean_and_sigma
from bitline.benches.ternary.cycle import OUTPUTS
from bitline.benches.ternary.margins import margin_tables
from bitline.circuits.ternary_column import TernaryColumn
from bitline.statistics.linearity import straight_line

Array = NDArray[np.float64]
_CODES = ("mac", "extra")

LINE = (
    Output("lsb", "V", "end-point LSB without pairs: (v_diff(last) - v_diff(first)) / MAC values between"),
    Output("offset", "V", "that line at MAC 0"),
    Output("inl_max", "LSB", "largest distance from that line, over all MAC values and mixes"),
    Output("odd_max", "1", "largest |v_diff(m) + v_diff(-m)| over v_diff(last) - v_diff(first)"),
    Output("common_max", "V", "largest common fall of both lines"),
)
MISMATCH = (
    Output("v_mean", "V", "mean of v_diff over mismatch samples"),
    Output("v_mean_se", "V", "standard error of that mean"),
    Output("v_sigma", "V", "standard deviation of v_diff by static mismatch"),
    Output("v_sigma_low", "V", "lower end of its 95 % confidence interval"),
    Output("v_sigma_high", "V", "upper end of its 95 % confidence interval"),
    Output("v_skew", "1", "third standardised moment of v_diff"),
    Output("v_kurtosis", "1", "fourth standardised moment of v_diff less 3"),
    Output("common_mean", "V", "mean of the common fall"),
    Output("flips", "1", "latches that changed state, over all samples"),
    *SURVIVORS,
)

HISTOGRAM = (Output("count", "1", "chips, the outermost bins with all that lies beyond"),)
BIN, WIDEST = 0.05, 0.6  # of `deviation` [LSB]: at half an LSB a level is read as its neighbour
_DEVIATION = {"unit": "LSB", "doc": "v_diff from the level's place on the end-point line of the nominal column"}


def ternary_tables(results: pd.DataFrame, circuit: TernaryColumn) -> dict[str, xr.Dataset]:
    """Return the tables of the ternary transfer bench.

    Where a column has too few rows for `extra` pairs there is no such point: NaN, and counts of 0.

    Parameters
    ----------
    results : DataFrame
        One row per point: a column per axis, ``sample``, ``status``, one per output.
    circuit : TernaryColumn
        Its rows, where they are no axis.

    Returns
    -------
    dict of str to Dataset
        nominal and, with more than two MAC values, line; mismatch, with a line histogram, and with two or more
        MAC values margin and rows.
    """
    axes = axes_of(results, OUTPUTS)
    fitted = _fitted(results, circuit)
    own = fitted
    if "extra" in axes:
        own = fitted[fitted["extra"] == fitted["fits"]]
    nominal = _counted(grid(own.drop(columns="fits"), OUTPUTS))
    energies = [nominal[str(name)] for name in nominal.data_vars if str(name).startswith("energy_")]
    nominal["energy_total"] = sum(energies, xr.zeros_like(energies[0]))
    nominal["energy_total"].attrs = {"unit": "J", "doc": "all supplies over one cycle"}
    tables = {"nominal": nominal}
    if nominal.sizes.get("mac", 1) > 2:
        tables["line"] = _line(nominal)
    if (own["sample"] > 0).any():
        tables["mismatch"] = _mismatch(own[own["sample"] > 0], axes)
        if "line" in tables:
            tables["histogram"] = _histogram(own[own["sample"] > 0], axes, tables["line"])
        if "mac" in axes:
            conditions = [axis for axis in axes if axis not in (*_CODES, "rows")]
            tables |= margin_tables(fitted[fitted["sample"] > 0], conditions)
    return tables


def _fitted(results: pd.DataFrame, circuit: TernaryColumn) -> pd.DataFrame:
    """Add the number of pairs that a point really has, column ``fits``."""
    rows = results.get("rows", circuit.rows)
    mac = results.get("mac", 1)
    extra = results.get("extra", 0)
    return results.assign(fits=np.minimum(extra, (rows - np.abs(mac)) // 2))


def _counted(dataset: xr.Dataset) -> xr.Dataset:
    """Make counts whole numbers again where points that do not exist have left NaN."""
    for name in ("n_ok", "n_failed", "count", "flips"):
        if name in dataset and (name != "flips" or "v_mean" in dataset):
            attrs = dataset[name].attrs
            dataset[name] = dataset[name].fillna(0).astype(np.int64).assign_attrs(attrs)
    return dataset


def _line(nominal: xr.Dataset) -> xr.Dataset:
    """Add INL and DNL to `nominal`, by the line without pairs; return that line's figures per condition."""
    mac = nominal["mac"].astype(np.float64)
    v = nominal["v_diff"]
    plain = v.transpose(..., "mac")
    if "extra" in v.dims:
        plain = v.isel(extra=0, drop=True).transpose(..., "mac")
    lsb, offset = (xr.DataArray(x, dims=plain.dims[:-1]) for x in straight_line(plain.values, code=mac.values))
    nominal["inl"] = ((v - offset - lsb * mac) / lsb).transpose(*v.dims)
    nominal["inl"].attrs = {"unit": "LSB", "doc": "distance from the end-point line without pairs"}
    # Steps at equal numbers of pairs: one more product +1, everything else as it was.
    above = v.shift(mac=-1)
    nominal["dnl"] = ((above - v) / (mac.shift(mac=-1) - mac) / lsb - 1).transpose(*v.dims)
    nominal["dnl"].attrs = {"unit": "LSB", "doc": "step from this MAC value to the next, less one LSB of that line"}
    # A column whose two lines are alike is odd: v(-m) = -v(m), whatever its compression.
    mirrored = v.assign_coords(mac=-v["mac"])  # arithmetic aligns on the MAC values that both have
    odd = abs(v + mirrored) if len(set(mac.values) & set(-mac.values)) else xr.full_like(v, np.nan)
    span = plain.isel(mac=-1, drop=True) - plain.isel(mac=0, drop=True)
    codes = [name for name in _CODES if name in v.dims]
    figures = {
        "lsb": lsb,
        "offset": offset,
        "inl_max": abs(nominal["inl"]).max(codes),
        "odd_max": odd.max(codes) / abs(span),
        "common_max": nominal["common"].max(codes),
    }
    others = plain.dims[:-1]
    coords = {name: nominal[name] for name in others}
    values = {name: (others, x.transpose(*others).values) for name, x in figures.items()}
    return annotate(xr.Dataset(values, coords), LINE)


def _mismatch(samples: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    rows = []
    for place, group in groups(samples, axes):
        good = group[group["status"] == "ok"]
        counts = {"flips": int(good["flips"].sum()), **survivors(len(good), len(group) - len(good))}
        common = float(good["common"].mean())
        rows.append({**place, **moments(good["v_diff"].to_numpy(np.float64)), "common_mean": common, **counts})
    names = [output.name for output in MISMATCH]
    return _counted(annotate(on_axes(pd.DataFrame(rows), axes, names), MISMATCH))


def moments(v: Array) -> dict[str, float]:
    """Return mean, standard deviation with its interval, skew and excess of samples; NaN below two of them."""
    values = mean_and_sigma(v, "v")
    if len(v) < 2:
        return values | dict.fromkeys(("v_skew", "v_kurtosis"), float("nan"))
    about, power = v - v.mean(), float(np.mean((v - v.mean()) ** 2))
    shape = [float(np.mean(about**k)) / power ** (k / 2) if power else float("nan") for k in (3, 4)]
    return values | {"v_skew": shape[0], "v_kurtosis": shape[1] - 3}


def _histogram(samples: pd.DataFrame, axes: list[str], line: xr.Dataset) -> xr.Dataset:
    """Return how many chips lie how far from each level's place."""
    edges = np.arange(-WIDEST, WIDEST + BIN, BIN)[: round(2 * WIDEST / BIN) + 1]
    centres = np.round(edges[:-1] + BIN / 2, 6)
    rows = []
    for place, group in groups(samples, axes):
        nominal = line.sel({axis: place[str(axis)] for axis in line.dims})
        v = group.loc[group["status"] == "ok", "v_diff"].to_numpy(np.float64)
        deviation = (v - float(nominal["offset"])) / float(nominal["lsb"]) - float(place["mac"])
        counts = np.histogram(np.clip(deviation, centres[0], centres[-1]), edges)[0]
        rows += [{**place, "deviation": float(x), "count": int(n)} for x, n in zip(centres, counts, strict=True)]
    table = _counted(annotate(on_axes(pd.DataFrame(rows), [*axes, "deviation"], ["count"]), HISTOGRAM))
    table["deviation"].attrs = _DEVIATION
    return table
