"""The one place that knows how a bitline figure looks: sizes, fonts, colours.

Widths are those of a two-column journal page, so that a figure is printed at the size it was
drawn and 7 pt stays 7 pt. Colours are Okabe and Ito's (Color Universal Design, 2008), which
hold apart under the common forms of colour blindness; their yellow is left out, being too pale
for a line on white.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

from matplotlib import colormaps
from matplotlib import style as _style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

MM = 1 / 25.4
"""One millimetre in inches, matplotlib's unit of length."""
COLUMN_WIDTH = 85.0
"""Width of a journal column [mm]."""
PAGE_WIDTH = 178.0
"""Width of two columns and the gap between them [mm]."""
FONT = "DejaVu Sans"
"""Comes with Matplotlib: the same glyphs, and so the same bytes, on every machine."""
TITLE = 7.0
"""Size of titles [pt]."""
TICKS = 6.5
"""Size of the labels of ticks [pt]."""
SMALL = 6.0
"""Size of labels that stand beside a line or above a phase [pt]."""

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#6E6E6E"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHED = (3, 1.5)
"""Dashes [line widths] of what is a limit or a second reading of the same."""
SHADES = ("#F4F4F4", "#E6E6E6")
"""Backgrounds of successive phases."""

BEHIND: Mapping[str, Any] = MappingProxyType({"linewidth": 0.4, "alpha": 0.15, "zorder": 1})
"""Looks of a mismatch sample behind the curve without mismatch."""

CORNERS = MappingProxyType({"tt": BLACK, "ss": BLUE, "ff": VERMILLION, "sf": PURPLE, "fs": GREEN})
"""A corner keeps its colour in every figure."""
LEVELS = MappingProxyType({"lrs": BLUE, "mrs": GREEN, "hrs": VERMILLION})
"""A level of a memory likewise."""
SUPPLIES = MappingProxyType(
    {
        "array": BLUE,
        "drive": BLUE,
        "precharge": SKY,
        "reset": SKY,
        "init": SKY,
        "select": GREEN,
        "reference": PURPLE,
        "wordline": ORANGE,
        "switch": VERMILLION,
        "control": GREY,
        "read": BLUE,
        "integrator": PURPLE,
        "comparator": BLUE,
        "dac": SKY,
        "logic": GREY,
    }
)
"""Supplies in the order their energies are stacked; others follow, in the colours of the cycle."""

_RC: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": 7,
    "mathtext.default": "regular",
    "axes.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.xmargin": 0.03,
    "xtick.labelsize": TICKS,
    "ytick.labelsize": TICKS,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 1.1,
    "lines.markersize": 2.6,
    "errorbar.capsize": 1.5,
    "figure.titlesize": 8,
    "savefig.dpi": 300,
    # TrueType outlines: journals refuse Matplotlib's default Type 3, and editors cannot open it.
    "pdf.fonttype": 42,
    # Without it every SVG gets random identifiers.
    "svg.hashsalt": "bitline",
}


def context() -> AbstractContextManager[None]:
    """Return a context in which only bitline's settings hold, whatever the user's matplotlibrc says."""
    # "default" first: what a user's matplotlibrc sets beyond these would show.
    return _style.context(["default", _RC])


class Page(Figure):
    """A figure that shows itself in a notebook, without pyplot."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        with context():
            self.savefig(content, format="png", dpi=150)
        return content.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of that size [mm] with constrained layout and an Agg canvas."""
    with context():
        # Not from pyplot, which would keep every figure of a long run in memory and need a display's backend.
        made = Page(figsize=(width * MM, height * MM), layout="constrained")
        FigureCanvasAgg(made)
    return made


def colours(axis: str, values: Sequence[object]) -> list[str]:
    """Return one colour per line, for lines that stand for `values` of `axis`.

    Corners and memory levels have fixed colours; up to seven other values take the Okabe-Ito cycle, and more
    take steps of cividis, which is ordered and colour-blind safe.
    """
    if axis == "corner":
        return [CORNERS.get(str(value), GREY) for value in values]
    # By the values, not the axis: levels also stand on axes called start and target.
    if all(str(value) in LEVELS for value in values):
        return [LEVELS[str(value)] for value in values]
    if len(values) == 1:
        return [BLACK]
    if len(values) <= len(CYCLE):
        return list(CYCLE[: len(values)])
    # To 0.9 only: the brightest end is too pale for a line on white.
    return [to_hex(colormaps["cividis"](0.9 * k / (len(values) - 1))) for k in range(len(values))]


def cycle(names: Iterable[str]) -> dict[str, str]:
    """Give each name a colour of the cycle, starting again when it is used up."""
    return {name: CYCLE[k % len(CYCLE)] for k, name in enumerate(names)}
