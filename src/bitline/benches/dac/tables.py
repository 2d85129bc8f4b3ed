"""Tables of the column DAC's bench: those of any curve over codes, and its figures over all codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Output
from bitline.benches.tables import (
    SURVIVORS,
    annotate,
    axes_of,
    groups,
    moments,
    on_axes,
    survivors,
    transfer_tables,
)
from bitline.statistics.linearity import dnl, inl

Array = NDArray[np.float64]

_FIGURES = (
    Output("inl_max", "LSB", "largest magnitude of INL, end-point line"),
    Output("dnl_max", "LSB", "largest magnitude of DNL, end-point line"),
    Output("t_settle_max", "s", "slowest code's settling"),
    Output("energy_mean", "J", "all supplies over one cycle, mean over the codes"),
)
_SPREAD = (
    *SURVIVORS,
    *(
        Output(f"{name}_{part}", "LSB", doc)
        for name in ("inl_max", "dnl_max")
        for part, doc in (
            ("mean", f"mean of {name} over chips, end-point line of each chip"),
            ("mean_se", "standard error of that mean"),
            ("sigma", "standard deviation over chips"),
            ("sigma_low", "lower end of its 95 % confidence interval"),
            ("sigma_high", "upper end of its 95 % confidence interval"),
            ("p95", "value that 95 % of the chips do not exceed"),
        )
    ),
)


def dac_tables(results: pd.DataFrame, outputs: Sequence[Output]) -> dict[str, xr.Dataset]:
    """Return nominal, line and mismatch, and where three or more codes were converted table dac and its spread.

    Parameters
    ----------
    results : DataFrame
        One row per conversion, as `Bench.reduce` gets it.
    outputs : sequence of Output
        What was measured.
    """
    tables = transfer_tables(results, outputs)
    nominal = tables["nominal"]
    if "line" not in tables:
        return tables
    dac = xr.Dataset(
        {
            "inl_max": abs(nominal["inl"]).max("code", skipna=False),
            "dnl_max": abs(nominal["dnl"].isel(code=slice(None, -1))).max("code", skipna=False),
            "t_settle_max": nominal["t_settle"].max("code", skipna=False),
            "energy_mean": nominal["energy_total"].mean("code", skipna=False),
        }
    )
    tables["dac"] = annotate(dac, _FIGURES)
    samples = results[results["sample"] > 0]
    if samples["code"].nunique() > 2:
        axes = [axis for axis in axes_of(results, outputs) if axis != "code"]
        rows = [{**place, **_spread(group)} for place, group in groups(samples, axes)]
        tables["dac_mismatch"] = annotate(
            on_axes(pd.DataFrame(rows), axes, [output.name for output in _SPREAD]), _SPREAD
        )
    return tables


def _spread(group: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of one condition's chips; a chip that failed at a code is left out of them."""
    chips = group[group["status"] == "ok"].pivot_table(index="sample", columns="code", values="v_line").dropna()
    total = group["sample"].nunique()
    v, code = chips.to_numpy(dtype=np.float64), chips.columns.to_numpy(dtype=np.float64)
    values: dict[str, Any] = survivors(len(v), total - len(v))
    worst = {"inl_max": np.empty(0), "dnl_max": np.empty(0)}
    if len(v):
        worst = {"inl_max": _worst(inl(v, code=code)), "dnl_max": _worst(dnl(v, code=code))}
    for name, figures in worst.items():
        values |= moments(figures, name)
        values[f"{name}_p95"] = float(np.quantile(figures, 0.95)) if len(figures) else float("nan")
    return values


def _worst(figures: Array) -> Array:
    return np.asarray(np.abs(figures).max(axis=-1))
