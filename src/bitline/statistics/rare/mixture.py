"""The proposal of importance sampling: unit normals around the design points and a tenth around the origin."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.special import log_ndtr, logsumexp

from bitline.statistics.rare.limit_state import Array

# Weight of the part around the origin, which bounds the weight of any one sample.
_NOMINAL = 0.1
# Weight that all points share alike: the region of a far point may be wider than a plane's.
_EQUAL = 0.3


class Mixture:
    """A mixture of unit normals.

    Parameters
    ----------
    points : array, shape (k, d)
        Centres besides the origin; with none, it is the standard normal distribution.
    """

    def __init__(self, points: Array) -> None:
        self.points = points
        self.dimension = points.shape[1]

    @cached_property
    def log_beyond(self) -> Array:
        """Logarithm of the probability beyond a plane at each point: Phi(-b) at a distance b from the origin."""
        return np.asarray(log_ndtr(-np.linalg.norm(self.points, axis=1)))

    @cached_property
    def shares(self) -> Array:
        """Weights of the parts, that of the origin last."""
        if not len(self.points):
            return np.ones(1)
        by_probability = np.exp(self.log_beyond - logsumexp(self.log_beyond))
        share = (1 - _EQUAL) * by_probability + _EQUAL / len(self.points)
        return np.append((1 - _NOMINAL) * share, _NOMINAL)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Return n samples."""
        centres = np.concatenate([self.points, np.zeros((1, self.dimension))])
        return centres[rng.choice(len(centres), size=n, p=self.shares)] + rng.standard_normal((n, self.dimension))

    def log_ratios(self, samples: Array) -> Array:
        """Return log(standard normal density / density of the mixture) at each sample.

        All but the projections on the points cancels, so that no power of the dimension is left.
        """
        exponents = samples @ self.points.T - (self.points**2).sum(axis=1) / 2
        exponents = np.concatenate([exponents, np.zeros((len(samples), 1))], axis=1)
        return np.asarray(-logsumexp(exponents + np.log(self.shares), axis=1))
