"""Draw docs/bitline.svg, the README's picture, from a simulation and a shipped table: python docs/picture.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import bitline as bl

HERE = Path(__file__).parent
WIDTH, HEIGHT, PANEL, GAP, TOP, BASE = 1000, 300, 220, 35, 62, 262
CODES = (0, 4, 8, 12, 16)
CONSUMERS = ("NeuroSim", "aihwkit", "CrossSim", "ASiM", "AccelForge", "OpenSTA")
BLUE, GREY, INK = "#0072b2", "#c9d6e2", "#1b1f24"
Array = NDArray[np.float64]


def main() -> None:
    """Write the picture beside this script."""
    heads = ("circuit in SPICE", "simulated by ngspice", "lookup table", "your simulator")
    notes = ("your parameters, SKY130", "codes 0 to 16", "mean, ±3σ of 64 chips", "energy, noise, timing")
    parts = [text for panel, words in enumerate(zip(heads, notes, strict=True)) for text in frame(panel, *words)]
    parts += [schematic(), *waves(), *table(), *consumers()]
    parts += [arrow(panel) for panel in range(3)]
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="white"/>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" fill="{INK}">'
    )
    (HERE / "bitline.svg").write_text("\n".join([head, ground, *parts, "</svg>", ""]), encoding="utf-8")


def left(panel: int) -> float:
    """Return where a panel begins."""
    return 10 + panel * (PANEL + GAP)


def label(x: float, y: float, text: str, size: int = 15, weight: str = "normal") -> str:
    """Return centred text."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" text-anchor="middle">{text}</text>'


def frame(panel: int, head: str, note: str) -> Iterator[str]:
    """Yield a panel's heading and the line below it."""
    middle = left(panel) + PANEL / 2
    yield label(middle, 28, head, 17, "bold")
    yield label(middle, 288, note, 14)


def arrow(panel: int) -> str:
    """Return the arrow from a panel to the next."""
    x, y = left(panel) + PANEL + 5, (TOP + BASE) / 2
    return f'<path d="M{x:g} {y:g}h18m-7 -6l7 6l-7 6" fill="none" stroke="{BLUE}" stroke-width="2.5"/>'


def schematic() -> str:
    """Return the drawing of the cell: that of the column would be too small to read."""
    svg = (HERE / "schematics" / "split-port-6t.svg").read_text(encoding="utf-8")
    place = f'x="{left(0):g}" y="{TOP - 22}" width="{PANEL}" height="{BASE - TOP + 30}"'
    return re.sub(r'height="[^"]*" width="[^"]*"', place, svg, count=1)


def curve(panel: int, x: Array, y: Array, spans: Sequence[Array]) -> str:
    """Return points of a panel as a path, scaled by the lowest and the highest of `spans`."""
    (x0, x1), (y0, y1) = ((float(span.min()), float(span.max())) for span in spans)
    across = left(panel) + PANEL * (x - x0) / (x1 - x0)
    down = BASE - (BASE - TOP) * (y - y0) / (y1 - y0)
    return "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(across, down, strict=True))


def waves() -> Iterator[str]:
    """Yield the line's voltage over one cycle, for some codes."""
    runs = [bl.simulate(bl.AcimColumnQS(), bench="transfer", code=code).waveforms for code in CODES]
    # What comes after the sampling instant recovers the line, far slower.
    kept = [run.axis < 1.2 * run.marks["sample"] for run in runs]
    signals = [(run.axis[few], run["v(line)"][few]) for run, few in zip(runs, kept, strict=True)]
    spans = [np.concatenate(parts) for parts in zip(*signals, strict=True)]
    for x, y in signals:
        yield f'<path d="M{curve(1, x, y, spans)}" fill="none" stroke="{BLUE}" stroke-width="2"/>'


def table() -> Iterator[str]:
    """Yield the transfer of the shipped table with three standard deviations to either side."""
    chips = bl.Lut.load("acim-qs").tables["mismatch"].sel(corner="tt", vdd=1.8, temperature=27.0)
    code, mean, sigma = (np.asarray(chips[name].values, dtype=float) for name in ("code", "v_mean", "v_sigma"))
    spans = [code, np.concatenate([mean - 3 * sigma, mean + 3 * sigma])]
    there, back = (
        curve(2, code[order], (mean + s * sigma)[order], spans)
        for s, order in ((3, slice(None)), (-3, slice(None, None, -1)))
    )
    yield f'<path d="M{there}L{back}Z" fill="{GREY}"/>'
    yield f'<path d="M{curve(2, code, mean, spans)}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>'


def consumers() -> Iterator[str]:
    """Yield the programs that take the table."""
    for row, name in enumerate(CONSUMERS):
        y = TOP - 10 + row * 36
        yield f'<rect x="{left(3) + 30:g}" y="{y}" width="{PANEL - 60}" height="28" rx="5" fill="{GREY}"/>'
        yield label(left(3) + PANEL / 2, y + 19, name)


if __name__ == "__main__":
    main()
