"""Subset simulation: a chain of conditional probabilities of 0.1 each down to the failures.

Au and Beck, Probabilistic Engineering Mechanics 16, 2001; the chains are those of Papaioannou et al.
(Probabilistic Engineering Mechanics 41, 2015): x' = sqrt(1 - s^2) x + s z leaves the normal distribution as it is
in any number of dimensions, and s follows the fraction of accepted steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import stdtrit

from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.rare.estimate import TailEstimate, estimate
from bitline.statistics.rare.limit_state import Array, LimitState, Mask

_CONDITIONAL = 0.1
# Steps accepted at which chains mix best (Papaioannou et al.).
_ACCEPTED = 0.44
_STEPS = (0.01, 1.0)

# Samples per level, or this part of what is allowed: room for five runs of eight levels.
_LEVEL = 1000
_SHARE = 40
# Spread of a level's seeds, over the margin's, at which they press against the edge of the domain.
_PRESSED = 0.02
# Runs before their spread is believed.
_RUNS = 5
# Where a run gives up.
_SMALLEST = 1e-12

Domain = Callable[[Array], Mask]


def subset(limit_state: LimitState, rng: np.random.Generator, target_cov: float, confidence: float) -> TailEstimate:
    """Return the probability as the geometric mean of independent runs, whose spread gives the interval.

    A run is a product of many estimates, so that its logarithm is what is normally distributed. The spread within a run
    is not used: chains of one seed are correlated, and it comes out too small. The first runs decide how many follow,
    and theirs alone is the spread of the interval (Stein, Annals of Mathematical Statistics 16, 1945): runs that go on
    until they agree stop where they agree by chance.
    """
    level = min(max(limit_state.left // _SHARE // 100, 2) * 100, _LEVEL)
    runs: list[Descent] = []
    cost, needed = 0, float(_RUNS)
    # The next run may go a level further than the longest so far.
    while len(runs) < needed and (not runs or limit_state.left >= cost + level):
        before = limit_state.left
        runs.append(descend(limit_state, rng, level, _SMALLEST))
        if not runs[-1].ended:
            break
        cost = max(cost, before - limit_state.left)
        if len(runs) == _RUNS:
            needed = (_spread(runs) / target_cov) ** 2
    settled = partial(estimate, limit_state, "subset", confidence=confidence, target_cov=target_cov)
    if not any(len(run.failed) for run in runs):
        bound = clopper_pearson(0, level * len(runs), confidence).high
        return settled(None, None, (0.0, bound), doubt="no failure was seen")
    ended = [run for run in runs if run.ended]
    if len(ended) < _RUNS:
        doubt = f"{len(ended)} of the {_RUNS} runs needed came to an end: too few evaluations, or the margin is flat"
        return settled(None, None, (0.0, 1.0), doubt=doubt)
    if missed := sum(not run.probability for run in ended):
        return settled(None, None, (0.0, 1.0), doubt=f"{missed} of {len(ended)} runs found no failure")
    logs = np.log([run.probability for run in ended])
    p, cov = float(np.exp(logs.mean())), _spread(ended) / math.sqrt(len(ended))
    # Student's quantile: the spread comes from a handful of runs.
    factor = math.exp(float(stdtrit(_RUNS - 1, (1 + confidence) / 2)) * cov)
    interval = (p / factor, min(p * factor, 1.0))
    # Without a spread, each run ended with its first level, of plain samples that all failed.
    if not cov:
        interval = (clopper_pearson(level * len(ended), level * len(ended), confidence).low, 1.0)
    return settled(p, cov, interval)


def _spread(runs: Sequence[Descent]) -> float:
    """Return the standard deviation of the logarithm of a run's probability, by the first runs."""
    first = [run.probability for run in runs[:_RUNS]]
    return float(np.std(np.log(first), ddof=1)) if all(first) else math.inf


@dataclass(frozen=True)
class Descent:
    """One run of subset simulation.

    Parameters
    ----------
    probability : float
        Of failure; 0 where it is below what was looked for.
    failed : array, shape (n, d)
        Samples of the last level that failed.
    ended : bool
        Whether it came to an end, neither cut short nor stuck where the margin is flat.
    """

    probability: float
    failed: Array
    ended: bool


def descend(
    limit_state: LimitState, rng: np.random.Generator, level: int, smallest: float, domain: Domain | None = None
) -> Descent:
    """Return the probability of failure inside a domain; outside of it nothing is evaluated.

    Where the domain's edge keeps the chains from going on, there is no failure inside of it.

    Parameters
    ----------
    limit_state : LimitState
    rng : Generator
    level : int
        Samples a level, a multiple of 10.
    smallest : float
        Probability below which the run ends.
    domain : callable, optional
        Samples, shape (n, d), to whether each is in the domain; default everywhere.
    """
    seeds, p, step = int(_CONDITIONAL * level), 1.0, _STEPS[1]
    samples = rng.standard_normal((level, limit_state.dimension))
    y = _values(limit_state, samples, domain)
    edge = _PRESSED * float(np.std(y[np.isfinite(y)]))
    while (y < 0).sum() < seeds:
        order = np.argsort(y, kind="stable")[:seeds]
        p *= float((y <= y[order[-1]]).mean())
        pressed = y[order[-1]] - y[order[0]] <= edge
        if p < smallest or pressed or limit_state.left < level:
            # Chains that press before the first level was passed are on a margin that is flat.
            at_edge = pressed and domain is not None and p < 2 * _CONDITIONAL and y[order[0]] > 0
            return Descent(0.0, samples[y < 0], ended=p < smallest or bool(at_edge))
        samples, y, step = _chains(limit_state, rng, samples[order], y[order], step, domain)
    return Descent(p * float((y < 0).mean()), samples[y < 0], ended=True)


def _values(limit_state: LimitState, samples: Array, domain: Domain | None) -> Array:
    """Return the margins; infinity outside of the domain, where no chain goes."""
    if domain is None:
        return limit_state(samples)
    inside, y = domain(samples), np.full(len(samples), math.inf)
    if inside.any():
        y[inside] = limit_state(samples[inside])
    return y


def _chains(
    limit_state: LimitState, rng: np.random.Generator, x: Array, y: Array, step: float, domain: Domain | None
) -> tuple[Array, Array, float]:
    """Grow a chain from each seed, not above the worst of them; return all states and the adapted step."""
    threshold, states, values = y.max(), [x], [y]
    for _ in range(round(1 / _CONDITIONAL) - 1):
        proposal = math.sqrt(1 - step**2) * x + step * rng.standard_normal(x.shape)
        value = _values(limit_state, proposal, domain)
        accepted = value <= threshold
        x, y = np.where(accepted[:, None], proposal, x), np.where(accepted, value, y)
        states.append(x)
        values.append(y)
        step = float(np.clip(step * math.exp(accepted.mean() - _ACCEPTED), *_STEPS))
    return np.concatenate(states), np.concatenate(values), step
