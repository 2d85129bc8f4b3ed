"""Panels of an analog column's LUT: transfer, linearity, mismatch, energy, SNR.

Each takes an Axes and a LUT, fixes the axes it does not draw at the reference condition (that of
the Monte Carlo; else tt and the middle of each grid) or where the caller says, and returns the Axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bitline.plot import label, style
from bitline.plot.panel import Panel, panel, stack, supplies, variable
from bitline.plot.select import Cut, Lut, coordinate_unit, cut, swept

Array = NDArray[np.float64]


def transfer(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw the line voltage over the MAC code, with the mismatch band where it was sampled.

    Parameters
    ----------
    axes : Axes
        Where to draw; voltages in V.
    lut : Lut
        With table ``nominal``; the band is mean +- 3 sigma of table ``mismatch``.
    by : str, optional
        An axis, such as ``"corner"``: one line per value.
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
    view = cut(lut, "nominal", "code", by, where)
    values = view.values("nominal")
    colours = style.colours(by or "", values)
    ends = []
    for colour, marker, (value, line) in zip(colours, _markers(values), view.lines("nominal"), strict=True):
        v_line = variable(lut, line, "v_line")
        axes.plot(line["code"], v_line, color=colour, marker=marker, gid=f"line {value}")
        _band(axes, view, value, colour)
        if by is not None and np.isfinite(v_line).any():
            ends.append((_last(v_line), view.name(by, value), colour))
    _codes(axes)
    label.quantity(axes.yaxis, "v_line", "V")
    label.title(axes, view.title("nominal", title))
    label.ends(axes, ends)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")
    return axes


def _band(axes: Axes, view: Cut, value: object, colour: str) -> None:
    sampled = view.line("mismatch", value)
    if sampled is None:
        return
    mean, sigma = variable(view.lut, sampled, "v_mean"), variable(view.lut, sampled, "v_sigma")
    axes.fill_between(
        sampled["code"].values.astype(float),
        mean - 3 * sigma,
        mean + 3 * sigma,
        color=colour,
        alpha=0.22,
        linewidth=0,
        zorder=1,
        label=f"mean ± 3σ of {_samples(sampled)}",
    )


def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw INL at each code and DNL as the step between two codes, both in LSB.

    Parameters, returns and errors are those of `transfer`.
    """
    view = cut(lut, "nominal", "code", None, where)
    ((_, line),) = view.lines("nominal")
    codes = line["code"].values.astype(float)
    inl, dnl = variable(lut, line, "inl"), variable(lut, line, "dnl")
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    if len(codes) > 1:
        axes.stairs(dnl[:-1], codes, baseline=None, color=style.VERMILLION, label=f"DNL{label.peak(dnl)}")
    axes.plot(codes, inl, color=style.BLUE, marker="o", label=f"INL{label.peak(inl)}")
    _codes(axes)
    label.quantity(axes.yaxis, "INL, DNL", "LSB")
    label.title(axes, view.title("nominal", title))
    axes.legend(loc="best", reverse=True)
    return axes


def sigma(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the mismatch sigma per code with its 95 % interval, the fitted law and the thermal noise.

    Parameters, returns and errors are those of `transfer`; see `mismatch_law` for the curve.
    """
    view = cut(lut, "mismatch", "code", None, where)
    ((_, line),) = view.lines("mismatch")
    codes = line["code"].values.astype(float)
    values = variable(lut, line, "v_sigma")
    interval = (values - variable(lut, line, "v_sigma_low"), variable(lut, line, "v_sigma_high") - values)
    axes.errorbar(
        codes,
        values,
        yerr=np.clip(interval, 0, None),
        color=style.BLACK,
        fmt="o",
        elinewidth=0.7,
        label=f"{_samples(line)}, 95 % interval",
    )
    law = mismatch_law(lut.kind, codes, values)
    if law is not None:
        fine = np.linspace(0, codes.max(), 200)
        axes.plot(fine, law[0](fine), color=style.VERMILLION, zorder=1, label=law[1])
    noise = view.line("noise")
    if noise is not None and np.isfinite(thermal := float(noise["v_thermal"])):
        axes.axhline(
            thermal,
            color=style.BLUE,
            dashes=(4, 2),
            linewidth=0.8,
            label=f"thermal noise, {label.number(thermal, 'V')}",
        )
    _codes(axes)
    # room for the legend below the curve's own range would be lost to the points: put it above
    axes.set_ylim(bottom=0, top=1.45 * axes.get_ylim()[1])
    label.quantity(axes.yaxis, "sigma of line voltage", "V")
    label.title(axes, view.title("mismatch", title))
    axes.legend(loc="upper left")
    return axes


def mismatch_law(kind: str, codes: Array, sigmas: Array) -> tuple[Callable[[Array], Array], str] | None:
    """Fit the law that independent mismatch of the cells predicts for the sigma of a column.

    Charge summing: m independent currents, sigma = s sqrt(m). With equal relative errors of the
    sigmas, s^2 = mean(sigma^2 / m) is the maximum-likelihood estimate. Charge redistribution over N
    capacitors and a parasitic p C: propagating sigma_C through V = A / (A + B + P) gives
    sigma^2 = s^2 m (1 - m / M), M = (N + p)^2 / (N + 2 p); s and M by least squares on sigma^2.

    Parameters
    ----------
    kind : str
        The circuit's name; one that ends in ``-qr`` redistributes charge.
    codes : ndarray, shape (n,)
        Number of active cells m.
    sigmas : ndarray, shape (n,)
        Standard deviations [V]; NaN where there is none.

    Returns
    -------
    (callable, str) or None
        The law [V] over codes and its formula; None with fewer than two usable points.
    """
    usable = np.isfinite(sigmas) & (codes > 0)
    m, variance = codes[usable], sigmas[usable] ** 2
    if len(m) < 2 or not variance.any():
        return None
    if kind.endswith("-qr"):
        (a, b), *_ = np.linalg.lstsq(np.stack([m, m**2], axis=1), variance)
        if not a > 0 > b:
            return None
        text = f"{label.number(math.sqrt(a), 'V')} × √(m (1 − m/{-a / b:.3g}))"
        return lambda x: np.sqrt(np.clip(a * x + b * x**2, 0, None)), text
    slope = math.sqrt(float(np.mean(variance / m)))
    return lambda x: slope * np.sqrt(x), f"{label.number(slope, 'V')} × √m"


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the energy per operation over the MAC code, stacked by supply.

    A supply that takes energy back is stacked below zero; the total is then marked by a dash.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut(lut, "nominal", "code", None, where)
    ((_, line),) = view.lines("nominal")
    codes = line["code"].values.astype(float)
    bar = 0.8 * float(np.min(np.diff(codes), initial=np.inf)) if len(codes) > 1 else 0.8
    colours = supplies(line)
    stack(axes, codes, bar, {name: variable(lut, line, f"energy_{name}") for name in colours}, colours)
    _codes(axes)
    label.quantity(axes.yaxis, "energy per operation", "J")
    label.title(axes, view.title("nominal", title))
    return axes


def snr(axes: Axes, lut: Lut, axis: str, *, by: str | None = None, title: str | None = None, **where: Any) -> Axes:
    """Draw SNR_a with its 95 % interval along one axis of table ``snr``.

    Parameters
    ----------
    axis : str
        What the x axis is, such as ``"vdd"``; text values (corners) are evenly spaced.
    axes, lut, by, title, **where
        As in `transfer`, which also says what is returned and raised.
    """
    view = cut(lut, "snr", axis, by, where)
    values = view.values("snr")
    colours = style.colours(by or "", values)
    ends = []
    for colour, marker, (value, line) in zip(colours, _markers(values), view.lines("snr"), strict=True):
        x = line[axis].values
        mid = variable(lut, line, "snr_a")
        interval = (mid - variable(lut, line, "snr_a_low"), variable(lut, line, "snr_a_high") - mid)
        axes.errorbar(x, mid, yerr=interval, color=colour, marker=marker, elinewidth=0.7, label=f"line {value}")
        if by is not None and np.isfinite(mid).any():
            ends.append((_last(mid), view.name(by, value), colour))
    axes.margins(x=0.1)
    label.quantity(axes.xaxis, axis, coordinate_unit(lut, axis))
    label.quantity(axes.yaxis, "SNR_a", "dB")
    label.title(axes, view.title("snr", title))
    label.ends(axes, ends)
    return axes


def panels(lut: Lut) -> dict[str, Panel]:
    """Choose the panels whose variables a LUT has."""
    found: dict[str, Panel] = {}
    nominal = lut.tables.get("nominal", xr.Dataset())
    if "code" in nominal.dims and "v_line" in nominal:
        found["Transfer"] = panel(transfer, by=swept(nominal, ("corner", "vdd"), exclude="code"))
    if "inl" in nominal and "dnl" in nominal:
        found["Linearity"] = panel(linearity)
    if "mismatch" in lut.tables:
        found["Mismatch"] = panel(sigma)
    if "code" in nominal.dims and any(str(name).startswith("energy_") for name in nominal.data_vars):
        found["Energy"] = panel(energy)
    along = swept(lut.tables["snr"], ("vdd", "temperature")) if "snr" in lut.tables else None
    if along is not None:
        found["SNR"] = panel(snr, along, by=swept(lut.tables["snr"], ("corner",), exclude=along))
    return found


def _codes(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.xaxis, "code", "")


def _markers(values: list[Any]) -> list[str]:
    return [style.MARKERS[k % len(style.MARKERS)] for k in range(len(values))]


def _last(values: Array) -> float:
    return float(values[np.isfinite(values)][-1])


def _samples(line: xr.Dataset) -> str:
    if "n_ok" not in line:
        return "the samples"
    fewest, most = int(line["n_ok"].min()), int(line["n_ok"].max())
    return f"{fewest} samples" if fewest == most else f"{fewest} to {most} samples"
