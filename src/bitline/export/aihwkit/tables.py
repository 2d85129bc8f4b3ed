"""What aihwkit gets of each LUT: conductances of the levels, or a column's output noise and range."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.export.levels import Levels
from bitline.lut.lut import Lut
from bitline.statistics.linearity import Line
from bitline.system.measured_column import MeasuredColumn

Noise = Literal["total", "static", "temporal"]


def cell(lut: Lut, levels: Levels) -> dict[str, Any]:
    """Return mean and sigma of the levels' conductances [uS]."""
    return {
        "lut": lut.name,
        "kind": lut.kind,
        "noise_level": "cell",
        "at": levels.condition,
        "levels": list(levels.names),
        "g_mean_us": (levels.conductance * 1e6).tolist(),
        "g_sigma_us": (levels.sigma * 1e6).tolist(),
        "ln_sigma": levels.ln_sigma.tolist(),
    }


def column(column: MeasuredColumn, line: Line, noise: Noise, weight: float, input: float) -> dict[str, Any]:
    """Return the output noise of a column and the steps of its range; errors as of `write`."""
    for option, value in (("weight", weight), ("input", input)):
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{option} = {value}: must be > 0")
    # aihwkit counts in its own units; one product of 1 and 1 is so much there
    unit = weight * input
    rms = {part: column.rms(sigma) * unit for part, sigma in sigmas(column).items()}
    return {
        "lut": column.lut.name,
        "kind": column.lut.kind,
        "noise_level": "column",
        "at": column.condition,
        "line": line,
        "lsb_volt": column.lsb,
        "offset_volt": column.offset,
        "rows": column.rows,
        "weight": weight,
        "input": input,
        "operands": column.operands,
        "noise": noise,
        "out_noise": rms,
        # steps of one MAC LSB over the whole range; inputs in steps of one
        "io": {
            "inp_bound": input,
            "inp_res": 0.5,
            "out_bound": column.rows * unit,
            "out_res": 1 / (2 * column.rows),
            "out_noise": rms[noise],
        },
        "inl_rms_lsb": column.rms(column.mean - column.codes),
        "codes": column.codes.tolist(),
        "pmf": column.pmf.tolist(),
        "mean_lsb": column.mean.tolist(),
        "static_lsb": column.static.tolist(),
        "temporal_lsb": column.temporal.tolist(),
    }


def sigmas(column: MeasuredColumn) -> dict[str, NDArray[np.float64]]:
    """Return the sigmas per code [MAC LSB] that an output noise can be made from."""
    return {"total": column.total, "static": column.static, "temporal": column.temporal}
