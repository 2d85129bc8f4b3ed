"""What analog-cim-sim gets of each LUT: the currents of a cell in its two levels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bitline.errors import InputError
from bitline.export.levels import has_levels, levels_of
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut
from bitline.system.measured_column import Condition
from bitline.system.products import products_of


@dataclass(frozen=True)
class Currents:
    """Currents of a cell at the read voltage [A]: means and standard deviations over devices."""

    hrs: float
    lrs: float
    hrs_sigma: float
    lrs_sigma: float
    v_read: float
    source: str
    condition: dict[str, float | str]


def currents_of(lut: Lut, condition: Condition | None = None, rows: int = 1, v_read: float = 0.2) -> Currents:
    """Return the currents of a cell in both levels; parameters and errors as of `write`."""
    if has_levels(lut):
        return _of_levels(lut, condition, v_read)
    return _of_column(lut, condition or {}, rows, v_read)


def _of_levels(lut: Lut, condition: Condition | None, v_read: float) -> Currents:
    levels = levels_of(lut, condition)
    if _parameters(lut).get("reram", {}).get("v_sinh", 0.0):
        raise InputError(f"LUT {lut.name}: v_sinh is not 0: its currents are not conductance times voltage")
    lrs, hrs = 0, -1  # the simulator has two levels: the outer ones
    mean, sigma = (levels.conductance * v_read).tolist(), (levels.sigma * v_read).tolist()
    source = "conductance of the levels as placed (table placement) times the read voltage"
    return Currents(mean[hrs], mean[lrs], sigma[hrs], sigma[lrs], v_read, source, dict(levels.condition))


def _of_column(lut: Lut, asked: Condition, rows: int, v_read: float) -> Currents:
    for name in ("nominal", "mismatch"):
        if name not in lut.tables:
            raise InputError(f"LUT {lut.name} has no table {name!r}: cell currents are made from it")
    nominal, mismatch = (Index({name: lut.tables[name]}) for name in ("nominal", "mismatch"))
    code = products_of(lut).axis
    for axis in (code, "zeros"):
        if axis in asked:
            raise InputError(f"condition names {axis}: both levels are written")
    at = {**{axis: value for axis, value in mismatch.defaults.items() if axis not in (code, "zeros")}, **asked}
    n = int(mismatch.grids[code][0][-1])
    own = _own_voltage(lut)
    if rows > n:
        raise InputError(f"rows = {rows}: the column of LUT {lut.name} has {n}, and bitline never extrapolates")
    # the cells' currents are not proportional to the voltage: access device and line are in them
    if v_read != own:
        raise InputError(f"v_read = {v_read}: LUT {lut.name} was read at {own!r} V")
    # every input on: n cells conduct, all in LRS or all in HRS; of "mixed" zeros some inputs are off
    lrs = nominal.lookup({**at, code: n, "zeros": "mixed"})["i_peak"] / n
    hrs = nominal.lookup({**at, code: 0, "zeros": "weight"})["i_peak"] / n
    conducting = round(nominal.lookup({**at, code: 0, "zeros": "mixed"})["i_peak"] / hrs)
    ones, zeros = (mismatch.lookup({**at, code: total, "zeros": "mixed"}) for total in (n, 0))
    return Currents(
        hrs,
        lrs,
        hrs * math.sqrt(conducting) * zeros["v_sigma"] / zeros["v_mean"],
        lrs * math.sqrt(n) * ones["v_sigma"] / ones["v_mean"],
        own,
        f"line current over {n} cells (table nominal); spread of their sum (table mismatch), {conducting} cells in HRS",
        at,
    )


def _own_voltage(lut: Lut) -> float:
    """Return the voltage [V] across a cell at which the column was simulated."""
    own = _parameters(lut).get("v_read")
    if own is None:
        raise InputError(f"LUT {lut.name}: attrs.parameters.v_read is missing: no voltage known for its currents")
    return float(own)


def _parameters(lut: Lut) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = lut.attrs.get("parameters", {})
    return parameters
