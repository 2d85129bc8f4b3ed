"""Rare events: the probability that a limit state over standard-normal deviates is below 0.

Three methods, all on openturns' generator and distributions:

- ``importance``: design points (see `design_points`), then samples of a mixture of unit normals around them and
  a tenth around the origin, each weighted by its density ratio (Melchers, Structural Safety 6, 1989).
  Cheapest by far; its interval knows nothing of a failure domain that the search did not see.
- ``subset``: a chain of conditional probabilities of 0.1 each (Au and Beck, Probabilistic Engineering
  Mechanics 16, 2001), in independent runs whose spread gives the interval. Needs no design point: for
  domains that surround the origin or have many parts.
- ``plain``: Monte Carlo, with a Clopper-Pearson interval.

openturns has one global generator. It is seeded here at the start and put back at the end: equal
arguments give equal bits, but two threads must not do this at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from bitline.errors import InputError
from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.rare.design_points import design_points
from bitline.statistics.rare.limit_state import Array, LimitState, openturns, seeded

Method = Literal["importance", "subset", "plain"]

# Samples that go to the workers as one batch.
_BLOCK = 100
# Importance samples before their spread is believed.
_FEWEST = 400
# Weight of the mixture's part around the origin, which bounds the weight of any one sample.
_NOMINAL = 0.1
# Part of the estimate: where a single sample has more weight, the spread is not known.
_LARGEST = 0.05
# Samples where no failure was ever seen: more would say little more.
_UNSEEN = 1000
# Subset samples per level, or this part of what is allowed: room for five runs of eight levels.
_LEVEL = 1000
_SHARE = 40
# Runs of subset before their spread is believed.
_RUNS = 5
# Where a subset run gives up.
_SMALLEST = 1e-12


@dataclass(frozen=True)
class TailEstimate:
    """A failure probability with its uncertainty and what it cost.

    Parameters
    ----------
    probability : float
        The estimate; NaN where nothing failed: then only the bound `high` is known.
    low, high : float
        Ends of the interval of this confidence.
    confidence : float
    cov : float
        Standard error over the estimate; infinite where it is not known.
    evaluations : int
        Margins evaluated, the search for design points with them.
    equivalent_samples : float
        Plain Monte Carlo samples of the same standard error, p (1 - p) / variance.
    method : str
    design_points : tuple of tuples
        Nearest first; for ``subset`` and ``plain`` none.
    converged : bool
        Whether `cov` was reached within the evaluations allowed.
    invalid : int
        Samples without a value: counted as failures; those of the search for design points are not.
    """

    probability: float
    low: float
    high: float
    confidence: float
    cov: float
    evaluations: int
    equivalent_samples: float
    method: Method
    design_points: tuple[tuple[float, ...], ...]
    converged: bool
    invalid: int

    @property
    def design_point(self) -> tuple[float, ...] | None:
        """The nearest design point, if there is one."""
        return next(iter(self.design_points), None)


def failure_probability(
    function: Callable[[Array], Array],
    dimension: int,
    *,
    method: Method = "importance",
    seed: int = 1,
    target_cov: float = 0.1,
    max_evaluations: int = 20_000,
    max_invalid: float = 0.01,
    confidence: float = 0.95,
) -> TailEstimate:
    """Estimate the probability that a limit state is below 0.

    Parameters
    ----------
    function : callable
        Standard-normal deviates, shape (n, d), to values, shape (n,), any unit; NaN where there is
        none. It is called with whole batches, of 100 or more samples or a gradient's 2 d.
    dimension : int
        d, >= 1.
    method : {"importance", "subset", "plain"}
    seed : int
        Of openturns' generator, 0 .. 2^32 - 1.
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
    SetupError
        If openturns is missing.
    BadMeasureError
        If more samples gave no value than allowed.
    """
    _check(dimension, method, seed, target_cov, max_evaluations, max_invalid, confidence)
    ot = openturns()
    counted = LimitState(function, dimension, max_evaluations, max_invalid)
    run = {"importance": _importance, "subset": _subset, "plain": _plain}[method]
    with seeded(ot, seed):
        return run(ot, counted, target_cov, confidence)


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
        f"seed = {seed}: must lie in 0 .. 2^32 - 1": 0 <= seed < 2**32,
        f"target_cov = {target_cov:g}: must lie between 0 and 1": 0 < target_cov < 1,
        f"max_evaluations = {max_evaluations}: must be >= {10 * _BLOCK}": max_evaluations >= 10 * _BLOCK,
        f"max_invalid = {max_invalid:g}: must lie in 0 .. 1": 0 <= max_invalid <= 1,
        f"confidence = {confidence:g}: must lie between 0 and 1": 0 < confidence < 1,
    }
    for message, holds in allowed.items():
        if not holds:
            raise InputError(message)


def _plain(ot: Any, limit_state: LimitState, target_cov: float, confidence: float) -> TailEstimate:
    normal, failures, cov = ot.Normal(limit_state.dimension), 0, math.inf
    while cov > target_cov and limit_state.left >= _BLOCK:
        failures += int((limit_state(np.asarray(normal.getSample(_BLOCK))) < 0).sum())
        if failures:
            p = failures / limit_state.evaluations
            cov = math.sqrt((1 - p) / (p * limit_state.evaluations))
    n = limit_state.evaluations
    known = clopper_pearson(failures, n, confidence)
    return TailEstimate(
        probability=known.estimate,
        low=known.low,
        high=known.high,
        confidence=confidence,
        cov=cov,
        evaluations=n,
        equivalent_samples=n,
        method="plain",
        design_points=(),
        converged=cov <= target_cov,
        invalid=limit_state.invalid,
    )


def _importance(ot: Any, limit_state: LimitState, target_cov: float, confidence: float) -> TailEstimate:
    limit_state.searching = True
    points, seen = design_points(ot, limit_state)
    limit_state.searching = False
    mixture, normal = _mixture(ot, points, limit_state.dimension), ot.Normal(limit_state.dimension)
    weights, enough = np.empty(0), False
    while not enough and limit_state.left >= _BLOCK and (seen or len(weights) < _UNSEEN):
        samples = mixture.getSample(_BLOCK)
        failed = limit_state(np.asarray(samples)) < 0
        # Each failure counts by how much rarer it is in reality than in the mixture; in logarithms, against underflow.
        ratio = np.asarray(normal.computeLogPDF(samples)) - np.asarray(mixture.computeLogPDF(samples))
        weights = np.append(weights, np.where(failed, np.exp(ratio[:, 0]), 0.0))
        enough = len(weights) >= _FEWEST and _cov(weights) <= target_cov and _even(weights)
    cov = math.inf
    if _even(weights):
        cov = _cov(weights)
    nominal = len(weights)
    # Without a spread to go by, what the samples around the origin say is all there is.
    if len(points):
        nominal = int(_NOMINAL * nominal)
    interval = (0.0, _bound(weights, nominal, confidence))
    if math.isfinite(cov):
        interval = _interval(float(weights.mean()), cov, float(ndtri((1 + confidence) / 2)))
    return _estimate(limit_state, "importance", weights, cov, interval, confidence, enough, points)


def _mixture(ot: Any, points: Array, dimension: int) -> Any:
    """Return unit normals around the points, in proportion to the probability beyond each, and around 0."""
    if not len(points):
        return ot.Normal(dimension)
    # At distance b from the origin a plane limit cuts off a probability of Phi(-b).
    beyond = ndtr(-np.linalg.norm(points, axis=1))
    # A far point gets a tenth all the same: its domain may be wider than a plane's.
    share = np.maximum(beyond / beyond.sum(), _NOMINAL)
    parts = [ot.Normal(ot.Point(point), ot.CovarianceMatrix(dimension)) for point in points]
    return ot.Mixture([*parts, ot.Normal(dimension)], [*((1 - _NOMINAL) * share / share.sum()), _NOMINAL])


def _even(weights: Array) -> bool:
    """Return whether no single sample makes the spread: else a part of the domain was hardly hit."""
    return bool(weights.max(initial=0.0) <= _LARGEST * weights.sum())


def _bound(values: Array, samples: int, confidence: float) -> float:
    """Return the upper end without a spread: what no failure in so many samples says, 1 if there was one."""
    if values.any() or not samples:
        return 1.0
    return clopper_pearson(0, samples, confidence).high


def _cov(values: Array) -> float:
    """Return the standard error of the mean over the mean."""
    if len(values) < 2 or not values.any():
        return math.inf
    return float(values.std(ddof=1) / values.mean() / math.sqrt(len(values)))


def _interval(p: float, cov: float, quantile: float) -> tuple[float, float]:
    """Return a log-normal interval: such estimates are above 0 and skewed."""
    # In the logarithm: a symmetric interval about 1e-8 would reach below 0.
    factor = math.exp(quantile * math.sqrt(math.log1p(cov**2)))
    return p / factor, min(1.0, p * factor)


def _subset(ot: Any, limit_state: LimitState, target_cov: float, confidence: float) -> TailEstimate:
    # openturns' own coefficient of variation is too small (0.52, but 40 runs had 0.88: d = 40, 500 samples
    # a level, p = 1e-6), so the spread is that between independent runs.
    vector = ot.CompositeRandomVector(limit_state.as_function(ot), ot.RandomVector(ot.Normal(limit_state.dimension)))
    event, estimates = ot.ThresholdEvent(vector, ot.Less(), 0.0), np.empty(0)
    level = min(max(limit_state.left // _SHARE // _BLOCK, 2), _LEVEL // _BLOCK) * _BLOCK
    cost, needed, enough = 0, 0, False
    while not enough and limit_state.left >= needed:
        before = limit_state.left
        estimates = np.append(estimates, _subset_run(ot, event, limit_state, level))
        # The next run may go a level further than the longest so far.
        cost = max(cost, before - limit_state.left)
        needed = cost + level
        enough = len(estimates) >= _RUNS and _cov(estimates) <= target_cov
    cov = _cov(estimates)
    interval = (0.0, _bound(estimates, level * len(estimates), confidence))
    # Student's quantile: the spread comes from a handful of runs.
    if math.isfinite(cov):
        quantile = float(stdtrit(len(estimates) - 1, (1 + confidence) / 2))
        interval = _interval(float(estimates.mean()), cov, quantile)
    none = np.empty((0, limit_state.dimension))
    return _estimate(limit_state, "subset", estimates, cov, interval, confidence, enough, none)


def _subset_run(ot: Any, event: Any, limit_state: LimitState, level: int) -> float:
    """Return the probability by one run of so many samples a level; 0 if it is below what can be reached."""
    run = ot.SubsetSampling(event)
    run.setBlockSize(_BLOCK)
    run.setMaximumOuterSampling(level // _BLOCK)
    run.setMinimumProbability(_SMALLEST)
    with limit_state.errors():
        try:
            run.run()
        # Where a whole level fails, its variance is -0: not used here, and the levels are there.
        except TypeError:
            if limit_state.failed:
                raise
        except RuntimeError:
            if limit_state.failed:
                raise
            return 0.0
    return float(run.getProbabilityEstimatePerStep()[-1])


def _estimate(
    limit_state: LimitState,
    method: Method,
    values: Array,
    cov: float,
    interval: tuple[float, float],
    confidence: float,
    converged: bool,
    points: Array,
) -> TailEstimate:
    """Put together the estimate that is the mean of `values`."""
    p, equivalent = math.nan, 0.0
    # Nothing failed: an estimate of 0 would be read as safe.
    if values.any():
        p = float(values.mean())
    if p < 1 and 0 < cov < math.inf:
        equivalent = (1 - p) / (p * cov**2)
    return TailEstimate(
        probability=p,
        low=interval[0],
        high=interval[1],
        confidence=confidence,
        cov=cov,
        evaluations=limit_state.evaluations,
        equivalent_samples=equivalent,
        method=method,
        design_points=tuple(tuple(map(float, point)) for point in points),
        converged=converged,
        invalid=limit_state.invalid,
    )
