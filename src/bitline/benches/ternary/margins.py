"""Sensing margins of a ternary column between its MAC values, their intervals, and for how many rows they suffice.

Every figure is worked out for the chips that were sampled and for resamples of them with replacement
(bootstrap over whole chips, which keeps the correlation between the codes of one chip).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Output
from bitline.benches.tables import annotate, groups, on_axes

Array = NDArray[np.float64]
Cells = dict[int, dict[int, Array]]  # v_diff by MAC value and number of pairs: a value per chip, NaN where it failed
# Number of pairs, shape (p,); mean and sigma, shape (resamples, p): the chips themselves come first.
Level = tuple[Array, Array, Array]

SIGMAS = 3.0
_RESAMPLES = 400
_INTERVAL = (0.025, 0.975)

MARGIN = (
    Output("margin", "V", "to the level above, without pairs: mu(m+1) - mu(m) - 3 (sigma(m+1) + sigma(m))"),
    Output("margin_low", "V", "lower end of its 95 % confidence interval (bootstrap over chips)"),
    Output("margin_high", "V", "upper end"),
    Output("margin_pairs", "V", "likewise, with as many pairs as fit with m + 1 and with m"),
    Output("margin_any", "V", "lowest mu - 3 sigma of m + 1 less highest mu + 3 sigma of m, whatever their mixes"),
    Output("margin_any_low", "V", "lower end of its 95 % confidence interval"),
    Output("margin_any_high", "V", "upper end"),
)
ROWS = (
    Output("rows_plain", "1", "largest n for which every margin within -n..n is positive, without pairs"),
    Output("rows_plain_low", "1", "lower end of its 95 % confidence interval (bootstrap over chips)"),
    Output("rows_plain_high", "1", "upper end"),
    Output("rows_any", "1", "likewise margin_any, of all mixes with at most n products that are not 0"),
    Output("rows_any_low", "1", "lower end of its 95 % confidence interval"),
    Output("rows_any_high", "1", "upper end"),
)


def margin_tables(samples: pd.DataFrame, conditions: list[str]) -> dict[str, xr.Dataset]:
    """Return the tables ``margin`` (per MAC value) and ``rows``; none where fewer than two MAC values have chips.

    Parameters
    ----------
    samples : DataFrame
        Points of mismatch samples: `conditions`, ``mac``, ``fits`` (pairs), ``sample``, ``status``, ``v_diff``.
    conditions : list of str
        Axes besides the MAC value and its pairs.
    """
    rows, limits = [], []
    for place, group in groups(samples, conditions):
        by_mac = levels(cells(group[group["status"] == "ok"]))
        if len(by_mac) < 2:
            continue
        for m in sorted(by_mac)[:-1]:
            values = margins(by_mac, m)
            near = {name: float(v[0]) for name, v in values.items()}
            rows.append({**place, "mac": m, **near, **_interval(values, "margin"), **_interval(values, "margin_any")})
        counts = row_limits(by_mac)
        exact = {name: int(v[0]) for name, v in counts.items()}
        limits.append({**place, **exact, **_interval(counts, "rows_plain"), **_interval(counts, "rows_any")})
    if not rows:
        return {}
    names = [[output.name for output in outputs] for outputs in (MARGIN, ROWS)]
    return {
        "margin": annotate(on_axes(pd.DataFrame(rows), [*conditions, "mac"], names[0]), MARGIN),
        "rows": annotate(on_axes(pd.DataFrame(limits), conditions, names[1]), ROWS),
    }


def cells(good: pd.DataFrame) -> Cells:
    """Return v_diff [V] by MAC value and number of pairs, the chips in one order."""
    chips = np.unique(good["sample"])
    by_mac: Cells = {}
    for place, group in groups(good, ["mac", "fits"]):
        own = group.drop_duplicates("sample").set_index("sample")["v_diff"].reindex(chips)
        if own.notna().sum() > 1:
            by_mac.setdefault(int(place["mac"]), {})[int(place["fits"])] = own.to_numpy(np.float64)
    return by_mac


def levels(by_mac: Cells, resamples: int = _RESAMPLES) -> dict[int, Level]:
    """Return mean and sigma of each MAC value, over its number of pairs, for the chips and their resamples.

    Between the MAC values and numbers of pairs that were sampled the mean and the *variance* are
    interpolated linearly: of independent stacks, the variance is linear in the number of them.
    """
    if not by_mac:
        return {}
    chips = len(next(iter(next(iter(by_mac.values())).values())))
    counts = np.random.default_rng(0).multinomial(chips, np.full(chips, 1 / chips), size=resamples)
    weights = np.vstack([np.ones(chips), counts])
    sampled = {mac: _filled({pairs: _moments(v, weights) for pairs, v in by.items()}) for mac, by in by_mac.items()}
    between: dict[int, Level] = {}
    for low, high in zip(sorted(sampled), sorted(sampled)[1:], strict=False):
        for mac in range(low, high + 1):
            between[mac] = _between(sampled[low], sampled[high], (mac - low) / (high - low))
    return between


def _moments(v: Array, weights: Array) -> tuple[Array, Array]:
    """Return mean and variance of every resample."""
    ok = np.isfinite(v)
    middle = v[ok].mean()  # taken off first: the square of the mean would drown the variance
    w, x = weights[:, ok], v[ok] - middle
    n = w.sum(axis=1)
    mean = w @ x / n
    with np.errstate(invalid="ignore", divide="ignore"):  # a resample may hold one chip only
        return middle + mean, (w @ x**2 - n * mean**2) / (n - 1)


def _filled(by_pairs: Mapping[int, tuple[Array, Array]]) -> Level:
    known = sorted(by_pairs)
    pairs = np.arange(known[0], known[-1] + 1, dtype=np.float64)
    share = np.array([np.interp(pairs, known, row) for row in np.eye(len(known))])
    mu, variance = (np.stack([by_pairs[k][i] for k in known], axis=1) @ share for i in (0, 1))
    return pairs, mu, np.sqrt(np.maximum(variance, 0.0))


def _between(low: Level, high: Level, share: float) -> Level:
    """Interpolate between two MAC values, at the numbers of pairs that both have."""
    if share in (0.0, 1.0):
        return (low, high)[int(share)]
    n = min(len(low[0]), len(high[0]))
    mu = (1 - share) * low[1][:, :n] + share * high[1][:, :n]
    return low[0][:n], mu, np.sqrt((1 - share) * low[2][:, :n] ** 2 + share * high[2][:, :n] ** 2)


def margins(by_mac: Mapping[int, Level], m: int) -> dict[str, Array]:
    """Return the sensing margins [V] between MAC value m and the one above, of every resample."""
    (_, mu_0, sigma_0), (_, mu_1, sigma_1) = by_mac[m], by_mac[m + 1]

    def same(k: int) -> Array:
        return np.asarray(mu_1[:, k] - mu_0[:, k] - SIGMAS * (sigma_1[:, k] + sigma_0[:, k]))

    lowest, highest = np.min(mu_1 - SIGMAS * sigma_1, axis=1), np.max(mu_0 + SIGMAS * sigma_0, axis=1)
    common = min(mu_0.shape[1], mu_1.shape[1]) - 1
    return {"margin": same(0), "margin_pairs": same(common), "margin_any": lowest - highest}


def row_limits(by_mac: Mapping[int, Level]) -> dict[str, NDArray[np.int64]]:
    """Return for how many rows all margins are positive; 0 if for none.

    A column of n rows has at most n products that are not 0; its line is taken to be this one.
    """
    most = min(max(by_mac), -min(by_mac))
    resamples = len(next(iter(by_mac.values()))[1])

    def within(n: int, pairs: bool) -> NDArray[np.bool_]:
        parts = {m: _part(by_mac[m], (n - abs(m)) // 2 if pairs else 0) for m in range(-n, n + 1)}
        return np.asarray(np.all([margins(parts, m)["margin_any"] > 0 for m in range(-n, n)], axis=0))

    def largest(good: Callable[[int], NDArray[np.bool_]]) -> NDArray[np.int64]:
        passed = np.array([good(n) for n in range(1, most + 1)]).reshape(-1, resamples)
        return np.asarray(np.cumprod(passed, axis=0).sum(axis=0), dtype=np.int64)

    return {"rows_plain": largest(lambda n: within(n, False)), "rows_any": largest(lambda n: within(n, True))}


def _part(level: Level, most: int) -> Level:
    pairs, mu, spread = level
    kept = pairs <= max(most, pairs[0])
    return pairs[kept], mu[:, kept], spread[:, kept]


def _interval(values: Mapping[str, NDArray[np.generic]], name: str) -> dict[str, float]:
    """Return the percentile interval of the resamples; counts stay counts."""
    resampled = np.asarray(values[name][1:])
    if resampled.dtype.kind == "i":
        counts = np.quantile(resampled, _INTERVAL, method="inverted_cdf")
        return {f"{name}_low": int(counts[0]), f"{name}_high": int(counts[1])}
    low, high = np.nanquantile(resampled, _INTERVAL)
    return {f"{name}_low": float(low), f"{name}_high": float(high)}
