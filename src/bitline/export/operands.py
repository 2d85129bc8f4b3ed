"""A column as a consumer sees it that knows the MAC value but not its operands.

In a ternary column the spread depends on how many cells discharge, |mac| + 2 extra, and the consumer
knows mac only. What it gets is the average over `extra` at each mac, for independent uniform digits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bitline.export.column import ColumnAt, Condition, column_at
from bitline.lut.lut import Lut
from bitline.statistics.distributions import binomial_pmf, trinomial_pmf
from bitline.statistics.linearity import Line
from bitline.system.column_model import activity, model_of
from bitline.system.operands import products_of

Array = NDArray[np.float64]

BITS = "products of independent uniform bits: code ~ Binomial(rows, 1/4) (assumed)"
TRITS = "products of independent uniform trits: +1 and -1 with probability 2/9 each (assumed)"


@dataclass(frozen=True, eq=False)
class Averaged:
    """A column for operands that are not known one by one.

    Attributes
    ----------
    column : ColumnAt
        Mean, static and temporal sigma per code [MAC LSB].
    pmf : array, shape (codes,)
        How often each code occurs.
    operands : str
        Of which operands that holds.
    """

    column: ColumnAt
    pmf: Array
    operands: str

    def rms(self, sigma: Array) -> float:
        """Return the root mean square of a sigma per code, over the operands."""
        return float(np.sqrt(self.pmf @ sigma**2))

    @property
    def total(self) -> Array:
        """Static and temporal sigma together, per code [MAC LSB]: they are independent."""
        return np.hypot(self.column.static, self.column.temporal)


def averaged(lut: Lut, condition: Condition | None = None, line: Line = "end-point") -> Averaged:
    """Return the column at one condition, over the operands that give each code.

    Where `condition` names `extra`, it is that of a ternary column with so many pairs of +1 and -1.

    Raises
    ------
    InputError
        As `bitline.export.column.column_at`.
    """
    column = column_at(lut, condition, line)
    if not column.signed:
        return Averaged(column, binomial_pmf(column.rows, 0.25), BITS)
    pmf = trinomial_pmf(column.rows, 2 / 9, 2 / 9)
    if "extra" in column.condition and "extra" not in (condition or {}):
        column = _over_extra(lut, column, pmf)
    return Averaged(column, pmf.sum(axis=1), TRITS)


def _over_extra(lut: Lut, column: ColumnAt, pmf: Array) -> ColumnAt:
    at = {axis: value for axis, value in column.condition.items() if axis != "extra"}
    drawn = lut.tables["mismatch"]
    cells = model_of(lut, products_of(lut), drawn["v_mean"], at, hold=True, temporal=False)
    share = pmf / pmf.sum(axis=1, keepdims=True)
    used = share > 0
    each = np.where(used, (cells.mean - column.offset) / column.lsb, 0.0)
    mean = (share * each).sum(axis=1)
    # how the mean moves with the operands is an error that comes back with them: static
    static = (share * (np.where(used, cells.sigma / column.lsb, 0.0) ** 2 + (each - mean[:, None]) ** 2)).sum(axis=1)
    pairs = (share * (activity(column.rows) - np.abs(column.codes)[:, None])).sum(axis=1)
    temporal = column.temporal**2 + column.per_cell**2 * pairs
    condition = {**at, "extra": "averaged"}
    return replace(column, mean=mean, static=np.sqrt(static), temporal=np.sqrt(temporal), condition=condition)
