"""Panels of how well a ternary column's levels are told apart: sensing margin and level histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.draw import Array, interval_of, last, lines, places, variable
from bitline.plot.mac import cut_mac, finish
from bitline.plot.operands import mac
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import Cut


def margin(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw the sensing margin at 3 sigma between each MAC value and the next; below 0 they overlap.

    Solid without pairs, with its 95 % interval as a band; dashed whatever the mixes (``margin_any``). Beside a line
    stands for how many rows all margins of any mix are positive, from table ``rows``.
    Parameters, returns and errors are those of `bitline.plot.ternary.transfer`, of table ``margin``.
    """
    view = cut_mac(lut, "margin", by, condition)
    ends = []
    for value, line, colour, marker in lines(view, "margin"):
        between = places(line, mac(lut)) + 0.5
        # Without pairs is what most operands give; any mix is what a comparator has to be right for.
        plain, whatever = variable(lut, line, "margin"), variable(lut, line, "margin_any")
        axes.plot(between, plain, color=colour, marker=marker, gid=f"line {value}")
        interval = interval_of(line, "margin")
        if interval is not None:
            axes.fill_between(
                between, *interval, color=colour, alpha=0.15, linewidth=0, zorder=1, gid=f"spread {value}"
            )
        axes.plot(between, whatever, color=colour, dashes=style.DASHED, linewidth=0.9, gid=f"any {value}")
        if np.isfinite(whatever).any():
            ends.append((last(whatever), _end(view, value), colour))
    _overlap(axes, np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.lines]))
    solid = Line2D([], [], color=style.GREY, marker="o", label="without pairs, 95 % interval")
    dashed = Line2D([], [], color=style.GREY, dashes=style.DASHED, linewidth=0.9, label="any mix of products")
    axes.legend(handles=[solid, dashed], loc="upper right")
    label.quantity(axes.yaxis, "sensing margin at 3σ", "V")
    finish(axes, lut, view, None, title, table="margin")
    axes.set_xlabel("Between MAC values")
    label.ends(axes, [end for end in ends if end[1]])
    return axes


def _overlap(axes: Axes, margins: Array) -> None:
    """Scale the y axis for the margins, shade what lies below 0 and leave room for the legend."""
    finite = margins[np.isfinite(margins)]
    # 0 is in sight even where all margins are positive: the distance from it is the answer.
    bottom, top = min(finite.min(initial=0.0), 0.0), max(finite.max(initial=0.0), 0.0)
    reach = top - bottom or 1.0
    # More room above, where the legend stands, so that it hides no margin.
    axes.set_ylim(bottom - 0.08 * reach, top + 0.3 * reach)
    axes.axhspan(axes.get_ylim()[0], 0, color=style.SHADES[1], linewidth=0, zorder=0, gid="overlap")
    axes.axhline(0, color=style.BLACK, linewidth=0.7, zorder=1, gid="zero")


def _end(view: Cut, value: Any) -> str:
    """Write what stands beside a line: its value, and for how many rows its margins are positive."""
    parts = [_rows(view.line("rows", value))]
    if view.by is not None:
        parts.insert(0, view.name(view.by, value))
    return ": ".join(filter(None, parts))


def _rows(line: xr.Dataset | None) -> str:
    if line is None or "rows_any" not in line or line["rows_any"].ndim:
        return ""
    rows = float(line["rows_any"])
    if not rows:
        return "no row"
    return f"≤ {rows:g} rows"


def histogram(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the level histogram: how many chips put each MAC value how far from its place.

    A column of the picture is a level without pairs, grey between 0 and the share of chips there; beyond
    the lines at half an LSB a level is read as its neighbour.
    Parameters, returns and errors are those of `bitline.plot.ternary.transfer`, of table ``histogram``.
    """
    view = cut_mac(lut, "histogram", "deviation", condition)
    rows = list(view.lines("histogram"))
    away = np.array([value for value, _ in rows])
    counts = np.array([variable(lut, line, "count") for _, line in rows])
    # Every chip falls into one bin of each level.
    chips = counts.sum(axis=0)
    levels = [f"{value:g}".replace("-", "−") for value in places(rows[0][1], mac(lut))]
    # Shares, not counts: where points failed, a level has fewer chips and would look paler.
    axes.pcolormesh(np.arange(len(levels)), away, counts / np.maximum(chips, 1), cmap="Blues", shading="nearest")
    for half in (-0.5, 0.5):
        axes.axhline(half, color=style.VERMILLION, linewidth=0.8, dashes=style.DASHED)
    # More than eight texts would touch in a panel of half a page.
    step = max(1, len(levels) // 8)
    axes.set_xticks(range(0, len(levels), step), levels[::step])
    axes.set_xlabel("MAC value")
    axes.set_ylabel("Distance from its place (LSB)")
    label.title(axes, f"{view.title('histogram', title)}; {chips.max():g} chips")
    return axes


PANELS = (
    Panel(
        "Sensing margin",
        (Needs("margin", (mac,), ("margin", "margin_any")),),
        margin,
        beside=(Needs("rows", (), ("rows_any",)),),
        by=Over(("corner", "vdd")),
    ),
    Panel("Level histogram", (Needs("histogram", (mac, "deviation"), ("count",)),), histogram),
)
