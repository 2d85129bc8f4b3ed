"""Tables of the analog columns: those of any column, and ASiM's abstraction where mismatch was sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bitline.benches.base import Output

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bitline.benches.reducers import Reduce

_BOUNDS = (("low", "lower"), ("high", "upper"))
_CONSTANTS = (
    Output("rand_noise_sigma", "%", "static mismatch as random noise, of the full scale: ASiM's rand_noise_sigma"),
    Output("non_linear_sigma", "%", "the part over sqrt(code + 1), of the full scale: ASiM's non_linear_sigma"),
    Output("alpha", "1", "compression of the mean, code / (1 + alpha code)"),
)
ASIM = (
    *_CONSTANTS,
    *(
        Output(f"{constant.name}_{end}", constant.unit, f"{side} end of its 95 % interval")
        for constant in _CONSTANTS
        for end, side in _BOUNDS
    ),
    Output("sigma_rms", "%", "root mean square over the codes of the measured sigma, of the full scale"),
    Output("sigma_residual", "%", "the same of fitted less measured sigma"),
    Output("mean_residual", "%", "the same of the mean less its compressive fit"),
)
_FITTED = {"rand_noise_sigma": "sigma_r", "non_linear_sigma": "sigma_nl", "alpha": "alpha"}


def acim_tables(outputs: Sequence[Output]) -> Reduce:
    """Reduce to nominal, line, and where there are samples mismatch and asim."""

    def reduce(results: pd.DataFrame, circuit: object) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import transfer_tables

        tables = transfer_tables(results, outputs)
        if "mismatch" in tables and tables["mismatch"].sizes.get("code", 1) > 2:
            tables["asim"] = asim_table(results, outputs)
        return tables

    return reduce


def asim_table(results: pd.DataFrame, outputs: Sequence[Output]) -> xr.Dataset:
    """Fit ASiM's abstraction at each condition; NaN where fewer than two chips gave a result at every code."""
    import pandas as pd

    from bitline.benches.tables import annotate, axes_of, groups, on_axes

    axes = [axis for axis in axes_of(results, outputs) if axis != "code"]
    rows = [{**place, **_constants(group)} for place, group in groups(results[results["sample"] > 0], axes)]
    return annotate(on_axes(pd.DataFrame(rows), axes, [output.name for output in ASIM]), ASIM)


def _constants(group: pd.DataFrame) -> dict[str, Any]:
    import numpy as np

    from bitline.statistics.asim import asim_intervals, fit_asim

    # A row per chip; one that failed at a code is left out at all of them.
    chips = group[group["status"] == "ok"].pivot_table(index="sample", columns="code", values="v_line").dropna()
    values: dict[str, Any] = dict.fromkeys((output.name for output in ASIM), float("nan"))
    v = chips.to_numpy(dtype=np.float64)
    # Chips that all end where they began have no full scale.
    if len(v) < 2 or v.shape[1] < 3 or v[:, 0].mean() == v[:, -1].mean():
        return values
    code = chips.columns.to_numpy(dtype=np.float64)
    fit = fit_asim(code, v.mean(axis=0), v.std(axis=0, ddof=1))
    intervals = asim_intervals(code, v)
    for name, attribute in _FITTED.items():
        interval = intervals[attribute]
        values |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
    values |= {name: getattr(fit, name) for name in ("sigma_rms", "sigma_residual", "mean_residual")}
    percent = {output.name for output in ASIM if output.unit == "%"}
    return {name: (100 if name in percent else 1) * float(value) for name, value in values.items()}
