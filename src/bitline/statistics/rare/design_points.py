"""Design points: where the failure domain comes nearest to the origin of the deviates.

First a look around: samples of a spread inflated step by step until some fail. Then the search of FORM
(Abdo and Rackwitz, Computers and Structures 37, 1990, as openturns has it) from the origin and from
failures that no earlier point explains, so that a failure domain on two sides of the origin gives two points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.statistics.rare.limit_state import Array, LimitState

_SCALES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
# Samples per scale, and failures that end the look.
_LOOK = 100
_ENOUGH = 10
# Fraction of failures at scale 1 from which plain sampling is as good.
_COMMON = 0.1
# Searches at most.
_POINTS = 4
# Cosine from which two points are one.
_SAME = 0.9
# Part of a point's distance, along its direction, beyond which a failure needs no other point.
_EXPLAINED = 0.5
# Each costs a gradient, 2 d evaluations; the ray puts the point onto the limit afterwards.
_ITERATIONS = 8
# Parts of a point's distance: to 5 %, while a deviate's effect is on a scale of 1.
_RAY = np.linspace(0.05, 2.0, 40)


def design_points(ot: Any, limit_state: LimitState) -> tuple[Array, bool]:
    """Return the points of the limit g = 0 that are nearest to the origin, as far as the search sees them.

    Parameters
    ----------
    ot : module
        openturns, seeded.
    limit_state : LimitState
        Costs about 100 to 600 evaluations to look and 4 to 8 times 2 d for each point.

    Returns
    -------
    points : array, shape (k, d)
        Nearest first; none where failures are so common that none is needed, or none was seen.
    seen : bool
        Whether there is a failure at all, as far as is known.
    """
    failed, common, unit = _look(ot, limit_state)
    if common:
        return np.empty((0, limit_state.dimension)), True
    function = limit_state.as_function(ot, unit)
    points: list[Array] = []
    start = np.zeros(limit_state.dimension)
    for _ in range(_POINTS):
        if limit_state.left < 4 * limit_state.dimension + len(_RAY):
            break
        nearest = _search(ot, function, limit_state, start)
        if nearest is not None and not any(_cosine(nearest, point) > _SAME for point in points):
            points.append(nearest)
        # A failure in the direction of a known point leads to the same point: search from the others.
        failed = failed[~_explained(failed, points)]
        if start.any():
            failed = failed[(failed != start).any(axis=1)]
        if not len(failed):
            break
        start = failed[0]
    # The nearest is the likeliest way to fail, and the one that a designer asks for first.
    points.sort(key=lambda point: float(point @ point))
    return np.array(points).reshape(-1, limit_state.dimension), bool(points)


def _look(ot: Any, limit_state: LimitState) -> tuple[Array, bool, float]:
    """Return samples that failed, nearest to the limit first, whether failure is common, and the spread of g."""
    normal, unit = ot.Normal(limit_state.dimension), 1.0
    kept: list[Array] = []
    values: list[Array] = []
    for scale in _SCALES:
        if limit_state.left < _LOOK:
            break
        # Failures that are rare at scale 1 are common at three times the spread; where they are matters, not how many.
        samples = scale * np.asarray(normal.getSample(_LOOK))
        y = limit_state(samples)
        kept.append(samples[y < 0])
        values.append(y[y < 0])
        if scale == _SCALES[0]:
            unit = float(y.std()) or 1.0
            if len(kept[0]) >= _COMMON * _LOOK:
                return kept[0], True, unit
        if len(kept[-1]) >= _ENOUGH:
            break
    failed = np.concatenate([np.empty((0, limit_state.dimension)), *kept])
    order = np.argsort(-np.concatenate([np.empty(0), *values]), kind="stable")
    return failed[order], False, unit


def _search(ot: Any, function: Any, limit_state: LimitState, start: Array) -> Array | None:
    """Search from `start`; None if it reached no point of the limit."""
    solver = ot.AbdoRackwitz(ot.NearestPointProblem(function, 0.0))
    solver.setStartingPoint(ot.Point(start))
    # A point near the limit is enough, and a solver's noise allows no more.
    solver.setCheckStatus(False)
    solver.setMaximumIterationNumber(_ITERATIONS)
    for limit in (
        solver.setMaximumAbsoluteError,
        solver.setMaximumRelativeError,
        solver.setMaximumResidualError,
        solver.setMaximumConstraintError,
    ):
        limit(1e-2)
    with limit_state.errors():
        try:
            solver.run()
        # Flat at the start there is no direction to go; an error of the function itself is not hidden so.
        except (RuntimeError, TypeError):
            if limit_state.failed:
                raise
            return None
    return _onto_limit(limit_state, np.asarray(solver.getResult().getOptimalPoint(), dtype=np.float64))


def _onto_limit(limit_state: LimitState, point: Array) -> Array | None:
    """Move a point along its ray to where the limit state first falls through 0."""
    if not np.isfinite(point).all() or not point.any():
        return None
    y = limit_state(_RAY[:, None] * point)
    if not (y < 0).any() or y[0] < 0:
        return None
    k = int(np.argmax(y < 0))
    return point * float(np.interp(0.0, [y[k], y[k - 1]], [_RAY[k], _RAY[k - 1]]))


def _explained(samples: Array, points: list[Array]) -> NDArray[np.bool_]:
    hit = np.zeros(len(samples), dtype=bool)
    for point in points:
        hit |= samples @ point > _EXPLAINED * (point @ point)
    return hit


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
