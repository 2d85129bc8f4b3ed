"""Overviews of a LUT: the panels that its tables have data for, then everything else, in pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any, cast

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lookup import listed
from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.column import SNR_A
from bitline.plot.draw import along
from bitline.plot.panel import Needs, Panel, measured
from bitline.plot.registry import chosen
from bitline.plot.remaining import left_out, remaining, variables, varies
from bitline.plot.select import on_grid

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
def figures(lut: Lut, at: Mapping[str, Any] | None = None) -> list[Figure]:
    """Compose every page: first the panels of `bitline.plot.registry` whose needs the LUT meets, sixteen a page.

    Further pages draw what is left: each other variable over one axis of its table, a line per value of
    another.

    Parameters
    ----------
    lut : Lut
        Any LUT.
    at : mapping of str to value, optional
        Coordinates at which the axes that a panel does not draw are fixed, in place of the reference condition. A
        panel whose table lacks them, as a Monte Carlo at one supply may, is left out.

    Returns
    -------
    list of matplotlib.figure.Figure
        Each 178 mm wide, panels lettered throughout; write them with `save`.

    Raises
    ------
    InputError
        If nothing in the LUT varies, or no point gave a result.
    UnknownNameError
        If `at` names an axis that no table has.
    OutsideGridError
        If no panel has its coordinates.
    """
    return list(_pages(lut, at))


@checked
def panel_figures(lut: Lut, at: Mapping[str, Any] | None = None) -> dict[str, Figure]:
    """Draw each panel of the overview as a figure of its own, as a paper prints it.

    Parameters
    ----------
    lut : Lut
    at : mapping of str to value, optional
        As of `figures`, whose errors are raised.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        85 mm wide, by a short name of the panel: ``"transfer"``, ``"margins-over-n"``.
    """
    made: dict[str, Figure] = {}
    special = _at(lut, _drawable(lut)[0], at or {})
    if not special and at:
        raise _nothing_at(lut, at)
    for panel, choices in special:
        heading = panel.heading(choices)
        with style.context():
            page = style.new_figure(style.COLUMN_WIDTH, _PANEL_HEIGHT + 8)
            panel.draw(page.subplots(), lut, title=heading, **choices)
            page.suptitle(_headline(lut), x=0.01, ha="left", fontsize=style.TITLE)
            label.settle(page)
        name = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
        made[f"{name}-{len(made)}" if name in made else name] = page
    return made


@checked
def slice_figure(
    lut: Lut, x: str, *, by: str | None = None, y: Sequence[str] = (), at: Mapping[str, Any] | None = None
) -> Figure:
    """Draw variables along an axis of the caller's choice, a line per value of another.

    Parameters
    ----------
    lut : Lut
    x : str
        The x axis.
    by : str, optional
        An axis with a line per value.
    y : sequence of str
        The variables, ``name`` or ``table.name``; by default all that vary in the tables with these axes, up to
        sixteen.
    at : mapping of str to value, optional
        Coordinates of the other axes; by default those of the overview.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide, a panel for each variable; write it with `save`.

    Raises
    ------
    UnknownNameError
        If no table has such an axis or variable; names the nearest.
    InputError
        If no table has these axes and variables together, or there are more than sixteen variables.
    OutsideGridError
        If a coordinate is not on the grid.
    """
    condition = dict(at or {})
    _check_axes(lut, [x, *([by] if by else []), *condition])
    if x == by:
        raise InputError(f"by = {by!r}: must be another axis than x")
    if x in condition:
        raise InputError(f"at: {x} = {condition[x]}: must be another axis than x")
    axes = {x, by, *condition} - {None}
    fitting = {name: table for name, table in lut.tables.items() if axes <= set(map(str, table.dims))}
    names = [(table, name) for table, name in _named(lut, y) if table in fitting]
    if not names:
        raise InputError(
            f"LUT {lut.name!r}: no table has {', '.join(sorted(map(str, axes)))} and {', '.join(y) or 'a variable'}"
        )
    if len(names) > _MOST:
        # A page that leaves out what was asked for would pass for the whole.
        raise InputError(
            f"LUT {lut.name!r}: {len(names)} variables over {x}: choose up to {_MOST}, such as {names[0][1]}"
        )
    panels = [
        (Panel(f"{name} ({table})", (), along), {"table": table, "name": name, "axis": x, "by": by, **condition})
        for table, name in names
    ]
    return _page(lut, panels, 0)


def _check_axes(lut: Lut, names: Sequence[str]) -> None:
    known = {str(axis) for table in lut.tables.values() for axis in table.dims}
    for name in names:
        if name not in known:
            raise UnknownNameError("axis", name, known, f"of LUT {lut.name!r}")


def _named(lut: Lut, y: Sequence[str]) -> list[tuple[str, str]]:
    """Return table and name of the variables called so; of all that vary, where none is named."""
    if not y:
        return [(table, name) for table, name in variables(lut, []) if varies(lut.tables[table][name])]
    found = {(table, str(name)) for table, dataset in lut.tables.items() for name in dataset.data_vars}
    chosen_names = []
    for name in y:
        matches = sorted(pair for pair in found if name in (pair[1], ".".join(pair)))
        if not matches:
            known = {".".join(pair) if "." in name else pair[1] for pair in found}
            raise UnknownNameError("variable", name, known, f"of LUT {lut.name!r}")
        chosen_names += matches
    return chosen_names


@checked
def not_drawn(lut: Lut) -> list[str]:
    """Return ``table.variable`` of what no page draws as it has one value; counts are not named."""
    return left_out(lut, [*_special(lut), _HEADLINE])


def _special(lut: Lut) -> list[Panel]:
    return [panel for panel, _ in chosen(lut)]


def _drawable(lut: Lut) -> tuple[list[Chosen], list[Chosen]]:
    """Return the panels that a LUT has, and those of everything else."""
    if lut.tables and not any(map(measured, lut.tables.values())):
        raise InputError(f"LUT {lut.name!r}: no point gave a result ({_failures(lut)}): nothing to plot")
    special = chosen(lut)
    # Apart from the others, on pages of their own: most are of interest only when something is searched for.
    rest = chosen(lut, remaining(lut, [panel for panel, _ in special]))
    if not special and not rest:
        raise InputError(f"LUT {lut.name!r}: nothing to plot in {', '.join(sorted(lut.tables)) or 'no tables'}")
    return special, rest


def _at(lut: Lut, panels: Sequence[Chosen], at: Mapping[str, Any]) -> list[Chosen]:
    """Return the panels with other coordinates fixed, without those that do not have them."""
    if not at:
        return list(panels)
    _check_axes(lut, list(at))
    kept = []
    for panel, choices in panels:
        # What is fixed makes no lines; a panel that draws this very axis would show a single point.
        fixed = {key: None if key == "by" and value in at else value for key, value in choices.items()}
        if not panel.drawn(lut, choices) & set(at) and all(_has(lut, table, at) for table in panel.tables(choices)):
            kept.append((panel, {**fixed, **at}))
    return kept


def _nothing_at(lut: Lut, at: Mapping[str, Any]) -> InputError:
    """Return why no panel is left at a condition: it is not on the grid, or the panels draw the very axes of it."""
    where = ", ".join(f"{axis} = {value}" for axis, value in at.items())
    longest = {axis: max((t[axis].values for t in lut.tables.values() if axis in t.dims), key=len) for axis in at}
    grids = [f"{axis}: {listed(values)}" for axis, values in longest.items()]
    if all(on_grid(longest[axis].tolist(), value) for axis, value in at.items()):
        others = {str(axis) for table in lut.tables.values() for axis in table.dims if table.sizes[axis] > 1} - set(at)
        choice = f"; give the axis to draw over: x (--x) = {' or '.join(sorted(others))}" if others else ""
        return InputError(f"{where}: every panel of LUT {lut.name!r} is drawn over {' or '.join(at)}{choice}")
    return OutsideGridError(f"{where}: nothing of LUT {lut.name!r} is drawn there ({'; '.join(grids)})")


def _has(lut: Lut, table: str, at: Mapping[str, Any]) -> bool:
    dataset = lut.tables[table]
    return all(on_grid(dataset[axis].values.tolist(), value) for axis, value in at.items() if axis in dataset.dims)


def _pages(lut: Lut, at: Mapping[str, Any] | None = None) -> Iterator[Figure]:
    special, rest = (_at(lut, panels, at or {}) for panels in _drawable(lut))
    if not special and not rest:
        raise _nothing_at(lut, at or {})
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
