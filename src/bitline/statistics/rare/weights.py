"""Weights of importance samples, in logarithms: their mean, its standard error, and whether to believe it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from bitline.statistics.rare.limit_state import Array

# Part of the estimate: where a single sample has more weight, the spread is not known.
_LARGEST = 0.05
# Index of the tail of the weights from which their variance is infinite.
_HEAVY = 0.5
# Failures from which the index can be told at all.
_FEWEST = 100


@dataclass(frozen=True)
class Weights:
    """What samples of a proposal say about a probability.

    Parameters
    ----------
    logs : array, shape (k,)
        Logarithm of the density ratio of each sample that failed.
    n : int
        Samples altogether.
    """

    logs: Array
    n: int

    @property
    def probability(self) -> float:
        """Return the mean weight; 0 if nothing failed."""
        if not len(self.logs):
            return 0.0
        return math.exp(logsumexp(self.logs) - math.log(self.n))

    @property
    def cov(self) -> float:
        """Return the standard error of the mean over the mean; infinite where it is not known."""
        if len(self.logs) < 2 or self.n < 2:
            return math.inf
        squares = math.exp(logsumexp(2 * self.logs) - 2 * logsumexp(self.logs))
        return math.sqrt(max(self.n * squares - 1, 0.0) / (self.n - 1))

    @property
    def doubt(self) -> str:
        """Return why the standard error is not to be believed; empty if it is."""
        if not self.n:
            return "no evaluations were left to sample"
        if len(self.logs) < _FEWEST:
            return f"only {len(self.logs)} of {self.n} samples failed"
        largest = math.exp(self.logs.max() - logsumexp(self.logs))
        if largest > _LARGEST:
            return f"one sample of {self.n} makes {100 * largest:.0f} % of the estimate"
        # Of each half: by chance, a heavy tail shows in the one and not in the other.
        if max(sum(tail_index(half)) for half in np.array_split(self.logs, 2)) > _HEAVY:
            return "few large weights decide: the limit is too curved for samples around its design points"
        return ""


def tail_index(logs: Array) -> tuple[float, float]:
    """Return the shape k of the generalised Pareto distribution fitted to the largest weights, and its error.

    The estimator of Zhang and Stephens (Technometrics 51, 2009) on the largest 3 sqrt(n) weights, as in Pareto
    smoothed importance sampling (Vehtari et al., JMLR 25, 2024). From k = 1/2 the variance is infinite.
    """
    weights = np.sort(np.exp(logs - logs.max()))
    m = int(min(0.2 * len(weights), 3 * math.sqrt(len(weights))))
    excess = weights[-m:] - weights[-m - 1]
    # Ties have no tail; to the fit, a single positive excess would look like one.
    if m < 5 or excess[m // 4] <= 0:
        return 0.0, 0.0
    grid = np.arange(1, 30 + int(math.sqrt(m)) + 1)
    theta = 1 / excess[-1] + (1 - np.sqrt(len(grid) / (grid - 0.5))) / (3 * excess[int(m / 4 + 0.5) - 1])
    shape = np.log1p(-theta[:, None] * excess).mean(axis=1)
    likelihood = m * (np.log(-theta / shape) - shape - 1)
    best = float(theta @ np.exp(likelihood - logsumexp(likelihood)))
    k = float(np.log1p(-best * excess).mean())
    return k, max(1 + k, 0.0) / math.sqrt(m)
