"""A column at one condition, in the terms consumers take: mean and sigma of its output per MAC code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lookup import Index, Lookup
from bitline.lut.lut import Lut
from bitline.lut.table import axes
from bitline.statistics.linearity import Line, straight_line

Array = NDArray[np.float64]
Condition = Mapping[str, float | str]


@dataclass(frozen=True, eq=False)
class ColumnAt:
    """One column at one condition, its output in MAC LSB through a straight line of the mean transfer.

    Attributes
    ----------
    codes : array of int, shape (n,)
        Ascending MAC codes: 0..rows, or -rows..rows where the column is signed.
    mean, static, temporal : arrays, shape (n,)
        Mean over chips, sigma of static mismatch, sigma of temporal noise [MAC LSB].
    per_cell : float
        What each discharging cell adds to `temporal`, as an independent sigma [MAC LSB].
    lsb, offset : float
        The line: slope [V per code], with its sign, and value at code 0 [V].
    condition : dict
        Value of every axis but the code's; for a ternary column `extra` as well.
    """

    lut: Lut
    codes: NDArray[np.int64]
    mean: Array
    static: Array
    temporal: Array
    per_cell: float
    lsb: float
    offset: float
    condition: dict[str, float | str]

    @property
    def rows(self) -> int:
        """The largest code."""
        return int(self.codes[-1])

    @property
    def signed(self) -> bool:
        """Whether there are codes below 0."""
        return bool(self.codes[0] < 0)

    @cached_property
    def energy(self) -> Array:
        """Energy of one column operation per code [J], table ``nominal``; shape (n,).

        Raises
        ------
        InputError
            If the table is missing, or does not hold the condition (`OutsideGridError`).
        """
        nominal = _index(self.lut, "nominal")
        found = _every_code(nominal, self.codes, {k: v for k, v in self.condition.items() if k in nominal.grids})
        return np.array([point["energy_total"] for point in found])


def column_at(lut: Lut, condition: Condition | None = None, line: Line = "end-point") -> ColumnAt:
    """Return the column at one condition.

    Parameters
    ----------
    lut : Lut
        With tables ``mismatch`` (v_mean, v_sigma over code or mac) and ``noise`` (v_thermal; v_discharge
        of each discharging cell where it has it).
    condition : mapping, optional
        Corner, vdd, temperature; axes on which ``mismatch`` has one value may be left out. `extra`, the
        pairs of +1 and -1 in a ternary column, is 0 if not given.
    line : {"end-point", "best-fit"}
        The straight line that turns volts into MAC LSB. The end-point line maps the first and last code
        onto themselves, as an ADC calibrated to the column's range does.

    Raises
    ------
    InputError
        If the LUT has no such tables, codes have gaps, the condition is not in it (`OutsideGridError`),
        or a value is missing there.
    """
    mismatch, noise = _index(lut, "mismatch"), _index(lut, "noise")
    grids = axes(lut.tables["mismatch"])
    axis = _code_axis(lut)
    if axis in (condition or {}):
        raise InputError(f"condition names {axis}: every code is written")
    codes = _contiguous(lut, grids[axis])
    single = {name: value for name, value in mismatch.defaults.items() if name != axis}
    at = {**({"extra": 0} if "extra" in grids else {}), **single, **(condition or {})}
    found = _every_code(mismatch, codes, at)
    mean, sigma = (np.array([point[name] for point in found]) for name in ("v_mean", "v_sigma"))
    slope, start = straight_line(mean, line, codes)
    lsb, offset = float(slope), float(start)
    if lsb == 0:
        raise InputError(f"LUT {lut.name}: the line does not move with the code at {at}: no LSB")
    there = noise.lookup({name: at[name] for name in noise.grids if name in at})
    # each discharging cell adds its own noise to what the line was precharged with
    cells = np.abs(codes) + 2 * float(at.get("extra", 0))
    discharge = there.get("v_discharge", 0.0)
    temporal = np.sqrt(there["v_thermal"] ** 2 + cells * discharge**2)
    in_lsb = (mean - offset) / lsb + 0.0  # no "-0.0" at code 0 of a falling line
    return ColumnAt(lut, codes, in_lsb, sigma / abs(lsb), temporal / abs(lsb), discharge / abs(lsb), lsb, offset, at)


def _index(lut: Lut, table: str) -> Index:
    if table not in lut.tables:
        raise InputError(f"LUT {lut.name} has no table {table!r}: a column's export is made from it")
    return Index({table: lut.tables[table]})


def _code_axis(lut: Lut) -> str:
    for name in ("code", "mac"):
        if name in lut.tables["mismatch"].dims:
            return name
    raise InputError(f"LUT {lut.name}: table mismatch has no axis 'code' or 'mac': not a column")


def _contiguous(lut: Lut, grid: NDArray[np.int64]) -> NDArray[np.int64]:
    first, last = int(grid[0]), int(grid[-1])
    if len(grid) < 2 or grid.tolist() != list(range(first, last + 1)) or first not in (0, -last):
        raise InputError(
            f"LUT {lut.name}: codes are {first}..{last} in {len(grid)} points; must be all of 0..n or -n..n"
        )
    return grid


def _every_code(index: Index, codes: NDArray[np.int64], at: Condition) -> list[Lookup]:
    axis = "code" if "code" in index.grids else "mac"
    return [index.lookup({**at, axis: code}) for code in codes.tolist()]
