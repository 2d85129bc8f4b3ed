"""Panels of a memory cell: static margins, leakage, retention, delays, and both ports in one cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import abscissa, along, places, variable
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import cut

_PATHS = {
    "i_leak": ("all", style.BLACK),
    "i_access_blb": ("access", style.BLUE),
    "i_pull_down": ("pull-down", style.VERMILLION),
    "i_pull_up": ("pull-up", style.GREEN),
    "i_junction": ("junctions", style.ORANGE),
}
"""Currents of table ``leakage``, what they are called, and their colours; Q = 1: the line on the low node is BLB."""


@checked
def leakage(axes: Axes, lut: Lut, axis: str, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw what an idle cell leaks along an axis, by path.

    Parameters
    ----------
    axes : Axes
        Where to draw; the y axis is logarithmic.
    lut : Lut
        With table ``leakage``.
    axis : str
        What the x axis is.
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
        If the LUT lacks the table or a variable, or an axis or value is not on its grid.
    """
    view = cut(lut, "leakage", axis, None, condition)
    ((_, line),) = view.lines("leakage")
    x, ends = places(line, axis), []
    for marker, (name, (words, colour)) in zip(style.MARKERS, _PATHS.items(), strict=False):
        y = variable(lut, line, name)
        axes.plot(x, y, color=colour, marker=marker, gid=f"path {name}")
        ends.append((float(y[-1]), words, colour))
    axes.set_yscale("log")
    # Five decades below the whole a path is none.
    axes.set_ylim(bottom=1e-5 * float(np.nanmin(variable(lut, line, "i_leak"))))
    abscissa(axes, lut, line, axis)
    label.quantity(axes.yaxis, "leakage", "A")
    label.title(axes, view.title("leakage", title))
    label.ends(axes, ends)
    return axes


@checked
def two_ports(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the energy of a cycle with both ports on for each pair of bits, beside the two single accesses.

    Parameters, returns and errors are those of `leakage`, of table ``two_port``.
    """
    condition = {"rows": "different", **condition}
    bits = [(a, b) for a in (0, 1) for b in (0, 1)]
    colours = {"digital": style.BLUE, "analog": style.ORANGE, "both": style.GREY}
    for k, (a, b) in enumerate(bits):
        view = cut(lut, "two_port", "ports", None, {**condition, "stored_a": a, "stored_b": b})
        ((_, line),) = view.lines("two_port")
        energy = dict(zip(map(str, line["ports"].values), variable(lut, line, "energy_total"), strict=True))
        axes.bar(k - 0.2, energy["digital"], 0.36, color=colours["digital"])
        axes.bar(k - 0.2, energy["analog"], 0.36, bottom=energy["digital"], color=colours["analog"])
        axes.bar(k + 0.2, energy["both"], 0.36, color=colours["both"])
    for name, words in (("digital", "digital alone"), ("analog", "analog alone"), ("both", "both in one cycle")):
        axes.bar(0, 0, color=colours[name], label=words)
    axes.set_xticks(range(len(bits)), [f"{a}, {b}" for a, b in bits])
    axes.set_xlabel("Bits of row a, row b")
    axes.set_ylim(top=1.35 * axes.get_ylim()[1])
    axes.legend(loc="upper left", ncols=3, columnspacing=1.0)
    label.quantity(axes.yaxis, "energy", "J")
    others = [view.name(axis, value) for axis, value in view.fixed.items() if axis not in {"stored_a", "stored_b"}]
    label.title(axes, f"{title or lut.kind}: {', '.join(others)}")
    return axes


def _along(title: str, table: str, name: str, by: str, axis: str, *, axes: tuple[str, ...] = (), **at: Any) -> Panel:
    """Return a panel of one variable along an axis, a line per value of another, at some coordinates."""
    fixed = {key: value for key, value in at.items() if isinstance(value, str)}
    numbers = {key: value for key, value in at.items() if key not in fixed}
    return Panel(
        title,
        (Needs(table, (by, *at, *axes), (name,)),),
        along,
        x=Over((axis,), only=True),
        fixed=fixed,
        options={"table": table, "name": name, "by": by, **numbers},
    )


PANELS = (
    _along("Noise margin", "snm", "snm", "access", "corner"),
    _along("Write margin", "write_margin", "write_margin", "ports", "corner", method="bit-line", stored=1),
    Panel(
        "Leakage",
        (Needs("leakage", ("lines", "stored"), tuple(_PATHS)),),
        leakage,
        x=Over(("temperature",), only=True),
        fixed={"lines": "high"},
        options={"stored": 1},
    ),
    _along("Retention voltage", "retention", "drv", "lines", "corner"),
    _along("Read delay", "read", "t_read", "corner", "vdd", port="right", stored=1),
    _along("Write delay", "write", "t_flip", "corner", "vdd", ports="both", stored=1),
    _along("Read disturb", "read", "disturb", "c_line", "corner", port="right", stored=1),
    Panel(
        "Two ports",
        (Needs("two_port", ("ports", "rows", "stored_a", "stored_b"), ("energy_total",)),),
        two_ports,
        fixed={"rows": "different"},
    ),
    _along("Disturb, mean of samples", "two_port_mismatch", "disturb_a_mean", "rows", "ports", stored_a=0, stored_b=1),
)
