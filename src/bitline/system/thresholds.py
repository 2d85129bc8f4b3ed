"""The quantiser behind a column: what an ADC does there, as thresholds and the MAC value of each code.

16 ternary products have 33 values, five bits 32 codes: one value at least has no code. `aligned`
gives it up at one end, `stretched` spreads the loss over all of them, `at_levels` bends the steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quantiser:
    """What an ADC makes of a column's voltage: ascending thresholds, and the MAC value that each code is read as.

    Parameters
    ----------
    thresholds : array, shape (codes - 1,)
        Voltages [V], ascending; code k is between thresholds k - 1 and k, a threshold belongs above.
    values : array of integers, shape (codes,)
        MAC value each code is read as.
    noise : float
        Input-referred noise of a decision, rms [V].
    offset : float
        Standard deviation over chips of what shifts all thresholds [V].
    residual : float
        What calibration leaves of it [V]; trimming in steps of d leaves d/sqrt(12).

    Raises
    ------
    InputError
        If thresholds do not ascend, numbers do not match, or a deviation is negative.
    """

    thresholds: Array
    values: Integers
    noise: float = 0.0
    offset: float = 0.0
    residual: float = 0.0

    def __post_init__(self) -> None:
        thresholds, values = np.asarray(self.thresholds, dtype=np.float64), np.asarray(self.values, dtype=np.int64)
        if thresholds.ndim != 1 or values.shape != (thresholds.size + 1,) or not (np.diff(thresholds) >= 0).all():
            raise InputError(
                f"thresholds of shape {thresholds.shape}, values of shape {values.shape}: one more value, ascending"
            )
        if not (self.noise >= 0 and self.offset >= 0 and self.residual >= 0):
            raise InputError(f"noise, offset, residual = {self.noise:g}, {self.offset:g}, {self.residual:g}: >= 0")
        # The class is frozen: converted arrays can only be put in its place this way.
        object.__setattr__(self, "thresholds", thresholds)
        object.__setattr__(self, "values", values)

    def shift(self, *, calibrated: bool) -> float:
        """Return the deviation [V] of what shifts all thresholds: `residual` after calibration, `offset` before."""
        if calibrated:
            return self.residual
        return self.offset

    def read(self, v: ArrayLike) -> Integers:
        """Return the MAC values that voltages [V] are read as, without noise or offset."""
        # side="right": a voltage on a threshold has the upper code, as in `confusion`.
        return np.asarray(self.values[np.searchsorted(self.thresholds, np.asarray(v), side="right")])


def aligned(lsb: float, origin: float, bits: int, lowest: int) -> Quantiser:
    """Return the quantiser whose codes are 2**bits successive MAC values from `lowest` on.

    Parameters
    ----------
    lsb : float
        Voltage from one MAC value to the next [V], not 0; negative where the voltage falls.
    origin : float
        Voltage at MAC value 0 [V].
    bits : int
        Resolution, 1..16.
    lowest : int
        Smallest MAC value that has a code.
    """
    values = lowest + np.arange(_codes(bits))
    # Half-way between two levels, where equal spreads on both sides make the fewest errors.
    return _ordered(origin + lsb * (values[:-1] + 0.5), values)


def stretched(lsb: float, origin: float, bits: int, lowest: int, highest: int) -> Quantiser:
    """Return the quantiser whose 2**bits equal steps cover the MAC values `lowest` to `highest`.

    A code is read as the MAC value nearest its middle. Parameters are those of `aligned`.
    """
    # The range is from half a level below the lowest to half a level above the highest.
    step = (highest - lowest + 1) / _codes(bits)
    edges = lowest - 0.5 + step * np.arange(1, _codes(bits))
    middles = lowest - 0.5 + step * (np.arange(_codes(bits)) + 0.5)
    return _ordered(origin + lsb * edges, np.rint(middles))


def at_levels(mean: ArrayLike, bits: int, lowest: int) -> Quantiser:
    """Return the quantiser with thresholds half-way between the column's own levels.

    Its steps are not equal: a SAR's DAC cannot do this, a flash ADC or a table behind a finer ADC can.

    Parameters
    ----------
    mean : array, shape (n,)
        Levels [V] of the MAC values from `lowest` on; those beyond 2**bits have no code.
    bits, lowest : int
        As for `aligned`.

    Raises
    ------
    InputError
        If there are fewer than two levels or they are not monotone.
    """
    # The column may have more levels than there are codes: those at the top are given up.
    levels = np.asarray(mean, dtype=np.float64)[: _codes(bits)]
    steps = np.diff(levels)
    if levels.ndim != 1 or levels.size < 2 or not ((steps > 0).all() or (steps < 0).all()):
        raise InputError("mean: must be two levels or more that rise or fall throughout")
    return _ordered(levels[:-1] + steps / 2, lowest + np.arange(levels.size))


def _codes(bits: int) -> int:
    if not 1 <= bits <= 16:
        raise InputError(f"bits = {bits}: must be 1..16")
    return int(2**bits)


def _ordered(edges: ArrayLike, values: ArrayLike) -> Quantiser:
    """Return the quantiser of edges and values in the order of MAC values: where the voltage falls, backwards."""
    edges = np.asarray(edges, dtype=np.float64)
    if not edges[-1] != edges[0] and edges.size > 1:
        raise InputError("lsb = 0: the levels of a column must differ")
    codes = np.asarray(values, dtype=np.int64)
    # `searchsorted` needs ascending thresholds; the values are turned with them.
    if edges[-1] < edges[0]:
        return Quantiser(edges[::-1], codes[::-1])
    return Quantiser(edges, codes)
