"""Overviews of a LUT: the panels that its tables have data for, then everything else, in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any, cast

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import style
from bitline.plot.arguments import checked
from bitline.plot.column import SNR_A
from bitline.plot.panel import Needs, Panel, measured
from bitline.plot.registry import chosen
from bitline.plot.remaining import left_out, remaining

Chosen = tuple[Panel, dict[str, Any]]
"""A panel, and the arguments with which it is drawn."""

_PANEL_HEIGHT = 54.0
"""Height of a panel with its labels [mm]."""
_MOST = 16
"""Panels of a page."""


@checked
def figure(lut: Lut) -> Figure:
    """Compose the first page of a LUT's figures, two columns wide: `figures` has all of them.

    Parameters
    ----------
    lut : Lut
        Any LUT.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide; write it with `save`.

    Raises
    ------
    InputError
        If nothing in the LUT varies, or no point gave a result.
    """
    return next(_pages(lut))


@checked
def figures(lut: Lut) -> list[Figure]:
    """Compose every page: first the panels of `bitline.plot.registry` whose needs the LUT meets, sixteen a page.

    Further pages draw what is left: each other variable over one axis of its table, a line per value of
    another. Parameters and errors are those of `figure`.

    Returns
    -------
    list of matplotlib.figure.Figure
        Each 178 mm wide, panels lettered throughout; write them with `save`.
    """
    return list(_pages(lut))


@checked
def not_drawn(lut: Lut) -> list[str]:
    """Return ``table.variable`` of what no page draws as it has one value; counts are not named."""
    return left_out(lut, [*_special(lut), _HEADLINE])


def _special(lut: Lut) -> list[Panel]:
    return [panel for panel, _ in chosen(lut)]


def _pages(lut: Lut) -> Iterator[Figure]:
    if lut.tables and not any(map(measured, lut.tables.values())):
        raise InputError(f"LUT {lut.name!r}: no point gave a result ({_failures(lut)}): nothing to plot")
    special = chosen(lut)
    # Apart from the others, on pages of their own: most are of interest only when something is searched for.
    rest = chosen(lut, remaining(lut, [panel for panel, _ in special]))
    if not special and not rest:
        raise InputError(f"LUT {lut.name!r}: nothing to plot in {', '.join(sorted(lut.tables)) or 'no tables'}")
    first = 0
    for panels in (special, rest):
        for k in range(0, len(panels), _MOST):
            yield _page(lut, panels[k : k + _MOST], first + k)
        first += len(panels)


def _page(lut: Lut, panels: Sequence[Chosen], first: int) -> Figure:
    """Compose one page, its panels lettered from `first` on."""
    # A letter is one panel of the whole LUT, whatever page it came to: texts refer to it.
    letters = [_letter(first + k) for k in range(len(panels))]
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 8 + _PANEL_HEIGHT * ((len(panels) + 1) // 2))
        axes = made.subplot_mosaic(cast(Any, _rows(letters)))
        for letter, (panel, choices) in zip(letters, panels, strict=True):
            panel.draw(axes[letter], lut, title=f"({letter}) {panel.heading(choices)}", **choices)
        made.suptitle(_headline(lut), x=0.01, ha="left")
        # Labels at the ends of lines stand between two panels, and take more room than the layout leaves by default.
        cast(ConstrainedLayoutEngine, made.get_layout_engine()).set(wspace=0.04, hspace=0.05)
    return made


def _rows(names: list[str]) -> list[list[str]]:
    """Put two names in a row; an odd one out gets the whole first row."""
    # The first panel, a transfer or a yield, gains most from the width of a page.
    odd = len(names) % 2
    first = [[name] * 2 for name in names[:odd]]
    return first + [names[k : k + 2] for k in range(odd, len(names), 2)]


def _letter(k: int) -> str:
    """Return the letter of a panel: a to z, then aa, ab, ..."""
    before, last = divmod(k, len(ascii_lowercase))
    if not before:
        return ascii_lowercase[last]
    return _letter(before - 1) + ascii_lowercase[last]


_HEADLINE = Panel("SNR_a", (Needs("snr", (), SNR_A),), draw=cast(Any, None))
"""What the headline says of a LUT with a single SNR."""


def _failures(lut: Lut) -> str:
    """Return how many points failed, by status; "" if none did, or the LUT does not tell."""
    statuses = lut.attrs.get("status")
    if not isinstance(statuses, Mapping):
        return ""
    return ", ".join(f"{count} {status}" for status, count in statuses.items() if status != "ok")


def _headline(lut: Lut) -> str:
    head = ": ".join(dict.fromkeys((lut.name, lut.kind)))  # once, where the table is called like its circuit
    if failures := _failures(lut):
        # What is missing from a curve cannot be seen on it.
        head += f" (points that failed: {failures})"
    table = lut.tables.get("snr")
    # Several conditions have several SNRs: a headline with one of them would be a choice that nobody made.
    if table is None or not _HEADLINE.needs[0].met(lut) or table["snr_a"].size != 1:
        return head
    value, low, high = (table[name].values.item() for name in SNR_A)
    return f"{head}, SNR_a {value:.1f} dB ({low:.1f} to {high:.1f} dB)"
