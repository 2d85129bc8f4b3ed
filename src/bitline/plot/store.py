"""Panels of a store's LUT: placement of the levels, energy of the transitions, disturb.

Tables: ``nominal`` (energy of every transition from `start` to `target`, disturb per pulse) and
``histogram`` (counts over ln R after programming, by target).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.benches.restore.theory import geometric_means
from bitline.errors import InputError
from bitline.plot import label, style
from bitline.plot.panel import Panel, heat, numeric, panel, variable
from bitline.plot.select import Lut, cut
from bitline.system.power_gating import STORE_28NM

_PULSES = 1000
"""Pulses to which the measured change per pulse is extrapolated."""
_FLOOR = 1e-12
"""A change of ln R below this is drawn as this."""


def histogram(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw how the resistances of each programmed level are distributed, with the thresholds between levels.

    Parameters
    ----------
    axes : Axes
        Where to draw; the x axis is the resistance, logarithmic.
    lut : Lut
        With table ``histogram`` of ``count`` over `target` and bins of ln R, named by their centres.
        Thresholds are the geometric means of the levels in the LUT's own parameters.
    title : str, optional
        What the title says before the condition; the circuit by default.
    **where
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
    view = cut(lut, "histogram", bins, "target", where)
    tops = []
    for value, line in view.lines("histogram"):
        centres, counts = line[bins].values.astype(float), variable(lut, line, "count")
        half = float(np.median(np.diff(centres))) / 2
        edges = np.exp(np.append(centres - half, centres[-1] + half))
        colour = style.LEVELS.get(str(value), style.GREY)
        axes.stairs(counts, edges, fill=True, color=colour, alpha=0.35, linewidth=0)
        axes.stairs(
            counts, edges, color=colour, label=f"{label.level(value)}, {int(counts.sum())}", gid=f"line {value}"
        )
        tops.append(counts.max())
    axes.set_xscale("log")
    for threshold in _thresholds(lut):
        axes.axvline(threshold, color=style.GREY, dashes=(4, 2), linewidth=0.7, gid="threshold")
    axes.set_ylim(0, 1.35 * max(tops, default=1.0) or 1.0)
    label.quantity(axes.xaxis, "resistance", "Ω")
    axes.set_ylabel("Samples")
    label.title(axes, view.title("histogram", title))
    axes.legend(loc="upper left", ncols=3, columnspacing=1.0)
    return axes


def transitions(axes: Axes, lut: Lut, name: str = "energy", *, title: str | None = None, **where: Any) -> Axes:
    """Draw one variable of table ``nominal`` for every transition, start by target.

    Parameters
    ----------
    name : str
        Variable, such as ``"energy"`` or ``"time"``.
    axes, lut, title, **where
        As in `histogram`, which also says what is returned and raised.
    """
    view = cut(lut, "nominal", "target", "start", where)
    rows = [(value, variable(lut, line, name)) for value, line in view.lines("nominal")]
    values = np.array([row for _, row in rows])
    unit = str(lut.tables["nominal"][name].attrs.get("unit", ""))
    texts = [[label.number(value, unit) if np.isfinite(value) else "–" for value in row] for row in values]
    targets = [label.level(value) for value in lut.tables["nominal"]["target"].values]
    top = float(np.nanmax(values, initial=0.0))
    heat(axes, values, texts, targets, [label.level(value) for value, _ in rows], limits=(0.0, top))
    axes.set_xlabel("Target")
    axes.set_ylabel("Start")
    beside = f"; 28 nm macro {label.number(STORE_28NM, 'J')} (transcribed)" if name == "energy" else ""
    label.title(axes, f"{view.title('nominal', title)}{beside}")
    return axes


def disturb(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw how much ln R of an unselected branch of each level changes in a thousand pulses, by scheme.

    The change per pulse is measured, the thousand is extrapolated from it. Up and down are both
    drawn upwards, the sign stands above the bar.
    Parameters, returns and errors are those of `histogram`, of table ``nominal``.
    """
    where = {"start": "hrs", "target": "lrs", **where}
    by = "scheme" if "scheme" not in where and lut.tables["nominal"].sizes.get("scheme", 1) > 1 else None
    start = where.pop("start")
    view = cut(lut, "nominal", "start", by, where)
    table = [(value, line.sel(start=start)) for value, line in view.lines("nominal")]
    width = 0.8 / len(table)
    for k, (value, line) in enumerate(table):
        change = _PULSES * np.array([float(line[f"disturb_{level}"]) for level in style.LEVELS])
        x = np.arange(len(change)) + (k - (len(table) - 1) / 2) * width
        size = np.maximum(np.abs(change), _FLOOR)
        axes.bar(x, size, 0.9 * width, color=style.CYCLE[k], label=view.name(by, value) if by else None)
        for place, height, signed in zip(x, size, change, strict=True):
            sign = "0" if abs(signed) < _FLOOR else "+" if signed > 0 else "−"
            axes.text(place, 1.1 * height, sign, ha="center", va="bottom", fontsize=style.SMALL)
    axes.set_yscale("log")
    axes.set_ylim(top=30 * axes.get_ylim()[1])
    axes.set_xticks(range(len(style.LEVELS)), [label.level(level) for level in style.LEVELS])
    axes.set_ylabel("|Change of ln R|, 1000 pulses")
    told = view.name("start", start)
    label.title(axes, f"{view.title('nominal', title)}, {told}; extrapolated from one pulse")
    if by:
        axes.legend(loc="upper right", ncols=2)
    return axes


def panels(lut: Lut) -> dict[str, Panel]:
    """Choose the panels whose variables a LUT has."""
    found: dict[str, Panel] = {}
    placed = lut.tables.get("histogram", xr.Dataset())
    if "verify" in placed.dims:
        for kind in placed["verify"].values.tolist():
            found["Placement" if kind == "on" else "Open-loop placement"] = panel(histogram, verify=kind)
    elif "target" in placed.dims:
        found["Placement"] = panel(histogram)
    nominal = lut.tables.get("nominal", xr.Dataset())
    if {"start", "target"} <= set(nominal.dims):
        found |= {name.capitalize(): panel(transitions, name) for name in ("energy", "time") if name in nominal}
        if all(f"disturb_{level}" in nominal for level in style.LEVELS):
            found["Disturb"] = panel(disturb)
    return found


def _bins(lut: Lut) -> str:
    table = lut.tables.get("histogram", xr.Dataset())
    usual = ("target", "start", "vdd", "temperature")
    found = [
        str(axis) for axis in table.dims if axis not in usual and numeric(table, str(axis)) and table.sizes[axis] > 2
    ]
    if not found:
        raise InputError(f"LUT {lut.name!r}: table 'histogram' has no axis with bins of ln R")
    return found[0]


def _thresholds(lut: Lut) -> tuple[float, ...]:
    reram = dict(lut.attrs.get("parameters", {})).get("reram", {})
    levels = [reram.get(f"r_{level}") for level in style.LEVELS]
    return () if None in levels else geometric_means(levels)
