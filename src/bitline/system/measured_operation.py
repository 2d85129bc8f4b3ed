"""MeasuredOperation: what one operation of a circuit takes, the figures that architecture simulators ask for.

An operation is what the LUT says of itself (`bitline.lut.operation`): a MAC cycle of a column, a conversion, the
restore of a trit. Its energy depends on operands; a simulator that counts actions takes the mean over them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, UnknownNameError
from bitline.lut.lookup import Index, span
from bitline.lut.lut import Lut
from bitline.lut.operation import Operation, Products
from bitline.lut.table import axes
from bitline.statistics.distributions import binomial_pmf
from bitline.system.products import activity_statement, at_activity, sum_pmf

Array = NDArray[np.float64]
Condition = Mapping[str, float | str]
HOLD = ("hold", "p_leak")
"""The table and the variable with the leakage power of an idle circuit [W]."""


@dataclass(frozen=True, eq=False)
class MeasuredOperation:
    """The operation of a LUT's circuit, at conditions.

    Attributes
    ----------
    lut : Lut
    operation : Operation
        What the LUT says of it.
    conditions : dict
        Value of each condition axis that is named or has a natural one: the LUT's only value, or the one at
        which another of its tables was made. An axis without is not in here.
    activity : float or None
        Probability that a product is not 0; None where operands are not products.
    statistics : str
        The operands over which means are taken, in words.
    """

    lut: Lut
    operation: Operation
    conditions: dict[str, float | str]
    activity: float | None
    statistics: str

    @property
    def event(self) -> str:
        """What one operation is."""
        return self.operation.event

    @property
    def macs(self) -> int:
        """Products added up in an operation; 0 where operands are not products."""
        if self.operation.products is None:
            return 0
        return self.operation.products.count

    @property
    def operands(self) -> tuple[str, ...]:
        """The operand axes that the table has."""
        if self.operation.operands is None:
            return ()
        named = self.operation.operands.axes
        # An operand may be held fixed: then the table has no axis of it.
        return tuple(axis for axis in named if axis in self.grids)

    @cached_property
    def grids(self) -> dict[str, Any]:
        """Axes of the operation's table."""
        return axes(self.lut.tables[self.operation.table])

    @cached_property
    def _index(self) -> Index:
        return Index({"operation": self.lut.tables[self.operation.table]})

    @property
    def condition_axes(self) -> tuple[str, ...]:
        """The axes that are no operands."""
        return tuple(axis for axis in self.grids if axis not in self.operands)

    def complete(self) -> dict[str, float | str]:
        """Return the conditions if every axis has one, and raise `InputError` if not."""
        for axis in self.condition_axes:
            if axis not in self.conditions:
                raise InputError(f"LUT {self.lut.name}: condition must name {axis} ({span(self.grids[axis])})")
        return self.conditions

    @property
    def cycle(self) -> float | None:
        """Length of the cycle [s]; None where the LUT does not state it, or a measured one misses conditions."""
        # A number is part of the schedule, a name is a measured output.
        stated = self.operation.cycle
        if not isinstance(stated, str):
            return stated
        if any(axis not in self.conditions for axis in self.condition_axes):
            return None
        return self._plain_mean(self._index, stated, {})

    @property
    def characterises_leakage(self) -> bool:
        """Whether the LUT has leakage power of the idle circuit."""
        table, variable = HOLD
        return table in self.lut.tables and variable in self.lut.tables[table]

    def energy(self, **point: float | str) -> float:
        """Return the energy [J] of one operation at operands and conditions; errors as of `Lut.lookup`."""
        return float(self._index.lookup({**self.conditions, **point})[self.operation.energy.variable])

    def mean_energy(self, activity: float | None = None, **conditions: float | str) -> float:
        """Return the mean energy [J] of one operation over operands.

        Products: energy over the number of products that are not 0 (|sum| + 2 pairs, those that have the same
        number averaged), linear between measured numbers, weighted with Binomial(count, activity). Where a table
        of signed products does not tell pairs apart: energy over the sum, weighted with how often it occurs.
        Choices: the plain mean over the grid.

        Parameters
        ----------
        activity : float, optional
            Probability that a product is not 0, instead of the operation's own.
        conditions : float or str
            Values of condition axes, instead of the operation's own.

        Raises
        ------
        InputError
            If a condition is missing, not in the LUT (`OutsideGridError`), or has no value there.
        """
        products = self.operation.products
        if products is None or self.activity is None:
            return self._plain_mean(self._index, self.operation.energy.variable, conditions)
        chance = self.activity
        if activity is not None:
            chance = activity
        if products.signed and not products.pairs:
            return self._mean_over_sums(at_activity(products, chance), conditions)
        return float(binomial_pmf(self.macs, chance) @ self.energy_of_activity(**conditions))

    def energy_of_activity(self, **conditions: float | str) -> Array:
        """Return the energy [J] of an operation with 0, 1, ... `macs` products that are not 0; shape (macs + 1,).

        Raises
        ------
        InputError
            As `mean_energy`, or if the table's numbers of such products do not reach from 0 to `macs`.
        """
        energies = self._by_activity(conditions)
        known = sorted(energies)
        if known[0] > 0 or known[-1] < self.macs:
            raise InputError(f"LUT {self.lut.name}: codes reach {known[0]}..{known[-1]}: must span 0..{self.macs}")
        # A cell that is not active draws nothing, so operands of the same activity differ little: their mean.
        means = [float(np.mean(energies[active])) for active in known]
        return np.interp(np.arange(self.macs + 1), known, means)

    def _mean_over_sums(self, products: Products, conditions: Condition) -> float:
        measured = self.grids[products.axis].tolist()
        energies = [self.energy(**conditions, **{products.axis: total}) for total in measured]
        # Tables hold some sums only; between them energy is taken as linear, as it is over the activity.
        sums = np.arange(-products.count, products.count + 1)
        return float(sum_pmf(products, products.count) @ np.interp(sums, measured, energies))

    def _by_activity(self, conditions: Condition) -> dict[float, list[float]]:
        """Gather the energies [J] of operands that have the same number of active products."""
        energies: dict[float, list[float]] = {}
        for values in product(*(self.grids[axis].tolist() for axis in self.operands)):
            # A pair is a +1 and a -1: two products that are not 0, and nothing in the sum.
            active = abs(values[0]) + 2 * sum(values[1:])
            # The grid is a product of axes: sums with more pairs than the rows hold are on it, but do not exist.
            if active <= self.macs:
                point = dict(zip(self.operands, values, strict=True))
                energies.setdefault(active, []).append(self.energy(**conditions, **point))
        return energies

    def latency(self, **conditions: float | str) -> float:
        """Return the time [s] until the result is there, mean over operands; 0 where it is not known."""
        # A circuit that states no latency has its result when the cycle ends.
        if not self.operation.latency:
            return self.cycle or 0.0
        return self._plain_mean(self._index, self.operation.latency, conditions)

    def leakage(self, **conditions: float | str) -> float:
        """Return the leakage power [W], mean over operands; 0 where the LUT does not have it."""
        if not self.characterises_leakage:
            return 0.0
        table, variable = HOLD
        return self._plain_mean(Index({table: self.lut.tables[table]}), variable, conditions)

    def _plain_mean(self, index: Index, variable: str, conditions: Condition) -> float:
        at = {axis: value for axis, value in {**self.conditions, **conditions}.items() if axis in index.grids}
        operands = [axis for axis in self.operands if axis in index.grids]
        points = product(*(self.grids[axis].tolist() for axis in operands))
        # Every operand counts the same: an operation that states choices states no frequencies.
        values = [index.lookup({**at, **dict(zip(operands, point, strict=True))})[variable] for point in points]
        return float(np.mean(values))


def measured_operation(
    lut: Lut, condition: Condition | None = None, activity: float | None = None
) -> MeasuredOperation:
    """Return the operation of a LUT's circuit.

    Parameters
    ----------
    lut : Lut
        With an operation, the table that it names, and operands.
    condition : mapping, optional
        Values of condition axes.
    activity : float, optional
        Probability that a product is not 0. By default what the LUT states of its operands.

    Raises
    ------
    InputError
        If the LUT has no operation or states no operands, or a value is wrong.
    """
    operation = lut.operation
    if operation is None:
        raise InputError(f"LUT {lut.name}: its tables describe no operation: no energy of a use of the circuit")
    if operation.operands is None:
        raise InputError(f"LUT {lut.name}: its operation states no operands: no mean energy can be taken")
    grids = axes(lut.tables[operation.table])
    operands = operation.operands.axes
    if operands and operands[0] not in grids:
        raise InputError(f"LUT {lut.name}: table {operation.table} must have the operands' axis {operands[0]!r}")
    conditions = _conditions(lut, operands, grids, condition or {})
    products = operation.products
    if products is None:
        if activity is not None:
            raise InputError(
                f"activity = {activity}: {operation.event} has no products; its mean is over {', '.join(operands)}"
            )
        every = f"the table's own operands ({operation.operands.source})"
        if operands:
            every = f"every {operands[0]} of the grid equally often ({operation.operands.source})"
        return MeasuredOperation(lut, operation, conditions, None, every)
    _check_span(lut, products, grids)
    chance, statistics = _statistics(products, activity)
    return MeasuredOperation(lut, operation, conditions, chance, statistics)


def _check_span(lut: Lut, products: Products, grids: Mapping[str, Any]) -> None:
    """Refuse a table whose sums end before, or go beyond, what the operation says that it adds up."""
    least, largest = int(grids[products.axis][0]), int(grids[products.axis][-1])
    if largest != products.count:
        raise InputError(
            f"LUT {lut.name}: {products.axis} reaches {largest}: must reach {products.count}, the products of an "
            "operation"
        )
    if products.signed and not products.pairs and least != -products.count:
        raise InputError(f"LUT {lut.name}: {products.axis} begins at {least}: must begin at {-products.count}")


def _conditions(
    lut: Lut, operands: Collection[str], grids: Mapping[str, Any], asked: Condition
) -> dict[str, float | str]:
    allowed = [axis for axis in grids if axis not in operands]
    for axis in asked:
        if axis in operands:
            raise InputError(f"condition names {axis}: energies are means over it")
        if axis not in allowed:
            raise UnknownNameError("axis", axis, allowed)
    conditions: dict[str, float | str] = {}
    for axis in allowed:
        inside = set(grids[axis].tolist())
        others = [axes(table).get(axis, grids[axis]).tolist() for table in lut.tables.values()]
        # Monte Carlo runs at one condition of the grid, which is then the one that consumers mean.
        single = {values[0] for values in others if len(values) == 1} & inside
        if axis in asked:
            conditions[axis] = asked[axis]
        elif len(single) == 1:
            conditions[axis] = single.pop()
    return conditions


def _statistics(products: Products, activity: float | None) -> tuple[float, str]:
    if activity is None:
        return products.activity, activity_statement(products)
    if not 0 <= activity <= 1:
        raise InputError(f"activity = {activity}: must be within 0..1")
    return activity, f"active products ~ Binomial({products.count}, {activity!r}), as asked for"
