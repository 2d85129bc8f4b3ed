"""Panels of an analog column: transfer, linearity, mismatch, energy, SNR.

Each takes an Axes and a LUT, fixes the axes it does not draw at the reference condition (that of
the Monte Carlo; else tt and the middle of each grid) or where the caller says, and returns the Axes.
The MAC code is the axis of the LUT's products.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import (
    Array,
    band,
    bars,
    energies,
    last_points,
    lines,
    places,
    samples,
    spacing,
    stack,
    supplies,
    variable,
)
from bitline.plot.operands import code, output, sharing
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import Cut, coordinate_unit, cut

Law = tuple[Callable[[Array], Array], str]
"""A sigma [V] over codes, and its formula."""


@checked
def transfer(axes: Axes, lut: Lut, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
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
    view = cut(lut, "nominal", code(lut), by, condition)
    for value, line, colour, marker in lines(view, "nominal"):
        v_line = variable(lut, line, output(lut))
        axes.plot(line[code(lut)], v_line, color=colour, marker=marker, gid=f"line {value}")
        _band(axes, view, value, colour)
    _codes(axes, lut)
    label.quantity(axes.yaxis, output(lut), "V")
    label.title(axes, view.title("nominal", title))
    # Last of all, because labels are placed by the final limits.
    label.ends(axes, last_points(lut, view, "nominal", output(lut)))
    # Lines are named at their ends; only a band needs a legend.
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")
    return axes


def _band(axes: Axes, view: Cut, value: object, colour: str) -> None:
    sampled = view.line("mismatch", value)
    if sampled is None:
        return
    mean, sigma = variable(view.lut, sampled, "v_mean"), variable(view.lut, sampled, "v_sigma")
    # Pale enough that the bands of several corners are seen through each other.
    looks: dict[str, Any] = {"color": colour, "alpha": 0.22}
    # One band explains them all.
    if not axes.collections:
        looks["label"] = f"mean ± 3σ of {_samples(sampled)}"
    band(axes, places(sampled, code(view.lut)), mean, sigma, **looks)


@checked
def linearity(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw INL at each code and the error of the step to the next (DNL where it is one code), both in LSB.

    Parameters, returns and errors are those of `transfer`.
    """
    view = cut(lut, "nominal", code(lut), None, condition)
    ((_, line),) = view.lines("nominal")
    codes = places(line, code(lut))
    inl, dnl = variable(lut, line, "inl"), variable(lut, line, "dnl")
    axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=0)
    if len(codes) > 1:
        # A step lies between two codes, so that the last code has none.
        text = f"{label.step(codes)}{label.peak(dnl)}"
        axes.stairs(dnl[:-1], codes, baseline=None, color=style.VERMILLION, label=text)
    axes.plot(codes, inl, color=style.BLUE, marker="o", label=f"INL{label.peak(inl)}")
    _codes(axes, lut)
    label.quantity(axes.yaxis, "error", "LSB")
    label.title(axes, view.title("nominal", title))
    # INL is read first, although the steps are drawn first to lie below it.
    axes.legend(loc="best", reverse=True)
    return axes


@checked
def sigma(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the mismatch sigma per code with its 95 % interval, the fitted law and the thermal noise.

    Parameters, returns and errors are those of `transfer`; see `mismatch_law` for the curve.
    """
    view = cut(lut, "mismatch", code(lut), None, condition)
    ((_, line),) = view.lines("mismatch")
    codes = places(line, code(lut))
    text = f"{_samples(line)}, 95 % interval"
    bars(axes, lut, line, codes, "v_sigma", color=style.BLACK, fmt="o", label=text)
    law = mismatch_law(codes, variable(lut, line, "v_sigma"), sharing=sharing(lut))
    if law is not None:
        # The law bends most at the first codes, where the sampled ones are far apart.
        fine = np.linspace(0, codes.max(), 200)
        axes.plot(fine, law[0](fine), color=style.VERMILLION, zorder=1, label=law[1])
    _thermal(axes, view)
    _codes(axes, lut)
    # room for the legend below the curve's own range would be lost to the points: put it above
    axes.set_ylim(bottom=0, top=1.45 * axes.get_ylim()[1])
    label.quantity(axes.yaxis, "sigma of line voltage", "V")
    label.title(axes, view.title("mismatch", title))
    axes.legend(loc="upper left")
    return axes


def _thermal(axes: Axes, view: Cut) -> None:
    """Mark the thermal noise, where it is known at this condition."""
    noise = view.line("noise")
    if noise is None or "v_thermal" not in noise or not np.isfinite(thermal := float(noise["v_thermal"])):
        return
    text = f"thermal noise, {label.number(thermal, 'V')}"
    # kT/C stays on the line whatever the code: the same height everywhere.
    axes.axhline(thermal, color=style.BLUE, dashes=(4, 2), linewidth=0.8, label=text)


def mismatch_law(codes: Array, sigmas: Array, *, sharing: bool = False) -> Law | None:
    """Fit the law that independent mismatch of the cells predicts for the sigma of a column.

    Charge summing: m independent currents, sigma = s sqrt(m). With equal relative errors of the
    sigmas, s^2 = mean(sigma^2 / m) is the maximum-likelihood estimate. Charge redistribution over N
    capacitors and a parasitic p C: propagating sigma_C through V = A / (A + B + P) gives
    sigma^2 = s^2 m (1 - m / M), M = (N + p)^2 / (N + 2 p); s and M by least squares on sigma^2.

    Parameters
    ----------
    codes : ndarray, shape (n,)
        Number of active cells m.
    sigmas : ndarray, shape (n,)
        Standard deviations [V]; NaN where there is none.
    sharing : bool
        Whether the cells share their charge (redistribution), so that the output is their mean.

    Returns
    -------
    (callable, str) or None
        The law [V] over codes and its formula; None with fewer than two usable points.
    """
    # No active cell, no mismatch of cells: code 0 shows what else varies.
    usable = np.isfinite(sigmas) & (codes > 0)
    m, variance = codes[usable], sigmas[usable] ** 2
    if len(m) < 2 or not variance.any():
        return None
    if sharing:
        return _shared(m, variance)
    # Least squares on sigma would weight the largest codes most, although every code has as many samples.
    slope = math.sqrt(float(np.mean(variance / m)))
    return lambda x: slope * np.sqrt(x), f"{label.number(slope, 'V')} × √m"


def _shared(m: Array, variance: Array) -> Law | None:
    (a, b), *_ = np.linalg.lstsq(np.stack([m, m**2], axis=1), variance)
    # Any other signs are no bow over the codes: the samples do not show the law.
    if not a > 0 > b:
        return None
    text = f"{label.number(math.sqrt(a), 'V')} × √(m (1 − m/{-a / b:.3g}))"
    return lambda x: np.sqrt(np.clip(a * x + b * x**2, 0, None)), text


@checked
def energy(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the energy per operation over the MAC code, stacked by supply.

    A supply that takes energy back is stacked below zero; the total is then marked by a dash.
    Parameters, returns and errors are those of `transfer`.
    """
    view = cut(lut, "nominal", code(lut), None, condition)
    ((_, line),) = view.lines("nominal")
    codes = places(line, code(lut))
    # At one condition: stacked bars of several would hide each other.
    colours = supplies(line)
    stack(axes, codes, 0.8 * spacing(codes), energies(lut, line, colours), colours)
    _codes(axes, lut)
    label.quantity(axes.yaxis, "energy per operation", "J")
    label.title(axes, view.title("nominal", title))
    return axes


@checked
def snr(axes: Axes, lut: Lut, axis: str, *, by: str | None = None, title: str | None = None, **condition: Any) -> Axes:
    """Draw SNR_a with its 95 % interval along one axis of table ``snr``.

    Parameters
    ----------
    axis : str
        What the x axis is, such as ``"vdd"``; text values (corners) are evenly spaced.
    axes, lut, by, title, **condition
        As in `transfer`, which also says what is returned and raised.
    """
    view = cut(lut, "snr", axis, by, condition)
    for value, line, colour, marker in lines(view, "snr"):
        bars(axes, lut, line, line[axis].values, "snr_a", color=colour, marker=marker, label=f"line {value}")
    # Room for the caps of the first and the last interval.
    axes.margins(x=0.1)
    label.quantity(axes.xaxis, axis, coordinate_unit(lut, axis))
    label.quantity(axes.yaxis, "SNR_a", "dB")
    label.title(axes, view.title("snr", title))
    label.ends(axes, last_points(lut, view, "snr", "snr_a"))
    return axes


def _codes(axes: Axes, lut: Lut) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label.quantity(axes.xaxis, code(lut), "")


def _samples(line: xr.Dataset) -> str:
    if "n_ok" not in line:
        return "the samples"
    return samples(line["n_ok"])


SPREAD = ("v_sigma", "v_sigma_low", "v_sigma_high")
"""A sigma and its interval."""
SNR_A = ("snr_a", "snr_a_low", "snr_a_high")
"""An SNR and its interval."""
PANELS = (
    Panel(
        "Transfer",
        (Needs("nominal", (code,), (output,)),),
        transfer,
        beside=(Needs("mismatch", (code,), ("v_mean", "v_mean_se")),),
        by=Over(("corner", "vdd")),
    ),
    Panel("Linearity", (Needs("nominal", (code,), ("inl", "dnl")),), linearity),
    Panel(
        "Mismatch",
        (Needs("mismatch", (code,), SPREAD),),
        sigma,
        beside=(Needs("noise", (), ("v_thermal",)),),
    ),
    Panel("Energy", (Needs("nominal", (code,), ("energy_*",)),), energy),
    Panel("SNR", (Needs("snr", (), SNR_A),), snr, x=Over(("vdd", "temperature")), by=Over(("corner",))),
)
