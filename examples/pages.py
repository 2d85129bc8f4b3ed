"""What the pages of headline figures share: a page, its tables of numbers and of text, its paragraphs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from matplotlib.figure import Figure

from bitline import content
from bitline.lut.lut import Lut
from bitline.system.ratios import CONDITION
from bitline.system.scaling import scales

SCALES = scales(float(CONDITION["vdd"]))
MEASURED = "130 nm, 1.8 V (from the tables)"


class Page(NamedTuple):
    """Markdown, and the figures that it shows by their file names."""

    text: str
    figures: Mapping[str, Figure]


@cache
def load(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def prose(*parts: str, bullet: str = "") -> str:
    """One paragraph of the page, or one item of a list."""
    text = f"{bullet}{' '.join(parts)}"
    return textwrap.fill(text, 120, subsequent_indent=" " * len(bullet), break_long_words=False, break_on_hyphens=False)


SCALED = prose(
    "Estimates, not measurements: energies of the tables at 1.8 V become those at 65 nm and 1.1 V. Logic and row reads",
    "go by V² to the 130 nm node's nominal 1.3 V and from there by the fit of Stillmaker and Baas (Integration 58,",
    "2017), or by C V² with capacitances in proportion to the feature size. DACs, columns, comparators and the",
    "converter's capacitors keep their size, for matching and noise set it, and take V² alone, or, at the same SNR in",
    "the smaller swing, as much as before. Every factor is assumed (`bitline.system.scaling`); no 65 nm circuit was",
    "simulated.",
)
"""What both pages say of their estimates."""
