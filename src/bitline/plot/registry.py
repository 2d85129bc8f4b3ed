"""Every panel, in the order in which they are drawn; a LUT has those whose needs it meets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bitline.lut.lut import Lut
from bitline.plot import boundary, cell, column, comparator, converter, error_budget, restore, store, ternary, yields
from bitline.plot.panel import Panel

PANELS: tuple[Panel, ...] = (
    *ternary.PANELS,
    *converter.PANELS,
    *comparator.PANELS,
    *column.PANELS,
    *error_budget.PANELS,
    *yields.PANELS,
    *restore.PANELS,
    *store.PANELS,
    *cell.PANELS,
    *boundary.PANELS,
)


def chosen(lut: Lut, panels: Sequence[Panel] = PANELS) -> list[tuple[Panel, dict[str, Any]]]:
    """Return the panels whose needs a LUT meets, each with the arguments to draw it.

    Of panels that would draw the same, such as two that came to the same axis, the first is kept.
    """
    pairs: list[tuple[Panel, dict[str, Any]]] = []
    seen = set()
    for panel in panels:
        choices = panel.choices(lut)
        # The same drawing under the same heading comes out the same: margins over the only axis there is.
        if choices is None or (picture := (panel.draw, panel.heading(choices))) in seen:
            continue
        seen.add(picture)
        pairs.append((panel, choices))
    return pairs
