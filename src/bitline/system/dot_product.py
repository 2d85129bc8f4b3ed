"""Dot products of multi-trit numbers by ternary columns: exact, and with a column's and an ADC's errors.

A weight of 5 trits lies in 5 columns, an input of 5 trits comes one trit per cycle. So a dot product is
25 one-trit dot products per group of rows, and ``y = sum_ij 3^(i+j) sum_groups MAC_ij``: shift-and-add
over base 3. Each MAC passes one column and the ADC; what is drawn at random comes from PCG64 under the
seed alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.system.column_model import ColumnModel
from bitline.system.operands import Operands
from bitline.system.thresholds import Quantiser
from bitline.system.trits import checked, held, to_trits, weights

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Up to which magnitude a type holds every integer, the fastest first.
_EXACT_TO = {np.float32: 2**24, np.float64: 2**53, np.int64: 2**63 - 1}


class Partial(NamedTuple):
    """MACs of single trits, each of shape (..., groups, weight trits, input trits)."""

    mac: Integers
    extra: Integers


@dataclass(frozen=True)
class DotProductSnr:
    """How good dot products are: powers of the exact result over powers of its error.

    Parameters
    ----------
    snr : float
        var(exact) / mean square error; inf where there is none.
    snr_linear : float
        The same after the best straight line: without a fixed gain and offset.
    error_mean, error_sigma : float
        Of result less exact one.
    exact_sigma : float
        Of the exact results.
    mac_error_rate : float
        Part of the single-trit MACs read as another value.
    trials : int
        Dot products.
    """

    snr: float
    snr_linear: float
    error_mean: float
    error_sigma: float
    exact_sigma: float
    mac_error_rate: float
    trials: int


def partial_macs(weight_trits: ArrayLike, input_trits: ArrayLike, rows: int = 16) -> Partial:
    """Return the MACs of single trits that make up dot products.

    Parameters
    ----------
    weight_trits, input_trits : array of -1, 0, +1, shapes (..., n, a) and (..., n, b)
        Digits, least significant first, as `to_trits` gives them.
    rows : int
        Products that one column adds up at a time; the last group is filled up with zeros.

    Returns
    -------
    Partial of shape (..., ceil(n / rows), a, b)
        `mac` is n+ - n-, `extra` is min(n+, n-).

    Raises
    ------
    InputError
        If the lengths differ, something else than trits is among them, or rows < 1.
    """
    w, x = checked(weight_trits), checked(input_trits)
    if w.ndim < 2 or x.ndim < 2 or w.shape[:-1] != x.shape[:-1] or rows < 1:
        raise InputError(f"trits of shapes {w.shape} and {x.shape}, rows = {rows}: (..., n, trits) both, rows >= 1")
    # Sums of up to `rows` trits are exact in floats, which have a fast matrix product.
    left, right = _grouped(w, rows).swapaxes(-1, -2), _grouped(x, rows)
    mac = (left @ right).astype(np.int64)
    active = (np.abs(left) @ np.abs(right)).astype(np.int64)
    # What is active beyond the sum cancels in pairs.
    return Partial(mac, (active - np.abs(mac)) // 2)


def shift_and_add(macs: ArrayLike) -> NDArray[np.signedinteger | np.floating]:
    """Return ``sum_ij 3^(i+j) sum_groups macs``: shape (..., groups, a, b) becomes (...).

    Integers stay integers: exact as long as the result fits in 64 bits.
    """
    m = np.asarray(macs)
    # Groups first: they have equal weights, and integers stay small until the weights come in.
    digits = m.sum(axis=-3)
    return np.asarray(digits @ weights(m.shape[-1]) @ weights(m.shape[-2]))


def dot_product(numbers: ArrayLike, inputs: ArrayLike, trits: int = 5) -> Integers:
    """Return dot products of integers: what ideal columns and shift-and-add make of their trits.

    Parameters
    ----------
    numbers, inputs : array of integers, shape (..., n)
        Weights and inputs, each within ``largest(trits)``.
    trits : int

    Returns
    -------
    ndarray of int64, shape (...)

    Raises
    ------
    InputError
        As of `matrix_product`.
    """
    w, x = np.atleast_1d(numbers), np.atleast_1d(inputs)
    return matrix_product(w[..., None, :], x[..., None], trits)[..., 0, 0]


def matrix_product(numbers: ArrayLike, inputs: ArrayLike, trits: int = 5) -> Integers:
    """Return the product of matrices of integers exactly: every dot product of their rows and columns.

    Parameters
    ----------
    numbers : array of integers, shape (..., m, n)
        Weights, each within ``largest(trits)``.
    inputs : array of integers, shape (..., n, k)
    trits : int

    Returns
    -------
    ndarray of int64, shape (..., m, k)

    Raises
    ------
    InputError
        If the shapes do not fit, a number is too large for its trits, or sums may not fit in 64 bits.

    Notes
    -----
    No partial sum exceeds n times the largest weight times the largest input. Up to 2^24 single precision holds it,
    up to 2^53 double precision, whatever the order of the additions. Beyond that integers are multiplied, which has no
    fast matrix product.
    """
    w, x = held(numbers, trits), held(inputs, trits)
    if w.ndim < 2 or w.ndim != x.ndim or w.shape[:-2] != x.shape[:-2] or w.shape[-1] != x.shape[-2]:
        raise InputError(f"numbers and inputs of shapes {w.shape} and {x.shape}: must be (..., m, n) and (..., n, k)")
    bound = w.shape[-1] * _magnitude(w) * _magnitude(x)
    if bound > _EXACT_TO[np.int64]:
        raise InputError(f"dot products of up to {bound:.3g}: must be below 2^63 = {2**63:.3g}")
    kind = next(kind for kind, most in _EXACT_TO.items() if bound <= most)
    return np.asarray(w.astype(kind) @ x.astype(kind)).astype(np.int64)


def through_column(
    partial: Partial, model: ColumnModel, quantiser: Quantiser | None, *, seed: int, calibrated: bool = False
) -> NDArray[np.signedinteger | np.floating]:
    """Return what column and ADC make of each MAC, of the shape of `partial.mac`.

    Static mismatch and noise are drawn anew for every MAC: each is taken as another column or other rows.
    One ADC serves all of a dot product, so that its offset is drawn once for the last three axes.

    Parameters
    ----------
    partial : Partial
        From `partial_macs` with the model's rows.
    model : ColumnModel
    quantiser : Quantiser or None
        None reads the voltage itself by the best straight line for these MACs: results are floats then.
    seed : int
        >= 0; the same seed gives the same bits.
    calibrated : bool
        Whether the ADC's residual takes the place of its offset.

    Raises
    ------
    InputError
        If more products are active than the model has rows, or the seed is negative.
    """
    if seed < 0:
        raise InputError(f"seed = {seed}: must be >= 0")
    # A stream each, so that the first dot products do not depend on how many follow.
    noises, offsets = (np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(2))
    place = _place(partial, model.rows)
    noise = model.thermal
    if quantiser is not None:
        noise = math.hypot(noise, quantiser.noise)
    spread = np.sqrt(model.sigma[place] ** 2 + noise**2)
    v = model.mean[place] + spread * noises.standard_normal(partial.mac.shape)
    if quantiser is None:
        # The line of these very MACs: without an ADC a fixed gain or offset is not to count as an error.
        lsb, origin = model.line(observed_pmf(partial, model.rows))
        return np.asarray((v - origin) / lsb)
    offset = quantiser.shift(calibrated=calibrated)
    # One converter serves all columns of an output: its offset does not average out over the MACs.
    return quantiser.read(v + offset * offsets.standard_normal((*partial.mac.shape[:-3], 1, 1, 1)))


def observed_pmf(partial: Partial, rows: int) -> Array:
    """Return how often each (mac, extra) occurs among MACs, shape (2 rows + 1, rows // 2 + 1).

    Raises
    ------
    InputError
        If more products are active than there are rows.
    """
    counts = np.zeros((2 * rows + 1, rows // 2 + 1))
    # Not counts[place] += 1, which counts a state once however often it occurs.
    np.add.at(counts, _place(partial, rows), 1)
    return counts / partial.mac.size


def dot_product_snr(
    model: ColumnModel,
    quantiser: Quantiser | None,
    operands: Operands,
    *,
    trials: int = 2000,
    seed: int = 1,
    calibrated: bool = False,
) -> DotProductSnr:
    """Return the SNR of dot products over random operands, column and ADC errors.

    Parameters
    ----------
    model, quantiser, calibrated
        As for `through_column`.
    operands : Operands
        The statistics; the SNR belongs to them.
    trials : int
        Dot products, >= 3.
    seed : int

    Raises
    ------
    InputError
        If there are too few trials, or all results are equal.
    """
    if trials < 3 or seed < 0:
        raise InputError(f"trials = {trials}, seed = {seed}: must be >= 3 and >= 0")
    # Streams of their own, so that the same operands meet any column and any ADC.
    for_operands, for_errors = np.random.SeedSequence(seed).generate_state(2, np.uint64).tolist()
    numbers, inputs = operands.draw(trials, np.random.Generator(np.random.PCG64(for_operands)))
    partial = partial_macs(to_trits(numbers, operands.trits), to_trits(inputs, operands.trits), model.rows)
    read = through_column(partial, model, quantiser, seed=for_errors, calibrated=calibrated)
    exact, result = (shift_and_add(macs).astype(np.float64) for macs in (partial.mac, read))
    if not exact.var():
        raise InputError("all dot products are equal: SNR needs a signal")
    return _compared(exact, result, float(np.mean(np.rint(read) != partial.mac)))


def _compared(exact: Array, result: Array, mac_error_rate: float) -> DotProductSnr:
    """Return what results are worth beside the exact ones."""
    error = result - exact
    variance, mean_square = float(exact.var()), float(np.mean(error**2))
    left = 0.0
    # Rounding alone would leave a residual of the straight line where every result is exact.
    if mean_square:
        left = _residual(exact, result)
    return DotProductSnr(
        snr=_ratio(variance, mean_square),
        snr_linear=_ratio(_gain(exact, result) ** 2 * variance, left),
        error_mean=float(error.mean()),
        error_sigma=float(error.std()),
        exact_sigma=math.sqrt(variance),
        mac_error_rate=mac_error_rate,
        trials=len(exact),
    )


def _magnitude(numbers: Integers) -> int:
    """Return the largest magnitude; 0 of none."""
    return int(np.abs(numbers).max(initial=0))


def _ratio(signal: float, error: float) -> float:
    """Return a ratio of powers; infinite where there is no error."""
    if not error:
        return math.inf
    return signal / error


def _gain(exact: Array, result: Array) -> float:
    """Return the slope of the least-squares straight line of results over exact ones."""
    return float(np.mean((exact - exact.mean()) * (result - result.mean()))) / float(exact.var())


def _residual(exact: Array, result: Array) -> float:
    """Return the mean square of what that straight line leaves."""
    from_line = result - result.mean() - _gain(exact, result) * (exact - exact.mean())
    return float(np.mean(from_line**2))


def _grouped(trits: NDArray[np.int8], rows: int) -> NDArray[np.float32]:
    """Return (..., n, a) as (..., groups, rows, a), filled up with zeros."""
    *others, n, digits = trits.shape
    groups = -(-n // rows)
    # Rows that are not in use hold 0 in both trits: they add nothing.
    whole = np.zeros((*others, groups * rows, digits), dtype=np.float32)
    whole[..., :n, :] = trits
    return whole.reshape(*others, groups, rows, digits)


def _place(partial: Partial, rows: int) -> tuple[Integers, Integers]:
    """Return where MACs lie in arrays over mac and extra."""
    active = np.abs(partial.mac) + 2 * partial.extra
    if active.size and active.max() > rows:
        raise InputError(f"{active.max()} products are active: the column has {rows} rows")
    return partial.mac + rows, partial.extra
