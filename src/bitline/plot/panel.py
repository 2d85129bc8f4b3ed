"""Panel: one picture of a LUT, which says itself what tables, axes and variables it draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot.operands import Name, resolved
from bitline.plot.select import swept

_SPOKEN = {"n_per_cluster": "n", "i_off": "leakage"}
"""Axes that a title calls otherwise."""


def measured(table: xr.Dataset) -> bool:
    """Return whether a table has any result; a count is none, for failed points are counted, too."""
    return any(array.dtype.kind == "f" and bool(np.isfinite(array).any()) for array in table.data_vars.values())


@dataclass(frozen=True)
class Needs:
    """A part of a LUT that a panel draws.

    Parameters
    ----------
    table : str
        Name of the table.
    axes : tuple of str or callable
        Axes that the table must have; a function of `bitline.plot.operands` stands for an operand's axis.
    variables : tuple of str or callable
        Variables that it must have; ``"energy_*"`` stands for one or more.
    swept : bool
        Whether each of these axes must have more than one value.
    """

    table: str
    axes: tuple[Name, ...] = ()
    variables: tuple[Name, ...] = ()
    swept: bool = False

    def dataset(self, lut: Lut) -> xr.Dataset:
        """Return the table, an empty one where the LUT has none."""
        return lut.tables.get(self.table, xr.Dataset())

    def names(self, lut: Lut) -> set[str]:
        """Return the variables of the LUT that these are."""
        return {name for pattern in self.variables for name in self._like(lut, pattern)}

    def _like(self, lut: Lut, pattern: Name) -> list[str]:
        return [str(name) for name in self.dataset(lut).data_vars if fnmatch(str(name), resolved(lut, pattern))]

    def met(self, lut: Lut) -> bool:
        """Return whether a LUT has this part."""
        if self.table not in lut.tables or not all(self._like(lut, pattern) for pattern in self.variables):
            return False
        # Axes without a line on them would pass for data.
        part = self.dataset(lut)[sorted(self.names(lut))]
        if any(array.dtype.kind == "f" for array in part.data_vars.values()) and not measured(part):
            return False
        # A curve needs two points; a bar or a table is worth drawing with one.
        fewest = 1 + self.swept
        sizes = self.dataset(lut).sizes
        return all(sizes.get(resolved(lut, axis), 0) >= fewest for axis in self.axes)


@dataclass(frozen=True)
class Over:
    """A choice among the axes of a table that have several values.

    Parameters
    ----------
    prefer : tuple of str or callable
        The axes that are wanted, the first one first.
    only : bool
        Whether no other axis will do.
    single : bool
        Whether the first axis will do where none has several values.
    """

    prefer: tuple[Name, ...] = ()
    only: bool = False
    single: bool = False

    def choose(self, lut: Lut, dataset: xr.Dataset, taken: set[str]) -> str | None:
        """Return the axis, none of those `taken`; None where the table has none."""
        prefer = [resolved(lut, axis) for axis in self.prefer]
        axes = [str(axis) for axis in dataset.dims if axis not in taken]
        axis = swept(dataset, prefer, tuple(taken))
        # Text axes are welcome too: corners and levels are spaced evenly.
        if self.only and axis not in prefer:
            axis = None
        if axis is None and self.single:
            return next(iter(axes), None)
        return axis


@dataclass(frozen=True)
class Panel:
    """One picture of a LUT.

    Parameters
    ----------
    title : str
        What its title begins with; ``{axis}`` stands for the x axis that is chosen.
    needs : tuple of Needs
        What the LUT must have; `x` and `by` are axes of the first one's table, other than those named there.
    draw : callable
        Draws it: ``draw(axes, lut, title=title, **choices)``.
    beside : tuple of Needs
        What is drawn too where the LUT has it.
    x : Over, optional
        Which axis it is drawn over (passed as `axis`); without such an axis it is not drawn.
    by : Over, optional
        Which axis has a line per value (passed as `by`, None where there is none).
    matrix : bool
        Whether `by` is a second axis of a matrix, without which it is not drawn.
    fixed : mapping
        Coordinates at which it is drawn, where the table has that axis; they must be on its grid.
    least : tuple of str or callable
        Axes that are held at their smallest value.
    options : mapping
        Further arguments of `draw`.
    """

    title: str
    needs: tuple[Needs, ...]
    draw: Callable[..., Axes]
    beside: tuple[Needs, ...] = ()
    x: Over | None = None
    by: Over | None = None
    matrix: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)
    least: tuple[Name, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def choices(self, lut: Lut) -> dict[str, Any] | None:
        """Return the arguments with which a LUT is drawn; None where it lacks what the panel needs."""
        if not all(part.met(lut) for part in self.needs):
            return None
        dataset = self.needs[0].dataset(lut)
        # A table without such an axis has nothing to choose there: it is drawn as it is.
        fixed = {axis: value for axis, value in self.fixed.items() if axis in dataset.dims}
        # Half a picture under a full title would mislead: without its coordinate a panel is left out.
        if any(value not in dataset[axis].values for axis, value in fixed.items()):
            return None
        least = {axis: dataset[axis].values.min() for axis in (resolved(lut, a) for a in self.least) if axis in dataset}
        over = self._over(lut, dataset, {*fixed, *least})
        if over is None:
            return None
        return {**self.options, **fixed, **least, **over}

    def _over(self, lut: Lut, dataset: xr.Dataset, fixed: set[str]) -> dict[str, Any] | None:
        """Return the arguments `axis` and `by`, as far as the panel has them; None where an axis is missing."""
        chosen: dict[str, Any] = {}
        # Axes that the drawing uses by name cannot be chosen again.
        taken = {resolved(lut, axis) for axis in self.needs[0].axes} | fixed
        # The x axis chooses first: lines make do with what it leaves.
        if self.x is not None:
            axis = chosen["axis"] = self.x.choose(lut, dataset, taken)
            if axis is None:
                return None
            taken.add(axis)
        if self.by is not None:
            chosen["by"] = self.by.choose(lut, dataset, taken)
            if self.matrix and chosen["by"] is None:
                return None
        return chosen

    def heading(self, choices: Mapping[str, Any]) -> str:
        """Return the title, its axis written out."""
        axis = str(choices.get("axis", ""))
        return self.title.format(axis=_SPOKEN.get(axis, axis))

    def drawn(self, lut: Lut, choices: Mapping[str, Any]) -> set[str]:
        """Return the axes that the panel draws and cannot be drawn without."""
        own = {resolved(lut, axis) for axis in self.needs[0].axes} - set(choices)
        return own | {str(choices[key]) for key in ("axis", "by") if key in choices and (key == "axis" or self.matrix)}

    def tables(self, choices: Mapping[str, Any]) -> list[str]:
        """Return the tables that must hold a condition for the panel to be drawn there."""
        return [str(choices["table"])] if "table" in choices else [part.table for part in self.needs]

    def shown(self, lut: Lut) -> set[tuple[str, str]]:
        """Return (table, variable) of everything that it draws of a LUT."""
        return {(part.table, name) for part in (*self.needs, *self.beside) for name in part.names(lut)}
