"""Tornado: how far each assumption alone moves a ratio, the widest bar on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from bitline.plot import label, style
from bitline.system.sensitivity import Assumption, Bar
from bitline.units import prefixed

# Bars that move the result by less than this are listed in a line below the others [ratio].
SMALLEST = 1.002
_BAR_MM = 5.2
_FRAME_MM = 24.0


class Panel(NamedTuple):
    """One tornado of a figure: its title, bars, the result at nominal values, and what it is compared with."""

    title: str
    bars: Sequence[Bar]
    usual: float
    target: float


def tornado_bars(
    axes: Axes, bars: Sequence[Bar], usual: float, *, target: float | None = None, title: str | None = None
) -> Axes:
    """Draw a bar from the result at an assumption's lower end to that at its upper end.

    Parameters
    ----------
    axes : Axes
    bars : sequence of Bar
        From the top; see `bitline.system.sensitivity.tornado`.
    usual : float
        Result with every assumption at its nominal value.
    target : float, optional
        Another result, drawn as a dashed line.
    title : str, optional

    Returns
    -------
    Axes
        The Axes given.
    """
    for place, bar in enumerate(bars):
        # From the nominal result to either end, so that one sees which end does how much.
        for result, colour in ((bar.at_low, style.SKY), (bar.at_high, style.ORANGE)):
            axes.barh(place, result - usual, left=usual, height=0.66, color=colour, gid=bar.assumption.name)
    axes.axvline(usual, color=style.BLACK, linewidth=0.8, gid="usual")
    if target is not None:
        axes.axvline(target, color=style.GREY, dashes=style.DASHED, linewidth=0.8, gid="target")
    axes.set_yticks(range(len(bars)), [interval(bar.assumption) for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if title is not None:
        label.title(axes, title)
    return axes


def tornado_figure(panels: Sequence[Panel], quantity: str) -> Figure:
    """Draw a tornado for each of several results, one below the other.

    Parameters
    ----------
    panels : sequence of Panel
    quantity : str
        What the results are, below the last tornado.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide; bars of less than 0.2 % are left out.
    """
    shown = [panel._replace(bars=[bar for bar in panel.bars if _moves(bar)]) for panel in panels]
    heights = [_BAR_MM * len(panel.bars) + _FRAME_MM for panel in shown]
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, sum(heights))
        grid = made.subplots(len(shown), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
        for axes, panel in zip(grid[:, 0], shown, strict=True):
            tornado_bars(axes, panel.bars, panel.usual, target=panel.target, title=panel.title)
        grid[-1, 0].set_xlabel(quantity)
        made.legend(handles=_key(), loc="outside lower center", ncols=len(_key()))
    return made


def interval(assumption: Assumption) -> str:
    """Return an assumption with the ends of its interval, in the words of a figure."""
    low, high = (quantity(value, assumption.unit) for value in (assumption.low, assumption.high))
    return f"{assumption.doc}: {low} to {high}"


def quantity(value: float, unit: str) -> str:
    """Return a value with a prefixed unit, a count with three digits."""
    if unit:
        return " ".join(prefixed(value, unit, 3))
    if value >= 1e9:
        return f"{value / 1e9:.3g} billion"
    if value >= 1e6:
        return f"{value / 1e6:.3g} million"
    return f"{value:,.0f}" if value >= 1e3 else f"{value:.3g}"


def _key() -> list[Artist]:
    """Return what colours and lines mean."""
    return [
        Patch(color=style.SKY, label="at the first value"),
        Patch(color=style.ORANGE, label="at the second value"),
        Line2D([], [], color=style.BLACK, linewidth=0.8, label="all at their nominal values"),
        Line2D([], [], color=style.GREY, dashes=style.DASHED, linewidth=0.8, label="the paper's figure"),
    ]


def _moves(bar: Bar) -> bool:
    low, high = sorted((bar.at_low, bar.at_high))
    return high > SMALLEST * low
