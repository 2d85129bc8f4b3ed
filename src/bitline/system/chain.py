"""Column and ADC together: how often the code is right, ENOB and SNR.

A column hands the ADC a voltage that is normal about the mean of its state: static mismatch,
temporal noise, the ADC's own noise and offset add up as variances. The ADC is a `Quantiser`: thresholds and the
MAC value that each code is read as. So every figure is an integral over normals, exact to rounding,
and rates of 1e-12 need no samples. A rate is over operands, chips and time together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from bitline.errors import InputError
from bitline.statistics.linearity import enob
from bitline.statistics.snr import snr_a
from bitline.system.thresholds import Quantiser

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class States:
    """What a column hands to its ADC, state by state; those that never occur are dropped.

    A state is a MAC value, or a MAC value with so many pairs of +1 and -1 besides.

    Parameters
    ----------
    mac : array of integers, any shape
        Ideal MAC value of each state.
    mean, sigma : array, the same shape
        Mean and static standard deviation of the voltage [V].
    pmf : array, the same shape
        How often each state occurs (operand statistics); adds up to 1.
    thermal : float
        Temporal noise of the column, rms [V].

    Raises
    ------
    InputError
        If shapes differ, `pmf` is no distribution, or a state that occurs has no mean or sigma.
    """

    mac: Integers
    mean: Array
    sigma: Array
    pmf: Array
    thermal: float = 0.0

    def __post_init__(self) -> None:
        mac, mean, sigma, pmf = (np.asarray(x) for x in (self.mac, self.mean, self.sigma, self.pmf))
        if not mac.shape == mean.shape == sigma.shape == pmf.shape:
            shapes = ", ".join(str(x.shape) for x in (mac, mean, sigma, pmf))
            raise InputError(f"mac, mean, sigma, pmf of shapes {shapes}: must agree")
        if not (np.all(pmf >= 0) and abs(pmf.sum() - 1) < 1e-9):
            raise InputError(f"pmf adds up to {pmf.sum():g}: must be >= 0 everywhere and add up to 1")
        occurs = pmf > 0
        if not (np.isfinite(mean[occurs]).all() and (sigma[occurs] >= 0).all() and self.thermal >= 0):
            raise InputError("mean, sigma, thermal: must be finite and >= 0 (sigma) in every state that occurs")
        for name, values, dtype in (("mac", mac, np.int64), ("mean", mean, float), ("sigma", sigma, float)):
            # What never occurs may be NaN in a table: it must not reach a sum, where 0 times NaN is NaN.
            object.__setattr__(self, name, values[occurs].astype(dtype))
        object.__setattr__(self, "pmf", pmf[occurs].astype(float))


@dataclass(frozen=True, eq=False)
class Chain:
    """What column and ADC do together.

    Parameters
    ----------
    mac : array, shape (n,)
        MAC values that occur, ascending.
    error : array, shape (n,)
        Probability that each is read as another.
    error_rate : float
        The same over all operands.
    rms_error : float
        Root mean square of the value read less the MAC value.
    enob : float
        log2(levels / sqrt(12 rms_error^2 + 1)), levels = largest - smallest MAC value + 1. The rounding
        to integers counts as an error of 1/12, so that a chain without errors has log2(levels).
    snr_a : float
        Of the column alone, after the best straight line (`bitline.statistics.snr.snr_a`); a power ratio.
    snr_t : float
        var(mac) / mean square error of the value read: inf where every code is right.
    snr_t_linear : float
        The same after the best straight line: without a fixed gain and offset.
    """

    mac: Integers
    error: Array
    error_rate: float
    rms_error: float
    enob: float
    snr_a: float
    snr_t: float
    snr_t_linear: float


def confusion(states: States, quantiser: Quantiser, *, calibrated: bool = False) -> Array:
    """Return the probability of each code in each state, shape (states, codes).

    Each row is the normal distribution about the state's mean, with ``sigma^2 + thermal^2 +
    noise^2 + offset^2`` (after calibration `residual` in place of the offset), between thresholds.
    """
    # Column, noise and offset are independent of one another: their variances add up.
    offset = quantiser.shift(calibrated=calibrated)
    spread = np.sqrt(states.sigma**2 + states.thermal**2 + quantiser.noise**2 + offset**2)[:, None]
    distance = quantiser.thresholds - states.mean[:, None]
    # Without any spread a threshold at the mean is passed, as in `Quantiser.read`.
    certain = np.where(distance <= 0, -np.inf, np.inf)
    z = np.divide(distance, spread, out=certain, where=spread > 0)
    ends = np.pad(z, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    low, high = ends[:, :-1], ends[:, 1:]
    # A difference of upper tails on the upper side: rates of 1e-20 keep their digits.
    return np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))


def assess(states: States, quantiser: Quantiser, *, calibrated: bool = False) -> Chain:
    """Return error rates, ENOB and SNR of a column with its ADC.

    Parameters
    ----------
    states : States
    quantiser : Quantiser
    calibrated : bool
        Whether `quantiser.residual` takes the place of `quantiser.offset`.

    Raises
    ------
    InputError
        If only one MAC value occurs: there is no signal then.
    """
    p = confusion(states, quantiser, calibrated=calibrated)
    away = quantiser.values - states.mac[:, None]
    # By the value read, not by the code: two codes may be read as one value.
    wrong = np.where(away != 0, p, 0.0).sum(axis=1)
    # A consumer knows the MAC value, and not the pairs that were in it: its states are averaged.
    mac, place = np.unique(states.mac, return_inverse=True)
    # Never 0: what does not occur was dropped.
    weight = np.bincount(place, states.pmf)
    mean_square = float(states.pmf @ (p * away**2).sum(axis=1))
    analog = snr_a(states.mac, states.mean, states.sigma, states.thermal, states.pmf)
    # Of the ideal result, which the digital side compares with: not of the voltages.
    variance = float(states.pmf @ (states.mac - states.pmf @ states.mac) ** 2)
    snr_t = math.inf
    if mean_square:
        snr_t = variance / mean_square
    return Chain(
        mac=mac,
        error=np.bincount(place, states.pmf * wrong) / weight,
        error_rate=float(states.pmf @ wrong),
        rms_error=math.sqrt(mean_square),
        # 1/12 is the rounding to integers, without which a chain that makes no error would have infinite bits.
        enob=float(enob(mac[-1] - mac[0] + 1, math.sqrt(mean_square + 1 / 12))),
        snr_a=analog,
        snr_t=snr_t,
        # The spread of the value read within a state is to `snr_a` what mismatch is.
        snr_t_linear=snr_a(states.mac, *_moments(p, quantiser.values), 0.0, states.pmf),
    )


def _moments(p: Array, values: Integers) -> tuple[Array, Array]:
    mean = p @ values
    return mean, np.sqrt((p * (values - mean[:, None]) ** 2).sum(axis=1))
