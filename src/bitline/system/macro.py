"""A LUT at one condition as a timer sees it: a macro with a start edge, delays, an energy per operation, a leakage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

from bitline.errors import InputError
from bitline.lut.lookup import Index, Lookup
from bitline.lut.lut import Lut
from bitline.lut.operation import Operation, Pins
from bitline.lut.table import axes
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation

Point = dict[str, float | str]


@dataclass(frozen=True)
class Macro:
    """One macro at one condition.

    Attributes
    ----------
    pins : Pins
        Start edge, outputs, analog inputs, set-up time [s].
    condition : dict
        Where the LUT was read.
    slowest, fastest : float
        Delay from the start edge over the operands [s].
    energy, lowest, highest : float
        Energy of one operation [J]: mean (see `operands`), least and largest over the operands.
    operands : str
        Over which operands the mean is taken.
    leakage : float or None
        Leakage power while idle [W]; None where the LUT has none.
    """

    pins: Pins
    condition: Point
    slowest: float
    fastest: float
    energy: float
    lowest: float
    highest: float
    operands: str
    leakage: float | None


def macro_at(lut: Lut, condition: Condition | None = None) -> Macro:
    """Return the macro at one condition.

    Parameters
    ----------
    lut : Lut
        Whose operation has pins; leakage is from table ``hold`` where there is one.
    condition : mapping, optional
        Values of the axes of the operation's table that are no operands; all axes where it states no operands.
        What may be left out: see `bitline.system.measured_operation.measured_operation`.

    Raises
    ------
    InputError
        If the LUT has no pins, the condition is not in it (`OutsideGridError`), corner, vdd or temperature is
        neither an axis nor stated, a value is missing, or the operation failed there.
    """
    operation = lut.operation
    if operation is None or operation.pins is None:
        raise InputError(f"LUT {lut.name} ({lut.kind}): a macro needs a latency, which its tables do not have")
    table = lut.tables[operation.table]
    grids, index = axes(table), Index({operation.table: table})
    stated = _stated(lut, grids)
    # A condition that only repeats what the LUT states is no axis to look up, and no mistake either.
    asked = {axis: value for axis, value in (condition or {}).items() if axis in grids or stated.get(axis) != value}
    # Without operands each input is a condition: there is one point, and nothing to average.
    if operation.operands is None:
        at = {**index.defaults, **asked}
        (row,) = _succeeded(lut, operation, index, [at])
        return _single(operation.pins, {**stated, **at}, row[operation.energy.variable], row[operation.pins.delay])
    measured = measured_operation(lut, asked)
    at = measured.complete()
    rows = _succeeded(lut, operation, index, _points(measured, at))
    return _over_operands(measured, operation.pins, {**stated, **at}, rows)


def _single(pins: Pins, condition: Point, energy: float, delay: float) -> Macro:
    """Return the macro of an operation that has one energy and one delay."""
    return Macro(pins, condition, delay, delay, energy, energy, energy, "at that input", None)


def _over_operands(measured: MeasuredOperation, pins: Pins, condition: Point, rows: list[Lookup]) -> Macro:
    """Return the macro from the table's rows at every combination of operands."""
    delays = [row[pins.delay] for row in rows]
    energies = [row[measured.operation.energy.variable] for row in rows]
    mean, leakage = measured.mean_energy(), None
    # None, not 0: a file that says 0 W would be believed.
    if measured.characterises_leakage:
        leakage = measured.leakage()
    return Macro(
        pins,
        condition,
        # Setup is checked with the slowest operand, hold with the fastest.
        slowest=max(delays),
        fastest=min(delays),
        energy=mean,
        lowest=min(energies),
        highest=max(energies),
        operands=measured.statistics,
        leakage=leakage,
    )


def _succeeded(lut: Lut, operation: Operation, index: Index, points: list[Point]) -> list[Lookup]:
    """Return the table at each point; raises `InputError` where the operation failed: no timing is worth it then."""
    rows = [index.lookup(point) for point in points]
    for point, row in zip(points, rows, strict=True):
        _check(lut, operation, point, row)
    return rows


def _stated(lut: Lut, grids: Collection[str]) -> Point:
    """Return corner, supply and temperature where the LUT has them not as axes but in its provenance."""
    known: Point = {}
    for axis in ("corner", "vdd", "temperature"):
        if axis in grids:
            continue
        if axis not in lut.attrs.get("conditions", {}):
            raise InputError(f"LUT {lut.name}: {axis} is no axis of table nominal, nor stated: a Liberty file names it")
        known[axis] = lut.attrs["conditions"][axis]
    return known


def _points(measured: MeasuredOperation, at: Point) -> list[Point]:
    """Return every combination of operands that the circuit can have, each with the condition."""
    names = measured.operands
    combinations = product(*(measured.grids[axis].tolist() for axis in names))
    operands = [dict(zip(names, values, strict=True)) for values in combinations]
    products = measured.operation.products
    if products is not None:
        # A sum and the pairs that cancel beside it do not fit into fewer products.
        operands = [p for p in operands if abs(p[products.axis]) + 2 * p.get(products.pairs, 0) <= products.count]
    return [{**at, **operand} for operand in operands]


def _check(lut: Lut, operation: Operation, at: Point, values: Mapping[str, float]) -> None:
    success = operation.success
    if success is None or values[success.variable] == success.value:
        return
    name, place = success.variable, ", ".join(f"{axis} = {value}" for axis, value in at.items())
    raise InputError(
        f"LUT {lut.name}: {name} = {values[name]:g} at {place}: must be {success.value:g}, so it has no timing"
    )
