"""Figure of the system account: gain over SRAM-CIM and ReRAM-CIM against reuse and against array size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bitline.plot import label, style
from bitline.system.account import CLAIMED, HBM2, Account, Baseline, curve, solve
from bitline.system.efficiency import TERNARY_5, TRITS_ON_BINARY, ColumnEnergy

Assumption = tuple[str, Account]
"""What a curve assumes, in words, and the account of it."""

_NAMES: dict[Baseline, str] = {"sram": "SRAM-CIM", "reram": "ReRAM-CIM"}
_AXES = {"reuse": "MACs a weight serves per load", "sites": "Sites of all macros"}
# 24 points a decade of reuse: the bend where reload stops counting looks round at a page's width.
_POINTS = 121


def assumptions(account: Account | None = None, held: float = 243_750.0) -> list[Assumption]:
    """Return the assumptions that decide the gain, one changed at a time.

    Parameters
    ----------
    account : Account, optional
        What all have in common; put measured column energies in here.
    held : float
        Sites that hold the whole network (three macros of the default network).
    """
    base = account or Account()
    whole = base.replace(sites=held)
    cheap = whole.replace(sram=_scaled(base.sram, 0.25), reram=_scaled(base.reram, 0.25))
    return [
        # Twice the same coding: over reuse the sites tell them apart, over sites they are one curve (`_distinct`).
        ("8 bits on one-bit columns", base),
        ("8 bits on one-bit columns", whole),
        ("8 bits, HBM2 at 3.92 pJ/bit", whole.replace(dram=HBM2)),
        ("5 trits in both: only reload differs", whole.replace(sram_at=TERNARY_5, reram_at=TERNARY_5)),
        ("5 trits on one-bit columns", whole.replace(sram_at=TRITS_ON_BINARY, reram_at=TRITS_ON_BINARY)),
        ("8 bits, one-bit column at 1/4", cheap),
    ]


def gains(
    axes: Axes,
    chosen: Sequence[Assumption],
    name: str,
    baseline: Baseline,
    span: tuple[float, float],
    *,
    title: str | None = None,
) -> Axes:
    """Draw the gain over a baseline along a parameter, a curve per assumption.

    The paper's figure is dashed; filled marks are where a curve passes it, open ones where it passes 1.
    The label of a curve says what it assumes, then where it passes the paper's figure.

    Parameters
    ----------
    axes : Axes
        Where to draw; both axes are logarithmic.
    chosen : sequence of (str, Account)
        What each curve assumes. Those that differ in `name` alone are one curve.
    name : str
        ``"reuse"`` or ``"sites"``.
    baseline : {"sram", "reram"}
        What the energy is compared with.
    span : two floats
        Range of the parameter.
    title : str, optional
        In place of the baseline's name.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If the range is wrong, or the parameter or baseline unknown.
    """
    claim = CLAIMED[baseline]
    # Ratios: on a logarithmic axis a gain of 2 is as far from even as one of 1/2.
    axes.set_xscale("log")
    axes.set_yscale("log")
    for text, account, colour in _distinct(chosen, name):
        _gain(axes, account, name, baseline, span, text=text, color=colour)
    axes.axhline(1, color=style.GREY, linewidth=0.6, zorder=0, gid="even")
    axes.axhline(claim, color=style.BLACK, dashes=(4, 2), linewidth=0.8, zorder=1, gid="claim")
    axes.set_xlim(*span)
    _ordinate(axes, claim)
    axes.set_xlabel(_AXES.get(name, name))
    axes.set_ylabel(f"Energy of {_NAMES[baseline]} / nvSRAM-CIM")
    label.title(axes, title or f"Over {_NAMES[baseline]}")
    # Outside the Axes no curve runs through it.
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    axes.annotate(f"≤ {claim:g}\n(paper)", (1, claim), (3, 0), fontsize=style.SMALL, annotation_clip=False, **beside)
    return axes


def _gain(
    axes: Axes, account: Account, name: str, baseline: Baseline, span: tuple[float, float], *, text: str, color: str
) -> None:
    """Draw the gain of one account, and marks where it passes the paper's figure and 1."""
    x = np.geomspace(*span, _POINTS)
    claim = CLAIMED[baseline]
    met = crossings(account, name, baseline, claim, span)
    # "never" is a result as well: with some assumptions no reuse reaches the paper's figure.
    words = f"{text}: {', '.join(map(_short, met)) or 'never'}"
    axes.plot(x, curve(account, name, x, baseline), color=color, label=words, gid=f"curve {text}")
    looks: dict[str, Any] = {"color": color, "linestyle": "none", "marker": "o", "markersize": 3.5, "zorder": 4}
    axes.plot(met, [claim] * len(met), gid=f"claim {text}", **looks)
    even = crossings(account, name, baseline, 1.0, span)
    axes.plot(even, [1.0] * len(even), markerfacecolor="white", gid=f"even {text}", **looks)


def _ordinate(axes: Axes, claim: float) -> None:
    """Scale and tick the axis of the gain."""
    # Even and the paper's figure are in sight whatever the curves do: a gain is read against both.
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.8), max(1.15 * high, 1.2 * claim))
    # Gains span little more than a decade, in which powers of ten alone would be one tick.
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    # On so short an axis Matplotlib would label minor ticks too, in scientific notation.
    axes.yaxis.set_minor_formatter(NullFormatter())


def crossings(
    account: Account, name: str, baseline: Baseline, target: float, span: tuple[float, float]
) -> tuple[float, ...]:
    """Return where the gain passes `target`; where it merely stays there, or all but, is no crossing.

    Parameters, except `target` (a gain), are those of `gains`. A quarter to either side the gain has to be
    0.2 % off, one above and one below.
    """

    def passes(value: float) -> bool:
        before, after = np.log(curve(account, name, (value / 1.25, value * 1.25), baseline) / target)
        return bool(before * after < 0 and min(abs(before), abs(after)) > 2e-3)

    return tuple(value for value in solve(account, name, target, baseline, *span) if passes(value))


def account_figure(
    chosen: Sequence[Assumption] | None = None,
    *,
    reuse: tuple[float, float] = (1.0, 1e5),
    sites: tuple[float, float] = (1e3, 1e8),
) -> Figure:
    """Draw the gain over both baselines against reuse and against array size.

    Parameters
    ----------
    chosen : sequence of (str, Account), optional
        What the curves assume, those of `assumptions` by default.
    reuse, sites : two floats
        Ranges of the axes.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide, a row per baseline; every curve is named with what it assumes.

    Raises
    ------
    InputError
        If a range is wrong.
    """
    curves = list(chosen or assumptions())
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 196)
        grid = made.subplots(2, 2)
        for row, baseline in zip(grid, _NAMES, strict=True):
            for axes, name, span in zip(row, ("reuse", "sites"), (reuse, sites), strict=True):
                letter = "abcd"[2 * list(_NAMES).index(baseline) + (name == "sites")]
                gains(axes, curves, name, baseline, span, title=f"({letter}) Over {_NAMES[baseline]}")
        for axes, name in zip(grid.flat, ("reuse", "sites") * 2, strict=True):
            # Below the Axes: the names of assumptions are too long to stand in it or beside it.
            anchor = (0, -28 / label.height(axes))  # [pt] leaves room for the ticks and the axis label
            axes.legend(loc="upper left", bbox_to_anchor=anchor, title=f"Assumption: {name} at the paper's figure")
        weights = ", ".join(dict.fromkeys(f"{account.weights / 1e6:.3g} million weights" for _, account in curves))
        made.suptitle(f"Gain of nvSRAM-CIM by the account, {weights} (assumed)", x=0.01, ha="left")
    return made


def _scaled(column: ColumnEnergy, share: float) -> ColumnEnergy:
    parts = {name: share * getattr(column, name) for name in ("array", "adc", "shift_add")}
    return column.replace(**parts)


def _distinct(chosen: Sequence[Assumption], name: str) -> Iterator[tuple[str, Account, str]]:
    """Yield text, account and colour of the curves that differ in more than what the x axis is."""
    seen: list[Account] = []
    # A single line would be black, which is the colour of the paper's figure.
    colours = style.colours("", list(range(max(len(chosen), 2))))
    for (words, account), colour in zip(chosen, colours, strict=False):
        alike = account.replace(**{name: 1.0})
        if alike not in seen:
            seen.append(alike)
            # The text names the parameter that the x axis is not.
            at = {"reuse": f"{account.sites:,.0f} sites"}.get(name, f"reuse {account.reuse:g}")
            yield f"{words}; {at}", account, colour


def _short(value: float) -> str:
    """Write a number of sites or reuses with three digits."""
    if value < 1e3:
        return f"{value:.3g}"
    if value < 1e4:
        return f"{value:.0f}"
    if value < 1e6:
        return f"{value / 1e3:.3g} k"
    return f"{value / 1e6:.3g} M"
