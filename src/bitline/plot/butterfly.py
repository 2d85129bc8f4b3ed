"""The butterfly of a memory cell, with the squares that are its static noise margins."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bitline.benches.cell.butterfly import squares
from bitline.engine.waveforms import Waveforms
from bitline.plot import label, style
from bitline.plot.arguments import checked


@checked
def butterfly(axes: Axes, waveforms: Waveforms, behind: Sequence[Waveforms] = ()) -> Axes:
    """Draw both transfer curves of a cut loop in the plane of QB and Q, and the largest square of each stored bit.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    waveforms : Waveforms
        Of bench ``snm``: v(q) and v(qb) over the common input of both inverters.
    behind : sequence of Waveforms
        The same of mismatch samples, drawn thin behind.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    BadMeasureError
        If a signal is missing.
    """
    for sample in behind:
        axes.plot(sample.axis, sample["v(q)"], color=style.BLUE, gid="sample q", **style.BEHIND)
        axes.plot(sample["v(qb)"], sample.axis, color=style.VERMILLION, gid="sample qb", **style.BEHIND)
    x, q, qb = waveforms.axis, waveforms["v(q)"], waveforms["v(qb)"]
    axes.plot(x, q, color=style.BLUE, label="Q over QB", gid="curve q")
    axes.plot(qb, x, color=style.VERMILLION, label="QB over Q", gid="curve qb")
    for bit, square in zip("10", squares(x, q, qb), strict=True):
        # Curves that do not cross have no square to draw.
        if not square.side > 0:
            continue
        corner, side = (square.qb, square.q), square.side
        axes.add_patch(Rectangle(corner, side, side, fill=False, color=style.GREY, linewidth=0.8, gid=f"square {bit}"))
        middle = (square.qb + side / 2, square.q + side / 2)
        axes.annotate(f"{1e3 * side:.0f} mV", middle, ha="center", va="center", fontsize="small")
    axes.set_aspect("equal")
    label.quantity(axes.xaxis, "QB", "V")
    label.quantity(axes.yaxis, "Q", "V")
    axes.legend(loc="upper right")
    return axes
