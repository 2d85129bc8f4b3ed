"""INL, DNL and ENOB of a transfer curve.

The straight line a curve is compared with is either the *end-point* line through its
first and last value or the *best-fit* (least-squares) line through all of them. Its slope
is the LSB and carries a sign: on a line that falls with the code the LSB is negative, so
that a DNL of -1 is a missing step and a positive INL is ahead of the straight line in the
direction of the codes, whichever way the voltage runs.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.statistics.bounds import check_positive

Array = NDArray[np.float64]
Line = Literal["end-point", "best-fit"]


def straight_line(v: ArrayLike, line: Line = "end-point", code: ArrayLike | None = None) -> tuple[Array, Array]:
    """Return slope (the signed LSB) and offset (value at code 0) of the reference line.

    Parameters
    ----------
    v : array, shape (..., n)
        Transfer curve [V], codes along the last axis; n >= 2.
    line : {"end-point", "best-fit"}
        (V(last) - V(first)) / (code(last) - code(first)), or least squares.
    code : array, shape (n,), optional
        Ascending codes; 0..n-1 if not given.

    Returns
    -------
    lsb [V per code], offset [V] : arrays, shape (...)
        NaN where a value the line needs is NaN.

    Raises
    ------
    InputError
        If there are fewer than two codes, shapes disagree, or `line` is not one of the two.
    """
    y, x = _curve(v, code)
    if line == "end-point":
        lsb = (y[..., -1] - y[..., 0]) / (x[-1] - x[0])
        return np.asarray(lsb), np.asarray(y[..., 0] - lsb * x[0])
    if line == "best-fit":
        # Slope and offset are then independent.
        centred = x - x.mean()
        lsb = (y * centred).sum(axis=-1) / (centred**2).sum()
        return np.asarray(lsb), np.asarray(y.mean(axis=-1) - lsb * x.mean())
    raise InputError(f"line = {line!r}: must be 'end-point' or 'best-fit'")


def inl(v: ArrayLike, line: Line = "end-point", code: ArrayLike | None = None) -> Array:
    """Return INL(m) = (V(m) - V_line(m)) / LSB.

    Parameters are those of `straight_line`.

    Returns
    -------
    ndarray, shape (..., n)
        In LSB; NaN for a curve without any slope.
    """
    y, x = _curve(v, code)
    lsb, offset = straight_line(y, line, x)
    return np.asarray((y - offset[..., None] - lsb[..., None] * x) / _divisor(lsb))


def dnl(v: ArrayLike, line: Line = "end-point", code: ArrayLike | None = None) -> Array:
    """Return DNL(m) = (V(m+1) - V(m)) / LSB - 1, of the step from m to m+1.

    Where codes are more than one apart, the step is per code. Parameters are those of
    `straight_line`.

    Returns
    -------
    ndarray, shape (..., n-1)
        In LSB; NaN for a curve without any slope.
    """
    y, x = _curve(v, code)
    lsb, _ = straight_line(y, line, x)
    # Per code: large columns are measured at some codes only.
    return np.asarray(np.diff(y, axis=-1) / np.diff(x) / _divisor(lsb) - 1)


def enob(span: ArrayLike, sigma_error: ArrayLike) -> Array:
    """Return ENOB of a MAC: log2(span / (sqrt(12) sigma_error)).

    Parameters
    ----------
    span : array
        Range of the output, in the unit of `sigma_error`.
    sigma_error : array
        Standard deviation of the total error, > 0.

    Returns
    -------
    ndarray
        In bits: an ideal b-bit quantiser, error 2**-b/sqrt(12) of its span, has b.

    Raises
    ------
    InputError
        If a span or an error is not above 0; NaN gives NaN.
    """
    check_positive("span", span)
    check_positive("sigma_error", sigma_error)
    return np.asarray(np.log2(np.asarray(span) / (np.sqrt(12) * np.asarray(sigma_error))))


def enob_sine(sndr_db: ArrayLike) -> Array:
    """Return ENOB of a full-scale sine: (SNDR - 1.76 dB) / 6.02 dB, in bits."""
    return (np.asarray(sndr_db, dtype=np.float64) - 1.76) / 6.02


def _curve(v: ArrayLike, code: ArrayLike | None) -> tuple[Array, Array]:
    y = np.asarray(v, dtype=np.float64)
    # A single number has no axis of codes, and is refused like a curve of one point.
    n = 0
    if y.ndim:
        n = y.shape[-1]
    if code is None:
        code = np.arange(n)
    x = np.asarray(code, dtype=np.float64)
    if n < 2 or x.shape != (n,):
        raise InputError(f"a curve of shape {y.shape} over codes of shape {x.shape}: needs the same n >= 2")
    if not np.all(np.diff(x) > 0):
        raise InputError(f"code = {x.tolist()}: must ascend")
    return y, x


def _divisor(lsb: Array) -> Array:
    # A dead column has no LSB to measure in: NaN, without a division warning.
    return np.where(lsb == 0, np.nan, lsb)[..., None]


def parabola(sampled: ArrayLike, every: ArrayLike) -> Array:
    """Return the matrix that makes of values at sampled codes a parabola over others: ``values @ parabola(...)``.

    For variances of mismatch: independent rows add theirs, a straight line; rows that share their charge bow it:
    a + b m + c m^2. Least squares through more than three codes, a line through two.

    Parameters
    ----------
    sampled : array, shape (k,)
    every : array, shape (n,)
        Within the range of `sampled`, and not all 0.

    Returns
    -------
    array, shape (k, n)
    """
    sampled, every = np.asarray(sampled, dtype=np.float64), np.asarray(every, dtype=np.float64)
    top, powers = np.max(np.abs(every)), min(2, sampled.size - 1) + 1
    known, wanted = (np.vander(m / top, powers) for m in (sampled, every))
    return np.asarray((wanted @ np.linalg.pinv(known)).T)
