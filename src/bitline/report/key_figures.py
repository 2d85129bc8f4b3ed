"""Key figures: the few numbers of a LUT that a reader wants first, chosen by what the LUT says of itself.

Of the operation's table these are what the operation names: the energy of one operation, its latency and cycle, its
output. Of any other table they are the variables with an interval beside them first (``_low`` and ``_high``, or
``_se``), then those that have one value at the nominal condition. A variable with several values there has two
figures, the smallest and the largest, each with its place. All are read on the grid, but for the mean energy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Operation, Products
from bitline.report.nominal import at_nominal, nominal, place
from bitline.system.measured_operation import measured_operation

_INTERVAL = ("_low", "_high", "_se")
_NORMAL_95 = 1.96
"""Standard errors of a normal estimate to either end of its 95 % interval."""
_MOST, _MOST_PLAIN = 4, 2
"""Figures of a table that has intervals, or one value of each variable, and of any other."""


@dataclass(frozen=True)
class KeyFigure:
    """One key figure.

    Parameters
    ----------
    name : str
        ``table.variable``.
    doc : str
        What it is, in the words of the LUT.
    value : float
        In `unit`, SI without prefix.
    unit : str
        As the LUT has it.
    low, high : float or None
        Ends of its 95 % interval; None where the LUT states none. From a standard error they are the value less and
        plus 1.96 of it.
    where : str
        Condition, operands, and whether it is the smallest or the largest of several.
    """

    name: str
    doc: str
    value: float
    unit: str
    low: float | None
    high: float | None
    where: str


def key_figures(lut: Lut) -> tuple[KeyFigure, ...]:
    """Return the key figures of a LUT at the nominal condition; those of its operation come first."""
    # A condition that no axis has, such as a corner that the whole sweep was made at, holds for each of them.
    fixed = lut.attrs.get("conditions")
    held = place(xr.Dataset(), fixed) if isinstance(fixed, Mapping) else ""
    return tuple(replace(figure, where=_joined(", ", held, figure.where)) for figure in _all(lut))


def _all(lut: Lut) -> Iterator[KeyFigure]:
    condition = nominal(lut)
    tables = {name: at_nominal(table, condition) for name, table in lut.tables.items()}
    if lut.operation is not None:
        yield from _of_operation(lut, lut.operation, tables[lut.operation.table])
    for name, table in tables.items():
        if lut.operation is None or name != lut.operation.table:
            yield from _of_table(name, table)


def _of_operation(lut: Lut, operation: Operation, table: xr.Dataset) -> Iterator[KeyFigure]:
    """Yield the mean energy where it can be taken, then what else the operation names, as it is on the grid."""
    mean = _mean_energy(lut, operation, table)
    if mean is not None:
        yield mean
    if isinstance(operation.cycle, float | int):
        yield KeyFigure("cycle", "length of the cycle, by its schedule", float(operation.cycle), "s", None, None, "")
    names = [name for name in operation.variables if mean is None or name != operation.energy.variable]
    if isinstance(operation.operands, Products) and operation.operands.output in table:
        names.append(operation.operands.output)
    for name in dict.fromkeys(names):
        yield from figures_of(operation.table, table, name)


def _mean_energy(lut: Lut, operation: Operation, table: xr.Dataset) -> KeyFigure | None:
    """Return the mean energy of one operation over its operands; None where the LUT does not tell the operands."""
    try:
        single = {str(axis): table[axis].values.tolist()[0] for axis in table.dims if table.sizes[axis] == 1}
        operands = operation.operands.axes if operation.operands else ()
        measured = measured_operation(lut, {axis: value for axis, value in single.items() if axis not in operands})
        condition, energy = measured.complete(), measured.mean_energy()
    except InputError:
        return None
    name, unit = operation.energy.variable, str(table[operation.energy.variable].attrs["unit"])
    where = _joined("; ", place(table, condition), f"mean over operands: {measured.statistics}")
    return KeyFigure(f"{operation.table}.{name}", operation.energy.event, energy, unit, None, None, where)


def _of_table(name: str, table: xr.Dataset) -> Iterator[KeyFigure]:
    """Yield the first figures of a table: variables with intervals come before others."""
    names = [str(variable) for variable in table.data_vars if _is_result(table, str(variable))]
    bounded = [variable for variable in names if _bounds(table, variable)]
    single = all(size == 1 for size in table.sizes.values())
    most = _MOST if bounded or single else _MOST_PLAIN
    figures = [figure for variable in bounded for figure in figures_of(name, table, variable)]
    if single or not bounded:
        others = [variable for variable in names if variable not in bounded]
        figures += [figure for variable in others for figure in figures_of(name, table, variable)]
    yield from figures[:most]


def _is_result(table: xr.Dataset, name: str) -> bool:
    """Return whether a variable is a result of its own: no count of the runs, and no end of an interval."""
    return table[name].dtype.kind == "f" and not name.endswith(_INTERVAL)


def _bounds(table: xr.Dataset, name: str) -> bool:
    return {f"{name}_low", f"{name}_high"} <= set(table) or f"{name}_se" in table


def figures_of(table_name: str, table: xr.Dataset, name: str) -> Iterator[KeyFigure]:
    """Yield a variable's one value, or its smallest and its largest; none where no point gave a result."""
    flat = table[name].values.ravel()
    known = np.flatnonzero(np.isfinite(flat))
    if not known.size:
        return
    least, most = int(known[np.argmin(flat[known])]), int(known[np.argmax(flat[known])])
    if flat[least] == flat[most]:
        yield _figure(table_name, table, name, least, "" if known.size == 1 else f"the same at all {known.size} points")
        return
    for index, word in ((least, "smallest"), (most, "largest")):
        yield _figure(table_name, table, name, index, f"{word} of {known.size}")


def _figure(table_name: str, table: xr.Dataset, name: str, index: int, note: str) -> KeyFigure:
    """Return the figure of one cell of a variable, by its index in the flattened array."""
    array = table[name]
    position = dict(zip(map(str, array.dims), map(int, np.unravel_index(index, array.shape)), strict=True))
    cell = table.isel(position)
    where = place(table, {axis: cell[axis].item() for axis in position})
    value = float(cell[name].item())
    low, high = _interval(cell, name, value)
    return KeyFigure(
        f"{table_name}.{name}",
        str(array.attrs["doc"]),
        value,
        str(array.attrs["unit"]),
        low,
        high,
        _joined("; ", where, note),
    )


def _interval(cell: xr.Dataset, name: str, value: float) -> tuple[float | None, float | None]:
    """Return the ends of the 95 % interval of a cell's value; None where it states none."""
    if f"{name}_low" in cell and f"{name}_high" in cell:
        return _known(cell[f"{name}_low"].item()), _known(cell[f"{name}_high"].item())
    # No spread in the samples makes a standard error of 0, which bounds nothing: 200 right of 200 is no certainty.
    if f"{name}_se" in cell and cell[f"{name}_se"].item() > 0:
        error = _NORMAL_95 * float(cell[f"{name}_se"].item())
        return _known(value - error), _known(value + error)
    return None, None


def _joined(separator: str, *texts: str) -> str:
    return separator.join(text for text in texts if text)


def _known(bound: float) -> float | None:
    """Return the end of an interval, None where it has no value."""
    if not np.isfinite(bound):
        return None
    return float(bound)
