"""Design points: where each region of failures comes nearest to the origin of the deviates.

Samples of an inflated spread look for failures. Each failure that no known point explains is followed to the
nearest point of its region: first the deviates that matter to it are told from the rest by setting blocks of
them to 0, then the gradient, by differences over those alone, gives the direction (the iteration of Hasofer and
Lind with a search along the ray: Melchers, Structural Reliability Analysis and Prediction, chapter 4).
An array's cell has some 20 deviates of the array's thousand, so a region costs about 100 evaluations and not
thousands; where all deviates matter, a gradient costs one evaluation for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bitline.statistics.rare.influence import influential
from bitline.statistics.rare.limit_state import Array, LimitState, Mask

_SCALES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
# Samples of one look.
_LOOK = 200
# Fraction of failures that ends the increase of the spread.
_ENOUGH = 0.1
# Fraction of failures at spread 1 from which plain sampling is as good: it takes 4900 samples for a cov of 0.1.
_COMMON = 0.02
# Part of all evaluations that may go into the search.
_SHARE = 0.6
# Regions at most: a margin with more has no design points to speak of.
_POINTS = 200
# Failures in a row that lead to known points, or to none, and end the search among them.
_IDLE = 3
# Cosine from which two points are one.
_SAME = 0.9
# Part of a point's distance, along its direction, from which a sample is taken to be in its region.
INSIDE = 0.7
_ITERATIONS = 8
# Cosine of two steps that ends the iteration: an error of 0.1 sigma at 5.
_SETTLED = 0.9998
# Cosine of the slope and the way to the origin, below which a point is no design point.
_ALIGNED = 0.8
# Parts of a step that are tried, and the square of the distance, over that before, that ends the iteration.
_PARTS = (1.0, 0.5, 0.25)
_GAIN = 0.999
# Part of the margin at the origin by which it may drop within the finest bracket of the limit: more is a cliff.
_DROP = 0.5
# A smaller difference, in sigmas, would drown in a solver's noise of 1e-4.
_STEP = 0.3
# Sigmas: a region further away than that is of no interest.
_FAR = 12.0
_RAY = np.linspace(0.0, 1.0, 13)
_BRACKET = np.linspace(0.2, 0.8, 4)
_BRACKETS = 2


@dataclass(frozen=True)
class Look:
    """What samples of an inflated spread showed.

    Parameters
    ----------
    common : bool
        Whether failures are so common that no design point is needed.
    unit : float
        Standard deviation of the margin at the spread 1.
    scale : float
        Spread at which enough failed.
    failed : array, shape (n, d)
        Samples that failed.
    """

    common: bool
    unit: float
    scale: float
    failed: Array


def look(limit_state: LimitState, rng: np.random.Generator) -> Look:
    """Look for failures with an ever larger spread: what is rare at 1 sigma is common at 3."""
    unit, scale, common, failed = 1.0, _SCALES[0], False, np.empty((0, limit_state.dimension))
    for scale in _SCALES:
        if limit_state.left < _LOOK:
            break
        samples = scale * rng.standard_normal((_LOOK, limit_state.dimension))
        y = limit_state(samples)
        failed = np.concatenate([failed, samples[y < 0]])
        if scale == _SCALES[0]:
            unit, common = float(y.std()) or 1.0, bool((y < 0).mean() >= _COMMON)
        if common or (y < 0).mean() >= _ENOUGH:
            break
    return Look(common, unit, scale, failed)


@dataclass(frozen=True)
class Search:
    """Design points, and how many failures led to one.

    Parameters
    ----------
    points : array, shape (k, d)
    lost : int
        Failures that no point explains, and from which no new one was reached.
    nowhere : int
        Those of them from which no point was reached at all.
    followed : int
        Failures altogether.
    """

    points: Array
    lost: int = 0
    nowhere: int = 0
    followed: int = 0


def design_points(limit_state: LimitState, rng: np.random.Generator, seen: Look) -> Search:
    """Return the design points, looking on until a look shows no new one."""
    found = Search(np.empty((0, limit_state.dimension)))
    floor = (1 - _SHARE) * limit_state.left
    failed = seen.failed
    while True:
        more = extended(limit_state, rng, found, failed, seen.unit)
        if len(more.points) == len(found.points) or limit_state.left < floor:
            return more
        found = more
        samples = seen.scale * rng.standard_normal((_LOOK, limit_state.dimension))
        failed = samples[limit_state(samples) < 0]


def extended(limit_state: LimitState, rng: np.random.Generator, found: Search, failed: Array, unit: float) -> Search:
    """Return the points with those to which failures lead that no point explains."""
    points, followed, lost, nowhere, idle = found.points, len(failed), 0, 0, 0
    failed = unexplained(limit_state, failed, points)
    while len(failed) and idle < _IDLE and len(points) < _POINTS and limit_state.left > 2 * limit_state.dimension:
        point = _nearest(limit_state, rng, failed[0], unit)
        if point is None or (cosines(point[None], points) > _SAME).any():
            failed, idle, lost = failed[1:], idle + 1, lost + 1
            nowhere += point is None
            continue
        points, idle = np.concatenate([points, point[None]]), 0
        failed = unexplained(limit_state, failed, points[-1:])
    return Search(points, found.lost + lost + len(failed), found.nowhere + nowhere, found.followed + followed)


def unexplained(limit_state: LimitState, failed: Array, points: Array) -> Array:
    """Return the samples that fail even without their parts along the points near whose regions they are.

    What is returned is without those parts: it leads to another region, if there is one.
    """
    if not len(points) or not len(failed):
        return failed
    distances = np.linalg.norm(points, axis=1)
    directions = points / distances[:, None]
    near = failed @ directions.T > INSIDE * distances
    touched = near.any(axis=1)
    rest = failed[touched].copy()
    for sample, mine in zip(rest, near[touched], strict=True):
        # The directions need not be at right angles to each other.
        sample -= np.linalg.lstsq(directions[mine], directions[mine] @ sample, rcond=None)[0]
    if len(rest):
        rest = rest[limit_state(rest) < 0]
    return np.concatenate([rest, failed[~touched]])


def cosines(samples: Array, points: Array) -> Array:
    """Return the cosines between each sample and each point, shape (n, k)."""
    lengths = np.linalg.norm(samples, axis=1)[:, None] * np.linalg.norm(points, axis=1)
    return np.asarray(samples @ points.T / np.maximum(lengths, 1e-300))


def _nearest(limit_state: LimitState, rng: np.random.Generator, failure: Array, unit: float) -> Array | None:
    """Follow a failure to the nearest point of its region; None if there is no way."""
    matter = influential(limit_state, rng, failure, unit)
    point = _onto_limit(limit_state, np.where(matter, failure, 0.0))
    aligned = 0.0
    for _ in range(_ITERATIONS):
        if point is None or limit_state.left < matter.sum() + len(_PARTS) * (len(_RAY) + _BRACKETS * len(_BRACKET)):
            break
        slope = _gradient(limit_state, point, matter)
        aligned = float(cosines(-slope[None], point[None])[0, 0])
        if aligned > _SETTLED or not slope.any():
            break
        # Parts of the way, too: where the limit curves away, the whole step would swing for ever.
        steps = [part * _unit(-slope) + (1 - part) * _unit(point) for part in _PARTS]
        reached = [_onto_limit(limit_state, _FAR * _unit(step)) for step in steps if step.any()]
        nearest = min((end for end in reached if end is not None), key=np.linalg.norm, default=None)
        if nearest is None or nearest @ nearest > _GAIN * (point @ point):
            break
        point = nearest
    # Where the slope leads elsewhere, as at a cliff, this is no design point, nor is one too far away.
    if point is None or aligned < _ALIGNED or np.linalg.norm(point) > _FAR:
        return None
    return point


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _gradient(limit_state: LimitState, point: Array, matter: Mask) -> Array:
    steps = _STEP * np.eye(len(point))[matter]
    y = limit_state(np.concatenate([point[None], point + steps]))
    slope = np.zeros_like(point)
    slope[matter] = (y[1:] - y[0]) / _STEP
    return slope


def _onto_limit(limit_state: LimitState, end: Array) -> Array | None:
    """Return where the ray from the origin to `end` first leaves the safe side; None if it does not, or by a cliff."""
    if not end.any():
        return None
    at = _RAY
    y = limit_state(at[:, None] * end)
    whole = y[0]
    if whole < 0 or not (y < 0).any():
        return None
    # Brackets of a fifth each time, so that a curved margin is straight enough to interpolate.
    for _ in range(_BRACKETS):
        k = int(np.argmax(y < 0))
        inner = at[k - 1] + (at[k] - at[k - 1]) * _BRACKET
        y = np.concatenate([[y[k - 1]], limit_state(inner[:, None] * end), [y[k]]])
        at = np.concatenate([[at[k - 1]], inner, [at[k]]])
    k = int(np.argmax(y < 0))
    if y[k - 1] - y[k] > _DROP * whole:
        return None
    return end * float(np.interp(0.0, [y[k], y[k - 1]], [at[k], at[k - 1]]))
