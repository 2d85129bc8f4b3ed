"""What panels over the MAC values of a ternary column share: the cut, the axis, the labels.

Each cut fixes the axes that are not drawn, the number of pairs `extra` at the fewest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bitline.plot import label
from bitline.plot.panel import Array, lines, variable
from bitline.plot.select import Cut, Lut, cut

MIXES = "extra"


def cut_mac(lut: Lut, table: str, by: str | None, where: dict[str, Any]) -> Cut:
    """Cut over MAC values; the number of pairs is the least where it is not said."""
    found = lut.tables.get(table, xr.Dataset())
    if MIXES in found.dims and by != MIXES:
        where = {MIXES: found[MIXES].values.min(), **where}
    return cut(lut, table, "mac", by, where)


def by_mix(lut: Lut, table: str) -> str | None:
    """Return the axis of mixes where a table has several."""
    return MIXES if lut.tables.get(table, xr.Dataset()).sizes.get(MIXES, 1) > 1 else None


def mac_values(line: xr.Dataset) -> Array:
    """Return the MAC values of a line."""
    return np.asarray(line["mac"].values, dtype=np.float64)


def finish(axes: Axes, lut: Lut, view: Cut, name: str | None, title: str | None, *, table: str = "nominal") -> None:
    """Label MAC values, the title, and the lines of a variable at their ends."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.xaxis, "mac", "")
    label.title(axes, view.title(table, title))
    if view.by is not None and name is not None:
        label.ends(axes, list(_last(lut, view, name)))


def _last(lut: Lut, view: Cut, name: str) -> Iterator[tuple[float, str, str]]:
    for value, line, colour, _ in lines(view, "nominal"):
        y = variable(lut, line, name)
        if np.isfinite(y).any():
            yield float(y[np.isfinite(y)][-1]), view.name(str(view.by), value), colour
