"""Estimates from samples, each with its uncertainty.

All functions take the samples along the last axis and keep the others, so that one call
covers a whole sweep. `scipy.special` is used in place of `scipy.stats`, which takes more
than a second to import.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, chdtri

from bitline.errors import InputError
from bitline.statistics.bounds import check_count

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its confidence interval, all of one shape and unit."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Probability:
    """What `failures` in `n` independent trials say about a probability.

    With no failure the estimate is NaN, not 0: all that is known is the bound `high`.
    """

    failures: int
    n: int
    low: float
    high: float
    confidence: float

    @property
    def estimate(self) -> float:
        """The observed fraction, or NaN if nothing failed."""
        if not self.failures:
            return float("nan")
        return self.failures / self.n

    def __str__(self) -> str:
        trials = f"({self.failures} of {self.n}, {self.confidence:.3g} confidence)"
        if not self.failures:
            return f"< {self.high:.3g} {trials}"
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}] {trials}"


def mean(samples: ArrayLike) -> tuple[Array, Array]:
    """Return the mean and its standard error s/sqrt(n).

    Parameters
    ----------
    samples : array, shape (..., n)
        Any unit; n >= 1.

    Returns
    -------
    mean, standard error : arrays, shape (...)
        The standard error is NaN where n = 1.

    Raises
    ------
    InputError
        If there is no sample.
    """
    x = _samples(samples, 1)
    n = x.shape[-1]
    # One sample says nothing of the spread: NaN, without NumPy's warning of a division by zero.
    if n == 1:
        return np.mean(x, axis=-1), np.full(x.shape[:-1], np.nan)
    return np.mean(x, axis=-1), np.asarray(np.std(x, axis=-1, ddof=1) / np.sqrt(n))


def sigma(samples: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return the standard deviation of normal samples with its chi-square interval.

    s sqrt((n-1)/chi2(1-a/2)) <= sigma <= s sqrt((n-1)/chi2(a/2)), with n-1 degrees of
    freedom and a = 1 - confidence (any statistics text, for example NIST/SEMATECH 1.3.5.8).

    Parameters
    ----------
    samples : array, shape (..., n)
        Any unit; n >= 2.
    confidence : float
        Between 0 and 1, of both tails together.

    Returns
    -------
    Interval of arrays, shape (...)

    Raises
    ------
    InputError
        If there are fewer than two samples, or the confidence is not inside 0..1.
    """
    tail = _tail(confidence)
    x = _samples(samples, 2)
    degrees = x.shape[-1] - 1
    # n - 1, because the mean is estimated from the same samples.
    s = np.asarray(np.std(x, axis=-1, ddof=1))
    # chdtri is the inverse of the *upper* tail.
    low = s * np.sqrt(degrees / chdtri(degrees, tail))
    high = s * np.sqrt(degrees / chdtri(degrees, 1 - tail))
    return Interval(s, np.asarray(low), np.asarray(high))


def clopper_pearson(failures: int, n: int, confidence: float = 0.95) -> Probability:
    """Return the exact (Clopper-Pearson) interval of a failure probability.

    low = B(a/2; k, n-k+1) and high = B(1-a/2; k+1, n-k), quantiles of the beta
    distribution (Clopper and Pearson, Biometrika 26, 1934). With no failure, or nothing
    but failures, one end is known and the whole a goes to the other: high = 1 - a**(1/n),
    close to 3/n at 95 %.

    Raises
    ------
    InputError
        If not 0 <= failures <= n with n >= 1, both integers, or the confidence is not inside 0..1.
    """
    tail = _tail(confidence)
    check_count("n", n, 1)
    check_count("failures", failures)
    if failures > n:
        raise InputError(f"failures = {failures} of n = {n}: allowed is 0 <= failures <= n, n >= 1")
    # One end is known: the other has the whole of the error.
    if failures in (0, n):
        tail *= 2
    # Exact, not the normal approximation: that gives a width of 0 where nothing failed, which is where yields lie.
    low, high = 0.0, 1.0
    if failures > 0:
        low = float(betaincinv(failures, n - failures + 1, tail))
    if failures < n:
        high = float(betaincinv(failures + 1, n - failures, 1 - tail))
    return Probability(failures, n, low, high, confidence)


def _samples(samples: ArrayLike, least: int) -> Array:
    x = np.asarray(samples, dtype=np.float64)
    if x.ndim == 0 or x.shape[-1] < least:
        raise InputError(f"samples of shape {x.shape}: at least {least} along the last axis")
    return x


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence}: must lie between 0 and 1")
    return (1 - confidence) / 2
