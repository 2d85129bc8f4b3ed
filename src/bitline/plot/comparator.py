"""Panels of a comparator: offset beside the hand formulas, latency over overdrive, noise, kickback, energy.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, and returns
the Axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.draw import abscissa, along, bars, last_points, lines, places, variable
from bitline.plot.operands import analog_input
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import Cut, coordinate_unit, cut


def offset(axes: Axes, lut: Lut, axis: str = "v_common", *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the offset's sigma along an axis with its 95 % interval, beside the hand formulas.

    `sigma_pair` is the input pair's thresholds alone; `sigma_hand`, with the latch's NMOS, is table
    ``nominal``'s at the same condition and the least input.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    lut : Lut
        With table ``offset``.
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
        If the LUT lacks the table or variable, or an axis or value is not on its grid.
    """
    view = cut(lut, "offset", axis, None, condition)
    ((_, line),) = view.lines("offset")
    x = places(line, axis)
    text = f"{int(line['n_ok'].max())} samples, 95 % interval"
    bars(axes, lut, line, x, "offset_sigma", color=style.BLACK, fmt="o", label=text)
    pair = variable(lut, line, "sigma_pair")
    axes.plot(x, pair, color=style.BLUE, dashes=(4, 2), marker="s", label="by hand: input pair", gid="sigma_pair")
    _by_hand(axes, lut, axis, view)
    # The legend's three lines stand above the points.
    axes.set_ylim(0, 1.5 * axes.get_ylim()[1])
    abscissa(axes, lut, line, axis)
    label.quantity(axes.yaxis, "sigma of offset", "V")
    label.title(axes, view.title("offset", title))
    axes.legend(loc="upper left")
    return axes


def _by_hand(axes: Axes, lut: Lut, axis: str, view: Cut) -> None:
    """Draw the hand formula with the latch, where the LUT has it over this axis."""
    nominal = lut.tables.get("nominal", xr.Dataset())
    if "sigma_hand" not in nominal or axis not in nominal.dims:
        return
    # Offset is asked for at no overdrive: the least there is comes nearest.
    condition = {name: value for name, value in view.fixed.items() if name in nominal.dims}
    overdrive = analog_input(lut)
    if overdrive in nominal.dims:
        condition[overdrive] = nominal[overdrive].values.min()
    ((_, line),) = cut(lut, "nominal", axis, None, condition).lines("nominal")
    looks: dict[str, Any] = {"color": style.VERMILLION, "marker": "^", "gid": "sigma_hand"}
    axes.plot(places(line, axis), variable(lut, line, "sigma_hand"), label="by hand: with the latch", **looks)


def latency(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw the time of a decision over its overdrive, and what the latch's time constant makes of the least.

    Dashed: ``latency(v) = latency(v_0) + tau ln(v_0 / v)``, `tau` and `v_0` of the least input drawn.

    Parameters
    ----------
    by : str, optional
        An axis, such as ``"v_common"``: one line per value.
    axes, lut, title, **condition
        As in `offset`, which also says what is returned and raised; of table ``nominal``.
    """
    axis = analog_input(lut)
    view = cut(lut, "nominal", axis, by, condition)
    # The latch grows exponentially, so that over the logarithm of the input its law is a straight line.
    axes.set_xscale("log")
    ends = []
    for value, line, colour, marker in lines(view, "nominal"):
        v, t, tau = places(line, axis), variable(lut, line, "latency"), variable(lut, line, "tau")
        axes.plot(v, t, color=colour, marker=marker, linestyle="none", gid=f"line {value}")
        # The least overdrive is where regeneration takes the largest share of the time.
        fine = np.geomspace(v[0], v[-1], 50)
        axes.plot(fine, t[0] + tau[0] * np.log(v[0] / fine), color=colour, dashes=(4, 2), linewidth=0.8, gid="law")
        if np.isfinite(t[-1]):
            ends.append((float(t[-1]), _tau(view, value, float(tau[0])), colour))
    # From 0, so that regeneration is seen as a share of the whole time.
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    label.quantity(axes.xaxis, axis, coordinate_unit(lut, axis))
    label.quantity(axes.yaxis, "latency", "s")
    label.title(axes, f"{view.title('nominal', title)}; dashed: latch's τ alone")
    label.ends(axes, ends)
    return axes


def _tau(view: Cut, value: Any, tau: float) -> str:
    text = f"τ {label.number(tau, 's')}"
    if view.by is None:
        return text
    return f"{view.name(view.by, value)}, {text}"


def noise(
    axes: Axes, lut: Lut, axis: str = "v_common", *, by: str | None = None, title: str | None = None, **condition: Any
) -> Axes:
    """Draw the noise of transient runs, with 95 % intervals, beside the integration formula for the same source.

    Intervals: ``s (1 +- 1.96 / sqrt(2 (n - 2)))``, n decisions, two parameters fitted.

    Parameters
    ----------
    axis : str
        What the x axis is.
    by : str, optional
        An axis, such as ``"temperature"``: one colour per value.
    axes, lut, title, **condition
        As in `offset`, which also says what is returned and raised; of table ``noise``.
    """
    view = cut(lut, "noise", axis, by, condition)
    texts: dict[str, str] = {"run": "transient noise", "formula": "integration formula"}
    for value, line, colour, marker in lines(view, "noise"):
        x, s = places(line, axis), variable(lut, line, "v_noise_transient")
        # Two decisions leave no degree of freedom; the floor keeps the bar finite.
        half = 1.96 * s / np.sqrt(2 * np.maximum(variable(lut, line, "counted") - 2, 1))
        # Points and curve are explained once, by the first line: colours are named at the ends.
        axes.errorbar(x, s, yerr=half, color=colour, fmt=marker, elinewidth=0.7, label=texts.pop("run", None))
        formula, text = variable(lut, line, "v_noise_formula"), texts.pop("formula", None)
        axes.plot(x, formula, color=colour, dashes=(4, 2), label=text, gid=f"formula {value}")
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    abscissa(axes, lut, lut.tables["noise"], axis)
    label.quantity(axes.yaxis, "v_noise", "V")
    # The runs add noise of known density to check the formula: it must not be read as the comparator's.
    label.title(axes, f"{view.title('noise', title)}; added noise, not the comparator's own")
    label.ends(axes, last_points(lut, view, "noise", "v_noise_formula"))
    axes.legend(loc="upper left", ncols=2)
    return axes


_CONDITIONS = ("v_common", "vdd", "temperature", "corner")
_LINES = Over(("corner", "vdd", "temperature"), only=True)
_OFFSET = ("offset_sigma", "offset_sigma_low", "offset_sigma_high", "sigma_pair", "n_ok")
_NOISE = ("v_noise_transient", "v_noise_formula", "counted")


def _along(title: str, name: str, *prefer: str) -> Panel:
    """Return the panel of one variable of a decision, at the least overdrive."""
    return Panel(
        title,
        (Needs("nominal", (analog_input,), ("tau", name)),),
        along,
        x=Over(prefer),
        by=_LINES,
        # At a large input the latch decides before it has settled to its own time constant.
        least=(analog_input,),
        options={"table": "nominal", "name": name},
    )


PANELS = (
    Panel(
        "Offset",
        (Needs("offset", (), _OFFSET),),
        offset,
        beside=(Needs("nominal", (), ("sigma_hand",)),),
        x=Over(_CONDITIONS, single=True),
    ),
    Panel(
        "Latency",
        (Needs("nominal", (analog_input,), ("latency", "tau"), swept=True),),
        latency,
        by=Over(("v_common", "corner", "vdd", "temperature")),
    ),
    _along("Regeneration", "tau", *_CONDITIONS),
    _along("Noise", "v_noise", *_CONDITIONS),
    _along("Kickback", "kick_diff", *_CONDITIONS),
    _along("Energy", "energy_decision", "vdd"),
    Panel(
        "Transient noise",
        (Needs("noise", (), _NOISE),),
        noise,
        x=Over(_CONDITIONS, single=True),
        by=Over(("temperature",)),
    ),
)
