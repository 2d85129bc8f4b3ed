"""What is written on a figure: quantities with their units, titles, and labels beside lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from matplotlib.ticker import ScalarFormatter
from scipy.optimize import isotonic_regression

from bitline.plot import style
from bitline.plot.style import SMALL, TITLE
from bitline.units import PREFIXES, SCALED, exponent, prefixed

_BESIDE = 1.08
"""Width of a title over that of its Axes before the layout: right of the Axes there is room for labels."""
_SPELLING = {"degC": "°C", "Ohm": "Ω", "1": "", "count": ""}
_NAMES = {
    "code": "MAC code",
    "corner": "Corner",
    "vdd": "Supply voltage",
    "temperature": "Temperature",
    "v_line": "Line voltage",
    "SNR_a": "SNR_a",
    "snr_a": "SNR_a",
    "v": "Voltage",
    "v_mean": "Mean voltage",
    "v_sigma": "Sigma of voltage",
    "sigma_lnr": "sigma of ln R",
    "n_per_cluster": "Branches per cluster",
    "v_start": "Start voltage",
    "stretch": "Discharge time over the designed one",
    "on_off": "Selector on/off ratio",
    "i_off": "Leakage of an unselected selector",
    "i_static": "Static current",
    "c_line": "Line capacitance",
    "c_wire_bl": "Bit-line wire capacitance of a cell",
    "t_read_blb": "Read delay of BLB",
    "stored_a": "Bit of row a",
    "stored_b": "Bit of row b",
    "energy_total": "Energy per operation",
    "mac": "MAC value",
    "t_pulse": "Pulse width",
    "v_wl": "Word-line level",
    "v_diff": "Input difference",
    "v_common": "Input common mode",
    "t_margin": "Time left",
    "tau": "Regeneration time constant",
    "v_noise": "Input-referred noise",
    "kick_diff": "Differential kickback",
    "energy_decision": "Energy per decision",
    "snm": "Static noise margin",
    "drv": "Data-retention voltage",
    "t_read": "Read delay",
    "t_flip": "Write delay",
    "disturb_a_mean": "Disturb of row a",
}

_SYMBOLS = {
    "i": "current",
    "t": "time",
    "p": "power",
    "c": "capacitance",
    "r": "resistance",
    "w": "width",
    "energy": "energy",
}
"""What the first part of a name says, as a symbol does."""
_STATISTICS = {"mean": "mean", "sigma": "sigma of"}
_ACRONYMS = {"snm", "svnm", "sinm", "wtv", "wti", "drv", "snr", "csnr", "inl", "dnl", "enob", "lsb", "dac", "bl", "blb"}
_LEVELS = {"lrs": "LRS (+1)", "mrs": "MRS (0)", "hrs": "HRS (−1)"}
_CHOICES = {
    "mismatch": {"all": "CMOS and ReRAM spread", "memory": "ReRAM spread alone"},
    "verify": {"on": "write-verify", "off": "fixed number of pulses"},
    "scheme": {"half": "V/2 scheme", "third": "V/3 scheme"},
    "access": {"none": "hold", "digital": "digital port", "analog": "analog port", "both": "both ports"},
    "ports": {"digital": "digital port", "analog": "analog port", "both": "both ports"},
    "port": {"left": "digital port", "right": "analog port"},
    "lines": {"high": "lines high", "low": "lines low"},
    "rows": {"same": "same row", "different": "different rows"},
    "zeros": {"mixed": "zeros of both kinds", "weight": "zeros by weight", "input": "zeros by input"},
}
_SHORT = {
    "n_per_cluster": "n =",
    "sigma_lnr": "σ =",
    "v_diff": "input",
    "v_common": "common mode",
    "v_wl": "word line",
} | {
    "i_off": "selector leakage",
    "c_line": "line",
    "c_wire_bl": "bit-line wire",
    "t_pulse": "pulse",
    "stored_a": "row a stores",
    "stored_b": "row b stores",
}


class _ScaledTicks(ScalarFormatter):
    """Write tick values divided by a power of ten; the data stay in SI units."""

    def __init__(self, scale: float) -> None:
        # An offset above the axis, such as "+1.8", is overlooked; a locale would change decimal points and bytes.
        super().__init__(useOffset=False, useLocale=False)
        self.set_scientific(False)
        self._scale = scale

    # The base class takes its number of digits from the distance of the ticks: it must see the scaled ones.
    def set_locs(self, locs: Any) -> None:
        super().set_locs([loc / self._scale for loc in locs])

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x / self._scale, pos)


def quantity(axis: Axis, name: str, unit: str) -> None:
    """Label an axis with name and unit, an engineering prefix chosen from its present limits.

    The data stay in SI units, so more can be added to the Axes without rescaling.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        ``axes.xaxis`` or ``axes.yaxis``, data already drawn.
    name : str
        A variable's or axis's name (``"v_line"``), or words.
    unit : str
        SI unit without prefix; ``""`` where there is none.
    """
    words = named(name, "")
    # No prefix before degC, dB or a count: nobody writes them so.
    if unit not in SCALED:
        axis.set_label_text(named(name, unit))
        return
    spelled = _SPELLING.get(unit, unit)
    # A logarithmic axis spans decades and is ticked in powers of ten: a prefix would suit a part of it.
    if axis.get_scale() != "linear":
        axis.set_label_text(f"{words} ({spelled})")
        return
    largest = max(abs(limit) for limit in axis.get_view_interval())
    # 0.5 is where "0.6 V" starts to read better than "600 mV".
    power = exponent(2 * largest, unit)
    axis.set_major_formatter(_ScaledTicks(10.0**power))
    axis.set_label_text(f"{words} ({PREFIXES[power]}{spelled})")


def named(name: str, unit: str) -> str:
    """Write a variable's or axis's name in words, with its unit if it has one."""
    words = _NAMES.get(name) or _words(name)
    # Only the first letter: capitalize() would write SNR_a as Snr_a.
    words = words[:1].upper() + words[1:]
    spelled = _SPELLING.get(unit, unit)
    if not spelled:
        return words
    return f"{words} ({spelled})"


def _words(name: str) -> str:
    """Return ``"read current"`` of ``"i_read"`` and ``"sigma of SNM 1"`` of ``"snm_1_sigma"``."""
    first, *rest = (token.upper() if token in _ACRONYMS else token for token in name.split("_"))
    statistic = rest.pop() if rest and rest[-1] in _STATISTICS else ""
    if first in _SYMBOLS:
        rest, first = [*rest, _SYMBOLS[first]], ""
    return " ".join(part for part in (_STATISTICS.get(statistic, ""), first, *rest) if part)


def number(value: float, unit: str) -> str:
    """Write a value with three digits and an engineering prefix: ``1.23e-3, "V"`` -> ``"1.23 mV"``."""
    digits, scaled = prefixed(value, unit, 3)
    if unit in SCALED:
        return f"{digits} {scaled.removesuffix(unit)}{_SPELLING.get(unit, unit)}"
    return f"{digits} {_SPELLING.get(unit, unit)}".strip()


def peak(values: np.ndarray) -> str:
    """Write the largest magnitude of what is finite, for a legend: ``", peak 0.064"``."""
    # DNL has no value at its last code, nor INL where a point failed.
    finite = np.abs(values[np.isfinite(values)])
    if not finite.size:
        return ""
    return f", peak {finite.max():.2g}"


def step(codes: np.ndarray) -> str:
    """Name the error of the steps between the codes of a table: DNL is that of a single code."""
    widths = np.unique(np.diff(codes))
    if len(widths) == 1 and widths[0] == 1:
        return "DNL"
    if len(widths) == 1:
        return f"steps of {widths[0]:g}"
    return "steps"


def coordinate(axis: str, value: Any, unit: str) -> str:
    """Write one coordinate of a condition: ``"tt"``, ``"1.8 V"``, ``"27 °C"``, ``"2 pairs"``, ``"rows 64"``."""
    if isinstance(value, str):
        words = _CHOICES.get(axis, {}).get(value) or level(value)
        # Both ends of a transition are levels: alone, neither says which end it is.
        return {"start": f"start {words}", "target": f"target {words}"}.get(axis, words)
    if axis == "extra" and value == 1:
        return "1 pair"
    if axis == "extra":
        return f"{value:g} pairs"
    text = f"{value:g} {_SPELLING.get(unit, unit)}".strip()
    if unit in SCALED:
        text = number(float(value), unit)
    if axis in {"vdd", "temperature"} and unit in {"V", "degC"}:
        return text
    return f"{_SHORT.get(axis, axis.replace('_', ' '))} {text}"


def level(value: object) -> str:
    """Write one value of a choice, a memory level with its trit: ``"lrs"`` -> ``"LRS (+1)"``."""
    return _LEVELS.get(str(value), str(value))


def text_width(text: str, size: float) -> float:
    """Return the width [pt] of a text on a figure."""
    font = FontProperties(family=style.FONT, size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def title(axes: Axes, text: str, *, above: float = 3.0) -> None:
    """Set a left-aligned title, wrapped to the room over the Axes and the labels beside it, `above` points over it."""
    text = text.replace(" degC", " °C")
    for spaced in (" °C", " V,", "n = ", "σ = "):  # a line does not end in these
        text = text.replace(spaced, spaced.replace(" ", "\u00a0"))
    axes.set_title(wrapped(text, _BESIDE * width(axes), TITLE), loc="left", pad=above)


def wrapped(text: str, room: float, size: float) -> str:
    """Break a text of some size [pt] at blanks into lines of at most `room` points, where words are no longer."""
    # Matplotlib's own wrapping ignores the neighbours. Only at plain blanks: a number stays with its unit.
    first, *words = text.split(" ")
    lines = [first]
    for word in words:
        if text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def width(axes: Axes) -> float:
    """Return the approximate width of the Axes [pt]; exact only after the layout has run."""
    return float(axes.get_position().width * axes.get_figure(root=True).get_figwidth() * 72)  # type: ignore[union-attr]


def height(axes: Axes) -> float:
    """Return the approximate height of the Axes [pt]; exact only after the layout has run."""
    return float(axes.get_position().height * axes.get_figure(root=True).get_figheight() * 72)  # type: ignore[union-attr]


def ends(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write labels right of the Axes, each as near to its height as the others allow.

    Parameters
    ----------
    axes : Axes
        Limits and scale already final.
    labels : sequence of (height in data units, text, colour)
        Labels at equal heights keep their order, first at the bottom.
    """
    if not labels:
        return
    low, high = (float(limit) for limit in axes.get_ylim())
    heights = np.array([y for y, _, _ in labels])
    if axes.get_yscale() == "log":
        # What has no logarithm stands at the bottom.
        low, high, heights = np.log(low), np.log(high), np.log(np.maximum(heights, low))
    for wanted, (_, text, colour) in zip((heights - low) / (high - low), labels, strict=True):
        looks: dict[str, Any] = {"color": colour, "fontsize": SMALL, "va": "center", "annotation_clip": False}
        # Without the clip that an Axes gives its artists, which would keep the label out of the layout.
        axes.add_artist(_End(text, float(wanted), **looks)).set_clip_on(False)
    _place(axes, height(axes))


class _End(Annotation):
    """A label beside the end of a line, which remembers where it would stand if there were no other."""

    def __init__(self, text: str, wanted: float, **looks: Any) -> None:
        side: dict[str, Any] = {"xycoords": "axes fraction", "xytext": (3, 0), "textcoords": "offset points"}
        super().__init__(text, (1, wanted), **side, **looks)
        self.wanted = wanted


def _place(axes: Axes, height: float) -> None:
    """Move the labels beside an Axes of that height [pt] apart."""
    labels = sorted((text for text in axes.texts if isinstance(text, _End)), key=lambda label: label.wanted)
    # A quarter of the letters' height as air between two labels.
    placed = spread(np.array([label.wanted for label in labels]), gap=1.25 * SMALL / height)
    for label, y in zip(labels, placed, strict=True):
        label.xy = (1, float(y))


def settle(figure: Figure) -> None:
    """Lay a figure out, and place the labels beside its lines by the heights that its Axes then have."""
    figure.draw_without_rendering()
    for axes in figure.axes:
        if any(isinstance(text, _End) for text in axes.texts):
            _place(axes, axes.get_window_extent().height / figure.dpi * 72)


def spread(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Move ascending positions in 0..1 as little as possible so that neighbours are `gap` apart.

    Least squares under ``y[k+1] >= y[k] + gap`` is isotonic regression of ``y[k] - k gap``.
    """
    steps = gap * np.arange(len(wanted))
    free = isotonic_regression(wanted - steps).x
    # The topmost ends with the Axes: above them stands the title.
    return np.asarray(np.clip(free, 0, max(0.0, 1 - gap / 2 - steps[-1])) + steps)
