"""Limit state: the function whose sign says failure or not.

The word is that of first-order reliability methods (FORM): g(u) over standard-normal deviates u, failure where
g < 0. What it costs and where it gave no number is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from bitline.errors import BadMeasureError, InputError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class LimitState:
    """A function of standard-normal deviates whose values below 0 are failures, and which counts its evaluations.

    A sample that gives no number counts as a failure, which can only make the probability larger, and is
    counted in `invalid`. In a `search` for design points, far from the origin, nothing is estimated: there
    such a sample takes the median of its batch, so that it points nowhere.

    Parameters
    ----------
    function : callable
        Deviates, shape (n, d), to values, shape (n,), any unit; NaN where there is none.
    dimension : int
        d.
    max_evaluations : int
        How many the methods may use; they ask `left` before they begin a batch.
    max_invalid : float
        Fraction of samples without a number above which `BadMeasureError` is raised, one at least.
    """

    def __init__(
        self, function: Callable[[Array], Array], dimension: int, max_evaluations: int, max_invalid: float
    ) -> None:
        self.dimension = dimension
        self.evaluations = 0
        self.invalid = 0
        self._searching = False
        self._sampled = 0
        self._function = function
        self._max_evaluations = max_evaluations
        self._max_invalid = max_invalid

    @property
    def left(self) -> int:
        """How many evaluations may still be made."""
        return self._max_evaluations - self.evaluations

    @contextmanager
    def search(self) -> Iterator[None]:
        """Let samples without a number pass, for a block that estimates nothing."""
        self._searching = True
        try:
            yield
        finally:
            self._searching = False

    def __call__(self, deviates: Array) -> Array:
        """Return the values of a batch, all finite."""
        values = np.asarray(self._function(deviates), dtype=np.float64)
        if values.shape != (len(deviates),):
            raise InputError(
                f"limit state: shape {values.shape} for {len(deviates)} vectors: must be ({len(deviates)},)"
            )
        none = ~np.isfinite(values)
        self.evaluations += len(values)
        if self._searching:
            return _neutral(values, none)
        self._sampled += len(values)
        self.invalid += int(none.sum())
        if self.invalid > max(1, self._max_invalid * self._sampled):
            raise BadMeasureError(
                f"{self.invalid} of {self._sampled} samples gave no margin: at most {100 * self._max_invalid:g} % may"
            )
        # It counts as a failure, behind all others where subset simulation ranks the batch.
        worst = np.max(np.abs(values[~none]), initial=1e-300)
        return np.where(none, -worst, values)


def _neutral(values: Array, none: Mask) -> Array:
    """Return the values with the median in place of those that are none; 1 where all are."""
    if not none.any():
        return values
    if none.all():
        return np.ones_like(values)
    return np.where(none, np.median(values[~none]), values)
