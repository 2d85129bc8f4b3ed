"""What panels over signed sums of products share: the cut, the axis, the labels.

Each cut fixes the axes that are not drawn, the number of pairs at the fewest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bitline.lut.lut import Lut
from bitline.plot import label
from bitline.plot.draw import Array, last_points, places
from bitline.plot.operands import mac, pairs
from bitline.plot.select import Cut, cut


def cut_mac(lut: Lut, table: str, by: str | None, condition: Mapping[str, Any]) -> Cut:
    """Cut over MAC values; the number of pairs is the least where `condition` does not say it."""
    # The fewest pairs, not the middle of the grid: mixes that do not fit the rows are NaN over most of the axis.
    dataset, mixes = lut.tables.get(table, xr.Dataset()), pairs(lut)
    if mixes in dataset.dims and by != mixes:
        condition = {mixes: dataset[mixes].values.min(), **condition}
    return cut(lut, table, mac(lut), by, condition)


def by_mix(lut: Lut, table: str) -> str | None:
    """Return the axis of mixes where a table has several."""
    mixes = pairs(lut)
    if lut.tables.get(table, xr.Dataset()).sizes.get(mixes, 1) > 1:
        return mixes
    return None


def activity(lut: Lut, line: xr.Dataset, mix: float | None) -> Array:
    """Return how many products are not 0 at each MAC value of a line with that many pairs."""
    cancelled = 0.0
    if mix is not None:
        cancelled = mix
    elif pairs(lut) in line.coords:
        cancelled = line[pairs(lut)].item()
    # A pair that cancels is two products that are not 0.
    return np.abs(places(line, mac(lut))) + 2.0 * cancelled


def over_activity(axes: Axes) -> None:
    """Label an x axis with the number of products that are not 0."""
    axes.set_xlabel("Activity n₊ + n₋")
    # Bars reach below 0, where no activity is.
    last = axes.get_xlim()[1]
    axes.set_xticks([tick for tick in MaxNLocator(integer=True).tick_values(0, last) if 0 <= tick <= last])


def finish(axes: Axes, lut: Lut, view: Cut, name: str | None, title: str | None, *, table: str = "nominal") -> None:
    """Label MAC values, the title, and the lines of a variable at their ends."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.xaxis, mac(lut), "")
    label.title(axes, view.title(table, title))
    if name is not None:
        label.ends(axes, last_points(lut, view, table, name))
