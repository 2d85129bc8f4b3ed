"""Minimum-norm importance sampling (MNIS), written anew to be measured beside `bitline tail`.

Dolecek, Qazi, Shah and Chandrakasan, ICCAD 2008: uniform samples of a box, the failing one that is nearest to the
origin is the shift, and unit normals around it are weighted. Their spread gives the usual interval; what it cannot
know of is a shift that lies far from the nearest failures, or a second region.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BOX = 3.0
"""Half of the box's side, in sigmas."""
_BLOCK = 500


@dataclass(frozen=True)
class Estimate:
    """A probability, its standard error over itself, the simulations it took and how far the shift went."""

    probability: float
    cov: float
    evaluations: int
    shift: float


def mnis(
    margin: Callable[[Array], Array], dimension: int, rng: np.random.Generator, *, search: int, cov: float, most: int
) -> Estimate:
    """Estimate the probability that a margin is below 0.

    Parameters
    ----------
    margin : callable
        Deviates, shape (n, d), to margins, shape (n,).
    dimension : int
        d.
    rng : Generator
    search : int
        Uniform samples.
    cov : float
        Standard error over the estimate to stop at.
    most : int
        Evaluations to stop at in any case.

    Raises
    ------
    ValueError
        If no uniform sample fails.
    """
    uniform = rng.uniform(-BOX, BOX, (search, dimension))
    failed = uniform[margin(uniform) < 0]
    if not len(failed):
        raise ValueError(f"no failure among {search} uniform samples")
    shift = failed[np.argmin(np.linalg.norm(failed, axis=1))]
    weights = np.empty(0)
    reached = np.inf
    # A few failures can agree by chance.
    while search + len(weights) < most and (reached > cov or np.count_nonzero(weights) < 100):
        samples = shift + rng.standard_normal((_BLOCK, dimension))
        ratio = np.exp(0.5 * shift @ shift - samples @ shift)
        weights = np.append(weights, np.where(margin(samples) < 0, ratio, 0.0))
        if weights.any():
            reached = float(weights.std() / weights.mean() / np.sqrt(len(weights)))
    return Estimate(float(weights.mean()), reached, search + len(weights), float(np.linalg.norm(shift)))
