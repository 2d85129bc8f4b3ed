"""Which texts and legends of a figure overlap or leave it, by their boxes as they are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import Bbox

_SLACK = 0.6
"""Boxes hold the room of descenders: so much of an overlap [pt] is none to the eye."""


def overlaps(figure: Figure) -> list[str]:
    """Return a line for each two texts that overlap, and for each that leaves the figure."""
    figure.draw_without_rendering()
    boxes = list(_boxes(figure))
    slack = _SLACK * figure.dpi / 72
    found = [f"{a!r} over {b!r}" for (a, x), (b, y) in combinations(boxes, 2) if _overlap(x, y, slack)]
    page = figure.bbox
    for name, box in boxes:
        if min(box.x0 - page.x0, box.y0 - page.y0, page.x1 - box.x1, page.y1 - box.y1) < -slack:
            found.append(f"{name!r} leaves the figure")
    return found


def _overlap(a: Bbox, b: Bbox, slack: float) -> bool:
    wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return bool(wide > slack and high > slack)


def _boxes(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Yield every text that is seen, and every legend as one box."""
    assert isinstance(figure.canvas, FigureCanvasAgg)
    renderer = figure.canvas.get_renderer()  # type: ignore[no-untyped-call]
    legends = figure.findobj(Legend)
    hidden = {text for legend in legends for text in legend.findobj(Text)}
    for axes in figure.axes:
        hidden |= _out_of_sight(axes)
    for text in figure.findobj(Text):
        if text not in hidden and text.get_visible() and text.get_text().strip():
            yield text.get_text(), text.get_window_extent(renderer)
    for legend in legends:
        words = ", ".join(text.get_text() for text in legend.get_texts())
        yield f"legend {words}", legend.get_window_extent(renderer)


def _out_of_sight(axes: Axes) -> set[Text]:
    """Return the labels of ticks that Matplotlib keeps beyond the limits or does not draw."""
    hidden: set[Text] = set()
    for axis in (axes.xaxis, axes.yaxis):
        hidden |= _unseen(axis)
    if not axes.axison:
        hidden |= {text for axis in (axes.xaxis, axes.yaxis) for text in axis.findobj(Text)}
    return hidden


def _unseen(axis: Axis) -> set[Text]:
    low, high = sorted(axis.get_view_interval())
    room = 1e-9 * (high - low)
    drawn: set[Text] = {axis.label}
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if low - room <= tick.get_loc() <= high + room:
            drawn |= {tick.label1, tick.label2}
    return set(axis.findobj(Text)) - drawn
