"""Signals of one simulation over time, frequency or a swept source, with the phases and marks of their deck."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.plot import label, style
from bitline.plot.arguments import checked

_QUANTITY = {
    "V": "Voltage",
    "A": "Current",
    "V/√Hz": "Noise density",
    "A/√Hz": "Noise density",
    "nm": "Filament",
    "K": "Temperature",
    "S": "Conductance",
    "F": "Capacitance",
    "1": "State",
    "dB": "Magnitude",
    "dB re 1 A": "Current",
    "°": "Phase",
}
_ROLES = (
    ("Lines", re.compile(r"(c?bl[bru]?|cblb|[rw]bl|line|slu?|cl|out|int|plate)\d*")),
    ("Storage nodes", re.compile(r"qb?(\d.*|_[a-z])?|qb?[pm]\d+")),
    ("Control", re.compile(r".*")),
)
"""What a node does, by the names that designers give it: where a value is read, where a bit is kept, and the rest."""
_FEW = 4
"""Up to this many voltages of different kinds share one Axes."""
_DENSITIES = frozenset({"V/√Hz", "A/√Hz"})
_SILENT = -400.0
"""Stands for the logarithm of a magnitude that is zero at some frequencies [dB]."""
_MEMBERS = 4
"""More signals than this that differ in a number only, such as the nodes of 64 cells, share a label."""
_DIRECT = 7
"""Up to this many labels stand beside their lines."""
_ROWS = 6
"""Rows of a legend beside a strip."""
ROW = style.SMALL + 2.0
"""Height of a row of phase or mark names [pt]."""


def interesting(waveforms: Waveforms) -> float:
    """Return where to stop drawing: a last phase in which nothing is read is cut to a third of all before it.

    Such a phase holds the state, or comes after the last mark.
    """
    end = float(np.max(waveforms.axis))
    if not waveforms.phases:
        return end
    last = waveforms.phases[-1]
    over = bool(waveforms.marks) and max(waveforms.marks.values()) <= last.start
    # Lines recover and a state is held for far longer than what is measured takes, which would be a few millimetres.
    if end > 1.5 * last.start > 0 and (last.name == "hold" or over):
        return min(end, 4 / 3 * last.start)
    return end


def unit(waveforms: Waveforms, name: str) -> str:
    """Return the unit of a signal as it is written on a figure: ``"V"``, ``"V/√Hz"``."""
    return waveforms.unit(name).replace("sqrt(Hz)", "√Hz")


def real_signals(waveforms: Waveforms) -> Waveforms:
    """Return what can be drawn: of each complex signal its magnitude [dB] and its phase [degree].

    Signals without any response, such as supply nodes, are left out: they have neither.
    """
    if not any(np.iscomplexobj(values) for values in waveforms.signals.values()):
        return waveforms
    live = [name for name, values in waveforms.signals.items() if np.any(values)]
    # A zero in the response would be minus infinity, and leave a gap that looks like missing data.
    magnitudes = {f"|{name}|": np.maximum(waveforms.magnitude_db(name), _SILENT) for name in live}
    phases = {f"∠{name}": waveforms.phase_degrees(name) for name in live}
    # With a source of 1 V the magnitude of a voltage is a gain, that of a current is not.
    currents = [f"|{name}|" for name in live if waveforms.unit(name) == "A"]
    units = dict.fromkeys(magnitudes, "dB") | dict.fromkeys(currents, "dB re 1 A") | dict.fromkeys(phases, "°")
    return replace(waveforms, signals=magnitudes | phases, units=units)


def groups(waveforms: Waveforms) -> dict[str, tuple[str, ...]]:
    """Group signals by unit, voltages first and by role where there are many; the keys are panel labels."""
    by_unit: dict[str, list[str]] = {}
    for name in waveforms.signals:
        by_unit.setdefault(unit(waveforms, name), []).append(name)
    # Voltages on top, where phases and marks are named; units that nobody foresaw come last.
    order = [*_QUANTITY, *by_unit]
    strips: dict[str, tuple[str, ...]] = {}
    for unit_name in sorted(by_unit, key=order.index):
        names = by_unit[unit_name]
        if unit_name == "V":
            strips |= _by_role(names)
        else:
            strips[_quantity(unit_name, names)] = tuple(names)
    return strips


def _by_role(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Group voltages by what their nodes do; few of them, or all of one kind, stay together."""
    strips: dict[str, list[str]] = {}
    for name in names:
        role = next(role for role, pattern in _ROLES if pattern.fullmatch(short(name)))
        strips.setdefault(role, []).append(name)
    if len(_families(names)) <= _FEW or len(strips) == 1:
        return {_QUANTITY["V"]: tuple(names)}
    return {role: tuple(strips[role]) for role, _ in _ROLES if role in strips}


def _quantity(unit_name: str, names: Sequence[str]) -> str:
    if unit_name == "A" and all(map(_of_source, names)):
        return "Source current"
    return _QUANTITY.get(unit_name, f"State in {unit_name}")


def _of_source(name: str) -> bool:
    return name.startswith("i(")


def drawn(waveforms: Waveforms, name: str) -> Array:
    """Return a signal as it is drawn: of a source's current what the source delivers."""
    # ngspice counts a current into the + terminal: a supply at work would be drawn below 0.
    if _of_source(name):
        return -waveforms[name]
    return waveforms[name]


@checked
def traces(
    axes: Axes,
    waveforms: Waveforms,
    names: Sequence[str] | None = None,
    *,
    quantity: str = "",
    annotate: bool = True,
    stop: float | None = None,
) -> Axes:
    """Draw signals of one unit over the independent variable; of a source's current what the source delivers.

    Parameters
    ----------
    axes : Axes
        Where to draw; data stay in SI units, the tick labels carry the prefix.
    waveforms : Waveforms
        Its phases are shaded, its marks drawn as thin dashed lines, and its readings circled.
    names : sequence of str, optional
        Vectors such as ``"v(bl)"``; all by default. Of an AC analysis, those of `real_signals`.
    quantity : str
        What the y axis is called; by default Voltage, Source current and so on, from the unit.
    annotate : bool
        Write the names of phases and marks above the Axes. In a stack only the top does.
    stop : float, optional
        Where the axis ends, in its unit; by default where the waveforms do.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If the signals are of different units, or there are none.
    BadMeasureError
        If a name is not among the signals, or its signal is complex.
    """
    chosen = tuple(waveforms.signals)
    if names is not None:
        chosen = tuple(names)
    units = {unit(waveforms, name) for name in chosen}
    if len(units) != 1:
        raise InputError(f"signals {', '.join(chosen) or '(none)'}: one panel shows one unit, not {len(units)}")
    (shared,) = units
    families = _families(chosen)
    _draw(axes, waveforms, families)
    scales(axes, waveforms, shared, stop)
    label.quantity(axes.yaxis, quantity or _quantity(shared, chosen), shared)
    background(axes, waveforms)
    if annotate:
        rows = headings(axes, waveforms)
        label.title(axes, waveforms.title, above=3 + rows * ROW)
    _name_lines(axes, waveforms, families)
    return axes


def _draw(axes: Axes, waveforms: Waveforms, families: Mapping[str, tuple[str, ...]]) -> None:
    """Draw every signal, those of one family in one colour."""
    for colour, members in zip(style.cycle(families).values(), families.values(), strict=True):
        width = 1.1
        # Thin enough that the nodes of 64 cells do not run together into an area.
        if len(members) > 1:
            width = 0.5
        for name in members:
            axes.plot(waveforms.axis, drawn(waveforms, name), color=colour, linewidth=width, gid=name)
            readings(axes, waveforms, name, colour)


def readings(axes: Axes, waveforms: Waveforms, name: str, colour: str) -> None:
    """Circle where the bench read a signal: what is measured can be followed back to the curve."""
    instants = [instant for signal, instant in waveforms.readings if signal == name]
    values = np.interp(instants, waveforms.axis, drawn(waveforms, name))
    looks: dict[str, Any] = {
        "linestyle": "none",
        "marker": "o",
        "markersize": 3.2,
        "markerfacecolor": "white",
        "zorder": 4,
    }
    if instants:
        axes.plot(instants, values, color=colour, gid=f"read {name}", **looks)


def scales(axes: Axes, waveforms: Waveforms, shown: str, stop: float | None = None) -> None:
    """Set limits, scale and label of the x axis, and the scale of the y axis by the unit shown on it."""
    # A source that is swept downwards gives its largest value first.
    first, last = sorted((float(waveforms.axis[0]), float(waveforms.axis[-1])))
    if stop is None:
        stop = last
    axes.set_xlim(first, stop)
    # A file may hold a spectrum that starts at 0 Hz, which has no place on a logarithmic axis.
    if waveforms.abscissa.logarithmic and first > 0:
        axes.set_xscale("log")
        if shown in _DENSITIES:
            axes.set_yscale("log")
    label.quantity(axes.xaxis, waveforms.abscissa.name, waveforms.abscissa.unit)


def _families(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Gather signals that differ in numbers only; few of a kind stay on their own."""
    alike: dict[str, list[str]] = {}
    for name in names:
        # The nodes of an array's cells are called alike but for their numbers; a legend of 64 names helps nobody.
        alike.setdefault(re.sub(r"\d+", "#", name), []).append(name)
    families: dict[str, tuple[str, ...]] = {}
    for members in alike.values():
        if len(members) > _MEMBERS:
            families[f"{short(members[0])} … {short(members[-1])}"] = tuple(members)
        else:
            families.update({short(name): (name,) for name in members})
    return families


def short(name: str) -> str:
    """Strip what the axis already says: ``"v(bl)"`` -> ``"bl"``, ``"|v(out)|"`` -> ``"out"``.

    Phases of voltages and currents share an axis, so that of a current keeps its ``i``.
    """
    if name.startswith("∠i("):
        return name.removeprefix("∠")
    return re.sub(r"^[|∠]?[vi]\((.*)\)\|?$", r"\1", name)


def background(axes: Axes, waveforms: Waveforms) -> None:
    """Shade the phases and draw the marks."""
    for k, phase in enumerate(waveforms.phases):
        # Two greys in turn show where a phase ends without a line that could be taken for a mark.
        shade = style.SHADES[k % len(style.SHADES)]
        axes.axvspan(phase.start, phase.stop, color=shade, linewidth=0, zorder=0, gid=f"phase {phase.name}")
    for name, instant in waveforms.marks.items():
        axes.axvline(instant, color=style.GREY, linewidth=0.5, dashes=(4, 2), zorder=1, gid=f"mark {name}")


def headings(axes: Axes, waveforms: Waveforms) -> int:
    """Write mark names, and phase names above them; return how many rows that took."""
    marks = _heading(axes, [(instant, name) for name, instant in waveforms.marks.items()], 0)
    # Of a phase that is cut, the middle of what is seen.
    end = axes.get_xlim()[1]
    phases = [((phase.start + min(phase.stop, end)) / 2, phase.name) for phase in waveforms.phases]
    return marks + _heading(axes, phases, marks)


def _heading(axes: Axes, items: Sequence[tuple[float, str]], first: int) -> int:
    """Write names centred on their instants, in as few rows as they fit without touching."""
    low, high = axes.get_xlim()
    # The layout takes a part of the width for the labels on both sides.
    point = (high - low) / (0.82 * label.width(axes))
    rows: list[float] = []
    for centre, name in sorted((x, name) for x, name in items if low <= x <= high):
        half = point * (label.text_width(name, style.SMALL) + 5) / 2
        # A name near an edge moves inwards: outside it would run into the labels of the axis.
        x = min(max(centre, low + half), high - half)
        row = next((k for k, end in enumerate(rows) if end <= x - half), len(rows))
        rows[row : row + 1] = [x + half]
        axes.annotate(
            name,
            xy=(x, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 1.5 + (first + row) * ROW),
            textcoords="offset points",
            color=style.GREY,
            fontsize=style.SMALL,
            ha="center",
            va="bottom",
            annotation_clip=False,
        )
    return len(rows)


def _name_lines(axes: Axes, waveforms: Waveforms, families: Mapping[str, tuple[str, ...]]) -> None:
    colours = style.cycle(families)
    # A name beside its line needs no legend, as long as names do not have to move far from their lines.
    if len(families) <= _DIRECT:
        last = {text: _at_edge(axes, waveforms, members[-1]) for text, members in families.items()}
        label.ends(axes, [(y, text, colours[text]) for text, y in last.items()])
        return
    handles = [Line2D([], [], color=colours[text], label=text) for text in families]
    # As high as the strip of a stack at most: a higher one would press the strips together.
    small: dict[str, Any] = {"fontsize": style.SMALL, "handlelength": 1.0, "labelspacing": 0.25, "columnspacing": 0.8}
    columns = -(-len(handles) // _ROWS)
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), ncols=columns, **small)


def _at_edge(axes: Axes, waveforms: Waveforms, name: str) -> float:
    """Return where a signal leaves the Axes on the right, beside which its label stands."""
    # A source may be swept downwards.
    order = np.argsort(waveforms.axis, kind="stable")
    return float(np.interp(axes.get_xlim()[1], waveforms.axis[order], drawn(waveforms, name)[order]))
