"""Rare events: the probability that a limit state over standard-normal deviates is below 0.

Three methods:

- ``importance``: samples around design points, checked for regions of failure without one (see `importance`).
- ``subset``: a chain of conditional probabilities (see `subset`), in independent runs whose spread gives the
  interval. Needs no design point: for failures that surround the origin or have very many parts.
- ``plain``: Monte Carlo, with a Clopper-Pearson interval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np

from bitline.errors import InputError
from bitline.statistics.rare.estimate import Method, TailEstimate
from bitline.statistics.rare.importance import importance
from bitline.statistics.rare.limit_state import Array, LimitState
from bitline.statistics.rare.plain import plain
from bitline.statistics.rare.subset import subset

# Fewer say nothing, by any method.
_FEWEST = 1000


def failure_probability(
    function: Callable[[Array], Array],
    dimension: int,
    *,
    method: Method = "importance",
    seed: int = 1,
    target_cov: float = 0.1,
    max_evaluations: int = 60_000,
    max_invalid: float = 0.01,
    confidence: float = 0.95,
) -> TailEstimate:
    """Estimate the probability that a limit state is below 0.

    Parameters
    ----------
    function : callable
        Standard-normal deviates, shape (n, d), to values, shape (n,), any unit; NaN where there is
        none. It is called with whole batches.
    dimension : int
        d, >= 1.
    method : {"importance", "subset", "plain"}
    seed : int
        >= 0; equal arguments give equal bits.
    target_cov : float
        Standard error over estimate at which to stop.
    max_evaluations : int
        Where to stop in any case, >= 1000; what is had by then is returned as not converged. The first
        run of ``subset`` is never cut short.
    max_invalid : float
        Fraction of the samples that may give no value; the search for design points does not count.
    confidence : float
        Of both ends of the interval together.

    Raises
    ------
    InputError
        For a value that is not allowed.
    BadMeasureError
        If more samples gave no value than allowed.
    """
    _check(dimension, method, seed, target_cov, max_evaluations, max_invalid, confidence)
    limit_state = LimitState(function, dimension, max_evaluations, max_invalid)
    run = {"importance": importance, "subset": subset, "plain": plain}[method]
    return run(limit_state, np.random.default_rng(seed), target_cov, confidence)


def _check(
    dimension: int,
    method: str,
    seed: int,
    target_cov: float,
    max_evaluations: int,
    max_invalid: float,
    confidence: float,
) -> None:
    allowed = {
        f"dimension = {dimension}: must be >= 1": dimension >= 1,
        f"method = {method!r}: must be one of {', '.join(get_args(Method))}": method in get_args(Method),
        f"seed = {seed}: must be >= 0": seed >= 0,
        f"target_cov = {target_cov:g}: must lie between 0 and 1": 0 < target_cov < 1,
        f"max_evaluations = {max_evaluations}: must be >= {_FEWEST}": max_evaluations >= _FEWEST,
        f"max_invalid = {max_invalid:g}: must lie in 0 .. 1": 0 <= max_invalid <= 1,
        f"confidence = {confidence:g}: must lie between 0 and 1": 0 < confidence < 1,
    }
    for message, holds in allowed.items():
        if not holds:
            raise InputError(message)
