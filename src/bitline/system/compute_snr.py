"""Compute SNR of a column: SNR_a, SQNR_qiy, SNR_A, SQNR_qy, SNR_T and CSNR, from mean and sigma per code.

The column's output u is its voltage in MAC LSB, read by the straight line of `MeasuredColumn`. At code m it is normal
with the measured mean mu(m) and the variance s(m)^2 of static mismatch and temporal noise, and operands say how often
each code occurs (`bitline.system.operand_sums`). An ADC of b bits makes 2^b equal steps of its range; what lies beyond
the range is read as the outermost step. It has no error of its own.

    y = y_o + q_iy + eta_a + q_y
    SNR_a = var(y_o) / var(eta_a)        SQNR_qiy = var(y_o) / var(q_iy)
    SNR_A = 1 / (1/SNR_a + 1/SQNR_qiy)   SNR_T = 1 / (1/SNR_A + 1/SQNR_qy)

after Gonugondla, Sakr, Dbouk and Shanbhag (ICCAD 2020; arXiv 2012.13645). CSNR is the power of the ideal results of the
quantised operands over the mean power of all that differs from them at the ADC's output, with the ADC's codes as they
are. Each ratio is given twice: with a gain and an offset removed that are the same for all chips, and with both kept.

What the mean transfer does to a dot product of several slices is exact. Mismatch and noise of different slices count as
independent, as if every slice had cells of its own (docs/snr.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.table import axes
from bitline.numbers import real
from bitline.statistics.bounds import check_count, check_positive
from bitline.statistics.snr import compose, power_ratio
from bitline.system.measured_column import Condition, MeasuredColumn, measured_column
from bitline.system.operand_sums import OperandSums, operand_sums
from bitline.system.products import products_of

Array = NDArray[np.float64]
MOST_BITS = 16


@dataclass(frozen=True)
class Adc:
    """An ADC without errors of its own.

    Without a range it is the full scale: from half an LSB below code 0 to half an LSB above the last code.

    Parameters
    ----------
    bits : int
        Resolution, 1..16: 2^bits equal steps.
    sigmas : float, optional
        Range: so many standard deviations of the output to either side of its mean (MPC: 4).
    volts : two floats, optional
        Range: from the lower to the higher voltage of the line [V].
    """

    bits: int
    sigmas: float | None = None
    volts: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_count("adc bits", self.bits, 1)
        if self.bits > MOST_BITS:
            raise InputError(f"adc bits = {self.bits}: must be an integer 1..{MOST_BITS}")
        if self.sigmas is not None and self.volts is not None:
            raise InputError("adc: range in sigmas and in volts: give one of them")
        if self.sigmas is not None:
            check_positive("adc sigmas", self.sigmas, finite=True)
        if self.volts is not None and not self.volts[0] < self.volts[1]:
            raise InputError(f"adc range = {self.volts[0]:g}:{self.volts[1]:g}: the first must be below the second")

    def range(self, column: MeasuredColumn, sums: OperandSums) -> tuple[float, float]:
        """Return the ends of its range as outputs of a column [MAC LSB]."""
        if self.volts is not None:
            ends = sorted((v - column.offset) / column.lsb for v in self.volts)
            return ends[0], ends[1]
        if self.sigmas is None:
            return -0.5, column.rows + 0.5
        share = sums.share
        output, spread = column.mean[: share.size], column.total[: share.size]
        mean = float(share @ output)
        sigma = math.sqrt(float(share @ ((output - mean) ** 2 + spread**2)))
        return mean - self.sigmas * sigma, mean + self.sigmas * sigma


def parse_adc(bits: int, text: str) -> Adc:
    """Return the ADC of so many bits whose range is ``4sigma``, ``full`` or ``LOW:HIGH`` in volts."""
    if text == "full":
        return Adc(bits)
    try:
        if match := re.fullmatch(r"(.+)sigma", text):
            return Adc(bits, sigmas=real(match[1]))
        low, _, high = text.partition(":")
        return Adc(bits, volts=(real(low), real(high)))
    except ValueError:
        raise InputError(f"adc range = {text!r}: must be such as 4sigma, full, or LOW:HIGH in volts") from None


@dataclass(frozen=True)
class Ratios:
    """The ratios of one treatment of gain and offset: of powers, linear; None where there is no ADC."""

    snr_a: float
    sqnr_qiy: float
    snr_A: float
    sqnr_qy: float | None = None
    snr_T: float | None = None
    csnr: float | None = None


@dataclass(frozen=True)
class Line:
    """What is removed: the least squares gain, 1 if there is nothing to remove, and the offset [dot product]."""

    gain: float
    offset: float


@dataclass(frozen=True, eq=False)
class ComputeSnr:
    """The compute SNR of a column with random operands.

    Attributes
    ----------
    removed : Ratios
        With gain and offset removed: those of the least squares line, the same for all chips.
    kept : Ratios
        With both kept: read by the column's own line (end-point: codes 0 and the last one are right).
    line : Line
        What was removed from the analog output.
    operands : str
        What the operands are, in words.
    bits : int or None
        Of the ADC.
    range_lsb : two floats or None
        Its range [MAC LSB].
    range_volts : two floats or None
        Its range at the column's line [V], ascending.
    clipped : float or None
        How often the output lies beyond the range.
    """

    removed: Ratios
    kept: Ratios
    line: Line
    operands: str
    bits: int | None = None
    range_lsb: tuple[float, float] | None = None
    range_volts: tuple[float, float] | None = None
    clipped: float | None = None


def compute_snr(column: MeasuredColumn, sums: OperandSums, adc: Adc | None = None) -> ComputeSnr:
    """Return the compute SNR of a column.

    Parameters
    ----------
    column : MeasuredColumn
        Of products of 0 and 1.
    sums : OperandSums
        How often the codes occur. They may reach less far than the column: its other products are then 0.
    adc : Adc, optional
        Without it, only the ratios before it are given.

    Raises
    ------
    InputError
        If the column is signed or has fewer codes than the operands.
    """
    if column.signed:
        raise InputError("compute SNR: the column adds up signed products; allowed are products of 0 and 1")
    if sums.count > column.rows:
        raise InputError(f"operands up to code {sums.count}: the column has codes 0..{column.rows}")
    signal = sums.variance(sums.exact)
    analog = _powers(sums, column.mean, column.total**2)
    sqnr_qiy = power_ratio(signal, sums.variance(sums.exact - sums.result))

    def before(noise: float) -> Ratios:
        snr = power_ratio(signal, noise)
        return Ratios(snr, sqnr_qiy, compose(snr, sqnr_qiy))

    found = ComputeSnr(before(analog.removed), before(analog.kept), Line(analog.gain, analog.offset), sums.statement)
    if adc is None:
        return found
    low, high = adc.range(column, sums)
    digital = _digital(column, low, high, adc.bits)
    sqnr_qy = power_ratio(signal, _slicewise(sums, digital.quantising))
    after = _powers(sums, digital.mean, digital.variance)
    ideal = sums.variance(sums.result)

    def behind(ratios: Ratios, noise: float) -> Ratios:
        return replace(ratios, sqnr_qy=sqnr_qy, snr_T=compose(ratios.snr_A, sqnr_qy), csnr=power_ratio(ideal, noise))

    volts = sorted(column.offset + column.lsb * end for end in (low, high))
    return replace(
        found,
        removed=behind(found.removed, after.removed),
        kept=behind(found.kept, after.kept),
        bits=adc.bits,
        range_lsb=(low, high),
        range_volts=(volts[0], volts[1]),
        clipped=float(sums.share @ digital.clipped[: sums.share.size]),
    )


def mean_energy(column: MeasuredColumn, sums: OperandSums) -> float:
    """Return the energy of one operation of a column [J], mean over how often it is asked for each sum.

    Raises
    ------
    InputError
        If the column has fewer codes than the operands, or the LUT does not hold its energy at the condition.
    """
    if sums.count > column.rows:
        raise InputError(f"operands up to code {sums.count}: the column has codes 0..{column.rows}")
    # What never occurs need not have an energy.
    occurs = np.flatnonzero(sums.share)
    return float(sums.share[occurs] @ column.energy[occurs])


def sampled(lut: Lut, axis: str) -> list[float | str]:
    """Return the values of an axis, not that of the sums, at which a column's chips were sampled.

    Raises
    ------
    InputError
        If there is no such axis.
    """
    others = axes(lut.tables.get("mismatch", xr.Dataset()))
    others.pop(products_of(lut).axis, None)
    if axis not in others:
        raise InputError(f"LUT {lut.name}: {axis}: chips were sampled over {', '.join(others) or 'no other axis'}")
    values: list[float | str] = others[axis].tolist()
    return values


def conditions_by(lut: Lut, by: str | None, condition: Condition | None = None) -> list[dict[str, float | str]]:
    """Return a condition with each value of a second axis, as `sampled` has them; alone where there is none."""
    fixed = dict(condition or {})
    if by is None:
        return [fixed]
    return [{**fixed, by: value} for value in sampled(lut, by)]


def snr_over(
    lut: Lut, axis: str, operands: str = "bits", adc: Adc | None = None, condition: Condition | None = None
) -> dict[float | str, ComputeSnr]:
    """Return the compute SNR at each value of an axis along which chips were sampled.

    Parameters
    ----------
    lut : Lut
        Of a column, as `measured_column` takes it.
    axis : str
        Such as ``vdd``, ``corner`` or a parameter that the sweep varies.
    operands : str
        As `bitline.system.operand_sums.operand_sums` takes them.
    adc : Adc, optional
    condition : mapping, optional
        The other axes of table ``mismatch`` that have several values.

    Raises
    ------
    InputError
        If chips were not sampled along the axis, or as `measured_column`.
    """
    columns = {value: measured_column(lut, {**(condition or {}), axis: value}) for value in sampled(lut, axis)}
    return {value: compute_snr(one, operand_sums(operands, one.products), adc) for value, one in columns.items()}


@dataclass(frozen=True)
class _Powers:
    """Error power in the dot product, with gain and offset removed and with both kept, and what was removed."""

    removed: float
    kept: float
    gain: float
    offset: float


def _powers(sums: OperandSums, mean: Array, variance: Array) -> _Powers:
    """Return the error power of an output that has this mean and variance at each code.

    With y the ideal dot product and z = sum g mean(m) its mean as the column gives it::

        kept    = E[(z - y)^2] + E[sum g^2 variance(m)]
        removed = (var(z - gain y) + E[sum g^2 variance(m)]) / gain^2,   gain = cov(z, y) / var(y)
    """
    y, z = sums.result, mean[sums.codes] @ sums.weights
    noise = _slicewise(sums, variance)
    dy, dz = y - sums.mean(y), z - sums.mean(z)
    gain = sums.mean(dz * dy) / sums.mean(dy**2)
    kept = sums.mean((z - y) ** 2) + noise
    # A dead column: what is left of it is all noise.
    removed = math.inf
    if gain != 0:
        removed = (sums.mean((dz - gain * dy) ** 2) + noise) / gain**2
    return _Powers(removed, kept, gain, sums.mean(z) - gain * sums.mean(y))


def _slicewise(sums: OperandSums, power: Array) -> float:
    """Return the power in the dot product of an error that has this power at each code, independent in each slice."""
    return sums.mean(power[sums.codes] @ sums.weights**2)


@dataclass(frozen=True, eq=False)
class _Digital:
    """What an ADC makes of each code; arrays of shape (codes,), in MAC LSB."""

    mean: Array
    variance: Array
    quantising: Array
    clipped: Array


def _digital(column: MeasuredColumn, low: float, high: float, bits: int) -> _Digital:
    """Return mean and variance of what is read, var(q_y), and how often the output is beyond the range.

    var(q_y) is that of an error spread evenly over a step, step^2/12, wherever the output is inside the range, and
    the mean square of how far it is beyond.
    """
    step = (high - low) / 2**bits
    edges = low + step * np.arange(1, 2**bits)
    middles = low + step * (np.arange(2**bits) + 0.5)
    mean, variance = np.array(list(_read(column.mean, column.total, edges, middles))).T
    below, above = (_beyond(s * column.mean, s * end, column.total) for s, end in ((-1, low), (1, high)))
    clipped = below[0] + above[0]
    return _Digital(mean, variance, step**2 / 12 * (1 - clipped) + below[1] + above[1], clipped)


def _read(means: Array, sigmas: Array, edges: Array, middles: Array) -> Iterator[tuple[float, float]]:
    # Code by code: with all codes at once, an ADC of 16 bits would take gigabytes.
    for mu, s in zip(means, sigmas, strict=True):
        if s > 0:
            chance = np.diff(np.concatenate([[0.0], ndtr((edges - mu) / s), [1.0]]))
        else:
            # A certain output has one step; on an edge it is the upper one.
            chance = np.zeros(middles.size)
            chance[np.searchsorted(edges, mu, side="right")] = 1.0
        mean = float(chance @ middles)
        yield mean, float(chance @ (middles - mean) ** 2)


def _beyond(mean: Array, end: float, sigma: Array) -> tuple[Array, Array]:
    """Return how often a normal lies above an end, and the mean square of how far it does."""
    distance = mean - end
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, distance / sigma, np.where(distance > 0, np.inf, -np.inf))
    chance = ndtr(z)
    density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
    # E[(v - end)^2; v > end] of a normal v.
    return chance, (distance**2 + sigma**2) * chance + distance * sigma * density
