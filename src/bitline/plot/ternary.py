"""Panels of a ternary column: transfer, common mode, linearity, spread, energy, products.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, the number
of pairs at the fewest, and returns the Axes. MAC values and pairs are the axes of the LUT's products. Mixes
that a column has no rows for are NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bitline.lut.lut import Lut
from bitline.plot import label, style, ternary_levels
from bitline.plot.column import SPREAD, mismatch_law
from bitline.plot.draw import (
    Array,
    along,
    band,
    bars,
    heat,
    lines,
    places,
    spacing,
    stack,
    supplies,
    variable,
)
from bitline.plot.mac import activity, by_mix, cut_mac, finish, over_activity
from bitline.plot.operands import difference, mac, pairs, sharing
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import Cut, cut


def transfer(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw the lines' difference over the MAC value, with the mismatch band where it was sampled.

    Parameters
    ----------
    axes : Axes
        Where to draw; voltages in V.
    lut : Lut
        With table ``nominal``; the band is mean +- 3 sigma of table ``mismatch``.
    by : str, optional
        An axis, such as ``"corner"`` or the pairs: one line per value.
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
    view = cut_mac(lut, "nominal", by, condition)
    _over_mac(axes, lut, view, difference(lut))
    for value, _, colour, _ in lines(view, "nominal"):
        sampled = view.line("mismatch", value)
        if sampled is not None:
            _band(axes, lut, sampled, colour)
    label.quantity(axes.yaxis, "difference of the lines", "V")
    finish(axes, lut, view, difference(lut), title)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left")
    return axes


def _over_mac(axes: Axes, lut: Lut, view: Cut, name: str) -> None:
    for value, line, colour, marker in lines(view, "nominal"):
        axes.plot(places(line, mac(lut)), variable(lut, line, name), color=colour, marker=marker, gid=f"line {value}")


def _band(axes: Axes, lut: Lut, sampled: xr.Dataset, colour: str) -> None:
    middle, spread = variable(lut, sampled, "v_mean"), variable(lut, sampled, "v_sigma")
    looks: dict[str, Any] = {"color": colour, "alpha": 0.22}
    # One band explains them all.
    if not axes.collections:
        looks["label"] = f"mean ± 3σ of {int(np.max(sampled.get('n_ok', 0)))} samples"
    band(axes, places(sampled, mac(lut)), middle, spread, **looks)


def common(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw how far both lines fall together: what tells a 0 made of pairs from a 0 of nothing.

    Parameters, returns and errors are those of `transfer`; by default a line per number of pairs.
    """
    view = cut_mac(lut, "nominal", by or by_mix(lut, "nominal"), condition)
    _over_mac(axes, lut, view, "common")
    # Lines only fall; from 0 the fall of one product compares with that of many pairs.
    axes.set_ylim(bottom=0)
    label.quantity(axes.yaxis, "common fall of both lines", "V")
    finish(axes, lut, view, "common", title)
    return axes


def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw INL of every mix, and DNL without pairs as the step between two MAC values; both in LSB.

    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "nominal", by_mix(lut, "nominal"), condition)
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    peaks: list[Array] = []
    for value, line, _, marker in lines(view, "nominal"):
        looks: dict[str, Any] = {"color": style.SKY, "zorder": 2}
        # The first has the fewest pairs: the line to which all INL refers, so it is dark and on top.
        if not peaks:
            looks = {"color": style.BLUE, "zorder": 3}
            _steps(axes, lut, line)
        inl = variable(lut, line, "inl")
        axes.plot(places(line, mac(lut)), inl, marker=marker, gid=f"line {value}", **looks)
        peaks.append(inl)
    text = "INL"
    if len(peaks) > 1:
        text = "INL, all mixes (no pairs dark)"
    mark = Line2D([], [], color=style.BLUE, marker="o", label=f"{text}{label.peak(np.concatenate(peaks))}")
    handles = [mark, *axes.get_legend_handles_labels()[0]]
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    axes.legend(handles=handles, loc="upper left")
    axes.set_ylabel("Error (LSB)")
    finish(axes, lut, view, None, title)
    return axes


def _steps(axes: Axes, lut: Lut, line: xr.Dataset) -> None:
    values, dnl = places(line, mac(lut)), variable(lut, line, "dnl")
    if len(values) > 1:
        text = f"{label.step(values)}, no pairs{label.peak(dnl)}"
        axes.stairs(dnl[:-1], values, baseline=None, color=style.VERMILLION, label=text)


def sigma(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the sigma of every mix over its activity n+ + n-, the square-root law, and the noise.

    Law: independent stacks, ``sigma = s sqrt(n+ + n-)`` (`bitline.plot.column.mismatch_law`). Noise: that of
    both lines and of the stacks that discharge, ``sqrt(v_thermal^2 + n v_discharge^2)``.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "mismatch", by_mix(lut, "mismatch"), condition)
    n, spreads = _spreads(axes, lut, view)
    fine = np.linspace(0, max(n, default=1.0), 200)
    # One law through all mixes: stacks that discharge vary alike, whichever line they are on.
    law = mismatch_law(n, spreads, sharing=sharing(lut))
    if law is not None:
        text = law[1].replace("× √m", "× √(n₊ + n₋)")
        axes.plot(fine, law[0](fine), color=style.BLACK, linewidth=0.9, label=text, gid="law")
    _noise(axes, view, fine)
    axes.set_ylim(0, 1.5 * axes.get_ylim()[1])
    over_activity(axes)
    label.quantity(axes.yaxis, "sigma of the difference", "V")
    label.title(axes, f"{view.title('mismatch', title)}; 95 % intervals")
    axes.legend(loc="upper left", ncols=2, columnspacing=1.0)
    return axes


def _spreads(axes: Axes, lut: Lut, view: Cut) -> tuple[Array, Array]:
    """Draw the sigma of each mix with its interval; return activity and sigma of all."""
    activities, spreads = [np.zeros(0)], [np.zeros(0)]
    for value, line, colour, marker in lines(view, "mismatch"):
        # Mixes with more products than rows do not exist.
        some = np.isfinite(variable(lut, line, "v_sigma"))
        mix = line.isel({mac(lut): some})
        looks: dict[str, Any] = {"color": colour, "fmt": marker, "capsize": 0, "alpha": 0.8}
        if value is not None:
            looks["label"] = view.name(pairs(lut), value)
        activities.append(activity(lut, mix, value))
        spreads.append(variable(lut, mix, "v_sigma"))
        bars(axes, lut, mix, activities[-1], "v_sigma", elinewidth=0.4, **looks)
    return np.concatenate(activities), np.concatenate(spreads)


def _noise(axes: Axes, view: Cut, n: Array) -> None:
    """Draw the noise over the activity, where it is known at this condition."""
    noise = view.line("noise")
    if noise is None or "v_thermal" not in noise or not np.isfinite(thermal := float(noise["v_thermal"])):
        return
    discharge = float(noise.get("v_discharge", 0.0))
    looks: dict[str, Any] = {"color": style.GREY, "dashes": (4, 2), "linewidth": 0.8, "gid": "noise"}
    # kT/C of both lines is always there; each stack adds its own noise while it discharges.
    axes.plot(n, np.sqrt(thermal**2 + n * discharge**2), label="thermal noise", **looks)


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the energy of an operation over the activity n+ + n-, stacked by supply.

    Bars are means over the mixes of the same activity; the range of their totals is marked.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "nominal", by_mix(lut, "nominal"), condition)
    mixes = [(activity(lut, line, value), line) for value, line in view.lines("nominal")]
    colours = supplies(mixes[0][1])
    columns = {name: np.concatenate([variable(lut, line, f"energy_{name}") for _, line in mixes]) for name in colours}
    n, total = np.concatenate([activities for activities, _ in mixes]), sum(columns.values(), np.zeros(1))
    some = np.isfinite(total)
    x = np.unique(n[some])
    if len(x):
        # MAC 2, MAC -2 and 0 with one pair all have two products that are not 0.
        alike = [some & (n == at) for at in x]
        means = {name: np.array([values[mask].mean() for mask in alike]) for name, values in columns.items()}
        stack(axes, x, 0.8 * spacing(x), means, colours)
        ends = np.array([[total[mask].min(), total[mask].max()] for mask in alike]).T
        middle = ends.mean(axis=0)
        # Beside their mean the range shows how much it matters which products they were.
        axes.errorbar(x, middle, yerr=ends[1] - middle, fmt="none", ecolor=style.BLACK, elinewidth=0.6)
    over_activity(axes)
    label.quantity(axes.yaxis, "energy_total", "J")
    label.title(axes, view.title("nominal", title))
    return axes


def products(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the lines' difference for every weight and input, the same in every row [mV].

    Parameters, returns and errors are those of `transfer`, of table ``product``.
    """
    view = cut(lut, "product", "x", "weight", condition)
    rows = [(value, variable(lut, line, difference(lut))) for value, line in view.lines("product")]
    values = np.array([row for _, row in rows])
    texts = [[_millivolts(value) for value in row] for row in values]
    # Limits on both sides of 0 give products of equal size and opposite sign the two ends of the scale.
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    inputs = [_trit(value) for value in lut.tables["product"]["x"].values]
    heat(axes, values, texts, inputs, [_trit(value) for value, _ in rows], limits=(-largest, largest))
    axes.set_xlabel("Input")
    axes.set_ylabel("Weight")
    label.title(axes, f"{view.title('product', title)}; difference in mV, the same trits in every row")
    return axes


def _trit(value: Any) -> str:
    if value == 0:
        # Without a sign: a trit of +0 would be read as a third kind of 0.
        return "0"
    return f"{value:+g}".replace("-", "−")


def _millivolts(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{1e3 * value:.1f}".replace("-0.0", "0.0").replace("-", "−")


PANELS = (
    Panel(
        "Transfer",
        (Needs("nominal", (mac,), (difference,)),),
        transfer,
        beside=(Needs("mismatch", (mac,), ("v_mean", "v_mean_se")),),
        by=Over(("corner", "vdd", pairs)),
    ),
    Panel("Common mode", (Needs("nominal", (mac,), ("common",)),), common, by=Over((pairs,), only=True)),
    Panel("Linearity", (Needs("nominal", (mac,), ("inl", "dnl")),), linearity),
    Panel(
        "Mismatch",
        (Needs("mismatch", (mac,), SPREAD),),
        sigma,
        beside=(Needs("noise", (), ("v_thermal", "v_discharge")),),
    ),
    *ternary_levels.PANELS,
    Panel("Energy", (Needs("nominal", (mac,), ("energy_*",)),), energy),
    Panel("Products", (Needs("product", ("weight", "x"), (difference,)),), products),
    Panel(
        "Latency",
        (Needs("nominal", (), ("latency",)),),
        along,
        x=Over((mac,), only=True),
        by=Over(("corner", "vdd", "temperature"), only=True),
        # Pairs make both lines fall without moving their difference, and would mix two effects in one line.
        least=(pairs,),
        options={"table": "nominal", "name": "latency"},
    ),
)
