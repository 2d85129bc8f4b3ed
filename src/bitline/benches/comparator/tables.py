"""Table of the offset bench: the offset's sigma over mismatch samples."""

from __future__ import annotations

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
_NAMES = [output.name for output in _OFFSET]


def offset_tables(results: pd.DataFrame) -> dict[str, xr.Dataset]:
    """Return table offset, where mismatch was sampled."""
    axes = axes_of(results, OUTPUTS)
    samples = results[results["sample"] > 0]
    if not len(samples):
        return {}
    rows = [{**place, **_offsets(group)} for place, group in groups(samples, axes)]
    return {"offset": annotate(on_axes(pd.DataFrame(rows), axes, _NAMES), _OFFSET)}


def _offsets(group: pd.DataFrame) -> dict[str, float]:
    good = group[group["status"] == "ok"]
    row = dict.fromkeys(_NAMES, float("nan"))
    row |= survivors(len(good), len(group) - len(good))
    if len(good) > 1:
        row |= moments(good["offset"].to_numpy(dtype=np.float64), "offset")
        row |= {"sigma_pair": float(good["sigma_pair"].mean()), "outside": float(good["outside"].sum())}
    return row
