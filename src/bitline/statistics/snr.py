"""Signal-to-noise ratios of an analog column.

Terms after Gonugondla, Sakr, Dbouk and Shanbhag (ICCAD 2020; arXiv 2012.13645):
SNR_a of the analog core, SNR_A with quantised inputs, SNR_T with the ADC. All ratios are
of powers and linear; `to_db` and `from_db` convert.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.statistics.bounds import check_positive

Array = NDArray[np.float64]


def to_db(ratio: ArrayLike) -> Array:
    """Return 10 log10 of a power ratio; 0 gives -inf. Raises `InputError` for a negative ratio."""
    check_positive("ratio", ratio, zero=True)
    # The logarithm of 0 is what is meant: no signal at all.
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(np.asarray(ratio, dtype=np.float64)))


def from_db(db: ArrayLike) -> Array:
    """Return the power ratio of a number of dB."""
    return np.asarray(10 ** (np.asarray(db, dtype=np.float64) / 10))


def snr_a(code: ArrayLike, v: ArrayLike, sigma: ArrayLike, thermal: float, pmf: ArrayLike) -> float:
    """Return SNR_a = var(y_o) / var(eta_a) of an analog column.

    The ideal output y_o is the MAC code m. It is estimated from the voltage by the best
    linear read-out, y = (V - offset) / gain, with gain and offset from the least-squares
    line of V over m, weighted by how often each code occurs. What is left is error::

        var(eta_a) = [sum p (V - offset - gain m)^2 + sum p sigma^2 + thermal^2] / gain^2

    so nonlinearity, mismatch and thermal noise count, a fixed gain and offset do not. The
    variances are over operands *and* chips: a gain or offset of one chip's own is error.

    Parameters
    ----------
    code : array, shape (n,)
        MAC codes that occur.
    v : array, shape (n,)
        Mean voltage of each code [V].
    sigma : array, shape (n,)
        Standard deviation by static mismatch [V].
    thermal : float
        Temporal noise, rms [V].
    pmf : array, shape (n,)
        How often each code occurs (operand statistics); adds up to 1.

    Returns
    -------
    float
        A power ratio: inf for a perfect column, 0 for a dead one, NaN where an input is NaN.

    Raises
    ------
    InputError
        If shapes differ, a sigma is negative or a value infinite, `pmf` is no distribution or all its weight is
        on one code.
    """
    m, y, s, p = (np.asarray(x, dtype=np.float64) for x in (code, v, sigma, pmf))
    _check(m, y, s, p)
    check_positive("thermal", thermal, zero=True)
    # The line is through the means of both, so that only deviations from them count.
    dm, dy = m - p @ m, y - p @ y
    signal = p @ dm**2
    if signal == 0:
        raise InputError("pmf has all its weight on one code: SNR needs a signal")
    gain = (p @ (dm * dy)) / signal
    noise = p @ (dy - gain * dm) ** 2 + p @ s**2 + thermal**2
    return power_ratio(float(signal * gain**2), float(noise))


def power_ratio(signal: float, noise: float) -> float:
    """Return signal power over noise power: inf for a perfect column, 0 for a dead one."""
    # Neither signal nor noise: a dead column, not a perfect one.
    if noise == 0 and signal == 0:
        return 0.0
    if noise == 0:
        return float("inf")
    return float(signal / noise)


def _check(m: Array, y: Array, s: Array, p: Array) -> None:
    if not m.shape == y.shape == s.shape == p.shape or m.ndim != 1:
        raise InputError(f"code, v, sigma, pmf of shapes {m.shape}, {y.shape}, {s.shape}, {p.shape}: must agree")
    check_positive("sigma", s, zero=True)
    # NaN is a point that failed, and the ratio with it; infinity is none that was measured.
    for name, values in (("code", m), ("v", y), ("sigma", s)):
        if np.isinf(values).any():
            raise InputError(f"{name} = {values.tolist()}: must be finite")
    if not (np.all(p >= 0) and abs(p.sum() - 1) < 1e-9):
        raise InputError(f"pmf adds up to {p.sum():g}: must be >= 0 everywhere and add up to 1")


def sqnr(bits: float, peak_to_sigma: float) -> float:
    """Return the SQNR of a `bits`-bit uniform quantiser: 3 * 4**bits / peak_to_sigma**2.

    In dB this is 6.02 bits + 4.77 - PAR, PAR = 20 log10(peak_to_sigma), for a signal of
    standard deviation sigma in a quantiser of range -peak..+peak. Clipping is not in it.
    """
    check_positive("peak_to_sigma", peak_to_sigma, finite=True)
    check_positive("bits", bits, zero=True, finite=True)
    return float(3 * 4.0**bits / peak_to_sigma**2)


def compose(*ratios: float) -> float:
    """Return the SNR of independent errors together: 1 / sum(1 / ratio).

    SNR_A = compose(SNR_a, SQNR_qiy) and SNR_T = compose(SNR_A, SQNR_qy). A ratio of inf
    adds no error, one of 0 leaves nothing. Raises `InputError` for a negative ratio.
    """
    for ratio in ratios:
        check_positive("ratio", ratio, zero=True)
    # 1/0 would be an error, although the answer is plain.
    if 0 in ratios:
        return 0.0
    inverse = sum(1 / ratio for ratio in ratios)
    if inverse == 0:
        return float("inf")
    return 1 / inverse
