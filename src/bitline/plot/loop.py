"""The I-V loop of a memory, with the states behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitline.engine.waveforms import Array, Waveforms
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.waveform import headings, traces


@checked
def iv_loop(axes: Axes, waveforms: Waveforms, volts: str = "v(drive)", source: str = "i(vsl)") -> Axes:
    """Draw the current a source delivers over its voltage, |I| logarithmic, a colour per phase, arrows along it.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    waveforms : Waveforms
        A sweep up and down on both sides of 0 V.
    volts, source : str
        The applied voltage, and the current of the source that applies it.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    BadMeasureError
        If a signal is missing.
    """
    # The magnitude: SET and RESET drive opposite currents, and a logarithmic axis has no negative side.
    v, i, t = waveforms[volts], np.abs(waveforms[source]), waveforms.axis
    spans = [(phase.name, phase.start, phase.stop) for phase in waveforms.phases] or [("", t[0], t[-1])]
    for (name, start, stop), colour in zip(spans, (style.VERMILLION, style.BLUE, *style.CYCLE), strict=False):
        inside = (t >= start) & (t <= stop)
        axes.plot(v[inside], i[inside], color=colour, label=name.upper(), gid=f"loop {name}")
        # One arrow on the way up and one on the way back: which branch comes first is the point of a loop.
        for share in (0.25, 0.75):
            _arrow(axes, v, i, int(np.searchsorted(t, start + share * (stop - start))), colour)
    axes.set_yscale("log")
    axes.set_ylim(_limits(v, i))
    axes.axvline(0, color=style.GREY, linewidth=0.5, zorder=0)
    label.quantity(axes.xaxis, "applied voltage", "V")
    axes.set_ylabel("|Current| (A)")
    # A CSV file keeps no phases, so that there would be nothing to name.
    if waveforms.phases:
        axes.legend(loc="lower left")
    return axes


def _limits(v: Array, i: Array) -> tuple[float, float]:
    """Return the ends of the axis of |I| over voltages."""
    top = float(i.max())
    # Near 0 V the current passes through zero: what it is there would stretch the axis.
    driven = np.abs(v) > 0.02 * np.max(np.abs(v))
    least = float(np.min(i[driven], initial=top))
    return max(top * 1e-8, least) / 2, 2 * top


def _arrow(axes: Axes, v: Array, i: Array, at: int, colour: str) -> None:
    """Put an arrow head on the line at a sample, towards a later one a hundredth of the range away."""
    far = np.flatnonzero(np.abs(v[at:] - v[at]) > 0.01 * np.ptp(v))
    # |I| = 0 has no place on the logarithmic axis.
    if not len(far) or i[at] <= 0:
        return
    later = at + int(far[0])
    head = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.1, "mutation_scale": 8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=(float(v[later]), float(i[later])), xytext=(float(v[at]), float(i[at])), arrowprops=head)


@checked
def loop_figure(waveforms: Waveforms, groups: Mapping[str, tuple[str, ...]] | None = None) -> Figure:
    """Draw the I-V loop beside voltage, current and the filament's state over time.

    Parameters
    ----------
    waveforms : Waveforms
        Of the bench ``iv``: its phases are SET and RESET.
    groups : mapping of str to tuple of str, optional
        Label and signals of each strip.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide; write it with `save`.

    Raises
    ------
    BadMeasureError
        If a signal is missing.
    """
    strips = groups or {
        "Voltage": ("v(drive)", "v(sl)"),
        "Current": ("i(vsl)",),
        "Filament": ("v(thickness)",),
        "Temperature": ("v(kelvin)",),
    }
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 18 + 24 * len(strips))
        axes = made.subplot_mosaic(cast(Any, [["loop", name] for name in strips]))
        iv_loop(axes["loop"], waveforms)
        label.title(axes["loop"], waveforms.title)
        last = list(strips)[-1]
        for name, members in strips.items():
            traces(axes[name], waveforms, members, quantity=name, annotate=False)
            if name != last:
                axes[name].set_xlabel("")
                axes[name].tick_params(labelbottom=False)
        headings(axes[next(iter(strips))], waveforms)
        made.align_ylabels([axes[name] for name in strips])
    return made
