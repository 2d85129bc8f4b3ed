"""Panels of a ternary column's LUT: transfer, common mode, linearity, spread, sensing margin, energy, products.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, the number
of pairs at the fewest, and returns the Axes. Tables: ``nominal`` and ``mismatch`` over MAC value `mac` and
pairs `extra`, ``margin`` and ``rows``, ``product``, ``noise``. Mixes that a column has no rows for are NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bitline.plot import label, style, ternary_levels
from bitline.plot.column import mismatch_law
from bitline.plot.mac import MIXES, by_mix, cut_mac, finish, mac_values
from bitline.plot.panel import Array, Panel, along, heat, lines, panel, stack, supplies, variable
from bitline.plot.select import Cut, Lut, cut, swept


def transfer(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw the lines' difference over the MAC value, with the mismatch band where it was sampled.

    Parameters
    ----------
    axes : Axes
        Where to draw; voltages in V.
    lut : Lut
        With table ``nominal``; the band is mean +- 3 sigma of table ``mismatch``.
    by : str, optional
        An axis, such as ``"corner"`` or ``"extra"``: one line per value.
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
    view = cut_mac(lut, "nominal", by, where)
    _over_mac(axes, lut, view, "v_diff")
    for value, _, colour, _ in lines(view, "nominal"):
        sampled = view.line("mismatch", value)
        if sampled is not None:
            _band(axes, lut, sampled, colour)
    label.quantity(axes.yaxis, "difference of the lines", "V")
    finish(axes, lut, view, "v_diff", title)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left")
    return axes


def common(axes: Axes, lut: Lut, *, by: str | None = MIXES, title: str | None = None, **where: Any) -> Axes:
    """Draw how far both lines fall together: what tells a 0 made of pairs from a 0 of nothing.

    Parameters, returns and errors are those of `transfer`; by default a line per number of pairs.
    """
    view = cut_mac(lut, "nominal", by, where)
    _over_mac(axes, lut, view, "common")
    axes.set_ylim(bottom=0)
    label.quantity(axes.yaxis, "common fall of both lines", "V")
    finish(axes, lut, view, "common", title)
    return axes


def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw INL of every mix, and DNL without pairs as the step between two MAC values; both in LSB.

    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "nominal", by_mix(lut, "nominal"), where)
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    peaks = []
    for k, (value, line, _, marker) in enumerate(lines(view, "nominal")):
        mac, inl, dnl = mac_values(line), variable(lut, line, "inl"), variable(lut, line, "dnl")
        colour, zorder = (style.BLUE, 3) if k == 0 else (style.SKY, 2)
        axes.plot(mac, inl, color=colour, marker=marker, zorder=zorder, gid=f"line {value}")
        peaks.append(inl)
        if k == 0 and len(mac) > 1:
            axes.stairs(dnl[:-1], mac, baseline=None, color=style.VERMILLION, label=f"DNL, no pairs{label.peak(dnl)}")
    what = "INL, all mixes (no pairs dark)" if len(peaks) > 1 else "INL"
    told = Line2D([], [], color=style.BLUE, marker="o", label=f"{what}{label.peak(np.concatenate(peaks))}")
    handles = [told, *axes.get_legend_handles_labels()[0]]
    _room(axes, 0.3)
    axes.legend(handles=handles, loc="upper left")
    axes.set_ylabel("INL, DNL (LSB)")
    finish(axes, lut, view, None, title)
    return axes


def sigma(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the sigma of every mix over its activity n+ + n-, the square-root law, and the noise.

    Law: independent stacks, ``sigma = s sqrt(n+ + n-)`` (`bitline.plot.column.mismatch_law`). Noise: that of
    both lines and of the stacks that discharge, ``sqrt(v_thermal^2 + n v_discharge^2)``.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "mismatch", by_mix(lut, "mismatch"), where)
    found = []
    for value, line, colour, marker in lines(view, "mismatch"):
        n, spread = _activity(line, value), variable(lut, line, "v_sigma")
        ends = spread - variable(lut, line, "v_sigma_low"), variable(lut, line, "v_sigma_high") - spread
        some = np.isfinite(spread)
        axes.errorbar(
            n[some],
            spread[some],
            yerr=np.clip(ends, 0, None)[:, some],
            color=colour,
            fmt=marker,
            elinewidth=0.4,
            capsize=0,
            alpha=0.8,
            label=None if value is None else view.name(MIXES, value),
        )
        found += list(zip(n[some], spread[some], strict=True))
    pairs = np.array(found).reshape(-1, 2)
    fine = np.linspace(0, max(pairs[:, 0], default=1.0), 200)
    law = mismatch_law(lut.kind, pairs[:, 0], pairs[:, 1])
    if law is not None:
        text = law[1].replace("× √m", "× √(n₊ + n₋)")
        axes.plot(fine, law[0](fine), color=style.BLACK, linewidth=0.9, label=text, gid="law")
    noise = view.line("noise")
    if noise is not None and np.isfinite(thermal := float(noise["v_thermal"])):
        each = float(noise["v_discharge"]) if "v_discharge" in noise else 0.0
        looks: dict[str, Any] = {"color": style.GREY, "dashes": (4, 2), "linewidth": 0.8, "gid": "noise"}
        axes.plot(fine, np.sqrt(thermal**2 + fine * each**2), label="thermal noise", **looks)
    axes.set_ylim(0, 1.5 * axes.get_ylim()[1])
    axes.set_xlabel("Activity n₊ + n₋")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.yaxis, "sigma of the difference", "V")
    label.title(axes, f"{view.title('mismatch', title)}; 95 % intervals")
    axes.legend(loc="upper left", ncols=2, columnspacing=1.0)
    return axes


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the energy of an operation over the activity n+ + n-, stacked by supply.

    Bars are means over the mixes of the same activity; the range of their totals is marked.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut_mac(lut, "nominal", by_mix(lut, "nominal"), where)
    mixes = [(_activity(line, value), line) for value, line in view.lines("nominal")]
    colours = supplies(mixes[0][1])
    columns = {name: np.concatenate([variable(lut, line, f"energy_{name}") for _, line in mixes]) for name in colours}
    n, total = np.concatenate([activity for activity, _ in mixes]), sum(columns.values(), np.zeros(1))
    some = np.isfinite(total)
    x = np.unique(n[some])
    parts = {k: np.array([v[some & (n == at)].mean() for at in x]) for k, v in columns.items()}
    width = 0.8 * float(np.min(np.diff(x), initial=np.inf)) if len(x) > 1 else 0.8
    if len(x):
        stack(axes, x, width, parts, colours)
        ends = np.array([[total[some & (n == at)].min(), total[some & (n == at)].max()] for at in x]).T
        middle = ends.mean(axis=0)
        axes.errorbar(x, middle, yerr=ends[1] - middle, fmt="none", ecolor=style.BLACK, elinewidth=0.6)
    axes.set_xlabel("Activity n₊ + n₋")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.yaxis, "energy_total", "J")
    label.title(axes, view.title("nominal", title))
    return axes


def products(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the lines' difference for every weight and input, the same in every row [mV].

    Parameters, returns and errors are those of `transfer`, of table ``product``.
    """
    view = cut(lut, "product", "x", "weight", where)
    rows = [(value, variable(lut, line, "v_diff")) for value, line in view.lines("product")]
    values = np.array([row for _, row in rows])
    texts = [[_millivolts(value) for value in row] for row in values]
    most = float(np.nanmax(np.abs(values), initial=0.0))
    inputs = [_trit(value) for value in lut.tables["product"]["x"].values]
    heat(axes, values, texts, inputs, [_trit(value) for value, _ in rows], limits=(-most, most))
    axes.set_xlabel("Input")
    axes.set_ylabel("Weight")
    label.title(axes, f"{view.title('product', title)}; difference in mV, the same trits in every row")
    return axes


def panels(lut: Lut) -> dict[str, Panel]:
    """Choose the panels whose variables a LUT has."""
    found: dict[str, Panel] = {}
    nominal, drawn = (lut.tables.get(name, xr.Dataset()) for name in ("nominal", "mismatch"))
    if "mac" in nominal.dims and "v_diff" in nominal:
        by = swept(nominal, ("corner", "vdd", MIXES), exclude="mac")
        found["Transfer"] = panel(transfer, by=by)
        if "common" in nominal:
            found["Common mode"] = panel(common, by=by_mix(lut, "nominal"))
        if "inl" in nominal and "dnl" in nominal:
            found["Linearity"] = panel(linearity)
    if "mac" in drawn.dims:
        found["Mismatch"] = panel(sigma)
    margins = lut.tables.get("margin", xr.Dataset())
    if "mac" in margins.dims:
        found["Sensing margin"] = panel(ternary_levels.margin, by=swept(margins, ("corner", "vdd"), exclude="mac"))
    if {"mac", "deviation"} <= set(lut.tables.get("histogram", xr.Dataset()).dims):
        found["Level histogram"] = panel(ternary_levels.histogram)
    if "mac" in nominal.dims and any(str(name).startswith("energy_") for name in nominal.data_vars):
        found["Energy"] = panel(energy)
    if {"weight", "x"} <= set(lut.tables.get("product", xr.Dataset()).dims):
        found["Products"] = panel(products)
    if "mac" in nominal.dims and "latency" in nominal:
        least = {MIXES: nominal[MIXES].values.min()} if MIXES in nominal.dims else {}
        found["Latency"] = panel(along, "nominal", "latency", "mac", by=_other(nominal), **least)
    return found


def _other(dataset: xr.Dataset) -> str | None:
    """Return corner or supply, whichever has several values."""
    return next((axis for axis in ("corner", "vdd", "temperature") if dataset.sizes.get(axis, 1) > 1), None)


def _activity(line: xr.Dataset, extra: Any) -> Array:
    """Return how many products are not 0 at each MAC value."""
    pairs = extra if extra is not None else line[MIXES].item() if MIXES in line.coords else 0
    return np.abs(mac_values(line)) + 2.0 * pairs


def _over_mac(axes: Axes, lut: Lut, view: Cut, name: str) -> None:
    for value, line, colour, marker in lines(view, "nominal"):
        axes.plot(mac_values(line), variable(lut, line, name), color=colour, marker=marker, gid=f"line {value}")


def _band(axes: Axes, lut: Lut, sampled: xr.Dataset, colour: str) -> None:
    middle, spread = variable(lut, sampled, "v_mean"), variable(lut, sampled, "v_sigma")
    most = int(sampled["n_ok"].max()) if "n_ok" in sampled else 0
    first = not axes.collections
    text = f"mean ± 3σ of {most} samples" if first else None
    looks: dict[str, Any] = {"color": colour, "alpha": 0.22, "linewidth": 0, "zorder": 1, "label": text}
    axes.fill_between(mac_values(sampled), middle - 3 * spread, middle + 3 * spread, **looks)


def _room(axes: Axes, share: float) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + share * (high - low))


def _trit(value: Any) -> str:
    return f"{value:+g}".replace("-", "−") if value else "0"


def _millivolts(value: float) -> str:
    return "–" if np.isnan(value) else f"{1e3 * value:.1f}".replace("-0.0", "0.0").replace("-", "−")
