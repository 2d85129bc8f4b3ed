"""Panels of an error budget: the squares of the sources' errors, stacked, beside that of the whole."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import abscissa, numeric, places, spacing, stack
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import cut

_SUMS = ("interaction", "total")
"""Lines of the table that are no source."""


@checked
def budget(
    axes: Axes,
    lut: Lut,
    axis: str = "corner",
    *,
    name: Literal["error", "calibrated"] = "error",
    title: str | None = None,
    **condition: Any,
) -> Axes:
    """Draw the mean square error along an axis, stacked by source; a dash marks the whole.

    Squares of independent sources add up: between the stack and the dash is their interaction.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    lut : Lut
        With table ``error_budget``.
    axis : str
        What the x axis is, such as ``"corner"``.
    name : {"error", "calibrated"}
        With or without the line's offset and gain.
    title : str, optional
        What the title says before the condition; the circuit by default.
    **condition
        Where other axes are cut.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the LUT has no table ``error_budget``; `UnknownNameError`, `OutsideGridError` for a wrong axis or condition.
    """
    view = cut(lut, "error_budget", axis, None, {"source": "total", **condition})
    whole = lut.tables["error_budget"]
    at = {dim: value for dim, value in view.fixed.items() if dim in whole.dims and dim != "source"}
    table = whole.sel(at)
    squares = {
        str(source): table[name].sel(source=source).values ** 2
        for source in table["source"].values
        if source not in _SUMS
    }
    x = places(table, axis)
    width = 0.6 * spacing(x) if numeric(table, axis) and len(x) > 1 else 0.6
    stack(axes, x, width, squares, style.cycle(squares))
    total = table[name].sel(source="total").values ** 2
    axes.hlines(total, x - 0.6 * width, x + 0.6 * width, color=style.BLACK, linewidth=1.0, label="total")
    axes.set_ylim(0, 1.08 * float(np.nanmax([total, np.sum(list(squares.values()), axis=0)])) or 1.0)
    abscissa(axes, lut, table, axis)
    # Mean squares, as an area is seen: the square root of a stack would not add up.
    axes.set_ylabel("Mean square error (LSB²)")
    fixed = ", ".join(view.name(dim, value) for dim, value in at.items())
    label.title(axes, ": ".join(part for part in (title or lut.kind, fixed) if part))
    return axes


_BUDGET = ("error_budget", ("source",))
PANELS = tuple(
    Panel(
        heading,
        (Needs(*_BUDGET, (name, f"{name}_low", f"{name}_high")),),
        budget,
        x=Over(("corner",), single=True),
        options={"name": name},
    )
    for heading, name in (("Error budget", "error"), ("Error budget, offset and gain out", "calibrated"))
)
