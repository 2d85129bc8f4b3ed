"""Tables of the store bench: transitions, placement of the levels, disturb of the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Output
from bitline.benches.store.store import OUTPUTS
from bitline.benches.tables import SURVIVORS, annotate, axes_of, grid, groups, moments, on_axes, survivors
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.devices.reram import LEVELS
from bitline.statistics.intervals import clopper_pearson

BIN = 0.05
PULSES = 1000
# What an unselected branch sees does not depend on these.
_NOT_OF_OTHERS = ("start", "target", "verify", "erase")

_PLACEMENT = (
    *SURVIVORS,
    Output("ln_mean", "1", "mean of ln(r_final / target)"),
    Output("ln_mean_se", "1", "standard error of that mean"),
    Output("ln_sigma", "1", "standard deviation of ln r_final"),
    Output("ln_sigma_low", "1", "lower end of its 95 % confidence interval"),
    Output("ln_sigma_high", "1", "upper end of its 95 % confidence interval"),
    Output("n_window", "1", "samples within the geometric means around their level"),
    Output("window", "1", "fraction of samples within the window"),
    Output("window_low", "1", "lower end of its 95 % Clopper-Pearson interval"),
    Output("window_high", "1", "upper end of its 95 % Clopper-Pearson interval"),
    Output("pulses", "1", "mean number of SET pulses"),
    Output("energy", "J", "mean energy"),
)
_HISTOGRAM = (Output("count", "1", "samples whose ln(r_final / 1 Ohm) lies in the bin around ln_r"),)
_DISTURB = (
    Output("per_pulse", "1", "change of ln R of an unselected branch by one SET pulse"),
    Output("per_erase", "1", "the same by one erase pulse"),
    Output("pulses_1000", "1", "by 1000 SET pulses: extrapolated from the measured change per pulse"),
    Output("erases_1000", "1", "by 1000 erase pulses: extrapolated from the measured change per pulse"),
)


def store_tables(results: pd.DataFrame, circuit: NsnrCluster) -> dict[str, xr.Dataset]:
    """Return the tables of a store sweep: nominal, disturb, and placement and histogram where there are samples.

    Parameters
    ----------
    results : DataFrame
        One row per point, as `Bench.reduce` gets it.
    circuit : NsnrCluster
        Its ReRAM's levels [Ohm] are attribute ``resistance`` of table ``placement``, which is relative to them.
    """
    axes = axes_of(results, OUTPUTS)
    tables = {"nominal": grid(results, OUTPUTS)}
    good = results[(results["sample"] == 0) & (results["status"] == "ok")]
    if good[[f"disturb_{level}" for level in LEVELS]].to_numpy().any():
        tables["disturb"] = _disturb(good, [axis for axis in axes if axis not in _NOT_OF_OTHERS])
    samples = results[results["sample"] > 0]
    if len(samples):
        free = [axis for axis in axes if samples[axis].nunique() > 1 or axis in ("target", "verify")]
        tables["placement"] = _placement(samples, free)
        tables["placement"].attrs["resistance"] = {level: circuit.reram.resistance(level) for level in LEVELS}
        tables["histogram"] = _histogram(samples, free)
    return tables


def _placement(samples: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    rows = []
    for place, group in groups(samples, axes):
        ok = group[group["status"] == "ok"]
        row: dict[str, Any] = {**place, **survivors(len(ok), len(group) - len(ok))}
        ln = ok["ln_ratio"].to_numpy(dtype=np.float64)
        if len(ln) > 1:
            row |= moments(ln, "ln") | {"n_window": int(ok["in_window"].sum())}
            inside = clopper_pearson(row["n_window"], len(ln))
            row |= {"window": row["n_window"] / len(ln), "window_low": inside.low, "window_high": inside.high}
            row |= {name: float(ok[name].mean()) for name in ("pulses", "energy")}
        rows.append(row)
    frame = pd.DataFrame(rows, columns=[*axes, *(output.name for output in _PLACEMENT)])
    frame["n_window"] = frame["n_window"].fillna(0).astype(np.int64)
    return annotate(on_axes(frame, axes, [output.name for output in _PLACEMENT]), _PLACEMENT)


def _histogram(samples: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    ok = samples[samples["status"] == "ok"]
    ln = np.log(ok["r_final"].to_numpy(dtype=np.float64))
    first, last = np.floor(ln.min() / BIN), np.floor(ln.max() / BIN) + 1
    edges = BIN * np.arange(first, last + 1)
    centres = np.round(edges[:-1] + BIN / 2, 6)
    rows = []
    for place, group in groups(samples, axes):
        placed = np.log(group.loc[group["status"] == "ok", "r_final"].to_numpy(dtype=np.float64))
        counts = np.histogram(placed, edges)[0]
        rows += [{**place, "ln_r": float(x), "count": int(n)} for x, n in zip(centres, counts, strict=True)]
    return annotate(on_axes(pd.DataFrame(rows), [*axes, "ln_r"], ["count"]), _HISTOGRAM)


def _disturb(good: pd.DataFrame, axes: list[str]) -> xr.Dataset:
    rows = []
    for place, group in groups(good, axes):
        for level in LEVELS:
            # all rows agree but for those without an erase, which hold zero
            pulse = _largest(group[f"disturb_{level}"])
            erase = _largest(group[f"disturb_erase_{level}"])
            row = {**place, "level": str(level), "per_pulse": pulse, "per_erase": erase}
            rows.append({**row, "pulses_1000": PULSES * pulse, "erases_1000": PULSES * erase})
    return annotate(on_axes(pd.DataFrame(rows), [*axes, "level"], [output.name for output in _DISTURB]), _DISTURB)


def _largest(values: pd.Series[Any]) -> float:
    x = values.to_numpy(dtype=np.float64)
    return float(x[np.argmax(np.abs(x))])
