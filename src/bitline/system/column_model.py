"""A signed column as two arrays: mean and sigma of its output per MAC value and number of pairs that cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.lut.operation import Products
from bitline.statistics.fit import fit_sigma
from bitline.system.chain import States
from bitline.system.products import products_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ColumnModel:
    """Mean and spread of a signed column's output.

    Both arrays are over mac = -rows .. rows and extra = 0 .. rows // 2: max(mac, 0) + extra products
    are +1, max(-mac, 0) + extra are -1. Cells that need more than `rows` are never read.

    Parameters
    ----------
    mean : array, shape (2 rows + 1, rows // 2 + 1)
        Mean output [V], or in any other unit that the ADC's thresholds share.
    sigma : array, the same shape
        Standard deviation by static mismatch [V].
    thermal : float
        Temporal noise, rms [V].

    Raises
    ------
    InputError
        If the shapes are not those, or a cell that occurs has no mean, or no sigma >= 0.
    """

    mean: Array
    sigma: Array
    thermal: float = 0.0

    def __post_init__(self) -> None:
        mean, sigma = np.asarray(self.mean, dtype=np.float64), np.asarray(self.sigma, dtype=np.float64)
        rows = 0
        if mean.ndim:
            rows = (len(mean) - 1) // 2
        if rows < 1 or mean.shape != (2 * rows + 1, rows // 2 + 1) or sigma.shape != mean.shape:
            raise InputError(f"mean, sigma of shapes {mean.shape}, {sigma.shape}: (2 rows + 1, rows // 2 + 1) both")
        occurs = activity(rows) <= rows
        if not (np.isfinite(mean[occurs]).all() and (sigma[occurs] >= 0).all() and self.thermal >= 0):
            raise InputError("mean, sigma, thermal: must be finite and >= 0 (sigma) for all that rows allow")
        object.__setattr__(self, "mean", mean)
        # A fit gives a sigma for mixes that do not fit the rows: NaN shows where one is used by mistake.
        object.__setattr__(self, "sigma", np.where(occurs, sigma, np.nan))

    @property
    def rows(self) -> int:
        """Products in one MAC."""
        return (len(self.mean) - 1) // 2

    def states(self, pmf: ArrayLike) -> States:
        """Return what the column hands to its ADC where states occur with `pmf`, of the arrays' shape."""
        mac = np.broadcast_to(np.arange(-self.rows, self.rows + 1)[:, None], self.mean.shape)
        return States(mac, self.mean, self.sigma, np.asarray(pmf, dtype=np.float64), self.thermal)

    def line(self, pmf: ArrayLike) -> tuple[float, float]:
        """Return the least-squares straight line of the output over the MAC value: [V per step], [V] at 0.

        Parameters
        ----------
        pmf : array of the arrays' shape
            How often each cell occurs.

        Raises
        ------
        InputError
            If only one MAC value occurs.
        """
        states = self.states(pmf)
        from_mean = states.mac - states.pmf @ states.mac
        variance = states.pmf @ from_mean**2
        if not variance > 0:
            raise InputError("pmf has all its weight on one MAC value: a line needs two")
        slope = float(states.pmf @ (from_mean * states.mean) / variance)
        return slope, float(states.pmf @ (states.mean - slope * states.mac))

    @classmethod
    def linear(cls, rows: int, lsb: float, s0: float = 0.0, s1: float = 0.0, thermal: float = 0.0) -> ColumnModel:
        """Return mean = lsb mac and sigma^2 = s0^2 + s1^2 activity, all in V."""
        # A linear column does not see the pairs, but its arrays have that axis as any other's.
        extra = np.arange(rows // 2 + 1)
        mean = lsb * np.arange(-rows, rows + 1)[:, None] + 0.0 * extra
        return cls(mean, np.sqrt(s0**2 + s1**2 * activity(rows)), thermal)


def activity(rows: int) -> NDArray[np.int64]:
    """Return the products that are not 0, |mac| + 2 extra, for every cell: shape (2 rows + 1, rows // 2 + 1)."""
    return np.abs(np.arange(-rows, rows + 1))[:, None] + 2 * np.arange(rows // 2 + 1)


def column_model(lut: Lut, *, hold: bool = False, **condition: float | str) -> ColumnModel:
    """Return a signed column as arrays over sum and pairs, at one condition.

    The mean is the output of the table without mismatch, linear between measured cells. Sigma is
    ``mismatch.v_sigma``; cells without samples get the fit ``sqrt(s0^2 + s1^2 activity)`` to those that have. Thermal
    noise is ``noise.v_thermal``; what each active cell adds to it, ``noise.v_discharge``, grows with the activity
    and is put to sigma. Either is 0 where the LUT does not have it.

    Parameters
    ----------
    lut : Lut
        Of a column that adds up signed products, with pairs.
    hold : bool
        Whether cells beyond the most measured pairs take the value at their end; else refused.
    condition : float or str
        One value of every further axis, on the grid; an axis of one value may be left out.

    Raises
    ------
    InputError
        If a table, a variable or a condition is missing, or the grid does not cover what the rows allow.
    UnknownNameError
        If no table has an axis of a condition's name.
    """
    products = products_of(lut)
    known = {str(axis) for table in lut.tables.values() for axis in table.dims} - set(products.axes)
    for name in condition:
        if name not in known:
            raise UnknownNameError("condition", name, known)
    table = "nominal"
    if lut.operation is not None:
        table = lut.operation.table
    output = _variable(lut, table, products.output)
    return model_of(lut, products, output, condition, hold=hold, temporal=True)


def model_of(
    lut: Lut,
    products: Products,
    output: xr.DataArray,
    condition: Mapping[str, float | str],
    *,
    hold: bool,
    temporal: bool,
) -> ColumnModel:
    """Return the column whose mean `output` holds, see `column_model`; `temporal` says whether noise is put to it."""
    mean = _at(output, products, condition)
    rows = 1
    # A table without the axis is refused by `_on_grid`, which says what is missing.
    if products.axis in mean.dims:
        rows = int(np.abs(mean[products.axis].to_numpy()).max())
    filled = _filled(_on_grid(mean, products, rows), rows, hold, products)
    sampled = _on_grid(_at(_variable(lut, "mismatch", "v_sigma"), products, condition), products, rows)
    # Monte Carlo samples some states only; the others follow the law of cells that vary independently.
    known = np.isfinite(sampled)
    law = fit_sigma(activity(rows)[known], sampled[known])
    sigma = np.where(known, sampled, law(activity(rows)))
    if not temporal:
        return ColumnModel(filled, np.sqrt(sigma**2))
    discharge = _largest(lut, products, "v_discharge", condition)
    # Each active cell adds its own noise, so this part of the temporal noise differs from state to state like sigma.
    sigma = np.sqrt(sigma**2 + discharge**2 * activity(rows))
    return ColumnModel(filled, sigma, _largest(lut, products, "v_thermal", condition))


def _variable(lut: Lut, table: str, variable: str) -> xr.DataArray:
    if table not in lut.tables or variable not in lut.tables[table]:
        raise InputError(f"the LUT has no {table}.{variable}: not one of a signed column, or without samples")
    return lut.tables[table][variable].assign_attrs(table=table)


def _at(array: xr.DataArray, products: Products, condition: Mapping[str, float | str]) -> xr.DataArray:
    """Return a variable at a condition, over what is left of the operand axes."""
    for axis in array.dims:
        if axis in products.axes:
            continue
        values = array[axis].to_numpy().tolist()
        value = condition.get(str(axis))
        # An axis of one value leaves no choice.
        if value is None and len(values) == 1:
            value = values[0]
        if value not in values:
            raise InputError(f"{axis} = {value}: {array.attrs['table']} has {', '.join(map(str, values))}")
        array = array.sel({axis: value})
    return array


def _largest(lut: Lut, products: Products, variable: str, condition: Mapping[str, float | str]) -> float:
    """Return the largest value of a noise at a condition, 0 where the LUT does not have it."""
    if variable not in lut.tables.get("noise", ()):
        return 0.0
    # Over what is left of the axes: of several noises the largest is the safe one.
    return float(np.fmax.reduce(np.asarray(_at(_variable(lut, "noise", variable), products, condition)), axis=None))


def _on_grid(array: xr.DataArray, products: Products, rows: int) -> Array:
    """Return the array over all sums and pairs, NaN where nothing was measured."""
    if set(array.dims) != set(products.axes):
        have, needed = ", ".join(map(str, array.dims)), " and ".join(products.axes)
        raise InputError(f"{array.name} of the LUT is over {have}: must be {needed}")
    grid = {products.axis: np.arange(-rows, rows + 1), products.pairs: np.arange(rows // 2 + 1)}
    return np.asarray(array.reindex(grid).transpose(*grid).to_numpy(), dtype=np.float64)


def _filled(mean: Array, rows: int, hold: bool, products: Products) -> Array:
    """Return the means with gaps closed: along the sum, then along the pairs, and beyond their end if allowed."""
    # Along the sum first: its steps are nearly equal, while a pair shifts the common mode of both lines.
    filled = _between(_between(mean).T, hold=hold).T
    lost = np.argwhere(np.isnan(filled) & (activity(rows) <= rows))
    if len(lost):
        total, pairs = lost[0] - (rows, 0)
        place = f"{products.axis} = {total}, {products.pairs} = {pairs}"
        raise InputError(f"nominal.{products.output} has no value at {place}, and none on both sides of it")
    return filled


def _between(columns: Array, *, hold: bool = False) -> Array:
    """Interpolate each column along the first axis; beyond its measured ends NaN, or the end's value."""
    filled = columns.copy()
    x = np.arange(len(columns))
    # Without limits of its own np.interp holds the end's value.
    outside = {"left": np.nan, "right": np.nan}
    if hold:
        outside = {}
    for k, column in enumerate(columns.T):
        known = np.isfinite(column)
        if known.any():
            filled[:, k] = np.interp(x, x[known], column[known], **outside)
    return filled
