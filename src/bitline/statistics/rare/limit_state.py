"""Limit state: the function whose sign says failure or not.

The word is that of first-order reliability methods (FORM): g(u) over standard-normal deviates u, failure where
g < 0. What it costs and where it gave no number is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import BadMeasureError, InputError, SetupError

Array = NDArray[np.float64]


def openturns() -> Any:
    """Return the module openturns; `SetupError` if it is not installed."""
    try:
        import openturns as ot
    except ImportError:
        raise SetupError("rare events need openturns: pip install 'bitline[highsigma]'") from None
    return ot


class LimitState:
    """A function of standard-normal deviates whose values below 0 are failures, and which counts its evaluations.

    A sample that gives no number counts as a failure, which can only make the probability larger, and is
    counted in `invalid`. While `searching` for design points, far from the origin, nothing is estimated:
    there such a sample takes the median of its batch, so that it points nowhere.

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
        self.searching = False
        self._sampled = 0
        self._function = function
        self._max_evaluations = max_evaluations
        self._max_invalid = max_invalid
        self._error: BaseException | None = None

    @property
    def left(self) -> int:
        """How many evaluations may still be made."""
        return self._max_evaluations - self.evaluations

    def __call__(self, deviates: Array) -> Array:
        """Return the values of a batch, all finite."""
        values = np.asarray(self._function(deviates), dtype=np.float64)
        if values.shape != (len(deviates),):
            raise InputError(
                f"limit state: shape {values.shape} for {len(deviates)} vectors: must be ({len(deviates)},)"
            )
        none = ~np.isfinite(values)
        self.evaluations += len(values)
        if self.searching:
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

    # A step of 0.3 sigma: a smaller difference would drown in a solver's noise of 1e-4.
    def as_function(self, ot: Any, unit: float = 1.0, step: float = 0.3) -> Any:
        """Return it over `unit` as an openturns function, with gradients by central differences of `step`."""

        def batch(sample: Any) -> Array:
            try:
                return self(np.asarray(sample, dtype=np.float64))[:, None] / unit
            # openturns would turn it into an error of its own, an interrupt by the user too.
            except BaseException as error:
                self._error = error
                raise

        function = ot.PythonFunction(self.dimension, 1, func_sample=batch)
        steps = ot.Point(self.dimension, step)
        function.setGradient(ot.CenteredFiniteDifferenceGradient(steps, function.getEvaluation()))
        return function

    @property
    def failed(self) -> bool:
        """Whether the function itself raised an error inside an openturns algorithm."""
        return self._error is not None

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Give back the error that the function itself raised inside an openturns algorithm."""
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise


def _neutral(values: Array, none: NDArray[np.bool_]) -> Array:
    """Return the values with the median in place of those that are none; 1 where all are."""
    if none.all():
        return np.ones_like(values)
    return np.where(none, np.median(values[~none]), values)


@contextmanager
def seeded(ot: Any, seed: int) -> Iterator[None]:
    """Seed openturns' one generator for a block, silence its log, and put both back."""
    state, flags = ot.RandomGenerator.GetState(), ot.Log.Flags()
    ot.RandomGenerator.SetSeed(seed)
    ot.Log.Show(ot.Log.NONE)
    try:
        yield
    finally:
        ot.RandomGenerator.SetState(state)
        ot.Log.Show(flags)
