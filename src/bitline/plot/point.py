"""An operating point as a table: it has no axis to draw over."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.waveform import short, unit

_ROW_HEIGHT = 4.5
"""Height of a row of the table [mm]."""
_PREFIX = {"V": "V", "A": "I"}
"""What a node's voltage and a source's current are called in front of their names."""


@checked
def point_figure(runs: Mapping[str, Waveforms]) -> Figure:
    """Write operating points as a table, a row per signal.

    Parameters
    ----------
    runs : mapping of str to Waveforms
        A column for each, by the value of a choice such as the corner; one with the empty name by default.

    Returns
    -------
    matplotlib.figure.Figure
        85 mm wide; write it with `save`.

    Raises
    ------
    InputError
        If there are no signals.
    BadMeasureError
        If one run lacks a signal of the first.
    """
    first = next(iter(runs.values()))
    if not first.signals:
        raise InputError("waveforms without signals: nothing to plot")
    rows = [
        [_signal(first, name), *(label.number(run.value(name), unit(run, name)) for run in runs.values())]
        for name in first.signals
    ]
    heading = ["Operating point", *map(label.level, runs)]
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, 10 + _ROW_HEIGHT * (len(rows) + 1))
        axes = made.subplots()
        _table(axes, heading, rows)
        label.title(axes, first.title)
    return made


def _table(axes: Axes, heading: list[str], rows: list[list[str]]) -> None:
    """Fill the Axes with a table of names and numbers, ruled below its heading."""
    axes.set_axis_off()
    table = axes.table(rows, colLabels=heading, cellLoc="right", colLoc="right", edges="horizontal", bbox=Bbox.unit())
    # Matplotlib would shrink the letters until the longest text fits its cell.
    table.auto_set_font_size(False)
    for (row, column), cell in table.get_celld().items():
        cell.set_linewidth(0.2)
        if row == 0:
            cell.set_linewidth(0.6)
        # Names begin at one edge, numbers end at the other, as in a printed table.
        if column == 0:
            cell.set_text_props(ha="left")


def _signal(waveforms: Waveforms, name: str) -> str:
    quantity = _PREFIX.get(unit(waveforms, name))
    # A device's own quantity, such as @m1[gm], says itself what it is.
    if quantity is None:
        return short(name)
    return f"{quantity}({short(name)})"
