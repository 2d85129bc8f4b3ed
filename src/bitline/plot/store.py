"""Panels of a store: placement of the levels, energy and time of the transitions, disturb.

Tables: ``nominal`` (energy of every transition from `start` to `target`, disturb per pulse), ``histogram``
(counts over ln R after programming, by target) and ``placement`` (the same as numbers; the resistances aimed
at are its attribute ``resistance``).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import Array, heat, numeric, variable
from bitline.plot.panel import Needs, Panel
from bitline.plot.select import cut
from bitline.system.power_gating import STORE_28NM

_PULSES = 1000
"""Pulses to which the measured change per pulse is extrapolated."""
_FLOOR = 1e-12
"""A change of ln R below this is drawn as this."""


@checked
def histogram(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw how the resistances of each programmed level are distributed, with the thresholds between levels.

    Parameters
    ----------
    axes : Axes
        Where to draw; the x axis is the resistance, logarithmic.
    lut : Lut
        With table ``histogram`` of ``count`` over `target` and bins of ln R, named by their centres.
        Thresholds are the geometric means of the resistances that table ``placement`` says it aimed at.
    title : str, optional
        What the title says before the condition; the circuit by default.
    **condition
        Coordinates of the other axes.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If the LUT lacks the table or variable, or an axis or value is not on its grid.
    """
    bins = _bins(lut)
    view = cut(lut, "histogram", bins, "target", condition)
    tops = [0.0]
    for value, line in view.lines("histogram"):
        counts = variable(lut, line, "count")
        _distribution(axes, str(value), line[bins].values.astype(float), counts)
        tops.append(counts.max())
    axes.set_xscale("log")
    for threshold in _thresholds(lut):
        axes.axvline(threshold, color=style.GREY, dashes=(4, 2), linewidth=0.7, gid="threshold")
    axes.set_ylim(0, 1.35 * max(tops) or 1.0)
    label.quantity(axes.xaxis, "resistance", "Ω")
    axes.set_ylabel("Samples")
    label.title(axes, view.title("histogram", title))
    axes.legend(loc="upper left", ncols=3, columnspacing=1.0)
    return axes


def _distribution(axes: Axes, level: str, centres: Array, counts: Array) -> None:
    """Draw the counts of one level over the resistances whose logarithms the bins are."""
    # Bins are named by their centres, rounded: the median is nearest to their width.
    half = float(np.median(np.diff(centres))) / 2
    edges = np.exp(np.append(centres - half, centres[-1] + half))
    colour = style.LEVELS.get(level, style.GREY)
    text = f"{label.level(level)}, {int(counts.sum())}"
    # Pale areas under dark outlines: levels that overlap, which is what matters, are both seen.
    axes.stairs(counts, edges, fill=True, color=colour, alpha=0.35, linewidth=0)
    axes.stairs(counts, edges, color=colour, label=text, gid=f"line {level}")


def _bins(lut: Lut) -> str:
    """Return the axis with the bins: of the numeric ones, the first that is no condition."""
    table = lut.tables.get("histogram", xr.Dataset())
    conditions = ("target", "start", "vdd", "temperature")
    axes = [str(axis) for axis in table.dims if axis not in conditions and table.sizes[axis] > 2]
    bins = [axis for axis in axes if numeric(table, axis)]
    if not bins:
        raise InputError(f"LUT {lut.name!r}: table 'histogram' has no axis with bins of ln R")
    return bins[0]


def _thresholds(lut: Lut) -> list[float]:
    """Return the geometric means [Ohm] of neighbouring levels."""
    aimed = lut.tables.get("placement", xr.Dataset()).attrs.get("resistance", {})
    # The middle between two levels on a logarithmic axis, as in `ReRam.thresholds`.
    levels = sorted(float(value) for value in aimed.values())
    return [math.sqrt(low * high) for low, high in pairwise(levels)]


@checked
def transitions(axes: Axes, lut: Lut, name: str = "energy", *, title: str | None = None, **condition: Any) -> Axes:
    """Draw one variable of table ``nominal`` for every transition, start by target.

    Parameters
    ----------
    name : str
        Variable, such as ``"energy"`` or ``"time"``.
    axes, lut, title, **condition
        As in `histogram`, which also says what is returned and raised.
    """
    view = cut(lut, "nominal", "target", "start", condition)
    rows = [(value, variable(lut, line, name)) for value, line in view.lines("nominal")]
    values = np.array([row for _, row in rows])
    unit = str(lut.tables["nominal"][name].attrs.get("unit", ""))
    texts = [[_number(value, unit) for value in row] for row in values]
    targets = [label.level(value) for value in lut.tables["nominal"]["target"].values]
    top = float(np.nanmax(values, initial=0.0))
    heat(axes, values, texts, targets, [label.level(value) for value, _ in rows], limits=(0.0, top))
    axes.set_xlabel("Target")
    axes.set_ylabel("Start")
    heading = view.title("nominal", title)
    if name == "energy":
        heading = f"{heading}; 28 nm macro {label.number(STORE_28NM, 'J')} (transcribed)"
    label.title(axes, heading)
    return axes


def _number(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return "–"
    return label.number(value, unit)


@checked
def disturb(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw how much ln R of an unselected branch of each level changes in a thousand pulses, by scheme.

    The change per pulse is measured, the thousand is extrapolated from it. Up and down are both
    drawn upwards, the sign stands above the bar.
    Parameters, returns and errors are those of `histogram`, of table ``nominal``.
    """
    # The widest step of a write, unless the caller says another.
    condition = {"start": "hrs", "target": "lrs", **condition}
    several = "scheme" not in condition and lut.tables["nominal"].sizes.get("scheme", 1) > 1
    start = condition.pop("start")
    by = None
    if several:
        by = "scheme"
    view = cut(lut, "nominal", "start", by, condition)
    bars = [(value, line.sel(start=start)) for value, line in view.lines("nominal")]
    for k, (value, line) in enumerate(bars):
        shift = k - (len(bars) - 1) / 2
        looks: dict[str, Any] = {"color": style.CYCLE[k]}
        if several:
            looks["label"] = view.name("scheme", value)
        _changes(axes, line, shift, 0.8 / len(bars), **looks)
    axes.set_yscale("log")
    # A decade and a half for the legend and the signs above the bars.
    axes.set_ylim(top=30 * axes.get_ylim()[1])
    axes.set_xticks(range(len(style.LEVELS)), [label.level(level) for level in style.LEVELS])
    axes.set_ylabel("|Change of ln R|, 1000 pulses")
    heading = f"{view.title('nominal', title)}, {view.name('start', start)}"
    label.title(axes, f"{heading}; extrapolated from one pulse")
    if several:
        axes.legend(loc="upper right", ncols=2)
    return axes


def _changes(axes: Axes, line: xr.Dataset, shift: float, width: float, **looks: Any) -> None:
    """Draw the change of each level as a bar with its sign above, `shift` bars beside the level's tick."""
    changes = _PULSES * np.array([float(line[f"disturb_{level}"]) for level in style.LEVELS])
    x = np.arange(len(changes)) + shift * width
    # A logarithmic axis has no 0: what cannot be resolved stands on the floor, its sign written as 0.
    heights = np.maximum(np.abs(changes), _FLOOR)
    axes.bar(x, heights, 0.9 * width, **looks)
    for centre, height, change in zip(x, heights, changes, strict=True):
        axes.text(centre, 1.1 * height, _sign(change), ha="center", va="bottom", fontsize=style.SMALL)


def _sign(change: float) -> str:
    if abs(change) < _FLOOR:
        return "0"
    return f"{change:+}"[0].replace("-", "−")


_TRANSITIONS = ("start", "target")
PANELS = (
    Panel("Placement", (Needs("histogram", ("target", "ln_r"), ("count",)),), histogram, fixed={"verify": "on"}),
    Panel(
        "Open-loop placement",
        (Needs("histogram", ("target", "ln_r", "verify"), ("count",)),),
        histogram,
        fixed={"verify": "off"},
    ),
    Panel("Energy", (Needs("nominal", _TRANSITIONS, ("energy",)),), transitions, options={"name": "energy"}),
    Panel("Time", (Needs("nominal", _TRANSITIONS, ("time",)),), transitions, options={"name": "time"}),
    Panel("Disturb", (Needs("nominal", _TRANSITIONS, tuple(f"disturb_{k}" for k in style.LEVELS)),), disturb),
)
