"""Disturb: how far a cell's storage nodes were moved, and whether it changed state."""

from __future__ import annotations

import numpy as np

from bitline.engine.waveforms import Waveforms


def excursion(w: Waveforms, q: str, qb: str) -> tuple[float, bool]:
    """Return the largest excursion of either node from where it began [V], and whether the cell flipped."""
    nodes = w[q], w[qb]
    moved = max(float(np.max(np.abs(v - v[0]))) for v in nodes)
    before, after = (nodes[0][i] > nodes[1][i] for i in (0, -1))
    return moved, bool(before != after)
