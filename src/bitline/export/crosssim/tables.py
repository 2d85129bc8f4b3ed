"""What CrossSim gets of each sort of LUT: a data file's content, and the parameters that go with it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.export.levels import levels_of
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut
from bitline.statistics.linearity import Line
from bitline.system.measured_column import Condition, measured_column

Tables = tuple[dict[str, Any], dict[str, Any]]
_STATISTICS = "mismatch"  # the table with the spread of transitions


def device(lut: Lut, condition: Condition | None) -> Tables:
    """Return the levels' conductances over the largest, and a balanced core's parameters."""
    levels = levels_of(lut, condition)
    r = (1 / levels.conductance).tolist()
    data = {
        "at": levels.condition,
        "levels": list(levels.names),
        "r_ohm": r,
        "g_norm": (levels.conductance / levels.conductance[0]).tolist(),
        "ln_sigma": levels.ln_sigma.tolist(),
    }
    device = {
        "Rmin": r[0],
        "Rmax": r[-1],
        "infinite_on_off_ratio": False,
        "clip_conductance": False,  # the spread of the outer levels goes beyond them
        "programming_error": {"enable": True, "model": ""},
    }
    weights = {"min": None, "max": None, "percentile": 1.0}
    return data, {"core": {"style": 1, "mapping": {"weights": weights}}, "xbar": {"device": device}}


def column(lut: Lut, condition: Condition | None, line: Line) -> Tables:
    """Return mean and sigmas per code, and parameters with which an output is a MAC value."""
    column = measured_column(lut, condition, line)
    data = {
        "at": column.condition,
        "line": line,
        "lsb_volt": column.lsb,
        "offset_volt": column.offset,
        "rows": column.rows,
        "operands": column.operands,
        "codes": column.codes.tolist(),
        "mean_lsb": column.mean.tolist(),
        "static_lsb": column.static.tolist(),
        "temporal_lsb": column.temporal.tolist(),
    }
    # a code more than 2^b, as of 16 rows with 17 codes, needs one more bit
    bits = (len(column.codes) - 1).bit_length()
    adc = _adc(bits, float(column.codes[0]), float(column.codes[-1]))
    inputs = {"min": -1.0 if column.signed else 0.0, "max": 1.0, "percentile": None}
    dac = {"model": "IdealDAC", "bits": 0, "signed": column.signed}
    params = _unit_cells({"_match": True, "mvm": inputs, "vmm": dict(inputs)})
    # more rows than the column has are split over several of them
    params["core"]["rows_max"] = column.rows
    params["xbar"] |= {"adc": adc, "dac": {"_match": True, "mvm": dac, "vmm": dict(dac)}}
    return data, params


def converter(lut: Lut, condition: Condition | None, low: float | None, high: float | None, mismatch: bool) -> Tables:
    """Return transitions in LSB of their end-point line and their spread, and the converter's parameters."""
    table = lut.tables["transitions"]
    count = len(table["transition"])
    bits = (count + 1).bit_length() - 1
    # a missing transition would shift all codes above it
    if table["transition"].values.tolist() != list(range(1, 2**bits)):
        raise InputError(f"LUT {lut.name}: transitions are {table['transition'].values.tolist()}: must be 1..2^b - 1")
    low, high = _range(bits, low, high)
    at = _one_condition(lut, _STATISTICS if mismatch else "transitions", condition)
    v = _transitions(lut, "transitions", "v", at)
    lsb = float(v[-1] - v[0]) / (count - 1)
    # a code is looked for among ascending edges
    if not lsb > 0:
        raise InputError(f"LUT {lut.name}: transitions span {v[-1] - v[0]} V at {at}: must rise")
    sigma = step = np.zeros(0)
    if mismatch:
        sigma = _transitions(lut, _STATISTICS, "v_sigma", at) / lsb
        step = _transitions(lut, _STATISTICS, "dnl_sigma", at, count - 1)
    data = {
        "at": at,
        "bits": bits,
        "edges_lsb": ((v - v[0]) / lsb + 0.5).tolist(),
        "sigma_lsb": sigma.tolist(),
        "neighbour_correlation": _correlation(sigma, step).tolist(),
        "edges_volt": v.tolist(),
        "lsb_volt": lsb,
    }
    params = _unit_cells(None)
    params["xbar"]["adc"] = _adc(bits, low, high)
    return data, params


def _range(bits: int, low: float | None, high: float | None) -> tuple[float, float]:
    """Return the outputs of the first and the last code; by default a step is a MAC value."""
    if low is None:
        low = -(2.0 ** (bits - 1))
    if high is None:
        high = 2.0 ** (bits - 1) - 1
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"low = {low}, high = {high}: must be finite, low < high")
    return low, high


def _correlation(sigma: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of neighbours by var(b - a) = var a + var b - 2 cov(a, b)."""
    a, b = sigma[:-1], sigma[1:]
    # a transition that never moves has no correlation, and none is needed
    product = np.where(a * b > 0, a * b, 1.0)
    return np.clip(np.where(a * b > 0, (a**2 + b**2 - step**2) / (2 * product), 0.0), -1.0, 1.0)


def _one_condition(lut: Lut, table: str, condition: Condition | None) -> dict[str, float | str]:
    if "transition" in (condition or {}):
        raise InputError("condition names transition: every one is written")
    if table not in lut.tables:
        raise InputError(
            f"LUT {lut.name} has no table {table!r}: with mismatch=False the transitions alone are written"
        )
    single = Index({table: lut.tables[table]}).defaults
    return {**{axis: value for axis, value in single.items() if axis != "transition"}, **(condition or {})}


def _transitions(lut: Lut, table: str, variable: str, at: Condition, count: int | None = None) -> NDArray[np.float64]:
    index = Index({table: lut.tables[table]})
    numbers = index.grids["transition"][0].tolist()[:count]
    return np.array([index.lookup({**at, "transition": k})[variable] for k in numbers])


def _adc(bits: int, low: float, high: float) -> dict[str, Any]:
    """Return parameters of the outputs' converter; of the transposed product nothing is known."""
    return {
        "_match": False,
        "mvm": {"model": "", "bits": bits, "signed": low < 0, "calibrated_range": [low, high], "adc_range_option": 1},
        "vmm": {"model": "IdealADC", "bits": 0},
    }


def _unit_cells(inputs: dict[str, Any] | None) -> dict[str, Any]:
    """Return parameters of cells that store -1..1 exactly, so that an output is a MAC value."""
    mapping: dict[str, Any] = {"weights": {"min": -1.0, "max": 1.0, "percentile": None}}
    if inputs is not None:
        mapping["inputs"] = inputs
    return {"core": {"style": 1, "mapping": mapping}, "xbar": {"device": {"infinite_on_off_ratio": True}}}
