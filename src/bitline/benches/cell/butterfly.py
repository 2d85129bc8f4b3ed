"""Butterfly: the two transfer curves of a latch laid over each other, and the squares between them.

Static noise margin by Seevinck, List and Lohstroh (IEEE JSSC 22, 1987): the side of the largest square inside a lobe is
the largest DC noise, in series with both inputs and against the stored bit, with which the cell keeps it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Points on the rotated axis: between two of them a margin of a smooth lobe changes by less than a microvolt.
_POINTS = 4001


def margins(x: Array, q: Array, qb: Array) -> tuple[float, float]:
    """Return the static noise margins of a stored 1 and of a stored 0 [V].

    A margin below 0 is the noise that would have to help the cell to keep the bit: the curves' closest approach where
    they no longer cross.

    Parameters
    ----------
    x : array, shape (n,)
        Input of both inverters [V], ascending.
    q, qb : array, shape (n,)
        Output of the one that drives Q and of the one that drives QB [V].

    Returns
    -------
    tuple of float
        nan for a bit whose lobe has vanished altogether.
    """
    # Turned by 45 degrees, a square's diagonal is a distance along one axis. In (QB, Q) the one curve is (x, q).
    left, right = (x - q) / math.sqrt(2), (qb - x) / math.sqrt(2)
    u = np.linspace(max(left.min(), right.min()), min(left.max(), right.max()), _POINTS)
    high = np.interp(u, left, (x + q) / math.sqrt(2))
    low = np.interp(u, right[::-1], ((qb + x) / math.sqrt(2))[::-1])
    side = (high - low) / math.sqrt(2)
    return _crest(side), _crest(-side)


def _crest(side: Array) -> float:
    """Return the highest maximum that is not an end; nan if there is none."""
    inner = side[1:-1]
    crests = inner[(inner >= side[:-2]) & (inner > side[2:])]
    return float(crests.max(initial=-math.inf)) if len(crests) else math.nan
