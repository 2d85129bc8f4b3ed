"""Butterfly: the two transfer curves of a latch laid over each other, and the largest squares between them.

Static noise margin by Seevinck, List and Lohstroh (IEEE JSSC 22, 1987): the side of the largest square inside a lobe is
the largest DC noise, in series with both inputs and against the stored bit, with which the cell keeps it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from bitline.engine.waveforms import Array

# Points on the rotated axis: between two of them a margin of a smooth lobe changes by less than a microvolt.
_POINTS = 4001
# A stored bit's nodes are at least so far apart, as a share of what they are at the end of the curves.
_APART = 0.1


class Square(NamedTuple):
    """The largest square in the lobe of one stored bit, in the plane of QB and Q [V].

    A side below 0 is the noise that would have to help the cell to keep the bit: the closest that curves come to each
    other which do not cross. nan where they do not even come close.
    """

    side: float
    qb: float
    q: float


def squares(x: Array, q: Array, qb: Array) -> tuple[Square, Square]:
    """Return the largest squares of a stored 1 and of a stored 0, each with its lower left corner.

    Parameters
    ----------
    x : array, shape (n,)
        Input of both inverters [V], ascending.
    q, qb : array, shape (n,)
        Output of the one that drives Q and of the one that drives QB [V].
    """
    # Turned by 45 degrees, the diagonal of a square is a distance along one axis. The curves are (x, q) and (qb, x).
    left, right = (x - q) / math.sqrt(2), (qb - x) / math.sqrt(2)
    u = np.linspace(max(left.min(), right.min()), min(left.max(), right.max()), _POINTS)
    upper = np.interp(u, left, (x + q) / math.sqrt(2))
    lower = np.interp(u, right[::-1], ((qb + x) / math.sqrt(2))[::-1])
    # Q = 1 is the end where QB - Q is least.
    return _largest(u, lower, upper), _largest(u[::-1], upper[::-1], lower[::-1])


def _largest(u: Array, near: Array, far: Array) -> Square:
    """Return the square on the highest maximum of the distance between two turned curves that is not an end.

    The curves begin at the end of the bit, where its lobe opens. A lobe that opens about the middle, with both nodes
    alike, is that of a third state.
    """
    side = (far - near) / math.sqrt(2)
    crests = 1 + np.flatnonzero((side[1:-1] >= side[:-2]) & (side[1:-1] > side[2:]))
    opens = u[np.maximum.accumulate(np.where(side < 0, np.arange(len(u)), 0))]
    crests = crests[(side[crests] <= 0) | (opens[crests] / u[0] > _APART)]
    if not len(crests):
        return Square(math.nan, math.nan, math.nan)
    k = crests[np.argmax(side[crests])]
    return Square(float(side[k]), float(near[k] + u[k]) / math.sqrt(2), float(near[k] - u[k]) / math.sqrt(2))
