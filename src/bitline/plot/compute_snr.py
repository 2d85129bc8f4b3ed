"""Figures of a column's compute SNR: against products of a sum, bits and range of its ADC, and axes of its table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.select import coordinate_unit
from bitline.statistics.snr import to_db
from bitline.system.compute_snr import Adc, ComputeSnr, compute_snr, conditions_by, snr_over
from bitline.system.measured_column import Condition, MeasuredColumn
from bitline.system.operand_sums import NAMED, OperandSums, operand_sums

Array = NDArray[np.float64]
_BITS = (3, 4, 5, 6)
"""ADCs of which the range is varied."""
_WIDEST = 8.0
"""The widest range in sigmas to either side of the mean."""
_MOST = 24
"""Numbers of products that are drawn at most."""
_HEADLINE = 110
"""Letters of a headline's line."""
_PANEL_HEIGHT = 62.0
"""Height of a panel with its labels [mm]."""


@checked
def snr_over_products(axes: Axes, column: MeasuredColumn, operands: str = "bits", *, title: str | None = None) -> Axes:
    """Draw SNR_a against how many of the column's products a sum uses; the others are 0.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    column : MeasuredColumn
    operands : str
        ``"uniform"``, ``"bits"``, ``"half-normal"`` or ``"gaussian"``.
    title : str, optional
        In place of the LUT's name.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If the operands are others, or have no sums of fewer products.
    """
    # One product alone has one step: its SNR tells nothing of a sum.
    counts = np.unique(np.geomspace(2, column.rows, min(_MOST, column.rows)).round().astype(int))
    found = [
        compute_snr(column, operand_sums(operands, replace(column.products, count=int(count)))) for count in counts
    ]
    for words, colour, marker, kind in (
        ("gain and offset removed", style.BLACK, "o", "removed"),
        ("kept", style.VERMILLION, "s", "kept"),
    ):
        ratios = [getattr(one, kind).snr_a for one in found]
        axes.plot(counts, to_db(ratios), color=colour, marker=marker, label=words, gid=words)
    axes.legend(loc="best")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Products in a sum (others 0)")
    return _finished(axes, "SNR_a (dB)", title or column.lut.name)


@checked
def snr_over_bits(
    axes: Axes, column: MeasuredColumn, sums: OperandSums, bits: Sequence[int] = tuple(range(1, 10)), *, title: str = ""
) -> Axes:
    """Draw CSNR and, dashed, SNR_T against the ADC's bits, for the MPC's range and the full scale.

    Gain and offset are removed. Parameters and what is returned are those of `snr_over_products`, but

    Parameters
    ----------
    sums : OperandSums
        Operands.
    bits : sequence of int
        Resolutions.
    """
    for words, colour, sigmas in (("mean ± 4σ", style.BLACK, 4.0), ("full scale", style.BLUE, None)):
        found = [compute_snr(column, sums, Adc(b, sigmas=sigmas)) for b in bits]
        _both(axes, np.asarray(bits, dtype=float), found, words, colour, marker="o")
    _core(axes, found[0])
    axes.legend(loc="lower right")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("ADC bits")
    return _finished(axes, "CSNR; dashed: SNR_T (dB)", title or column.lut.name)


@checked
def snr_over_range(
    axes: Axes, column: MeasuredColumn, sums: OperandSums, bits: Sequence[int] = _BITS, *, title: str = ""
) -> Axes:
    """Draw CSNR and, dashed, SNR_T against the ADC's range in sigmas; the best range of each is marked.

    Parameters are those of `snr_over_bits`, with an ADC of each of `bits`.
    """
    sigmas = np.linspace(0.5, _WIDEST, 76)
    ends = []
    for b, colour in zip(bits, style.colours("", list(bits)), strict=True):
        found = [compute_snr(column, sums, Adc(b, sigmas=float(k))) for k in sigmas]
        csnr, snr_t = _both(axes, sigmas, found, f"{b} bits", colour, marker="")
        for curve, name, face in ((csnr, "csnr", colour), (snr_t, "snr_T", "white")):
            best = int(np.argmax(curve))
            place = (sigmas[best], curve[best])
            axes.plot(*place, color=colour, marker="o", markersize=3.5, markerfacecolor=face, gid=f"best {b} {name}")
        ends.append((float(csnr[-1]), f"{b} bits", colour))
    _core(axes, found[0])
    axes.set_xlabel("ADC range: mean ± kσ of the output, k")
    _finished(axes, "CSNR; dashed: SNR_T (dB)", title or column.lut.name)
    # Last of all, because labels are placed by the final limits.
    label.ends(axes, ends)
    return axes


@checked
def snr_over_axis(
    axes: Axes,
    lut: Lut,
    axis: str,
    by: str | None = None,
    condition: Condition | None = None,
    operands: str = "bits",
    *,
    title: str | None = None,
) -> Axes:
    """Draw SNR_a against an axis along which chips were sampled, gain and offset removed; a curve a value of `by`.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    lut : Lut
        Of a column.
    axis, by : str
        Such as ``vdd``, or a parameter that the sweep varies.
    condition : mapping, optional
        The other axes of table ``mismatch`` that have several values.
    operands : str
        As `bitline.system.operand_sums.operand_sums` takes them.
    title : str, optional
        In place of the LUT's name.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If chips were not sampled along an axis, or a condition is missing.
    """
    fixed = conditions_by(lut, by, condition)
    unit = coordinate_unit(lut, axis)
    ends = []
    for at, colour in zip(fixed, style.colours("", fixed), strict=True):
        found = snr_over(lut, axis, operands, condition=at)
        ratios = to_db([one.removed.snr_a for one in found.values()])
        name = ""
        if by is not None:
            name = label.coordinate(by, at[by], coordinate_unit(lut, by))
        places = list(found)
        axes.plot(places, ratios, color=colour, marker="o", gid=f"snr_a {name}".strip())
        ends.append((float(ratios[-1]), name, colour))
    label.quantity(axes.xaxis, axis, unit)
    _finished(axes, "SNR_a (dB)", title or lut.name)
    if by is not None:
        # Last of all, because labels are placed by the final limits.
        label.ends(axes, ends)
    return axes


@checked
def snr_axis_figure(
    lut: Lut, axis: str, by: str | None = None, condition: Condition | None = None, operands: str = "bits"
) -> Figure:
    """Draw `snr_over_axis` as a figure of its own, half a page wide."""
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH / 2, _PANEL_HEIGHT)
        snr_over_axis(made.subplots(), lut, axis, by, condition, operands)
    return made


@checked
def compute_snr_figure(column: MeasuredColumn, operands: str = "bits") -> Figure:
    """Draw a column's compute SNR against products, ADC bits and ADC range, a panel each.

    Parameters
    ----------
    column : MeasuredColumn
    operands : str
        A name or a CSV, as `bitline.system.operand_sums.operand_sums` takes them. Codes of a file have no sums of
        fewer products: their figure has the last two panels.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide.
    """
    sums = operand_sums(operands, column.products)
    panels: list[tuple[str, Callable[[Axes, str], Axes]]] = [
        ("SNR over ADC bits", lambda axes, title: snr_over_bits(axes, column, sums, title=title)),
        ("SNR over ADC range", lambda axes, title: snr_over_range(axes, column, sums, title=title)),
    ]
    if operands in NAMED:
        panels.insert(
            0, ("SNR_a over products", lambda axes, title: snr_over_products(axes, column, operands, title=title))
        )
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 10 + _PANEL_HEIGHT)
        for letter, axes, (words, draw) in zip("abc", made.subplots(1, len(panels)), panels, strict=False):
            draw(axes, f"({letter}) {words}")
        condition = [
            label.coordinate(name, value, coordinate_unit(column.lut, name)) for name, value in column.condition.items()
        ]
        headline = f"{', '.join((column.lut.name, *condition))}; {sums.statement}"
        made.suptitle(textwrap.fill(headline, _HEADLINE), x=0.01, ha="left")
    return made


def _both(
    axes: Axes, x: Array, found: Sequence[ComputeSnr], words: str, colour: str, *, marker: str
) -> tuple[Array, Array]:
    """Draw CSNR solid and SNR_T dashed; return both in dB."""
    csnr, snr_t = (to_db([getattr(one.removed, name) or 0.0 for one in found]) for name in ("csnr", "snr_T"))
    axes.plot(x, csnr, color=colour, marker=marker, label=words, gid=f"csnr {words}")
    axes.plot(x, snr_t, color=colour, dashes=style.DASHED, linewidth=0.8, gid=f"snr_T {words}")
    return csnr, snr_t


def _core(axes: Axes, found: ComputeSnr) -> None:
    """Mark what the column alone allows."""
    axes.axhline(float(to_db(found.removed.snr_a)), color=style.GREY, linewidth=0.6, zorder=0, label="SNR_a")


def _finished(axes: Axes, words: str, title: str) -> Axes:
    axes.set_ylabel(words)
    label.title(axes, title)
    return axes
