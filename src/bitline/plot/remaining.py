"""Panels of what no other panel draws: each variable of a table over one of its axes.

So an own circuit's tables, those of a DC sweep among them, have a figure without a line of plotting code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.plot.draw import along, numeric
from bitline.plot.operands import choices, code, mac
from bitline.plot.panel import Needs, Panel

_INTERVAL = ("_low", "_high", "_se")
"""Ends of the names of a variable's interval and of its standard error, which are drawn with it."""
_CONDITIONS = ("corner", "vdd", "temperature")
"""Axes that say where a circuit was measured, not what it did."""
_MOST_LINES = 9
"""An axis of more values makes no lines: their labels would hide each other."""


def remaining(lut: Lut, panels: Sequence[Panel]) -> list[Panel]:
    """Return a panel for each variable that none of `panels` draws and that varies.

    The x axis is an operand's, else the first one with numbers, conditions last, else the first. Counts
    (integers) are the bookkeeping of the runs and have no panel.
    """
    return [_panel(lut, table, name) for table, name in variables(lut, panels) if varies(lut.tables[table][name])]


def left_out(lut: Lut, panels: Sequence[Panel]) -> list[str]:
    """Return ``table.variable`` of what is not drawn at all: it has one value, which `bitline lookup` prints."""
    return [f"{table}.{name}" for table, name in variables(lut, panels) if not varies(lut.tables[table][name])]


def variables(lut: Lut, panels: Sequence[Panel]) -> Iterator[tuple[str, str]]:
    """Yield table and name of the variables that no panel draws, counts and intervals left out."""
    shown = {variable for panel in panels for variable in panel.shown(lut)}
    for table, dataset in lut.tables.items():
        for name in map(str, dataset.data_vars):
            # Integers count runs: they say how good the table is, and every lookup returns them.
            if (table, name) not in shown and dataset[name].dtype.kind == "f" and not _accompanies(dataset, name):
                yield table, name


def _accompanies(dataset: xr.Dataset, name: str) -> bool:
    """Return whether a variable is the interval or the standard error of another one."""
    return any(name.endswith(end) and name.removesuffix(end) in dataset for end in _INTERVAL)


def varies(values: xr.DataArray) -> bool:
    """Return whether a variable has more than one finite value."""
    # Failed points are NaN, and NaN differs from itself.
    return bool(np.unique(values.values[np.isfinite(values.values)]).size > 1)


def _panel(lut: Lut, table: str, name: str) -> Panel:
    dataset = lut.tables[table]
    axis = _axis(lut, dataset)
    # One value makes no comparison, and too many make no picture.
    few = [str(dim) for dim in dataset.dims if dim != axis and 1 < dataset.sizes[dim] <= _MOST_LINES]
    # The axis named last is most often an operand; a corner is seen in more of a figure than a supply.
    own = [line for line in reversed(few) if line not in _CONDITIONS]
    by = next(iter([*own, *(line for line in _CONDITIONS if line in few)]), None)
    return Panel(
        f"{name} ({table})",
        (Needs(table, (axis,), (name,)),),
        along,
        options={"table": table, "name": name, "axis": axis, "by": by},
    )


def _axis(lut: Lut, dataset: xr.Dataset) -> str:
    """Return the x axis of a table in which something varies."""
    # Only the first operand axis: a second one, such as cancelling pairs, is better seen as lines.
    swept = [str(axis) for axis in dataset.dims if dataset.sizes[axis] > 1]
    numbers = [axis for axis in swept if numeric(dataset, axis)]
    first = [axis for axis in (code(lut), mac(lut), *choices(lut)) if axis in numbers]
    own = [axis for axis in numbers if axis not in _CONDITIONS]
    return next(iter([*first, *own, *numbers, *swept]))
