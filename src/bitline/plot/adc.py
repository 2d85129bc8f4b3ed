"""Panels of the converter's and the comparator's LUTs.

Converter (``sar-adc``): staircase, INL and DNL, spread of the transitions, energy, time left. Comparator
(``strongarm``): offset beside the hand formulas, latency over overdrive, noise. Each takes an Axes and a LUT,
fixes the axes it does not draw as `bitline.plot.select.cut` says, and returns the Axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.plot import label, style
from bitline.plot.panel import Array, Panel, abscissa, along, lines, panel, places, stack, supplies, variable
from bitline.plot.select import Cut, Lut, coordinate_unit, cut, swept
from bitline.system.efficiency import ColumnEnergy

_PARTS = ("total", "reference", "input")
"""Energies that are sums, parts of others, or not the converter's."""
_CONDITIONS = ("v_common", "vdd", "temperature", "corner")
_LINES = ("corner", "vdd", "temperature")


def staircase(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the code over the input: steps at the measured transitions, points at the conversions simulated.

    Parameters
    ----------
    axes : Axes
        Where to draw; the input in V.
    lut : Lut
        With tables ``nominal`` over `v_diff` and ``transitions``.
    title : str, optional
        What the title says before the condition; the circuit by default.
    **where
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
    view = cut(lut, "nominal", "v_diff", None, where)
    ((_, line),) = view.lines("nominal")
    x = places(line, "v_diff")
    axes.plot(x, variable(lut, line, "code"), "o", color=style.BLACK, label="conversions", gid="conversions")
    steps = view.line("transitions")
    if steps is not None:
        v = variable(lut, steps, "v")
        known = v[np.isfinite(v)]
        if len(known) == len(v):
            edges = np.array([min(x.min(), known[0]), *known, max(x.max(), known[-1])])
            axes.stairs(np.arange(len(edges) - 1.0), edges, baseline=None, color=style.BLUE, label="transitions")
    abscissa(axes, lut, line, "v_diff")
    axes.set_ylabel("Code")
    label.title(axes, view.title("nominal", title))
    axes.legend(loc="upper left")
    return axes


def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw INL of each transition and DNL of each code, with +- 3 sigma of the DAC's mismatch where sampled.

    Parameters, returns and errors are those of `staircase`, of table ``transitions``.
    """
    view = cut(lut, "transitions", "transition", None, where)
    ((_, line),) = view.lines("transitions")
    k = line["transition"].values.astype(np.float64)
    sampled = view.line("mismatch")
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    # the step from one transition to the next is the width of the code between them
    for name, at, colour, marker in (("dnl", k + 0.5, style.VERMILLION, "s"), ("inl", k, style.BLUE, "o")):
        values = variable(lut, line, name)
        some = np.isfinite(values)
        axes.plot(
            at[some], values[some], color=colour, marker=marker, label=f"{name.upper()}{label.peak(values)}", gid=name
        )
        if sampled is not None:
            _band(axes, at, values, variable(lut, sampled, f"{name}_sigma"), colour)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    axes.set_ylabel("INL, DNL (LSB)")
    label.quantity(axes.xaxis, "transition", "")
    told = "" if sampled is None else f"; bands ± 3σ of {_converters(sampled)}"
    label.title(axes, f"{view.title('transitions', title)}{told}")
    axes.legend(loc="upper left", ncols=2, reverse=True)
    return axes


def spread(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the sigma of each transition by the DAC's mismatch, with its 95 % interval.

    Parameters, returns and errors are those of `staircase`, of table ``mismatch``.
    """
    view = cut(lut, "mismatch", "transition", None, where)
    ((_, line),) = view.lines("mismatch")
    k = line["transition"].values.astype(np.float64)
    _bars(axes, lut, line, k, "v_sigma", color=style.BLACK, fmt="o", label=f"{_converters(line)}, 95 % interval")
    axes.set_ylim(bottom=0, top=1.2 * axes.get_ylim()[1])
    label.quantity(axes.xaxis, "transition", "")
    label.quantity(axes.yaxis, "sigma of transition", "V")
    label.title(axes, view.title("mismatch", title))
    axes.legend(loc="upper left")
    return axes


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the energy of a conversion over its input, stacked by part, and the 28 nm macro's for comparison.

    Parameters, returns and errors are those of `staircase`, of table ``nominal``.
    """
    view = cut(lut, "nominal", "v_diff", None, where)
    ((_, line),) = view.lines("nominal")
    x = places(line, "v_diff")
    width = 0.8 * float(np.min(np.diff(x))) if len(x) > 1 else 0.8 * (abs(float(x[0])) or 1.0)
    names = {name: colour for name, colour in supplies(line).items() if name not in _PARTS}
    parts = {_part(name): variable(lut, line, f"energy_{name}") for name in names}
    stack(axes, x, width, parts, {_part(name): colour for name, colour in names.items()})
    macro = ColumnEnergy().adc
    told = f"28 nm macro (transcribed), {label.number(macro, 'J')}"
    mark = axes.axhline(macro, color=style.BLACK, dashes=(4, 2), linewidth=0.7, label=told)
    axes.set_ylim(top=1.2 * axes.get_ylim()[1])
    abscissa(axes, lut, line, "v_diff")
    label.quantity(axes.yaxis, "energy per conversion", "J")
    label.title(axes, view.title("nominal", title))
    axes.legend(handles=[mark], loc="upper left")
    return axes


def time_left(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw the time left to the slowest decision of a conversion over its input; below 0 it is not made.

    Parameters
    ----------
    by : str, optional
        An axis, such as ``"corner"``: one line per value.
    axes, lut, title, **where
        As in `staircase`, which also says what is returned and raised.
    """
    along(axes, lut, "nominal", "t_margin", "v_diff", by=by, title=title, **where)
    for text in list(axes.texts):  # they stand at heights of the limits before
        text.remove()
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines])
    axes.set_ylim(min(0.0, float(np.nanmin(drawn))), 1.15 * float(np.nanmax(drawn)))
    axes.axhline(0, color=style.BLACK, linewidth=0.7, zorder=0, gid="zero")
    label.quantity(axes.yaxis, "t_margin", "s")
    view = cut(lut, "nominal", "v_diff", by, where)
    if by is not None:
        label.ends(axes, _ends(lut, view, "nominal", "t_margin"))
    return axes


def offset(axes: Axes, lut: Lut, axis: str = "v_common", *, title: str | None = None, **where: Any) -> Axes:
    """Draw the offset's sigma along an axis with its 95 % interval, beside the hand formulas.

    `sigma_pair` is the input pair's thresholds alone; `sigma_hand`, with the latch's NMOS, is table
    ``nominal``'s at the same condition and the least input.

    Parameters
    ----------
    axis : str
        What the x axis is.
    axes, lut, title, **where
        As in `staircase`, which also says what is returned and raised; of table ``offset``.
    """
    view = cut(lut, "offset", axis, None, where)
    ((_, line),) = view.lines("offset")
    x = places(line, axis)
    drawn = int(line["n_ok"].max())
    _bars(axes, lut, line, x, "offset_sigma", color=style.BLACK, fmt="o", label=f"{drawn} samples, 95 % interval")
    pair = variable(lut, line, "sigma_pair")
    axes.plot(x, pair, color=style.BLUE, dashes=(4, 2), marker="s", label="by hand: input pair", gid="sigma_pair")
    hand = _by_hand(lut, axis, view)
    if hand is not None:
        at, values = hand
        axes.plot(at, values, color=style.VERMILLION, marker="^", label="by hand: with the latch", gid="sigma_hand")
    axes.set_ylim(0, 1.5 * axes.get_ylim()[1])
    abscissa(axes, lut, line, axis)
    label.quantity(axes.yaxis, "sigma of offset", "V")
    label.title(axes, view.title("offset", title))
    axes.legend(loc="upper left")
    return axes


def latency(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw the time of a decision over its overdrive, and what the latch's time constant makes of the least.

    Dashed: ``latency(v) = latency(v_0) + tau ln(v_0 / v)``, `tau` and `v_0` of the least input drawn.

    Parameters
    ----------
    by : str, optional
        An axis, such as ``"v_common"``: one line per value.
    axes, lut, title, **where
        As in `staircase`, which also says what is returned and raised.
    """
    view = cut(lut, "nominal", "v_diff", by, where)
    axes.set_xscale("log")
    taus = []
    for value, line, colour, marker in lines(view, "nominal"):
        v, t, tau = places(line, "v_diff"), variable(lut, line, "latency"), variable(lut, line, "tau")
        axes.plot(v, t, color=colour, marker=marker, linestyle="none", gid=f"line {value}")
        fine = np.geomspace(v[0], v[-1], 50)
        axes.plot(fine, t[0] + tau[0] * np.log(v[0] / fine), color=colour, dashes=(4, 2), linewidth=0.8, gid="law")
        taus.append((float(t[-1]), _tau(view, by, value, float(tau[0])), colour))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    label.quantity(axes.xaxis, "v_diff", coordinate_unit(lut, "v_diff"))
    label.quantity(axes.yaxis, "latency", "s")
    label.title(axes, f"{view.title('nominal', title)}; dashed: latch's τ alone")
    label.ends(axes, [end for end in taus if np.isfinite(end[0])])
    return axes


def noise(
    axes: Axes, lut: Lut, axis: str = "v_common", *, by: str | None = None, title: str | None = None, **where: Any
) -> Axes:
    """Draw the noise of transient runs, with 95 % intervals, beside the integration formula for the same source.

    Intervals: ``s (1 +- 1.96 / sqrt(2 (n - 2)))``, n decisions, two parameters fitted.

    Parameters
    ----------
    axis : str
        What the x axis is.
    by : str, optional
        An axis, such as ``"temperature"``: one colour per value.
    axes, lut, title, **where
        As in `staircase`, which also says what is returned and raised; of table ``noise``.
    """
    view = cut(lut, "noise", axis, by, where)
    for value, line, colour, marker in lines(view, "noise"):
        x, s = places(line, axis), variable(lut, line, "v_noise_transient")
        half = 1.96 * s / np.sqrt(2 * np.maximum(variable(lut, line, "counted") - 2, 1))
        first = axes.get_legend_handles_labels()[1] == []
        axes.errorbar(
            x, s, yerr=half, color=colour, fmt=marker, elinewidth=0.7, label="transient noise" if first else None
        )
        formula = variable(lut, line, "v_noise_formula")
        text = "integration formula" if first else None
        axes.plot(x, formula, color=colour, dashes=(4, 2), label=text, gid=f"formula {value}")
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    abscissa(axes, lut, lut.tables["noise"], axis)
    label.quantity(axes.yaxis, "v_noise", "V")
    label.title(axes, f"{view.title('noise', title)}; added noise, not the comparator's own")
    if by is not None:
        label.ends(axes, _ends(lut, view, "noise", "v_noise_formula"))
    axes.legend(loc="upper left", ncols=2)
    return axes


def panels(lut: Lut) -> dict[str, Panel]:
    """Choose the panels whose variables a LUT has."""
    nominal = lut.tables.get("nominal", xr.Dataset())
    found: dict[str, Panel] = {}
    if "v_diff" in nominal.dims and "code" in nominal:
        found |= _converter_panels(lut, nominal)
    if "offset" in lut.tables and lut.tables["offset"].dims:
        table = lut.tables["offset"]
        found["Offset"] = panel(offset, swept(table, _CONDITIONS) or str(next(iter(table.dims))))
    if "tau" in nominal:
        found |= _comparator_panels(nominal)
    table = lut.tables.get("noise", xr.Dataset())
    if "v_noise_transient" in table and (axis := swept(table, _CONDITIONS) or next(iter(map(str, table.dims)), None)):
        found["Transient noise"] = panel(noise, axis, by=swept(table, ("temperature",), exclude=axis))
    return found


def _converter_panels(lut: Lut, nominal: xr.Dataset) -> dict[str, Panel]:
    found: dict[str, Panel] = {"Codes": panel(staircase)}
    if "transition" in lut.tables.get("transitions", xr.Dataset()).dims:
        found["Linearity"] = panel(linearity)
    if "transition" in lut.tables.get("mismatch", xr.Dataset()).dims:
        found["Mismatch"] = panel(spread)
    if any(str(name).startswith("energy_") for name in nominal.data_vars):
        found["Energy"] = panel(energy)
    if "t_margin" in nominal:
        found["Time left"] = panel(time_left, by=_by(nominal, "v_diff"))
    return found


def _comparator_panels(nominal: xr.Dataset) -> dict[str, Panel]:
    found: dict[str, Panel] = {}
    least = {"v_diff": nominal["v_diff"].values.min()} if "v_diff" in nominal.dims else {}
    if nominal.sizes.get("v_diff", 1) > 1:
        found["Latency"] = panel(latency, by=swept(nominal, ("v_common", *_LINES), exclude="v_diff"))
    axis = swept(nominal, _CONDITIONS, exclude="v_diff")
    if axis is None:
        return found
    told = {"Regeneration": "tau", "Noise": "v_noise", "Kickback": "kick_diff"}
    for name, what in told.items():
        found[name] = panel(along, "nominal", what, axis, by=_by(nominal, axis), **least)
    supply = swept(nominal, ("vdd",), exclude="v_diff") or axis
    found["Energy"] = panel(along, "nominal", "energy_decision", supply, by=_by(nominal, supply), **least)
    return found


def _by(dataset: xr.Dataset, axis: str) -> str | None:
    return next((name for name in _LINES if name != axis and dataset.sizes.get(name, 1) > 1), None)


def _by_hand(lut: Lut, axis: str, view: Cut) -> tuple[Array, Array] | None:
    nominal = lut.tables.get("nominal", xr.Dataset())
    if "sigma_hand" not in nominal or axis not in nominal.dims:
        return None
    where = {name: value for name, value in view.fixed.items() if name in nominal.dims}
    if "v_diff" in nominal.dims:
        where["v_diff"] = nominal["v_diff"].values.min()
    ((_, line),) = cut(lut, "nominal", axis, None, where).lines("nominal")
    return places(line, axis), variable(lut, line, "sigma_hand")


def _bars(axes: Axes, lut: Lut, line: xr.Dataset, x: Array, name: str, **looks: Any) -> None:
    """Draw a variable with its interval, variables ``_low`` and ``_high``."""
    values = variable(lut, line, name)
    ends = values - variable(lut, line, f"{name}_low"), variable(lut, line, f"{name}_high") - values
    axes.errorbar(x, values, yerr=np.clip(ends, 0, None), elinewidth=0.7, **looks)


def _band(axes: Axes, x: Array, middle: Array, sigma: Array, colour: str) -> None:
    looks: dict[str, Any] = {"color": colour, "alpha": 0.18, "linewidth": 0, "zorder": 1}
    axes.fill_between(x, middle - 3 * sigma, middle + 3 * sigma, **looks)


def _ends(lut: Lut, view: Cut, table: str, name: str) -> list[tuple[float, str, str]]:
    found = []
    for value, line, colour, _ in lines(view, table):
        y = variable(lut, line, name)
        if np.isfinite(y).any():
            found.append((float(y[np.isfinite(y)][-1]), view.name(str(view.by), value), colour))
    return found


def _tau(view: Cut, by: str | None, value: Any, tau: float) -> str:
    told = f"τ {label.number(tau, 's')}"
    return told if by is None else f"{view.name(by, value)}, {told}"


def _part(name: str) -> str:
    return "logic (estimated)" if name == "logic" else name


def _converters(line: xr.Dataset) -> str:
    """Say how many converters were measured whole; where some were not, of how many: those left may be the better."""
    whole, lost = int(line["n_ok"].max()), int(line["n_failed"].max()) if "n_failed" in line else 0
    return f"{whole} of {whole + lost} converters" if lost else f"{whole} converters"
