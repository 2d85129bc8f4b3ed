"""Panels of a converter: staircase, INL and DNL, spread of the transitions, energy, time left.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, and
returns the Axes. The input is the first operand axis of the LUT's operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.column import SPREAD
from bitline.plot.draw import (
    Array,
    abscissa,
    along,
    band,
    bars,
    energies,
    last_points,
    places,
    reference,
    spacing,
    stack,
    supplies,
    variable,
)
from bitline.plot.operands import analog_input
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import cut
from bitline.system.efficiency import ColumnEnergy

_PARTS = ("total", "reference", "input")
"""Energies that are sums, parts of others, or not the converter's."""


def staircase(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the code over the input: steps at the measured transitions, points at the conversions simulated.

    Parameters
    ----------
    axes : Axes
        Where to draw; the input in V.
    lut : Lut
        With tables ``nominal`` over the input and ``transitions``.
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
    axis = analog_input(lut)
    view = cut(lut, "nominal", axis, None, condition)
    ((_, line),) = view.lines("nominal")
    x = places(line, axis)
    # Steps come from the levels of decisions, points are whole conversions: a point off the steps is an error of one.
    axes.plot(x, variable(lut, line, "code"), "o", color=style.BLACK, label="conversions", gid="conversions")
    transitions = view.line("transitions")
    if transitions is not None:
        _steps(axes, x, variable(lut, transitions, "v"))
    abscissa(axes, lut, line, axis)
    axes.set_ylabel("Code")
    label.title(axes, view.title("nominal", title))
    axes.legend(loc="upper left")
    return axes


def _steps(axes: Axes, x: Array, v: Array) -> None:
    """Draw the steps at the transitions, if each of them was measured: with one missing, the codes are not known."""
    if not np.isfinite(v).all():
        return
    # The first and the last code have one transition each: they are drawn as far as there are inputs.
    edges = np.array([min(x.min(), v[0]), *v, max(x.max(), v[-1])])
    axes.stairs(np.arange(len(edges) - 1.0), edges, baseline=None, color=style.BLUE, label="transitions")


def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw INL of each transition and DNL of each code, with +- 3 sigma of the DAC's mismatch where sampled.

    Parameters, returns and errors are those of `staircase`, of table ``transitions``.
    """
    view = cut(lut, "transitions", "transition", None, condition)
    ((_, line),) = view.lines("transitions")
    sampled = view.line("mismatch")
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    # the step from one transition to the next is the width of the code between them
    for name, shift, colour, marker in (("dnl", 0.5, style.VERMILLION, "s"), ("inl", 0.0, style.BLUE, "o")):
        x, values = places(line, "transition") + shift, variable(lut, line, name)
        some = np.isfinite(values)
        text = f"{name.upper()}{label.peak(values)}"
        axes.plot(x[some], values[some], color=colour, marker=marker, label=text, gid=name)
        if sampled is not None:
            band(axes, x, values, variable(lut, sampled, f"{name}_sigma"), color=colour, alpha=0.18)
    low, high = axes.get_ylim()
    # The legend stands above the curves, whose peaks it would hide.
    axes.set_ylim(low, high + 0.3 * (high - low))
    axes.set_ylabel("INL, DNL (LSB)")
    label.quantity(axes.xaxis, "transition", "")
    heading = view.title("transitions", title)
    if sampled is not None:
        heading = f"{heading}; bands ± 3σ of {_converters(sampled)}"
    label.title(axes, heading)
    axes.legend(loc="upper left", ncols=2, reverse=True)
    return axes


def spread(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the sigma of each transition by the DAC's mismatch, with its 95 % interval.

    Parameters, returns and errors are those of `staircase`, of table ``mismatch``.
    """
    view = cut(lut, "mismatch", "transition", None, condition)
    ((_, line),) = view.lines("mismatch")
    text = f"{_converters(line)}, 95 % interval"
    bars(axes, lut, line, places(line, "transition"), "v_sigma", color=style.BLACK, fmt="o", label=text)
    axes.set_ylim(bottom=0, top=1.2 * axes.get_ylim()[1])
    label.quantity(axes.xaxis, "transition", "")
    label.quantity(axes.yaxis, "sigma of transition", "V")
    label.title(axes, view.title("mismatch", title))
    axes.legend(loc="upper left")
    return axes


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the energy of a conversion over its input, stacked by part, and the 28 nm macro's for comparison.

    Parameters, returns and errors are those of `staircase`, of table ``nominal``.
    """
    axis = analog_input(lut)
    view = cut(lut, "nominal", axis, None, condition)
    ((_, line),) = view.lines("nominal")
    x = places(line, axis)
    width = 0.8 * spacing(x)
    # A single bar has no neighbour to take its width from.
    if len(x) == 1:
        width *= abs(float(x[0])) or 1.0
    names = {name: colour for name, colour in supplies(line).items() if name not in _PARTS}
    parts = {_part(lut, name): values for name, values in energies(lut, line, names).items()}
    stack(axes, x, width, parts, {_part(lut, name): colour for name, colour in names.items()})
    # Another process at half the supply: a line to compare with, and no bar among the measured ones.
    reference(axes, ColumnEnergy().adc, "28 nm macro (transcribed)")
    abscissa(axes, lut, line, axis)
    label.quantity(axes.yaxis, "energy per conversion", "J")
    label.title(axes, view.title("nominal", title))
    return axes


def _part(lut: Lut, name: str) -> str:
    # Counted from standard cells, not simulated: the figure has to say so, as it travels without its text.
    contents = lut.operation.energy.includes if lut.operation else ()
    if name == "logic" and any("(estimated)" in part for part in contents):
        return "logic (estimated)"
    return name


def time_left(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw the time left to the slowest decision of a conversion over its input; below 0 it is not made.

    Parameters
    ----------
    by : str, optional
        An axis, such as ``"corner"``: one line per value.
    axes, lut, title, **condition
        As in `staircase`, which also says what is returned and raised.
    """
    axis = analog_input(lut)
    along(axes, lut, "nominal", "t_margin", axis, by=by, title=title, **condition)
    for text in list(axes.texts):  # they stand at heights of the limits before
        text.remove()
    times = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines])
    # 0 is always in sight, as the distance from it is the answer.
    axes.set_ylim(min(0.0, float(np.nanmin(times))), 1.15 * float(np.nanmax(times)))
    axes.axhline(0, color=style.BLACK, linewidth=0.7, zorder=0, gid="zero")
    label.quantity(axes.yaxis, "t_margin", "s")
    label.ends(axes, last_points(lut, cut(lut, "nominal", axis, by, condition), "nominal", "t_margin"))
    return axes


def _converters(line: xr.Dataset) -> str:
    """Say how many converters were measured whole; where some were not, of how many: those left may be the better."""
    whole, lost = (int(np.max(line.get(name, 0))) for name in ("n_ok", "n_failed"))
    if not lost:
        return f"{whole} converters"
    return f"{whole} of {whole + lost} converters"


PANELS = (
    Panel(
        "Codes",
        (Needs("nominal", (analog_input,), ("code",)),),
        staircase,
        beside=(Needs("transitions", ("transition",), ("v",)),),
    ),
    Panel(
        "Linearity",
        (Needs("transitions", ("transition",), ("inl", "dnl")),),
        linearity,
        beside=(Needs("mismatch", ("transition",), ("inl_sigma", "dnl_sigma")),),
    ),
    Panel("Mismatch", (Needs("mismatch", ("transition",), (*SPREAD, "n_ok")),), spread),
    Panel("Energy", (Needs("nominal", (analog_input,), ("code", "energy_*")),), energy),
    Panel(
        "Time left",
        (Needs("nominal", (analog_input,), ("t_margin",)),),
        time_left,
        by=Over(("corner", "vdd", "temperature"), only=True),
    ),
)
