"""ASiM's abstraction of a column, fitted: random noise, noise that falls with the code, and compression.

ASiM (Keio University, github.com/Keio-CSG/ASiM) takes a sum m of N products as x = m/N, adds::

    sigma_r z_1 + sigma_nl z_2 / sqrt(m + 1)

with standard normals z, and clips to 0..1; both sigmas are in percent of the full scale. The line compresses the sum as
m / (1 + alpha m). Its second noise is largest at code 0. Mismatch of cells is not: in charge summing it grows with
sqrt(m), in redistribution it is largest in the middle. There the best `sigma_nl` is 0 and the residual tells the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.statistics.bounds import check_positive
from bitline.statistics.fit import CompressiveFit, fit_compressive
from bitline.statistics.intervals import Interval

Array = NDArray[np.float64]
RESAMPLED = 400
"""Draws of the bootstrap."""


@dataclass(frozen=True)
class AsimFit:
    """Constants of the abstraction; noises in parts of the full scale, which is from the first to the last code.

    Attributes
    ----------
    sigma_r, sigma_nl : float
        Random noise, and noise that falls with the code.
    alpha : float
        Compression [1 per code].
    sigma_rms : float
        Root mean square over the codes of the measured sigma.
    sigma_residual : float
        Root mean square over the codes of fitted less measured sigma.
    mean_residual : float
        Root mean square over the codes of the mean less its compressive fit.
    """

    sigma_r: float
    sigma_nl: float
    alpha: float
    sigma_rms: float
    sigma_residual: float
    mean_residual: float


def fit_asim(code: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> AsimFit:
    """Fit the abstraction to mean and sigma of the output at each code.

    The variances are fitted, by least squares with both parts >= 0: so the noise power over the codes is right even
    where its course is not.

    Parameters
    ----------
    code : array, shape (n,)
        MAC codes, ascending, at least three.
    mean, sigma : array, shape (n,)
        Of the line [V], or in any other unit.

    Raises
    ------
    InputError
        If shapes differ, a sigma is negative, or the line does not move.
    """
    m, v, s = (np.asarray(x, dtype=np.float64) for x in (code, mean, sigma))
    if not m.shape == v.shape == s.shape or m.ndim != 1 or m.size < 3:
        raise InputError(
            f"code, mean, sigma of shapes {m.shape}, {v.shape}, {s.shape}: must agree, three codes at least"
        )
    check_positive("sigma", s, zero=True)
    scale = _full_scale(v)
    if not (np.isfinite(v).all() and np.isfinite(s).all()):
        return AsimFit(*[np.nan] * 6)
    sigmas, fitted = _noise(m, s[None, :] / scale)
    transfer = fit_compressive(m, v)
    return AsimFit(
        float(sigmas[0, 0]),
        float(sigmas[0, 1]),
        transfer.alpha,
        sigma_rms=float(np.sqrt(np.mean((s / scale) ** 2))),
        sigma_residual=float(np.sqrt(np.mean((fitted[0] - s / scale) ** 2))),
        mean_residual=transfer.rmse / scale,
    )


def asim_intervals(code: ArrayLike, chips: ArrayLike) -> dict[str, Interval]:
    """Return the 95 % intervals of `sigma_r`, `sigma_nl` and `alpha`.

    One chip's outputs at different codes depend on each other, so chips are what is drawn: the sigmas by the bootstrap
    over chips (percentiles of `RESAMPLED` draws of a fixed seed), alpha from the covariance of the mean transfer
    through the slope of its fit.

    Parameters
    ----------
    code : array, shape (n,)
    chips : array, shape (chips, n)
        Output of each chip at each code; without NaN.
    """
    m, v = np.asarray(code, dtype=np.float64), np.asarray(chips, dtype=np.float64)
    if v.shape[0] < 2:
        raise InputError(f"chips of shape {v.shape}: must be two or more")
    fit = fit_asim(m, v.mean(axis=0), v.std(axis=0, ddof=1))
    drawn = np.random.default_rng(1).integers(0, len(v), (RESAMPLED, len(v)))
    spreads = np.stack([v[chosen].std(axis=0, ddof=1) for chosen in drawn])
    sigmas, _ = _noise(m, spreads / _full_scale(v.mean(axis=0)))
    low, high = np.quantile(sigmas, (0.025, 0.975), axis=0)
    reach = 1.96 * _alpha_error(fit_compressive(m, v.mean(axis=0)), m, np.cov(v.T) / len(v))
    return {
        "sigma_r": Interval(np.asarray(fit.sigma_r), low[0], high[0]),
        "sigma_nl": Interval(np.asarray(fit.sigma_nl), low[1], high[1]),
        "alpha": Interval(*(np.asarray(fit.alpha + side * reach) for side in (0, -1, 1))),
    }


def _full_scale(mean: Array) -> float:
    scale = abs(float(mean[-1] - mean[0]))
    if scale == 0:
        raise InputError("mean: the line does not move from the first code to the last: no full scale")
    return scale


def _noise(m: Array, sigmas: Array) -> tuple[Array, Array]:
    """Return sigma_r and sigma_nl of each row of sigmas, shape (rows, 2), and the fitted sigmas."""
    basis = np.column_stack([np.ones_like(m), 1 / (m + 1)])
    variances = sigmas**2
    parts = np.linalg.lstsq(basis, variances.T)[0].T
    # Least squares is convex: where one part comes out negative the best allowed has it at 0, and the other alone.
    alone = variances @ basis / (basis**2).sum(axis=0)
    negative = parts < 0
    parts = np.where(negative.any(axis=1, keepdims=True), np.where(negative, 0.0, alone), parts)
    return np.sqrt(parts), np.sqrt(parts @ basis.T)


def _alpha_error(fit: CompressiveFit, m: Array, covariance: Array) -> float:
    """Return the standard error of alpha: the fit moves as its least squares does for a small change of the mean."""
    bent = 1 + fit.alpha * m
    slope = np.column_stack([np.ones_like(m), -m / bent, fit.gain * m**2 / bent**2])
    # Columns of very different size: volts per volt, and volts per unit of alpha.
    size = np.linalg.norm(slope, axis=0)
    gradient = np.linalg.pinv(slope / size)[2] / size[2]
    # Where no chip differs the variance is 0, and rounding may leave it below.
    return float(np.sqrt(max(gradient @ covariance @ gradient, 0.0)))
