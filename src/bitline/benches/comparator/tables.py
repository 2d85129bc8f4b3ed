"""Table of the offset bench: the offset's sigma over mismatch samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Output
from bitline.benches.comparator.offset import OUTPUTS
from bitline.benches.tables import SURVIVORS, annotate, axes_of, groups, moments, on_axes, survivors

_OFFSET = (
    *SURVIVORS,
    Output("offset_mean", "V", "mean of the input-referred offset"),
    Output("offset_mean_se", "V", "standard error of that mean"),
    Output("offset_sigma", "V", "standard deviation of the offset by static mismatch"),
    Output("offset_sigma_low", "V", "lower end of its 95 % confidence interval"),
    Output("offset_sigma_high", "V", "upper end of its 95 % confidence interval"),
    Output("sigma_pair", "V", "by hand: the input pair's thresholds"),
    Output("outside", "1", "samples whose offset lies beyond v_range: the sigma is then too small"),
)
_CALIBRATED = (
    Output("trimmed_by", "1", "trim whose offset is the smallest at the middle common mode"),
    Output("offset_before", "V", "offset without trim"),
    Output("offset", "V", "offset with that trim"),
)
_NAMES = [output.name for output in _OFFSET]


def offset_tables(results: pd.DataFrame) -> dict[str, xr.Dataset]:
    """Return table offset, where mismatch was sampled."""
    axes = axes_of(results, OUTPUTS)
    samples = results[results["sample"] > 0]
    if not len(samples):
        return {}
    rows = [{**place, **_offsets(group)} for place, group in groups(samples, axes)]
    tables = {"offset": annotate(on_axes(pd.DataFrame(rows), axes, _NAMES), _OFFSET)}
    if {"trim", "v_common"} <= set(axes):
        tables["calibration"] = _calibration(samples, [name for name in axes if name not in {"trim", "v_common"}])
    return tables


def _calibration(samples: pd.DataFrame, others: list[str]) -> xr.Dataset:
    """Return what each comparator's best trim leaves of its offset, at every common mode.

    The trim is found at one common mode, the middle one, as a converter would find it before it works.
    """
    commons = np.unique(samples["v_common"].to_numpy(dtype=np.float64))
    middle = commons[len(commons) // 2]
    rows = []
    for place, chip in groups(samples[samples["status"] == "ok"], [*others, "sample"]):
        there = chip[chip["v_common"] == middle]
        if not len(there):
            continue
        best = there["trim"].iloc[int(there["offset"].abs().to_numpy().argmin())]
        for common, before, after in _both(chip, best):
            rows.append({**place, "v_common": common, "trimmed_by": best, "offset_before": before, "offset": after})
    axes = [*others, "sample", "v_common"]
    return annotate(on_axes(pd.DataFrame(rows), axes, [output.name for output in _CALIBRATED]), _CALIBRATED)


def _both(chip: pd.DataFrame, best: float) -> Iterator[tuple[float, float, float]]:
    """Yield each common mode with the offset [V] without trim and with the best."""
    for common, group in chip.groupby("v_common"):
        by_trim = group.set_index("trim")["offset"]
        if {0, best} <= set(by_trim.index):
            yield float(str(common)), float(by_trim[0]), float(by_trim[best])


def _offsets(group: pd.DataFrame) -> dict[str, float]:
    good = group[group["status"] == "ok"]
    row = dict.fromkeys(_NAMES, float("nan"))
    row |= survivors(len(good), len(group) - len(good))
    if len(good) > 1:
        row |= moments(good["offset"].to_numpy(dtype=np.float64), "offset")
        row |= {"sigma_pair": float(good["sigma_pair"].mean()), "outside": float(good["outside"].sum())}
    return row
