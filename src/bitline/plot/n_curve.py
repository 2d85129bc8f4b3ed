"""The N-curve of a memory cell, with its zeros and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from bitline.benches.cell.n_curve import zeros
from bitline.engine.waveforms import Waveforms
from bitline.plot import label, style
from bitline.plot.arguments import checked


@checked
def n_curve(axes: Axes, waveforms: Waveforms, behind: Sequence[Waveforms] = ()) -> Axes:
    """Draw the current into the held node over its voltage, its three zeros and both peaks.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    waveforms : Waveforms
        Of bench ``n-curve``: i(vforce) over the voltage of the node.
    behind : sequence of Waveforms
        The same of mismatch samples, drawn thin behind.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    BadMeasureError
        If the signal is missing, or the curve has fewer than three zeros.
    """
    for sample in behind:
        axes.plot(sample.axis, -1e6 * sample["i(vforce)"], color=style.BLUE, gid="sample", **style.BEHIND)
    volts, current = waveforms.axis, -1e6 * waveforms["i(vforce)"]
    found = zeros(volts, current)
    axes.plot(volts, current, color=style.BLUE, gid="n-curve")
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    for name, place in zip("A" + "B" * (len(found) - 2) + "C", found, strict=True):
        axes.plot(place, 0.0, "o", color=style.VERMILLION, gid=f"zero {name}")
        axes.annotate(name, (place, 0.0), xytext=(4, 4), textcoords="offset points")
    for name, (start, stop), sign in (("SINM", found[:2], 1), ("WTI", found[-2:], -1)):
        inside = (volts > start) & (volts < stop)
        k = np.flatnonzero(inside)[np.argmax(sign * current[inside])]
        # Above the curve's peak and below its trough: neither text crosses the curve.
        axes.annotate(
            f"{name} {abs(current[k]):.1f} µA",
            (float(volts[k]), float(current[k])),
            xytext=(0, 4 * sign),
            textcoords="offset points",
            ha="center",
            va="bottom" if sign > 0 else "top",
        )
    # Outside of A and C the curve only goes on to where the source drives the node.
    inner = current[(volts >= found[0]) & (volts <= found[-1])]
    top = max([float(inner.max()), *(-1e6 * float(sample["i(vforce)"].min()) for sample in behind)])
    axes.set_ylim(1.4 * float(inner.min()) - 0.1 * float(inner.max()), 1.2 * top)
    label.quantity(axes.xaxis, "node", "V")
    axes.set_ylabel("Current into the node (µA)")
    return axes
