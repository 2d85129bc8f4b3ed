"""The same simulation for every value of a choice, such as the three levels of a memory, in one figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bitline.circuits.analysis import OperatingPoint
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.point import point_figure
from bitline.plot.waveform import (
    ROW,
    background,
    drawn,
    headings,
    interesting,
    readings,
    real_signals,
    scales,
    short,
    traces,
    unit,
)
from bitline.plot.waveform import groups as by_quantity

_STRIP_HEIGHT = 27.0
"""Height of one Axes [mm]."""
_DASHES: tuple[tuple[float | None, ...], ...] = ((None, None), (3.0, 1.2), (1.0, 1.0), (4.0, 1.0, 1.0, 1.0))
_SAME = 0.01
"""Signals that differ by less of their range do not depend on the choice."""
_SUPPLIES = ("i(vsup)", "i(vdd)")
"""The current drawn by default: that of the latches' or cells' supply."""
_DELIVERED = "Supply current"
"""Label of a supply's current that is drawn positive where it delivers."""


@checked
def levels_figure(
    runs: Mapping[str, Waveforms], groups: Mapping[str, Sequence[str]] | None = None, *, stop: float | None = None
) -> Figure:
    """Overlay several simulations of one circuit, a colour for each, in a stack over a shared axis.

    Parameters
    ----------
    runs : mapping of str to Waveforms
        By the value of the choice, such as ``{"lrs": ..., "mrs": ..., "hrs": ...}``. Phases are those
        of the first.
    groups : mapping of str to sequence of str, optional
        Label of each Axes, and its one to four vectors of one unit. By default pairs of complementary
        nodes (``q1`` and ``qb1``), else every voltage that differs; the current the supply delivers; and
        one Axes with the voltages that are the same in all runs.
    stop : float, optional
        Where the axis ends [s]; by default a long last phase is cut.

    Returns
    -------
    matplotlib.figure.Figure
        85 mm wide; write it with `save`.

    Raises
    ------
    InputError
        If there is no run, or a group is empty or mixes units.
    BadMeasureError
        If a run lacks a vector.
    """
    if not runs:
        raise InputError("no waveforms: nothing to plot")
    if next(iter(runs.values())).abscissa == OperatingPoint.axis:
        return point_figure(runs)
    runs = _drawable(runs)
    shared: list[str] = []
    if groups is None:
        groups, shared = _groups(runs), _shared(runs)
    if stop is None:
        stop = interesting(next(iter(runs.values())))
    with style.context():
        return _stack(runs, groups, shared, stop)


def _drawable(runs: Mapping[str, Waveforms]) -> dict[str, Waveforms]:
    """Return the runs with real signals; the first, whose phases and marks are drawn, without needless marks."""
    drawable = {value: real_signals(waveforms) for value, waveforms in runs.items()}
    value, first = next(iter(drawable.items()))
    # Where several runs overlap, phases say enough: the lines of marks would be taken for signals.
    if first.phases:
        drawable[value] = replace(first, marks={})
    return drawable


def _stack(
    runs: Mapping[str, Waveforms], groups: Mapping[str, Sequence[str]], shared: Sequence[str], end: float
) -> Figure:
    """Draw an Axes for each group, and one with the signals that are the same in all runs."""
    first = next(iter(runs.values()))
    count = len(groups) + bool(shared)
    made = style.new_figure(style.COLUMN_WIDTH, 22 + _STRIP_HEIGHT * count)
    strips = made.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, members) in zip(strips, groups.items(), strict=False):
        _overlay(axes, runs, name, members, end)
    if shared:
        traces(strips[-1], first, shared, quantity="Same in all", annotate=False, stop=end)
    rows = headings(strips[0], first)
    label.title(strips[0], _title(runs), above=3 + rows * ROW)
    _legend(made, list(runs))
    for axes in strips:
        axes.label_outer()
    made.align_ylabels(list(strips))
    label.settle(made)
    return made


def _overlay(axes: Axes, runs: Mapping[str, Waveforms], quantity: str, names: Sequence[str], end: float) -> None:
    first = next(iter(runs.values()))
    units = {unit(first, name) for name in names}
    if len(units) != 1 or len(names) > len(_DASHES):
        raise InputError(f"group {quantity!r}: one to {len(_DASHES)} signals of one unit, not {', '.join(names)}")
    widths = np.array([1.1])
    # Where runs coincide, the ones below stay visible at the sides of the thinner ones above.
    if len(runs) > 1:
        widths = np.linspace(1.8, 0.9, len(runs))
    for colour, width, (value, waveforms) in zip(style.colours("", list(runs)), widths, runs.items(), strict=True):
        for dashes, name in zip(_DASHES, names, strict=False):
            (line,) = axes.plot(waveforms.axis, drawn(waveforms, name), color=colour, linewidth=width)
            line.set(dashes=dashes, gid=f"{value} {name}")
            readings(axes, waveforms, name, colour)
    (shown,) = units
    scales(axes, first, shown, end)
    label.quantity(axes.yaxis, quantity, shown)
    background(axes, first)
    handles = [
        Line2D([], [], color=style.GREY, dashes=dashes, label=short(name))
        for dashes, name in zip(_DASHES, names, strict=False)
    ]
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=style.SMALL, handlelength=1.8)


def _groups(runs: Mapping[str, Waveforms]) -> dict[str, tuple[str, ...]]:
    """Return the voltages that differ, what has other units than volts and amperes, then the supply's current."""
    first = next(iter(runs.values()))
    strips = _voltages(runs)
    for quantity, names in by_quantity(first).items():
        if unit(first, names[0]) in {"V", "A"}:
            continue
        differing = [name for name in names if _differ(runs, name)] or list(names)
        # A strip has as many dashes as can be told apart: more signals get strips of their own.
        if len(differing) > len(_DASHES):
            strips |= {f"{quantity} of {short(name)}": (name,) for name in differing}
        else:
            strips[quantity] = tuple(differing)
    supplies = [name for name in _SUPPLIES if name in first.signals]
    if supplies:
        strips[_DELIVERED] = (supplies[0],)
    return strips


def _voltages(runs: Mapping[str, Waveforms]) -> dict[str, tuple[str, ...]]:
    """Return pairs of complementary nodes, else every voltage that differs."""
    first = next(iter(runs.values()))
    differing = [name for name in first.signals if unit(first, name) == "V" and _differ(runs, name)]
    pairs = [(name, _complement(name)) for name in differing if _complement(name) in first.signals]
    strips = {_node(name): (name, complement) for name, complement in pairs}
    single = [name for name in differing if not any(name in pair for pair in pairs)]
    # Beside latches a few other nodes fit into one strip; a strip for each would make a figure longer than a page.
    if pairs and 1 < len(single) <= len(_DASHES):
        return {**strips, "Others": tuple(single)}
    return {**strips, **{f"Node {short(name)}": (name,) for name in single}}


def _node(name: str) -> str:
    """Return the label of a node: ``"v(q1)"`` -> ``"Latch 1"``, ``"v(bl)"`` -> ``"Node bl"``."""
    latch = re.fullmatch(r"q(\d+)", short(name))
    if latch:
        return f"Latch {latch[1]}"
    return f"Node {short(name)}"


def _shared(runs: Mapping[str, Waveforms]) -> list[str]:
    """Return the voltages that are the same in all runs, but for complements, which are drawn beside their node."""
    first = next(iter(runs.values()))
    beside = {name for pair in _voltages(runs).values() for name in pair}
    # Of hundreds of signals a deck says which are worth a look.
    worth = {name for names in first.panels.values() for name in names} or set(first.signals)
    voltages = [name for name in first.signals if unit(first, name) == "V" and name in worth - beside]
    return [name for name in voltages if not _differ(runs, name)]


def _complement(name: str) -> str:
    """Return the name of a node's complement: ``"v(q1)"`` -> ``"v(qb1)"``, ``"v(bl)"`` -> ``"v(blb)"``."""
    inner = short(name)
    stem = inner.rstrip("0123456789")
    return f"v({stem}b{inner[len(stem) :]})"


def _differ(runs: Mapping[str, Waveforms], name: str) -> bool:
    first, *others = runs.values()
    values = first[name]
    # A node that never moves is compared with the smallest swing that means anything, not with 0.
    span = max(float(np.ptp(values)), 1e-12)
    return any(float(np.max(np.abs(_over(first.axis, other, name) - values))) > _SAME * span for other in others)


def _over(axis: Array, waveforms: Waveforms, name: str) -> Array:
    """Return a signal over another axis."""
    # The solver chooses other instants in each run, and a source may be swept downwards.
    order = np.argsort(waveforms.axis, kind="stable")
    return np.interp(axis, waveforms.axis[order], waveforms[name][order])


def _title(runs: Mapping[str, Waveforms]) -> str:
    """Return the title of the first run, its value replaced by all of them."""
    value, first = next(iter(runs.items()))
    return re.sub(rf"\b{re.escape(value)}\b", "/".join(runs), first.title)


def _legend(made: Figure, values: Sequence[str]) -> None:
    colours = style.colours("", values)
    # Colours are explained once below the figure, dashes beside each Axes: no legend has to hold both.
    handles = [Line2D([], [], color=c, label=label.level(value)) for c, value in zip(colours, values, strict=True)]
    made.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 5))
