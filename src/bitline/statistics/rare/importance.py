"""Importance sampling: samples around the design points, and a search for what they leave out.

Each failure among samples of a `Mixture` counts by the ratio of densities (Melchers, Structural Safety 6, 1989).
Two checks speak of a region of failures without a design point: a few samples with most of the weight, and subset
simulation outside of the regions that are known. What they find leads to new points; if it does not, no estimate
is claimed.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.rare.design_points import INSIDE, Search, design_points, extended, look
from bitline.statistics.rare.estimate import TailEstimate, estimate, log_normal_interval
from bitline.statistics.rare.limit_state import Array, LimitState, Mask
from bitline.statistics.rare.mixture import Mixture
from bitline.statistics.rare.plain import plain
from bitline.statistics.rare.subset import descend
from bitline.statistics.rare.weights import Weights

# Samples that go to the workers as one batch.
_BLOCK = 100
_FEWEST = 500
# Growth of the number of samples between two looks at their spread, which each look may find too small by chance.
_GROWTH = 1.25
# Samples at most, over 1 / cov^2, where around the point of a plane limit 7 are enough.
_MOST = 100
# Failures of the largest weights that are followed where the weights are in doubt.
_HEAVIEST = 10
# Part of the failures seen in the search that may lead to no new design point though no known one explains them.
_LOST = 0.1
# How many may lead to none at all.
_NOWHERE = 1
# Samples a level of the search outside of the known regions.
_LEVEL = 500
# Part of the estimate that may lie outside of them.
_OUTSIDE = 0.02
_UNSEEN = "no failure was seen"
# Where that search gives up if nothing is known.
_SMALLEST = 1e-12


def importance(limit_state: LimitState, rng: np.random.Generator, target_cov: float, confidence: float) -> TailEstimate:
    """Return the probability from samples around the design points, if no check speaks against it."""
    with limit_state.search():
        seen = look(limit_state, rng)
        if not seen.common:
            found = design_points(limit_state, rng, seen)
    if seen.common:
        return plain(limit_state, rng, target_cov, confidence, "importance")
    while True:
        weights, doubt, leads = _check(limit_state, rng, found, target_cov)
        if not doubt:
            break
        with limit_state.search():
            more = extended(limit_state, rng, found, leads, seen.unit)
        if len(more.points) == len(found.points):
            break
        found = more
    p, cov, interval = None, None, (0.0, 1.0)
    # The first level of the search outside of no region is plain samples.
    if doubt == _UNSEEN:
        interval = (0.0, clopper_pearson(0, _LEVEL, confidence).high)
    if not doubt:
        p, cov = weights.probability, weights.cov
        # The spread is itself estimated, and sampling ends where it comes out small: measured, 1 + 2 cov is too little.
        interval = log_normal_interval(p, cov * (1 + 3 * cov), float(ndtri((1 + confidence) / 2)))
    return estimate(
        limit_state,
        "importance",
        p,
        cov,
        interval,
        confidence=confidence,
        target_cov=target_cov,
        doubt=doubt,
        points=found.points,
    )


def _check(
    limit_state: LimitState, rng: np.random.Generator, found: Search, target_cov: float
) -> tuple[Weights, str, Array]:
    """Sample around the points; return the weights, what speaks against them, and failures that are left out."""
    weights, none = Weights(np.empty(0), 0), found.points[:0]
    if found.lost > _LOST * found.followed or found.nowhere > _NOWHERE:
        doubt = f"{found.lost} of {found.followed} failures seen in the search led to no design point"
        return weights, doubt, none
    if len(found.points):
        weights, heaviest = _sample(limit_state, rng, Mixture(found.points), target_cov)
        if weights.doubt:
            return weights, weights.doubt, heaviest
    return weights, *_outside(limit_state, rng, found.points, weights.probability)


def _sample(
    limit_state: LimitState, rng: np.random.Generator, mixture: Mixture, target_cov: float
) -> tuple[Weights, Array]:
    """Sample until the spread is small enough; return the failures of the largest weights, too."""
    weights, next_look = Weights(np.empty(0), 0), float(_FEWEST)
    heaviest, logs = np.empty((0, mixture.dimension)), np.empty(0)
    reserve = _levels_cost(mixture)
    while limit_state.left >= reserve + _BLOCK and weights.n * target_cov**2 < _MOST:
        samples = mixture.draw(rng, _BLOCK)
        failed = samples[limit_state(samples) < 0]
        new = mixture.log_ratios(failed)
        weights = Weights(np.append(weights.logs, new), weights.n + _BLOCK)
        heaviest, logs = np.concatenate([heaviest, failed]), np.append(logs, new)
        order = np.argsort(-logs, kind="stable")[:_HEAVIEST]
        heaviest, logs = heaviest[order], logs[order]
        if weights.n < next_look:
            continue
        next_look = _GROWTH * weights.n
        if weights.cov <= target_cov and not weights.doubt:
            break
    return weights, heaviest


def _levels_cost(mixture: Mixture) -> int:
    """Return the evaluations that the search outside of the regions will take at most."""
    levels = -(mixture.log_beyond.max() / math.log(10) + math.log10(_OUTSIDE))
    return int(_LEVEL * (2 + 0.9 * levels))


def _outside(limit_state: LimitState, rng: np.random.Generator, points: Array, p: float) -> tuple[str, Array]:
    """Return what speaks for failures outside of the regions around the points, and where those are."""
    distances = np.linalg.norm(points, axis=1)
    directions = points / distances[:, None]

    def outside(samples: Array) -> Mask:
        return np.asarray((samples @ directions.T < INSIDE * distances).all(axis=1))

    if limit_state.left < _LEVEL:
        return "no evaluations were left to look for other regions of failures", points[:0]
    rest = descend(limit_state, rng, _LEVEL, max(_OUTSIDE * p, _SMALLEST), outside)
    if not p and not len(rest.failed):
        return _UNSEEN, points[:0]
    if not rest.ended:
        return "the look for other regions of failures did not come to an end", rest.failed
    if not p:
        return (
            f"failures were seen, about {rest.probability:.1e} of all samples, but no way there",
            rest.failed,
        )
    if rest.probability > _OUTSIDE * p:
        part = 100 * rest.probability / (rest.probability + p)
        return f"about {part:.0f} % of the failures lie outside of the {len(points)} regions found", rest.failed
    return "", rest.failed
