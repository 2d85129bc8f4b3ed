"""From a ternary column's rows to tables: transfer over MAC value and mix, spread, sensing margin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Output
from bitline.benches.tables import annotate, axes_of, grid, groups, on_axes
from bitline.benches.tables import moments as mean_and_sigma
from bitline.benches.ternary import OUTPUTS
from bitline.circuits.ternary_column import TernaryColumn
from bitline.statistics.linearity import straight_line

Array = NDArray[np.float64]
SIGMAS = 3.0
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
    Output("n_ok", "1", "points that gave a result"),
    Output("n_failed", "1", "points that gave none"),
)
MARGIN = (
    Output("margin", "V", "to the level above, without pairs: mu(m+1) - mu(m) - 3 (sigma(m+1) + sigma(m))"),
    Output("margin_pairs", "V", "likewise, with as many pairs as fit with m + 1 and with m"),
    Output("margin_any", "V", "lowest mu - 3 sigma of m + 1 less highest mu + 3 sigma of m, whatever their mixes"),
)
ROWS = (
    Output("rows_plain", "1", "largest n for which every margin within -n..n is positive, without pairs"),
    Output("rows_any", "1", "likewise margin_any, of all mixes with at most n products that are not 0"),
)


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
        nominal and, with more than two MAC values, line; mismatch, and with two or more, margin and rows.
    """
    axes = axes_of(results, OUTPUTS)
    fitted = _fitted(results, circuit)
    own = fitted[fitted["extra"] == fitted["fits"]] if "extra" in axes else fitted
    nominal = _counted(grid(own.drop(columns="fits"), OUTPUTS))
    energies = [nominal[str(name)] for name in nominal.data_vars if str(name).startswith("energy_")]
    nominal["energy_total"] = sum(energies, xr.zeros_like(energies[0]))
    nominal["energy_total"].attrs = {"unit": "J", "doc": "all supplies over one cycle"}
    tables = {"nominal": nominal}
    if nominal.sizes.get("mac", 1) > 2:
        tables["line"] = _line(nominal)
    if (own["sample"] > 0).any():
        tables["mismatch"] = _mismatch(own[own["sample"] > 0], axes)
        if "mac" in axes:
            tables |= _margins(fitted[fitted["sample"] > 0], axes)
    return tables


def product_tables(results: pd.DataFrame, circuit: TernaryColumn) -> dict[str, xr.Dataset]:
    """Return the product table: `v_diff` and the rest for every weight and input."""
    return {"product": grid(results, OUTPUTS)}


def _fitted(results: pd.DataFrame, circuit: TernaryColumn) -> pd.DataFrame:
    """Add the number of pairs that a point really has, column ``fits``."""
    rows = results.get("rows", circuit.rows)
    mac = results.get("mac", 1)
    extra = results.get("extra", 0)
    return results.assign(fits=np.minimum(extra, (rows - np.abs(mac)) // 2))


def _counted(dataset: xr.Dataset) -> xr.Dataset:
    """Make counts whole numbers again where points that do not exist have left NaN."""
    for name in ("n_ok", "n_failed", "flips"):
        if name in dataset and (name != "flips" or "v_mean" in dataset):
            attrs = dataset[name].attrs
            dataset[name] = dataset[name].fillna(0).astype(np.int64).assign_attrs(attrs)
    return dataset


def _line(nominal: xr.Dataset) -> xr.Dataset:
    """Add INL and DNL to `nominal`, by the line without pairs; return that line's figures per condition."""
    mac = nominal["mac"].astype(np.float64)
    v = nominal["v_diff"]
    plain = v.isel(extra=0, drop=True) if "extra" in v.dims else v
    plain = plain.transpose(..., "mac")
    lsb, offset = (xr.DataArray(x, dims=plain.dims[:-1]) for x in straight_line(plain.values, code=mac.values))
    nominal["inl"] = ((v - offset - lsb * mac) / lsb).transpose(*v.dims)
    nominal["inl"].attrs = {"unit": "LSB", "doc": "distance from the end-point line without pairs"}
    above = v.shift(mac=-1)
    nominal["dnl"] = ((above - v) / (mac.shift(mac=-1) - mac) / lsb - 1).transpose(*v.dims)
    nominal["dnl"].attrs = {"unit": "LSB", "doc": "step from this MAC value to the next, less one LSB of that line"}
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


def _mismatch(drawn: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    rows = []
    for where, group in groups(drawn, axes):
        good = group[group["status"] == "ok"]
        counts = {"flips": int(good["flips"].sum()), "n_ok": len(good), "n_failed": len(group) - len(good)}
        common = float(good["common"].mean()) if len(good) else float("nan")
        rows.append({**where, **moments(good["v_diff"].to_numpy(np.float64)), "common_mean": common, **counts})
    names = [output.name for output in MISMATCH]
    return _counted(annotate(on_axes(pd.DataFrame(rows), axes, names), MISMATCH))


def moments(v: Array) -> dict[str, float]:
    """Return mean, standard deviation with its interval, skew and excess of samples; NaN below two of them."""
    found = mean_and_sigma(v, "v")
    if len(v) < 2:
        return found | dict.fromkeys(("v_skew", "v_kurtosis"), float("nan"))
    about, power = v - v.mean(), float(np.mean((v - v.mean()) ** 2))
    shape = [float(np.mean(about**k)) / power ** (k / 2) if power else float("nan") for k in (3, 4)]
    return found | {"v_skew": shape[0], "v_kurtosis": shape[1] - 3}


def _margins(fitted: pd.DataFrame, axes: list[str]) -> dict[str, xr.Dataset]:
    """Return sensing margins per MAC value, and for how many rows they are positive."""
    others = [axis for axis in axes if axis not in (*_CODES, "rows")]
    rows, limits = [], []
    for where, group in groups(fitted, others):
        levels = _levels(group[group["status"] == "ok"])
        if len(levels) < 2:
            continue
        rows += [{**where, "mac": m, **margins(levels, m)} for m in sorted(levels)[:-1]]
        limits.append({**where, **row_limits(levels)})
    if not rows:
        return {}
    names = [[output.name for output in outputs] for outputs in (MARGIN, ROWS)]
    return {
        "margin": annotate(on_axes(pd.DataFrame(rows), [*others, "mac"], names[0]), MARGIN),
        "rows": annotate(on_axes(pd.DataFrame(limits), others, names[1]), ROWS),
    }


Level = tuple[Array, Array, Array]  # pairs, mean, sigma, one value per number of pairs


def _levels(good: pd.DataFrame) -> dict[int, Level]:
    """Return mean and sigma of each MAC value, over its number of pairs.

    Between the MAC values and numbers of pairs that were sampled the mean and the *variance* are
    interpolated linearly: of independent stacks, the variance is linear in the number of them.
    """
    found: dict[int, dict[int, tuple[float, float]]] = {}
    for where, group in groups(good, ["mac", "fits"]):
        v = group.drop_duplicates("sample")["v_diff"].to_numpy(np.float64)
        if len(v) > 1:
            found.setdefault(int(where["mac"]), {})[int(where["fits"])] = float(v.mean()), float(v.var(ddof=1))
    sampled = {mac: _filled(values) for mac, values in found.items()}
    levels: dict[int, Level] = {}
    for low, high in zip(sorted(sampled), sorted(sampled)[1:], strict=False):
        for mac in range(low, high + 1):
            levels[mac] = _between(sampled[low], sampled[high], (mac - low) / (high - low))
    return levels


def _filled(values: Mapping[int, tuple[float, float]]) -> Level:
    known = sorted(values)
    pairs = np.arange(known[0], known[-1] + 1, dtype=np.float64)
    mu, variance = (np.interp(pairs, known, [values[k][i] for k in known]) for i in (0, 1))
    return pairs, mu, np.sqrt(variance)


def _between(low: Level, high: Level, share: float) -> Level:
    """Interpolate between two MAC values, at the numbers of pairs that both have."""
    if share in (0.0, 1.0):
        return (low, high)[int(share)]
    n = min(len(low[0]), len(high[0]))
    mu = (1 - share) * low[1][:n] + share * high[1][:n]
    return low[0][:n], mu, np.sqrt((1 - share) * low[2][:n] ** 2 + share * high[2][:n] ** 2)


def margins(levels: Mapping[int, Level], m: int) -> dict[str, float]:
    """Return the sensing margins [V] between MAC value m and the one above."""
    (_, mu_0, sigma_0), (_, mu_1, sigma_1) = levels[m], levels[m + 1]

    def same(k: int) -> float:
        return float(mu_1[k] - mu_0[k] - SIGMAS * (sigma_1[k] + sigma_0[k]))

    lowest, highest = np.min(mu_1 - SIGMAS * sigma_1), np.max(mu_0 + SIGMAS * sigma_0)
    common = min(len(mu_0), len(mu_1)) - 1
    return {"margin": same(0), "margin_pairs": same(common), "margin_any": float(lowest - highest)}


def row_limits(levels: Mapping[int, Level]) -> dict[str, int]:
    """Return for how many rows all margins are positive; 0 if for none.

    A column of n rows has at most n products that are not 0; its line is taken to be this one.
    """
    most = min(max(levels), -min(levels))

    def within(n: int, pairs: bool) -> bool:
        parts = {m: _part(levels[m], (n - abs(m)) // 2 if pairs else 0) for m in range(-n, n + 1)}
        return all(margins(parts, m)["margin_any"] > 0 for m in range(-n, n))

    def largest(good: Callable[[int], bool]) -> int:
        return next((n - 1 for n in range(1, most + 1) if not good(n)), max(most, 0))

    return {"rows_plain": largest(lambda n: within(n, False)), "rows_any": largest(lambda n: within(n, True))}


def _part(level: Level, most: int) -> Level:
    pairs, mu, spread = level
    kept = pairs <= max(most, pairs[0])
    return pairs[kept], mu[kept], spread[kept]
