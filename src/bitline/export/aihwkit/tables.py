"""What aihwkit gets of each LUT: conductances of the levels, or a column's output noise and range."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

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


def column(lut: Lut, at: MeasuredColumn, line: Line, noise: Noise, weight: float, input: float) -> dict[str, Any]:
    """Return the output noise of a column and the steps of its range; errors as of `write`."""
    for option, value in (("weight", weight), ("input", input)):
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{option} = {value}: must be > 0")
    unit = weight * input
    parts = {"total": at.total, "static": at.static, "temporal": at.temporal}
    rms = {part: at.rms(sigma) * unit for part, sigma in parts.items()}
    if noise not in rms:
        raise InputError(f"noise = {noise!r}: allowed are {', '.join(get_args(Noise))}")
    return {
        "lut": lut.name,
        "kind": lut.kind,
        "noise_level": "column",
        "at": at.condition,
        "line": line,
        "lsb_volt": at.lsb,
        "offset_volt": at.offset,
        "rows": at.rows,
        "weight": weight,
        "input": input,
        "operands": at.operands,
        "noise": noise,
        "out_noise": rms,
        # steps of one MAC LSB over the whole range; inputs in steps of one
        "io": {
            "inp_bound": input,
            "inp_res": 0.5,
            "out_bound": at.rows * unit,
            "out_res": 1 / (2 * at.rows),
            "out_noise": rms[noise],
        },
        "inl_rms_lsb": at.rms(at.mean - at.codes),
        "codes": at.codes.tolist(),
        "pmf": at.pmf.tolist(),
        "mean_lsb": at.mean.tolist(),
        "static_lsb": at.static.tolist(),
        "temporal_lsb": at.temporal.tolist(),
    }
