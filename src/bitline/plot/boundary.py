"""Panels of a hybrid MAC over its boundary: SNR, energy by part, gain, and accuracy over energy with mixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.draw import Array, abscissa, places, stack, variable
from bitline.plot.panel import Needs, Panel
from bitline.plot.select import coordinate_unit, fixed

AXIS = "boundary"
_ENERGY = "energy_"
_CONDITIONS = ("corner", "vdd", "temperature")
_LINES = (("4sigma", "-"), ("full", "--"))
"""Ranges of the converter, and how their lines look."""
_MIXES = (
    ("fixed", "o", "all at one boundary"),
    ("random", "s", "half one lower, random"),
    ("signed", "^", "by saliency"),
)


def snr(axes: Axes, lut: Lut, *, title: str | None = None, adc_bits: int = 4, **condition: Any) -> Axes:
    """Draw the SNR over the boundary, a colour for each distribution of operands, dashed over the full range.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    lut : Lut
        With a table ``accuracy`` over the boundary.
    title : str, optional
        The title; the kind of LUT by default.
    adc_bits : int
        Of the converter.
    **condition
        Values of ``corner``, ``vdd`` and ``temperature``; where all tables have a value by default.

    Returns
    -------
    Axes
        The Axes given.
    """
    table = _at(lut, "accuracy", adc_bits=adc_bits, **condition)
    names = table["operands"].values.tolist()
    for name, colour in zip(names, style.colours("operands", names), strict=True):
        for rule, look in _LINES:
            line = table.sel(operands=name, adc_range=rule)
            x, db = places(line, AXIS), _db(variable(lut, line, "snr_total"))
            axes.plot(x, db, look, color=colour, marker="o", markersize=2.5, label=f"{name}, {rule}")
        ideal = _db(variable(lut, table.sel(operands=name, adc_range="4sigma"), "snr_quantised"))
        axes.plot(x, ideal, ":", color=colour, label=f"{name}, no mismatch or noise")
    abscissa(axes, lut, table, AXIS)
    low, high = axes.get_ylim()
    # The legend stands above the curves.
    axes.set_ylim(low, high + 0.6 * (high - low))
    axes.set_ylabel("SNR, mean error out (dB)")
    # Boundary 0 is exact: no height stands for it.
    label.title(axes, f"{title or lut.kind}: {adc_bits} bits; exact at 0{_where(lut, 'accuracy', condition)}")
    axes.legend(loc="upper right", fontsize=style.SMALL)
    return axes


def energy(
    axes: Axes,
    lut: Lut,
    *,
    title: str | None = None,
    adc_bits: int = 4,
    reads: str = "separate",
    operands: str = "network",
    **condition: Any,
) -> Axes:
    """Draw the energy of a dot product over the boundary, its parts stacked; parameters as of `snr`."""
    table = _at(lut, "energy", adc_bits=adc_bits, reads=reads, operands=operands, **condition)
    # In the order of the table: the digital parts below the analog ones.
    names = [str(name).removeprefix(_ENERGY) for name in table.data_vars if str(name).startswith(_ENERGY)]
    parts = {name.replace("_", " "): 1e12 * variable(lut, table, _ENERGY + name) for name in names if name != "total"}
    x = places(table, AXIS)
    abscissa(axes, lut, table, AXIS)
    axes.set_ylabel("Energy (pJ)")
    label.title(
        axes,
        f"{title or lut.kind}: {operands} operands, {adc_bits} bits, {reads} reads{_where(lut, 'energy', condition)}",
    )
    axes.set_ylim(0, 1.05 * float(np.max(np.sum(list(parts.values()), axis=0))))
    stack(axes, x, 0.8, parts, dict(zip(parts, style.colours("", list(parts)), strict=True)))
    axes.set_xlim(x[0] - 0.6, x[-1] + 0.6)
    return axes


def gain(axes: Axes, lut: Lut, *, title: str | None = None, operands: str = "network", **condition: Any) -> Axes:
    """Draw the gain over the mean boundary: between integers that of a mix of both, whose energies have a mean."""
    table = _at(lut, "energy", operands=operands, **condition)
    grid = places(table, AXIS)
    between = np.linspace(grid[0], grid[-1], 10 * (len(grid) - 1) + 1)
    ways = table["reads"].values.tolist()
    for reads, colour in zip(ways, style.colours("reads", ways), strict=True):
        # Between the fewest and the most bits all others lie.
        for bits, look in zip(table["adc_bits"].values[[0, -1]].tolist(), ("-", "--"), strict=True):
            taken = variable(lut, table.sel(reads=reads, adc_bits=bits), "energy_total")
            axes.plot(
                between, taken[0] / np.interp(between, grid, taken), look, color=colour, label=f"{reads}, {bits} bits"
            )
    axes.axhline(1, color=style.GREY, linewidth=0.5, zorder=0)
    abscissa(axes, lut, table, AXIS)
    label.quantity(axes.xaxis, "mean_boundary", "")
    axes.set_ylabel("All digital / hybrid")
    label.title(axes, f"{title or lut.kind}: {operands} operands{_where(lut, 'energy', condition)}")
    axes.legend(loc="upper left")
    return axes


def pareto(axes: Axes, lut: Lut, *, title: str | None = None, reads: str = "separate", operands: str = "") -> Axes:
    """Draw the SNR behind a rectifier over the energy: all outputs at a boundary, and half of them one lower."""
    table = _at(lut, "mix")
    names = table["operands"].values.tolist()
    chosen = table.sel(operands=operands or names[-1])
    for (way, marker, words), colour in zip(_MIXES, style.CYCLE, strict=False):
        line = chosen.sel(way=way)
        x, db = 1e12 * variable(lut, line, f"energy_{reads}"), _db(variable(lut, line, "snr_rectified"))
        axes.plot(x, db, marker=marker, color=colour, markersize=3.5, label=words, gid=way)
    axes.set_xlabel("Energy of a dot product (pJ)")
    axes.set_ylabel("SNR of max(y, 0) (dB)")
    highest = int(table[AXIS].values[-1])
    label.title(axes, f"{title or lut.kind}: {operands or names[-1]}, {reads} reads, boundaries to {highest}")
    axes.legend(loc="upper left")
    return axes


def _db(ratios: Array) -> Array:
    """Return ratios in dB, those that are not finite as gaps of the line."""
    return 10 * np.log10(np.where(np.isfinite(ratios), ratios, np.nan))


def _condition(lut: Lut, table: str, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the conditions that a table has as axes: as named, else the usual ones."""
    data = lut.tables[table]
    return {axis: fixed(lut, axis, data[axis].values.tolist(), named) for axis in _CONDITIONS if axis in data.dims}


def _where(lut: Lut, table: str, named: Mapping[str, Any]) -> str:
    """Return the values of conditions of which the table has several, as the end of a title."""
    sizes = lut.tables[table].sizes
    return "".join(
        f", {label.coordinate(axis, value, coordinate_unit(lut, axis))}"
        for axis, value in _condition(lut, table, named).items()
        if sizes[axis] > 1
    )


def _at(lut: Lut, table: str, **point: Any) -> xr.Dataset:
    """Return a table at a point and at the usual condition, as far as none is named, without axes of one value."""
    return lut.tables[table].sel({**point, **_condition(lut, table, point)}).squeeze(drop=True)


PANELS = (
    Panel("SNR", (Needs("accuracy", (AXIS, "adc_range", "operands"), ("snr_total", "snr_quantised")),), snr),
    Panel("Energy", (Needs("energy", (AXIS, "adc_bits", "reads", "operands"), ("energy_*", "gain")),), energy),
    Panel("Gain", (Needs("energy", (AXIS, "adc_bits", "reads", "operands"), ("energy_total", "gain")),), gain),
    Panel(
        "Pareto front",
        (Needs("mix", (AXIS, "way", "operands"), ("snr_rectified", "energy_separate", "energy_shared")),),
        pareto,
    ),
)
