"""Plain Monte Carlo, with a Clopper-Pearson interval."""

from __future__ import annotations

import math

import numpy as np

from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.rare.estimate import Method, TailEstimate, estimate
from bitline.statistics.rare.limit_state import LimitState

# Samples that go to the workers as one batch.
_BLOCK = 100


def plain(
    limit_state: LimitState,
    rng: np.random.Generator,
    target_cov: float,
    confidence: float,
    method: Method = "plain",
) -> TailEstimate:
    """Return the probability by plain sampling."""
    failures, n, cov = 0, 0, math.inf
    while cov > target_cov and limit_state.left >= _BLOCK:
        failures += int((limit_state(rng.standard_normal((_BLOCK, limit_state.dimension))) < 0).sum())
        n += _BLOCK
        if failures:
            cov = math.sqrt((1 - failures / n) / failures)
    known = clopper_pearson(failures, n, confidence)
    p_or_none, cov_or_none, doubt = None, None, "no failure was seen"
    if failures:
        p_or_none, cov_or_none, doubt = known.estimate, cov, ""
    interval = (known.low, known.high)
    return estimate(
        limit_state, method, p_or_none, cov_or_none, interval, confidence=confidence, target_cov=target_cov, doubt=doubt
    )
