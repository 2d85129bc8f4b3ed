"""What the pages of headline figures share: a page, its tables of numbers and of text, its paragraphs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from matplotlib.figure import Figure

from bitline import content
from bitline.lut.lut import Lut


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
