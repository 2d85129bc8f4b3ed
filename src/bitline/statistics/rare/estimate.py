"""The estimate of a failure probability, and its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from bitline.statistics.rare.limit_state import Array, LimitState

Method = Literal["importance", "subset", "plain"]


@dataclass(frozen=True)
class TailEstimate:
    """A failure probability with its uncertainty and what it cost.

    Parameters
    ----------
    probability : float or None
        The estimate; None where nothing failed, or where the method's own checks do not trust it.
    low, high : float
        Ends of the interval of this confidence; 0 and 1 where nothing is known.
    confidence : float
    cov : float or None
        Standard error over the estimate; None where it is not known.
    evaluations : int
        Margins evaluated, the search for design points with them.
    equivalent_samples : float or None
        Plain Monte Carlo samples of the same standard error, p (1 - p) / variance.
    method : str
    design_points : tuple of tuples
        Nearest first; for ``subset`` and ``plain`` none.
    doubt : str
        Why this is not what was asked for, in one line; empty where it is.
    invalid : int
        Samples without a value: counted as failures; those of the search for design points are not.
    """

    probability: float | None
    low: float
    high: float
    confidence: float
    cov: float | None
    evaluations: int
    equivalent_samples: float | None
    method: Method
    design_points: tuple[tuple[float, ...], ...]
    doubt: str
    invalid: int

    @property
    def converged(self) -> bool:
        """Whether the asked-for standard error was reached, and every check passed."""
        return not self.doubt

    @property
    def design_point(self) -> tuple[float, ...] | None:
        """The nearest design point, if there is one."""
        return next(iter(self.design_points), None)


def estimate(
    limit_state: LimitState,
    method: Method,
    probability: float | None,
    cov: float | None,
    interval: tuple[float, float],
    *,
    confidence: float,
    target_cov: float,
    doubt: str = "",
    points: Array | None = None,
) -> TailEstimate:
    """Put together an estimate; where the spread is known, it is in doubt if that is above the target."""
    equivalent = None
    if probability and cov and probability < 1:
        equivalent = (1 - probability) / (probability * cov**2)
    if cov is not None and cov > target_cov:
        doubt = doubt or f"cov = {cov:.3g} where {target_cov:g} was asked for"
    # The nearest is the likeliest way to fail, and the one that a designer asks for first.
    nearest_first = sorted([] if points is None else points.tolist(), key=lambda point: math.hypot(*point))
    return TailEstimate(
        probability=probability,
        low=interval[0],
        high=interval[1],
        confidence=confidence,
        cov=cov,
        evaluations=limit_state.evaluations,
        equivalent_samples=equivalent,
        method=method,
        design_points=tuple(map(tuple, nearest_first)),
        doubt=doubt,
        invalid=limit_state.invalid,
    )


def log_normal_interval(p: float, cov: float, quantile: float) -> tuple[float, float]:
    """Return a log-normal interval: such estimates are above 0 and skewed."""
    # In the logarithm: a symmetric interval about 1e-8 would reach below 0.
    factor = math.exp(quantile * math.sqrt(math.log1p(cov**2)))
    return p / factor, min(1.0, p * factor)
