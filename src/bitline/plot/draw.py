"""What panels share: variables by name, one line per value, heat maps, bands, intervals, stacked energies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.select import Cut, coordinate_unit, cut

Array = NDArray[np.float64]

_DOUBLING = ("n_per_cluster", "n_clusters")
"""Axes whose values are powers of two, more or less."""
_DECADES = 100
"""An axis whose last value is so many times its first is logarithmic."""
_THIN = 2e-3
"""Parts of a stack below this share of the highest one have no label."""
_MARKED = 100
"""A line of more points than this is drawn without markers."""


def variable(lut: Lut, line: xr.Dataset, name: str) -> Array:
    """Return a variable's values; `InputError` names what there is instead."""
    if name not in line:
        raise InputError(f"LUT {lut.name!r} has no variable {name!r} (has: {', '.join(map(str, line.data_vars))})")
    return np.asarray(line[name].values, dtype=np.float64)


def numeric(dataset: xr.Dataset, axis: str) -> bool:
    """Return whether an axis has numbers on it."""
    return dataset[axis].dtype.kind in "iuf"


@checked
def along(
    axes: Axes,
    lut: Lut,
    table: str,
    name: str,
    axis: str,
    *,
    by: str | None = None,
    title: str | None = None,
    **condition: Any,
) -> Axes:
    """Draw one variable of a table along an axis, with its interval if it has one, a line for each value of another.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    lut : Lut
        The LUT.
    table, name : str
        Table, and its variable.
    axis : str
        What the x axis is; text values (corners, levels) are evenly spaced.
    by : str, optional
        An axis, such as ``"level"``: one line per value.
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
    view = cut(lut, table, axis, by, condition)
    for value, line, colour, marker in lines(view, table):
        x, y = places(line, axis), variable(lut, line, name)
        # So many markers would be a thick line that hides the others.
        if len(x) > _MARKED:
            marker = ""
        axes.plot(x, y, color=colour, marker=marker, gid=f"line {value}")
        interval = interval_of(line, name)
        if interval is not None:
            axes.errorbar(x, y, yerr=_reach(y, *interval), fmt="none", ecolor=colour, elinewidth=0.7)
    abscissa(axes, lut, lut.tables[table], axis)
    label.quantity(axes.yaxis, name, str(lut.tables[table][name].attrs.get("unit", "")))
    label.title(axes, view.title(table, title))
    label.ends(axes, last_points(lut, view, table, name))
    return axes


def last_points(lut: Lut, view: Cut, table: str, name: str) -> list[tuple[float, str, str]]:
    """Return height, text and colour of the label at each line's last finite point; none for a single line."""
    # What a single line is, the title says.
    if view.by is None:
        return []
    ends = []
    for value, line, colour, _ in lines(view, table):
        y = variable(lut, line, name)
        # Where every point failed there is no line to name.
        if np.isfinite(y).any():
            ends.append((last(y), view.name(view.by, value), colour))
    return ends


def last(values: Array) -> float:
    """Return the last finite value."""
    return float(values[np.isfinite(values)][-1])


def interval_of(line: xr.Dataset, name: str) -> tuple[Array, Array] | None:
    """Return the ends of a variable's 95 % interval: ``_low`` and ``_high``, or 1.96 ``_se``; None without these."""
    if f"{name}_low" in line and f"{name}_high" in line:
        return np.asarray(line[f"{name}_low"].values, float), np.asarray(line[f"{name}_high"].values, float)
    if f"{name}_se" in line:
        # A mean of many samples is close to normal. Sigmas and shares are not: their tables hold both ends.
        middle, error = (np.asarray(line[key].values, float) for key in (name, f"{name}_se"))
        return middle - 1.96 * error, middle + 1.96 * error
    return None


def bars(axes: Axes, lut: Lut, line: xr.Dataset, x: Array, name: str, **looks: Any) -> None:
    """Draw a variable with its interval, variables ``_low`` and ``_high``."""
    values, low, high = (variable(lut, line, f"{name}{end}") for end in ("", "_low", "_high"))
    axes.errorbar(x, values, yerr=_reach(values, low, high), **{"elinewidth": 0.7, **looks})


def _reach(values: Array, low: Array, high: Array) -> Array:
    """Return how far an interval reaches below and above each value, as Matplotlib takes error bars."""
    # An estimate may lie just outside its interval, where all samples agree; Matplotlib refuses less than 0.
    return np.clip([values - low, high - values], 0, None)


def band(axes: Axes, x: Array, middle: Array, sigma: Array, **looks: Any) -> None:
    """Fill what lies within three sigma of a line."""
    axes.fill_between(x, middle - 3 * sigma, middle + 3 * sigma, linewidth=0, zorder=1, **looks)


def samples(counts: Any, what: str = "samples") -> str:
    """Write how many samples there are: ``"200 samples"``, ``"198 to 200 samples"``."""
    # Failed points leave some cells of a table with fewer samples than others.
    fewest, most = int(np.min(counts)), int(np.max(counts))
    if fewest == most:
        return f"{fewest} {what}"
    return f"{fewest} to {most} {what}"


def spacing(x: Array) -> float:
    """Return the smallest distance between the bars of a chart, 1 for a single one."""
    if len(x) < 2:
        return 1.0
    return float(np.min(np.diff(x)))


def energies(lut: Lut, line: xr.Dataset, names: Iterable[str]) -> dict[str, Array]:
    """Return the energy of each supply."""
    return {name: variable(lut, line, f"energy_{name}") for name in names}


def reference(axes: Axes, value: float, text: str) -> None:
    """Draw a figure from the literature as a dashed line, named in a legend of its own."""
    words = f"{text}, {label.number(value, 'J')}"
    mark = axes.axhline(value, color=style.BLACK, dashes=(4, 2), linewidth=0.7, label=words)
    # The legend stands above the line and the bars; parts of bars are named beside them.
    axes.set_ylim(top=1.2 * axes.get_ylim()[1])
    axes.legend(handles=[mark], loc="upper left")


def lines(view: Cut, table: str) -> Iterator[tuple[Any, xr.Dataset, str, str]]:
    """Yield value, data, colour and marker of each line."""
    values = view.values(table)
    colours = dict(zip(map(str, values), style.colours(view.by or "", values), strict=True))
    markers = {str(value): style.MARKERS[k % len(style.MARKERS)] for k, value in enumerate(values)}
    for value, line in view.lines(table):
        yield value, line, colours[str(value)], markers[str(value)]


def places(line: xr.Dataset, axis: str) -> Array:
    """Return where on the x axis the values of `axis` lie: themselves, or 0, 1, 2, ... for text."""
    values = line[axis].values
    if numeric(line, axis):
        return values.astype(np.float64)
    return np.arange(len(values), dtype=np.float64)


def abscissa(axes: Axes, lut: Lut, dataset: xr.Dataset, axis: str) -> None:
    """Scale, tick and label the x axis for the values of `axis`."""
    values = dataset[axis].values.tolist()
    # Texts have no distance: they stand at 0, 1, 2, ...
    if not numeric(dataset, axis):
        room = label.width(axes) / len(values) - 4
        texts = [label.coordinate(axis, value, "") for value in values]
        axes.set_xticks(range(len(values)), [label.wrapped(text, room, style.TICKS) for text in texts])
        axes.set_xlim(-0.4, len(values) - 0.6)
    # On a linear axis 1, 4 and 16 of 64 would touch.
    elif axis in _DOUBLING and min(values) > 0 and max(values) >= 8 * min(values):
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_locator(FixedLocator(_apart(values)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.set_xlim(min(values) / 1.3, max(values) * 1.3)
    elif min(values) > 0 and max(values) >= _DECADES * min(values):
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 1.5, max(values) * 1.5)
    else:
        # A single value has no range to take a share of.
        room = 0.05 * (max(values) - min(values)) or 0.05 * abs(values[0]) or 1.0
        axes.set_xlim(min(values) - room, max(values) + room)
    label.quantity(axes.xaxis, axis, coordinate_unit(lut, axis))


def _apart(values: Sequence[float]) -> list[float]:
    """Leave out ticks whose texts would touch: keep those a fifth above the last one kept, from the top."""
    kept: list[float] = []
    for value in sorted(values, reverse=True):
        if not kept or kept[-1] >= 1.2 * value:
            kept.append(value)
    return kept


def heat(
    axes: Axes,
    values: Array,
    texts: Sequence[Sequence[str]],
    columns: Sequence[str],
    rows: Sequence[str],
    *,
    limits: tuple[float, float],
) -> None:
    """Draw a grid of labelled cells, the first row at the top; colours from pale to dark over `limits`.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    values : ndarray, shape (rows, columns)
        What the colours mean; NaN is left white.
    texts : nested sequence of str
        Label of each cell.
    columns, rows : sequence of str
        Tick labels.
    limits : two floats
        Values of the palest and the darkest colour.
    """
    # A cell without a result must not look like one with a small result.
    map_ = colormaps["Blues"].with_extremes(bad="white")
    low, high = limits
    # The darkest blues hide the text.
    shade = 0.75 * np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    axes.imshow(np.ma.masked_invalid(shade), cmap=map_, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for (i, j), value in np.ndenumerate(values):
        colour = "black"
        if np.isfinite(value) and shade[i, j] > 0.5:
            colour = "white"
        axes.text(j, i, texts[i][j], ha="center", va="center", fontsize=style.SMALL, color=colour)
    _cells(axes, columns, rows)


def _cells(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Name the columns and rows of a grid of cells, and part the cells."""
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # White lines between the cells, for two of the same shade would run together.
    axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)


def supplies(line: xr.Dataset, sums: Sequence[str] = ("total",)) -> dict[str, str]:
    """Return the supplies a table has energies of, in the order they are stacked, with their colours.

    `sums` names the energies that are sums or parts of others.
    """
    measured = [str(name).removeprefix("energy_") for name in line.data_vars if str(name).startswith("energy_")]
    usual = [name for name in style.SUPPLIES if name in measured]
    # An own circuit has supplies of its own: they are stacked above the usual ones.
    others = [name for name in measured if name not in {*usual, *sums}]
    if not usual + others:
        raise InputError("the table has no energy of any supply")
    return {name: style.SUPPLIES[name] for name in usual} | style.cycle(others)


def stack(axes: Axes, x: Array, width: float, parts: Mapping[str, Array], colours: Mapping[str, str]) -> None:
    """Stack bars, what is negative below zero; label each part beside the last bar."""
    above, below = np.zeros_like(x), np.zeros_like(x)
    ends = []
    highest = float(np.max(np.sum([np.abs(np.nan_to_num(values)) for values in parts.values()], axis=0), initial=0.0))
    for name, values in parts.items():
        # A failed point has no bar, and does not take the bars stacked above it along.
        part = np.nan_to_num(values)
        base = np.where(part < 0, below, above)
        axes.bar(x, part, width, bottom=base, color=colours[name], label=name)
        # At the middle of its part of the last bar, next to which the label stands; beside a part that is too thin to
        # be seen, it would point at nothing.
        if np.any(np.abs(part) > _THIN * highest):
            ends.append((float(base[-1] + part[-1] / 2), name, colours[name]))
        above, below = above + np.clip(part, 0, None), below + np.clip(part, None, 0)
    # With all parts above zero the top of the stack is the total; less below zero cannot be seen.
    if below.min() < -1e-3 * above.max():
        axes.axhline(0, color=style.BLACK, linewidth=0.6)
        total = np.sum([np.nan_to_num(values) for values in parts.values()], axis=0)
        axes.scatter(x, total, marker="_", s=12, color=style.BLACK, zorder=3, label="total")
    label.ends(axes, ends)
