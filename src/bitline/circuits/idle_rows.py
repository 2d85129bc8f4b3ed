"""Idle rows: those of a column that do not compute, but whose junctions and wires load its lines.

A deck lumps them into a few sections of the line, in which rows that store the same are one with a multiplier. The rows
that compute lie nearest to the line's sense end, which is the best case for their wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bitline.parameters import parameter

IDLE = parameter(
    0, "rows on the line besides, which do not compute and hold 1 and 0 in turn", source="choice", ge=0, le=1024
)
LINE_SECTIONS = parameter(
    4, "sections of the line into which a deck lumps the idle rows", source="choice", ge=1, le=1024
)


@dataclass(frozen=True)
class IdleSection:
    """Idle rows that a deck lumps into one section of the line.

    Parameters
    ----------
    rows, ones : int
        Cells, and how many of them store 1; idle rows hold a checkerboard.
    distance : float
        Length of wire from the section before to this one's middle [cells].
    """

    rows: int
    ones: int
    distance: float


def idle_sections(active: int, idle: int, most: int) -> list[IdleSection]:
    """Return the sections of the idle rows, from the active rows outwards; as even as whole rows allow.

    Parameters
    ----------
    active, idle : int
        Rows that compute, and rows behind them.
    most : int
        Sections, fewer if there are fewer idle rows.
    """
    count = min(most, idle)
    ends = [active + idle * k // count for k in range(count + 1)] if count else []
    sections: list[IdleSection] = []
    before = 1  # the last active row
    for first, end in pairwise(ends):
        ones = len(range(first + first % 2, end, 2))
        sections.append(IdleSection(end - first, ones, (before + end - first) / 2))
        before = end - first
    return sections
