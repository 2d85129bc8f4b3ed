"""Stored trits with the errors of their restore, for a network's weights.

A restore is described by its error matrix, the probability that a stored trit comes back as another. Rows are stored
trits and columns restored ones, both in the order -1, 0, +1. Errors of different trits are taken as independent.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bitline.devices.reram import LEVELS, TRITS
from bitline.errors import InputError
from bitline.system.trits import checked

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""How far the sum of a row of probabilities may lie from 1."""
BY_TRIT = sorted(LEVELS, key=lambda level: TRITS[level])


def neighbour_errors(rate: float) -> Array:
    """Return the matrix in which every trit is wrong at one rate and then becomes a neighbour, shape (3, 3).

    -1 and +1 become 0, and 0 becomes either with rate/2: no restore measured here skipped a level.

    Parameters
    ----------
    rate : float
        Probability of an error, 0..1.

    Raises
    ------
    InputError
        If the rate is no probability.
    """
    if not 0 <= rate <= 1:
        raise InputError(f"rate = {rate:g}: must be 0..1")
    right = 1 - rate
    return np.array([[right, rate, 0], [rate / 2, right, rate / 2], [0, rate, right]])


def measured_errors(counts: xr.Dataset) -> Array:
    """Return the error matrix that a yield table's counts give, shape (3, 3).

    Parameters
    ----------
    counts : Dataset
        One place of the table: axis `level`, and of each level the counts `to_lrs`, `to_mrs`, `to_hrs`, `to_none` and
        the points without a result, `n_failed`.

    Raises
    ------
    InputError
        If it is more than one place, a level is missing, a restore gave no trit or no result, or there is none.
    """
    if counts["n_failed"].dims != ("level",) or set(counts["level"].to_numpy().tolist()) != set(LEVELS):
        axes = dict(counts["n_failed"].sizes)
        raise InputError(f"counts over {axes}: must be over the axis level alone, with {', '.join(LEVELS)}")
    rows = counts.sel(level=BY_TRIT)
    # Neither is one of three trits, and to leave it out would flatter the restore.
    for name in ("to_none", "n_failed"):
        if lost := int(rows[name].sum()):
            raise InputError(f"{name} = {lost}: every restore must have given a trit, 0 allowed")
    numbers = np.stack([rows[f"to_{level}"].to_numpy() for level in BY_TRIT], axis=1).astype(np.float64)
    totals = numbers.sum(axis=1, keepdims=True)
    if not totals.all():
        raise InputError("counts: a level has no restore, at least 1 each is needed")
    return np.asarray(numbers / totals, dtype=np.float64)


def restored_trits(trits: ArrayLike, matrix: ArrayLike, rng: np.random.Generator) -> NDArray[np.int8]:
    """Return what stored trits come back as, each with errors of its own.

    One uniform number decides a trit, by the inverse of its row's distribution: the same generator gives the same
    trits.

    Parameters
    ----------
    trits : array of -1, 0, +1, any shape
    matrix : array, shape (3, 3)
        Probabilities; rows are stored trits, columns restored ones, -1 first.
    rng : Generator
        Advances by one number a trit, whatever the matrix.

    Raises
    ------
    InputError
        If something other than trits is stored, or the matrix holds no distributions.
    """
    stored = checked(trits)
    upper = np.cumsum(_distributions(matrix), axis=1)
    # Exactly 1 at the end, so that rounding reaches no trit of probability 0.
    upper /= upper[:, -1:]
    uniform = rng.random(stored.shape)
    rows = stored + 1
    above = (uniform >= upper[rows, 0]).astype(np.int8) + (uniform >= upper[rows, 1])
    return np.asarray(above - 1, dtype=np.int8)


def _distributions(matrix: ArrayLike) -> Array:
    rows = np.asarray(matrix, dtype=np.float64)
    if rows.shape != (3, 3):
        raise InputError(f"error matrix of shape {rows.shape}: must be (3, 3)")
    if not (rows >= 0).all() or (np.abs(rows.sum(axis=1) - 1) > ROUNDING).any():
        raise InputError(f"error matrix {rows.tolist()}: probabilities, each row with the sum 1, are allowed")
    return rows
