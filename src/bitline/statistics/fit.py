"""Fits of a column's transfer and mismatch by formulas with few parameters.

Both are least squares in the measured quantity itself, so that `rmse` is in volts. Values
that are NaN (a failed point) are left out; with too few left the fit is all NaN, so that one
bad corner does not end a sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares, nnls

from bitline.errors import InputError
from bitline.statistics.bounds import check_positive

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CompressiveFit:
    """V(m) = v0 - gain m / (1 + alpha m): charge summing on a line that saturates.

    Attributes
    ----------
    v0 : float
        Voltage at code 0 [V].
    gain : float
        Step at code 0 [V per code], positive for a line that falls.
    alpha : float
        Compression [1 per code]; 0 is linear, negative is expansive.
    rmse : float
        Root mean square of the residual [V].
    """

    v0: float
    gain: float
    alpha: float
    rmse: float

    def __call__(self, code: ArrayLike) -> Array:
        """Return the fitted voltage [V] at `code`."""
        m = np.asarray(code, dtype=np.float64)
        return np.asarray(self.v0 - self.gain * m / (1 + self.alpha * m))


@dataclass(frozen=True)
class SigmaFit:
    """sigma(m) = sqrt(s0^2 + m s1^2): a fixed part, and m cells that vary independently.

    Attributes
    ----------
    s0, s1 : float
        Fixed part and part per cell [V], >= 0.
    rmse : float
        Root mean square of the residual [V].
    """

    s0: float
    s1: float
    rmse: float

    def __call__(self, code: ArrayLike) -> Array:
        """Return the fitted sigma [V] at `code`."""
        return np.asarray(np.sqrt(self.s0**2 + np.asarray(code, dtype=np.float64) * self.s1**2))


def fit_compressive(code: ArrayLike, v: ArrayLike) -> CompressiveFit:
    """Fit V = v0 - gain m / (1 + alpha m) by least squares.

    For a given alpha the model is linear in v0 and gain, so only alpha is searched (variable
    projection; Golub and Pereyra 1973): a coarse scan finds the valley, and
    `scipy.optimize.least_squares` goes down all three from there.

    Parameters
    ----------
    code : array, shape (n,)
        MAC codes, >= 0.
    v : array, shape (n,)
        Line voltage [V]; at least three finite values at different codes.

    Raises
    ------
    InputError
        If the shapes differ or a code is negative.
    """
    m, y = _finite(code, v)
    if np.unique(m).size < 3:
        return CompressiveFit(np.nan, np.nan, np.nan, np.nan)
    # A line that does not move at all, as of a dead corner, has no scale to divide by.
    swing = np.ptp(y)
    if swing == 0:
        return CompressiveFit(float(y[0]), 0.0, 0.0, 0.0)
    # Everything of order one: u in 0..1, z in 0..1, a = alpha * largest code.
    top = m.max()
    u, z = m / top, (y - y.mean()) / swing

    def residual(p: Array) -> Array:
        return np.asarray(p[0] - p[1] * u / (1 + p[2] * u) - z)

    def with_linear_part(a: float) -> Array:
        basis = np.column_stack([np.ones_like(u), -u / (1 + a * u)])
        return np.array([*np.linalg.lstsq(basis, z)[0], a])

    # a > -1 keeps the denominator positive up to the largest code.
    scan = np.concatenate([np.linspace(-0.95, 0.95, 39), np.geomspace(1, 1000, 31)])
    start = min(map(with_linear_part, scan), key=lambda p: float(np.sum(residual(p) ** 2)))
    (z0, step, a), rmse = _solve(residual, start, np.array([-np.inf, -np.inf, -1 + 1e-9]))
    return CompressiveFit(
        v0=float(z0 * swing + y.mean()),
        gain=float(step * swing / top),
        alpha=float(a / top),
        rmse=float(rmse * swing),
    )


def fit_sigma(code: ArrayLike, sigma: ArrayLike) -> SigmaFit:
    """Fit sigma(m) = sqrt(s0^2 + m s1^2) by least squares.

    Started from the non-negative linear fit of the variance.

    Parameters
    ----------
    code : array, shape (n,)
        MAC codes, >= 0.
    sigma : array, shape (n,)
        Standard deviations [V]; at least two finite values at different codes.

    Raises
    ------
    InputError
        If the shapes differ, or a code or a sigma is negative.
    """
    check_positive("sigma", sigma, zero=True)
    m, y = _finite(code, sigma)
    if np.unique(m).size < 2:
        return SigmaFit(np.nan, np.nan, np.nan)
    # Volts of 1e-4: divided by the largest, the tolerances of the solver mean the same for every column.
    scale = np.abs(y).max()
    if scale == 0:
        return SigmaFit(0.0, 0.0, 0.0)
    u, z = m / m.max(), y / scale

    def residual(p: Array) -> Array:
        return np.asarray(np.hypot(p[0], np.sqrt(u) * p[1]) - z)

    # Variances add up, so that they are linear in the code: the start needs no search.
    start = np.sqrt(nnls(np.column_stack([np.ones_like(u), u]), z**2)[0])
    (s0, s1), rmse = _solve(residual, start, np.zeros(2))
    return SigmaFit(float(s0 * scale), float(s1 * scale / np.sqrt(m.max())), float(rmse * scale))


def _solve(residual: Callable[[Array], Array], start: Array, lowest: Array) -> tuple[Array, float]:
    """Return the parameters of least squares and the root mean square that is left."""
    # Solved to rounding, so that the digits of a table do not depend on where the search stopped.
    tight = 1e-15
    fit = least_squares(residual, start, bounds=(lowest, np.inf), xtol=tight, ftol=tight, gtol=tight)
    return np.asarray(fit.x), float(np.sqrt(np.mean(fit.fun**2)))


def _finite(code: ArrayLike, value: ArrayLike) -> tuple[Array, Array]:
    m, y = np.asarray(code, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if m.shape != y.shape or m.ndim != 1:
        raise InputError(f"codes of shape {m.shape} and values of shape {y.shape}: must be one-dimensional and agree")
    check_positive("code", m, zero=True)
    # Failed points are left out, so that one of them does not cost the whole fit.
    good = np.isfinite(m) & np.isfinite(y)
    return m[good], y[good]
