"""Panels of a restore: margins, energy and latency of each level, without mismatch.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, and
returns the Axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import abscissa, along, energies, last, lines, places, reference, stack, supplies, variable
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import cut
from bitline.system.power_gating import RESTORE_28NM


@checked
def margins(axes: Axes, lut: Lut, axis: str, *, by: str = "level", title: str | None = None, **condition: Any) -> Axes:
    """Draw the smaller of both latches' margins along an axis; what lies below 0 restored wrong.

    Parameters, returns and errors are those of `bitline.plot.yields.failures`, of table ``nominal``.
    """
    view = cut(lut, "nominal", axis, by, condition)
    ends = []
    for value, line, colour, marker in lines(view, "nominal"):
        # A trit is right only if both latches are.
        smaller = np.minimum(variable(lut, line, "margin_1"), variable(lut, line, "margin_2"))
        axes.plot(places(line, axis), smaller, color=colour, marker=marker, gid=f"line {value}")
        if np.isfinite(smaller).any():
            ends.append((last(smaller), view.name(by, value), colour))
    # Margins are distances from 0: the axis begins there, or below where something restored wrong.
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    if axes.get_ylim()[0] < 0:
        axes.axhline(0, color=style.GREY, linewidth=0.6, zorder=0)
    abscissa(axes, lut, lut.tables["nominal"], axis)
    label.quantity(axes.yaxis, "smaller margin", "V")
    label.title(axes, view.title("nominal", title))
    label.ends(axes, ends)
    return axes


def margins_over_leakage(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the smaller margin of each level over the leakage of a selector, in the largest cluster.

    Parameters, returns and errors are those of `margins`.
    """
    most = lut.tables["nominal"]["n_per_cluster"].values.max()
    return margins(axes, lut, "i_off", title=title, **{"n_per_cluster": most, **condition})


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the energy of a restore of each level, stacked by supply, and the 28 nm macro's for comparison.

    Parameters, returns and errors are those of `bitline.plot.yields.failures`, of table ``nominal``.
    """
    view = cut(lut, "nominal", "level", None, condition)
    ((_, line),) = view.lines("nominal")
    # Discharge is a phase of the restore, not a supply: what was spent in it is in the others.
    colours = supplies(line, sums=("total", "discharge"))
    stack(axes, places(line, "level"), 0.6, energies(lut, line, colours), colours)
    abscissa(axes, lut, line, "level")
    reference(axes, RESTORE_28NM, "28 nm macro (transcribed)")
    label.quantity(axes.yaxis, "energy per restore", "J")
    label.title(axes, view.title("nominal", title))
    return axes


_MARGINS = Needs("nominal", ("level",), ("margin_1", "margin_2"))
PANELS = (
    Panel("Margins over {axis}", (_MARGINS,), margins, x=Over(("n_per_cluster",))),
    Panel("Margins over {axis}", (_MARGINS,), margins, x=Over(("corner", "vdd", "temperature"))),
    Panel(
        "Margins over leakage",
        (_MARGINS, Needs("nominal", ("i_off", "n_per_cluster"), swept=True)),
        margins_over_leakage,
    ),
    Panel("Energy", (Needs("nominal", ("level",), ("energy_*",)),), energy),
    Panel(
        "Latency",
        (Needs("nominal", ("level",), ("latency",)),),
        along,
        x=Over(("n_per_cluster",)),
        options={"table": "nominal", "name": "latency", "by": "level"},
    ),
)
