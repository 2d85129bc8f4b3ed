"""MeasuredColumn: what a column's table says of its output, at one condition.

Consumers take the output in MAC LSB per code: the mean transfer, the sigma of static mismatch, the sigma of temporal
noise. Some know the sum but not the products that made it up. In a signed column the spread depends on both, for
|sum| + 2 pairs cells are active; such a consumer gets the average over the pairs, for the operands that the table's
operation states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lookup import Index, Lookup
from bitline.lut.lut import Lut
from bitline.lut.operation import Products
from bitline.lut.table import axes
from bitline.statistics.linearity import Line, parabola, straight_line
from bitline.system.column_model import activity, model_of
from bitline.system.measured_operation import measured_operation
from bitline.system.products import pair_shares, products_of, statement, sum_pmf

Array = NDArray[np.float64]
Condition = Mapping[str, float | str]
_MADE_BY = {
    "mismatch": "its sweep needs samples, [mismatch] samples = 20, say",
    "noise": "its sweep needs the bench that makes it, benches = [..., 'noise']",
}
AVERAGED = "averaged"
"""In a condition: the average over the pairs that cancel, for the operands that the operation states."""


@dataclass(frozen=True, eq=False)
class MeasuredColumn:
    """A column at one condition, its output in MAC LSB through a straight line of the mean transfer.

    Attributes
    ----------
    lut : Lut
    products : Products
        What it adds up.
    codes : array of int, shape (n,)
        Ascending sums: 0..count, or -count..count where the column is signed.
    mean, static, temporal : arrays, shape (n,)
        Mean over chips, sigma of static mismatch, sigma of temporal noise [MAC LSB].
    per_cell : float
        What each active cell adds to `temporal`, as an independent sigma [MAC LSB].
    lsb, offset : float
        The line: slope [V per code], with its sign, and value at code 0 [V].
    condition : dict
        Value of every axis but the sum's; `AVERAGED` for pairs that were averaged over.
    """

    lut: Lut
    products: Products
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

    @property
    def total(self) -> Array:
        """Static and temporal sigma together, per code [MAC LSB]: they are independent."""
        # Consumers with one noise take this; those that know chips from time must not draw it as one.
        return np.hypot(self.static, self.temporal)

    @cached_property
    def pmf(self) -> Array:
        """How often each code occurs; shape (n,)."""
        return sum_pmf(self.products, self.rows)

    @property
    def operands(self) -> str:
        """Of which operands `pmf` holds, in words."""
        return statement(self.products)

    def rms(self, sigma: Array) -> float:
        """Return the root mean square of a sigma per code, over the operands."""
        return float(np.sqrt(self.pmf @ sigma**2))

    @cached_property
    def energy(self) -> Array:
        """Energy of one operation per code [J]; shape (n,).

        Raises
        ------
        InputError
            If the operation's table does not hold the condition (`OutsideGridError`), or not every activity.
        """
        pairs, operation = self.products.pairs, measured_operation(self.lut)
        at = {axis: value for axis, value in self.condition.items() if axis in operation.grids and axis != pairs}
        if self.condition.get(pairs) == AVERAGED:
            by_activity = operation.energy_of_activity(**at)
            # What is clipped never occurs.
            active = np.minimum(activity(self.rows), self.products.count)
            return np.asarray((pair_shares(self.products, self.rows) * by_activity[active]).sum(axis=1))
        if pairs in operation.grids:
            # Without pairs where the condition names none, as for the mean.
            at[pairs] = self.condition.get(pairs, 0)
        return np.array([operation.energy(**at, **{self.products.axis: code}) for code in self.codes.tolist()])

    @property
    def mean_energy(self) -> float:
        """Energy of one operation [J], mean over the operands."""
        return float(self.pmf @ self.energy)


def measured_column(lut: Lut, condition: Condition | None = None, line: Line = "end-point") -> MeasuredColumn:
    """Return the column at one condition.

    Parameters
    ----------
    lut : Lut
        With tables ``mismatch`` (v_mean, v_sigma over the sum) and ``noise`` (v_thermal; v_discharge of each active
        cell where it has it), and an operation whose operands are products. Where chips were sampled at three sums
        or more, first and last among them, and table ``nominal`` has v_line at every one, the sums between take the
        nominal line, moved as its neighbours are, and a variance on the parabola through the sampled ones.
    condition : mapping, optional
        Corner, vdd, temperature; axes on which ``mismatch`` has one value may be left out. Where it names the axis
        of pairs, the column is that with so many pairs; else it is averaged over them.
    line : {"end-point", "best-fit"}
        The straight line that turns volts into MAC LSB. The end-point line maps the first and last code
        onto themselves, as an ADC calibrated to the column's range does.

    Raises
    ------
    InputError
        If the LUT is not of a column, codes have gaps, the condition is not in it (`OutsideGridError`),
        or a value is missing there.
    """
    products = products_of(lut)
    column = _at_pairs(lut, products, condition or {}, line)
    if products.pairs in column.condition and products.pairs not in (condition or {}):
        return _averaged(column)
    return column


def _at_pairs(lut: Lut, products: Products, condition: Condition, line: Line) -> MeasuredColumn:
    """Return the column with a number of pairs, 0 where the condition does not name it."""
    mismatch, noise = _index(lut, "mismatch"), _index(lut, "noise")
    grids = axes(lut.tables["mismatch"])
    if products.axis in condition:
        raise InputError(f"condition names {products.axis}: every code is written")
    if products.axis not in grids:
        raise InputError(f"LUT {lut.name}: table mismatch has no axis {products.axis!r}: not a column")
    sampled, codes = grids[products.axis], _every_sum(lut, products, grids[products.axis])
    # Without pairs the first and the last code are reached by all rows: the line is laid through these.
    fewest: dict[str, float | str] = {}
    if products.pairs in grids:
        fewest = {products.pairs: 0}
    single = {name: value for name, value in mismatch.defaults.items() if name != products.axis}
    at = {**fewest, **single, **condition}
    points = _every_code(mismatch, products.axis, sampled, at)
    mean, sigma = (np.array([point[name] for point in points]) for name in ("v_mean", "v_sigma"))
    if sampled.size < codes.size:
        mean, sigma = _between_sampled(lut, products, sampled, codes, at, mean, sigma)
    slope, start = straight_line(mean, line, codes)
    lsb, offset = float(slope), float(start)
    # A dead column would divide by zero and export infinities.
    if lsb == 0:
        raise InputError(f"LUT {lut.name}: the line does not move with the code at {at}: no LSB")
    # Noise has axes of its own: it is measured at conditions, not at codes.
    there = noise.lookup({name: at[name] for name in noise.grids if name in at})
    discharge = there.get("v_discharge", 0.0)
    # Each active cell adds its own noise to what the line was precharged with.
    temporal = np.sqrt(there["v_thermal"] ** 2 + _active(products, codes, at) * discharge**2)
    return MeasuredColumn(
        lut,
        products,
        codes,
        # + 0.0 writes code 0 of a falling line as 0.0, not as -0.0.
        mean=(mean - offset) / lsb + 0.0,
        static=sigma / abs(lsb),
        temporal=temporal / abs(lsb),
        per_cell=discharge / abs(lsb),
        lsb=lsb,
        offset=offset,
        condition=at,
    )


def _averaged(column: MeasuredColumn) -> MeasuredColumn:
    """Return the column averaged over the pairs that its operands make beside each sum."""
    products, rows = column.products, column.rows
    at = {axis: value for axis, value in column.condition.items() if axis != products.pairs}
    # Few numbers of pairs are sampled. Sums with many of them are rare, so the last measured mean may stand for them.
    sampled = column.lut.tables["mismatch"]
    cells = model_of(column.lut, products, sampled["v_mean"], at, hold=True, temporal=False)
    # How often each number of pairs occurs beside a sum: most sums of random operands have some.
    share = pair_shares(products, rows)
    used = share > 0
    each = np.where(used, (cells.mean - column.offset) / column.lsb, 0.0)
    mean = (share * each).sum(axis=1)
    # A mean that moves with the operands is an error that comes back with the same operands: static.
    spread = np.where(used, cells.sigma / column.lsb, 0.0) ** 2 + (each - mean[:, None]) ** 2
    temporal = column.temporal**2 + column.per_cell**2 * _cancelling(products, column.codes)
    return replace(
        column,
        mean=mean,
        static=np.sqrt((share * spread).sum(axis=1)),
        temporal=np.sqrt(temporal),
        condition={**at, products.pairs: AVERAGED},
    )


def _active(products: Products, codes: NDArray[np.int64], at: Condition) -> Array:
    """Return how many cells are active at each code, with the pairs of the condition; shape (n,)."""
    # A table that does not tell pairs apart was measured with those that operands make.
    if products.signed and not products.pairs:
        return np.asarray(np.abs(codes) + _cancelling(products, codes))
    return np.asarray(np.abs(codes) + 2 * float(at.get(products.pairs, 0)))


def _cancelling(products: Products, codes: NDArray[np.int64]) -> Array:
    """Return how many products beside each sum cancel one another, mean over the operands; shape (n,)."""
    rows = int(codes[-1])
    cancelling = activity(rows) - np.abs(codes)[:, None]
    return np.asarray((pair_shares(products, rows) * cancelling).sum(axis=1))


def _index(lut: Lut, table: str) -> Index:
    if table not in lut.tables:
        raise InputError(
            f"LUT {lut.name} has no table {table!r}, which a column's output is made from: {_MADE_BY[table]}"
        )
    return Index({table: lut.tables[table]})


def _every_sum(lut: Lut, products: Products, grid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all sums that the products can have, if the LUT has the line at each of them."""
    least = 0
    if products.signed:
        least = -products.count
    every = np.arange(least, products.count + 1)
    if grid.tolist() == every.tolist():
        return grid
    nominal = lut.tables.get("nominal")
    known = nominal is not None and "v_line" in nominal and nominal[products.axis].values.tolist() == every.tolist()
    if not (known and grid.size >= 3 and grid[0] == least and grid[-1] == products.count):
        raise InputError(
            f"LUT {lut.name}: codes are {grid[0]}..{grid[-1]} in {len(grid)} points; must be all of 0..n or -n..n, "
            f"for n = {products.count} products, or three or more of these with nominal.v_line at each"
        )
    return every


def _between_sampled(
    lut: Lut, products: Products, sampled: NDArray[np.int64], codes: NDArray[np.int64], at: Condition, *chips: Array
) -> tuple[Array, Array]:
    """Return mean and sigma [V] of chips at every sum, from `chips`: mean and sigma at the sampled ones."""
    mean, sigma = chips
    nominal = Index({"nominal": lut.tables["nominal"]})
    there = {name: value for name, value in at.items() if name in nominal.grids}
    line = np.array([point["v_line"] for point in _every_code(nominal, products.axis, codes, there)])
    between = parabola(sampled, codes)
    shift = mean - line[np.searchsorted(codes, sampled)]
    # The parabola of a variance that is 0 at an end may dip below 0 beside it.
    return line + shift @ between, np.sqrt(np.maximum(sigma**2 @ between, 0.0))


def _every_code(index: Index, axis: str, codes: NDArray[np.int64], at: Condition) -> list[Lookup]:
    # Looked up, not selected: between conditions the table is interpolated, and beyond them it refuses.
    return [index.lookup({**at, axis: code}) for code in codes.tolist()]
