"""The figure of one simulation, by its analysis and its signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitline.circuits.analysis import OperatingPoint
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.butterfly import butterfly
from bitline.plot.loop import loop_figure
from bitline.plot.n_curve import n_curve
from bitline.plot.point import point_figure
from bitline.plot.waveform import groups as default_groups
from bitline.plot.waveform import interesting, real_signals, traces

_STRIP_HEIGHT = 27.0
"""Height of one Axes of a stack [mm]."""


@checked
def waveform_figure(waveforms: Waveforms, groups: Mapping[str, Sequence[str]] | None = None) -> Figure:
    """Stack the signals of a simulation over a shared axis, one column wide.

    Complex signals are drawn as magnitude in decibels and phase over logarithmic frequency.

    Parameters
    ----------
    waveforms : Waveforms
        Signals, phases and marks; of any analysis but an operating point.
    groups : mapping of str to sequence of str, optional
        Label of each Axes, and the vectors in it, all of one unit; by default those of the waveforms' own `panels`, or
        one Axes per unit. The two parts of a complex signal are called ``"|v(out)|"`` and ``"∠v(out)"``.

    Returns
    -------
    matplotlib.figure.Figure
        85 mm wide; write it with `save`.

    Raises
    ------
    InputError
        If a group is empty or mixes units.
    BadMeasureError
        If a name is not among the signals.
    """
    waveforms = real_signals(waveforms)
    if groups is None:
        groups = waveforms.panels or default_groups(waveforms)
    if not groups:
        raise InputError("waveforms without signals: nothing to plot")
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, 18 + _STRIP_HEIGHT * len(groups))
        column_of = made.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
        for k, (axes, (name, members)) in enumerate(zip(column_of, groups.items(), strict=True)):
            # Phases have one name for all strips, above the topmost; their shades run through all of them.
            traces(axes, waveforms, members, quantity=name, annotate=k == 0, stop=interesting(waveforms))
            axes.label_outer()
        made.align_ylabels(list(column_of))
        label.settle(made)
    return made


@checked
def simulation_figure(waveforms: Waveforms, behind: Sequence[Waveforms] = ()) -> Figure:
    """Draw a simulation as suits it: a point, a loop with its states, a cell's margins, or its signals stacked.

    Parameters
    ----------
    waveforms : Waveforms
    behind : sequence of Waveforms
        Mismatch samples, drawn thin behind a butterfly or an N-curve.

    Returns
    -------
    matplotlib.figure.Figure
        Write it with `save`.

    Raises
    ------
    InputError
        If there are samples, and the figure is none of these two.
    """
    if waveforms.abscissa.name == "vx" and {"v(q)", "v(qb)"} <= set(waveforms.signals):
        return _alone(butterfly, waveforms, behind, style.COLUMN_WIDTH)
    if waveforms.abscissa.name == "vforce" and "i(vforce)" in waveforms.signals:
        return _alone(n_curve, waveforms, behind, 0.8 * style.COLUMN_WIDTH)
    if behind:
        raise InputError(
            f"{len(behind)} mismatch samples: can be drawn behind a butterfly or an N-curve, not behind this"
        )
    if waveforms.abscissa == OperatingPoint.axis:
        return point_figure({"": waveforms})
    # By its signals, not by its bench: a file of waveforms does not say which bench wrote it.
    if {"v(drive)", "i(vsl)", "v(thickness)", "v(kelvin)"} <= set(waveforms.signals):
        return loop_figure(waveforms)
    return waveform_figure(waveforms)


def _alone(
    panel: Callable[[Axes, Waveforms, Sequence[Waveforms]], Axes],
    waveforms: Waveforms,
    behind: Sequence[Waveforms],
    height: float,
) -> Figure:
    """Draw one panel on a figure of its own, one column wide; the height in mm."""
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, height)
        label.title(panel(made.subplots(), waveforms, behind), waveforms.title)
    return made
