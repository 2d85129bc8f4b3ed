"""The error budget of an analog column: which source makes how much of what a sum is read wrong by.

A reading V stands for the sum (V - V_reset) / LSB, and its error [LSB] is what that is off by. What every chip has in
common adds up code by code (the line without mismatch less the ideal one):

    e(m) = injection + coupling + headroom(m) + nonlinearity(m)

- injection: the line before the evaluation less the level it was reset to: the charge of the reset or precharge switch;
- coupling: what an evaluation without a product of 1 leaves on the line: edges of rows that do not conduct, leakage;
- headroom: the bend of V = v0 - gain m / (1 + alpha m), fitted: cells give less as the line falls;
- nonlinearity: all that the fit leaves.

What differs between chips, and noise, have a variance at each code: of a group of devices, that of the samples in which
only its deviates are not 0. A source's error is the root of its mean square over the operands, and the interaction is
what the whole has beyond the root of the sum of the sources' squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.statistics.fit import fit_compressive
from bitline.statistics.linearity import parabola

Array = NDArray[np.float64]
DETERMINISTIC = ("injection", "coupling", "headroom", "nonlinearity")
"""Sources that are the same in every chip."""
THERMAL, INTERACTION, TOTAL = "thermal", "interaction", "total"
ALL = "all"
"""The group of all devices, whose samples are those of the whole column."""
_RESAMPLINGS = 500
_FEWEST = 8  # chips, below which resampling them says nothing


@dataclass(frozen=True)
class Measured:
    """A column at one condition.

    Parameters
    ----------
    pmf : ndarray, shape (n + 1,)
        Probability of each code from 0 to n.
    reset : float
        Level that the line is reset to [V].
    start, end : ndarray, shape (n + 1,)
        Line before the evaluation and when it is sampled, without mismatch [V].
    codes : ndarray, shape (c,)
        Codes at which chips were sampled, 0 and n among them.
    chips : mapping of str to ndarray, shape (s, c)
        Sampled line of each chip by the group of devices that varies [V], `ALL` among them; row by row the same chip.
    thermal : ndarray, shape (n + 1,)
        Temporal noise at each code [V].
    """

    pmf: Array
    reset: float
    start: Array
    end: Array
    codes: Array
    chips: Mapping[str, Array]
    thermal: Array

    def __post_init__(self) -> None:
        top = len(self.pmf) - 1
        if not {0.0, float(top)} <= set(self.codes.tolist()):
            raise InputError(f"codes = {self.codes.tolist()}: chips must be sampled at 0 and at {top}")
        if ALL not in self.chips:
            raise InputError(
                f"groups = {sorted(self.chips)}: {ALL} must be one of them, which the sum is compared with"
            )

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of devices, that of all left out."""
        return tuple(group for group in self.chips if group != ALL)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every line of the budget, in order."""
        return (*DETERMINISTIC, *self.groups, THERMAL, INTERACTION, TOTAL)


@dataclass(frozen=True)
class Budget:
    """Errors by source [LSB rms]: against the reset level, and with the line's offset and gain taken out.

    Parameters
    ----------
    error, low, high : mapping of str to float
        By source, with the ends of the 95 % interval over chips.
    calibrated, calibrated_low, calibrated_high : mapping of str to float
        The same after a calibration that all chips share: one straight line, that of the column without mismatch.
    """

    error: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    calibrated: Mapping[str, float]
    calibrated_low: Mapping[str, float]
    calibrated_high: Mapping[str, float]


def budget(column: Measured) -> Budget:
    """Split the error of a column by its source.

    The interval is that of 500 resamplings of the chips (percentile bootstrap): codes and groups share the chips, so
    that they are drawn together. With fewer than 8 chips that gave a result, what differs between chips is NaN.
    """
    lsb = gain(column)
    common = _common(column, lsb)
    good = np.all([np.isfinite(chips).all(axis=1) for chips in column.chips.values()], axis=0)
    chips = {group: values[good] for group, values in column.chips.items()}
    forms = {}
    for name, curves in (("", common), ("calibrated", {key: residual(e, column.pmf) for key, e in common.items()})):
        forms[name] = _with_interval(column, lsb, curves, chips)
    return Budget(*forms[""], *forms["calibrated"])


def gain(column: Measured) -> float:
    """Return the ideal line's step [V], signed: least squares through the line's own voltage at code 0."""
    m = np.arange(len(column.pmf))
    return float(column.pmf @ (m * (column.end - column.end[0])) / (column.pmf @ m**2))


def residual(error: Array, pmf: Array) -> Array:
    """Return an error over the codes without its offset and gain: the least squares over the operands."""
    m = np.arange(len(pmf), dtype=np.float64)
    basis, weight = np.stack([np.ones_like(m), m], axis=1), np.sqrt(pmf)
    line, *_ = np.linalg.lstsq(basis * weight[:, None], error * weight)
    return np.asarray(error - basis @ line)


def _common(column: Measured, lsb: float) -> dict[str, Array]:
    """Return the error over the codes that all chips have, by source [LSB]; their sum is the whole of it."""
    m = np.arange(len(column.pmf), dtype=np.float64)
    fit = fit_compressive(m, column.end)
    fallen = -fit.gain * m / (1 + fit.alpha * m)
    return {
        "injection": (column.start - column.reset) / lsb,
        "coupling": np.full_like(m, (column.end[0] - column.start[0]) / lsb),
        "headroom": fallen / lsb - m,
        # Before the evaluation the line does not know the code yet; where it does, the injection has it.
        "nonlinearity": (column.end - column.end[0] - fallen - (column.start - column.start[0])) / lsb,
    }


def _with_interval(
    column: Measured, lsb: float, common: Mapping[str, Array], chips: Mapping[str, Array]
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return the error of each source [LSB rms] with the ends of its interval."""
    count = len(chips[ALL])
    if count < _FEWEST:
        count, chips = 1, {group: np.full((1, len(column.codes)), np.nan) for group in chips}
    draws = np.random.Generator(np.random.PCG64(0)).integers(0, count, size=(_RESAMPLINGS, count))
    # The chips as they are come first, then the resamplings of them.
    drawn = _errors(column, lsb, common, chips, np.concatenate([np.arange(count)[None], draws]))
    low, high = ({name: float(np.quantile(one[1:], end)) for name, one in drawn.items()} for end in (0.025, 0.975))
    return {name: float(one[0]) for name, one in drawn.items()}, low, high


def _errors(
    column: Measured, lsb: float, common: Mapping[str, Array], chips: Mapping[str, Array], draws: NDArray[np.int64]
) -> dict[str, Array]:
    """Return the error of each source [LSB rms] for each draw of chips, a row of their places each."""
    pmf = column.pmf
    every = parabola(column.codes, np.arange(len(pmf)))
    squares = {name: np.full(len(draws), pmf @ error**2) for name, error in common.items()}
    for group in column.groups:
        squares[group] = _spread(chips[group][draws], every) @ pmf / lsb**2
    squares[THERMAL] = np.full(len(draws), pmf @ column.thermal**2 / lsb**2)
    # Mismatch also moves the mean of all chips, which no source has by itself.
    whole = chips[ALL][draws]
    shift = (whole.mean(axis=1) - column.end[column.codes.astype(int)]) @ every / lsb
    mean = np.sum(list(common.values()), axis=0) + shift
    # Of these chips the mean of the squares: with the variance of all chips the mean's own scatter would count twice.
    total = (mean**2 + _spread(whole, every, ddof=0) / lsb**2) @ pmf + squares[THERMAL]
    rest = np.sqrt(total) - np.sqrt(np.sum(list(squares.values()), axis=0))
    parts = {name: np.sqrt(square) for name, square in squares.items()}
    return {**parts, INTERACTION: rest, TOTAL: np.sqrt(total)}


def _spread(lines: Array, every: Array, ddof: int = 1) -> Array:
    """Return the variance over chips at every code [V^2] for each draw; NaN of too few chips."""
    chips = lines.shape[1]
    squares = np.square(lines - lines.mean(axis=1, keepdims=True)).sum(axis=1) / max(chips - ddof, 1)
    return np.asarray(np.clip(squares @ every, 0.0, None))
