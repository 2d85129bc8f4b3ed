"""Panels of how well a ternary column's levels are told apart: sensing margin and level histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bitline.plot import label, style
from bitline.plot.mac import cut_mac, finish, mac_values
from bitline.plot.panel import lines, variable
from bitline.plot.select import Lut


def margin(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw the sensing margin at 3 sigma between each MAC value and the next; below 0 they overlap.

    Solid without pairs, dashed whatever the mixes (``margin_any``). Beside a line stands for how many rows
    all margins of any mix are positive, from table ``rows``.
    Parameters, returns and errors are those of `transfer`, of table ``margin``.
    """
    view = cut_mac(lut, "margin", by, where)
    ends, drawn = [], []
    for value, line, colour, marker in lines(view, "margin"):
        between = mac_values(line) + 0.5
        plain, whatever = variable(lut, line, "margin"), variable(lut, line, "margin_any")
        axes.plot(between, plain, color=colour, marker=marker, gid=f"line {value}")
        axes.plot(between, whatever, color=colour, dashes=style.DASHED, linewidth=0.9, gid=f"any {value}")
        drawn += [*plain, *whatever]
        if np.isfinite(whatever).any():
            told = ["" if by is None else view.name(by, value), _rows(view.line("rows", value))]
            ends.append((float(whatever[np.isfinite(whatever)][-1]), ": ".join(filter(None, told)), colour))
    lowest = min((value for value in drawn if np.isfinite(value)), default=0.0)
    top = max((value for value in drawn if np.isfinite(value)), default=0.0)
    reach = max(top, 0.0) - min(lowest, 0.0) or 1.0
    axes.set_ylim(min(lowest, 0.0) - 0.08 * reach, max(top, 0.0) + 0.3 * reach)
    axes.axhspan(axes.get_ylim()[0], 0, color=style.SHADES[1], linewidth=0, zorder=0, gid="overlap")
    axes.axhline(0, color=style.BLACK, linewidth=0.7, zorder=1, gid="zero")
    solid = Line2D([], [], color=style.GREY, marker="o", label="without pairs")
    dashed = Line2D([], [], color=style.GREY, dashes=style.DASHED, linewidth=0.9, label="any mix of products")
    axes.legend(handles=[solid, dashed], loc="upper center", ncols=2)
    label.quantity(axes.yaxis, "sensing margin at 3σ", "V")
    finish(axes, lut, view, None, title, table="margin")
    axes.set_xlabel("Between MAC values")
    label.ends(axes, [end for end in ends if end[1]])
    return axes


def histogram(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the level histogram: how many chips put each MAC value how far from its place.

    A column of the picture is a level without pairs, grey between 0 and the share of chips there; beyond
    the lines at half an LSB a level is read as its neighbour.
    Parameters, returns and errors are those of `bitline.plot.ternary.transfer`, of table ``histogram``.
    """
    view = cut_mac(lut, "histogram", "deviation", where)
    found = list(view.lines("histogram"))
    away = np.array([value for value, _ in found])
    counts = np.array([variable(lut, line, "count") for _, line in found])
    chips = counts.sum(axis=0)
    places = [f"{mac:g}".replace("-", "−") for mac in mac_values(found[0][1])]
    axes.pcolormesh(np.arange(len(places)), away, counts / np.maximum(chips, 1), cmap="Blues", shading="nearest")
    for half in (-0.5, 0.5):
        axes.axhline(half, color=style.VERMILLION, linewidth=0.8, dashes=style.DASHED)
    step = max(1, len(places) // 8)
    axes.set_xticks(range(0, len(places), step), places[::step])
    axes.set_xlabel("MAC value")
    axes.set_ylabel("Distance from its place (LSB)")
    label.title(axes, f"{view.title('histogram', title)}; {chips.max():g} chips")
    return axes


def _rows(line: xr.Dataset | None) -> str:
    if line is None or "rows_any" not in line or line["rows_any"].ndim:
        return ""
    return f"≤ {float(line['rows_any']):g} rows" if float(line["rows_any"]) else "no row"
