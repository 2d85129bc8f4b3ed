"""The errors of an analog operation from shipped tables: each contribution by name, in LSB of the sum.

    parts = AnalogParts(column, dac, comparator_noise, comparator_offset, converter)
    contributions(parts, bits=4, words=words, step=30.0)
    conversion_of(parts, bits=4, words=words, step=30.0)

One LSB of the sum is what one product at the DAC's lowest level moves the line, the column's step per product at full
input times the DAC's own step and what its load leaves of that: ``lsb = 0.98 lsb_column / V_in * lsb_dac`` [V].
Contributions are independent::

    capacitors  static    kappa sqrt(N var(x)),  x the product of a weight bit and a word; kappa = sigma_C / C from
                          sigma_V(m)^2 = sigma_V(0)^2 + (lsb_column kappa)^2 m (1 - m / N)   (circuits.md section 3)
    reset       static    sigma_V(0) / lsb: charge injection of the line's switch
    dac         static    sqrt(N/2 E[sigma_V(D)^2]) / lsb_dac: each column has a DAC, on for half of the weight bits
    dac curve   temporal  sqrt(N var(w INL(D))): nonlinearity that all DACs share, which turns with the words
    offset      static    of the comparator, after its trim where the table has one, / lsb
    converter   static    rms INL over converters, in its steps, times the step
    kT/C        temporal  sqrt(kT / C_line) / lsb
    comparator  temporal  input-referred noise of a decision / lsb

Assumed: half of the weight bits are 1; the line reaches the comparator without gain or attenuation and at the common
mode at which the converter was measured, its reference is set to the range, and no noise of that reference is counted;
the static error is drawn anew for each weight bit of each output, although the outputs of an array share their DACs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.bounds import check_positive
from bitline.system.hybrid.account import table_at
from bitline.system.hybrid.analog import Conversion
from bitline.system.hybrid.assumptions import COLUMNS
from bitline.system.measured_operation import Condition
from bitline.system.ratios import CONDITION, check_same_models

Array = NDArray[np.float64]
CAPACITIVE = {"topology": "capacitive"}
LOADED = 0.980
"""Step of the line with a pass gate before each plate and plates that follow the line, over that by the DAC's table:
0.4269 mV beside 0.4355 mV (SPICE, half of the weights 1: `results/certificate`)."""


@dataclass(frozen=True)
class Contribution:
    """One error of an analog operation.

    Attributes
    ----------
    name : str
    source : str
        LUT and table it was read from: ``"lut/table"``.
    kind : {"static", "temporal"}
        Whether a chip repeats it.
    sigma : float
        Standard deviation [LSB of the sum].
    """

    name: str
    source: str
    kind: Literal["static", "temporal"]
    sigma: float


@dataclass(frozen=True, eq=False)
class AnalogParts:
    """The tables of an analog operation's parts; tables of other models are refused.

    Attributes
    ----------
    column : Lut
        Of a QR column with 144 inputs: tables ``line``, ``mismatch`` over the code, ``noise``.
    dac : Lut
        Of a column DAC: ``line``, ``nominal`` with INL and ``mismatch`` over the code.
    comparator_noise : Lut
        Of a comparator: ``noise`` over the common mode.
    comparator_offset : Lut
        Of the comparator: ``calibration`` (offsets after the trim) or ``offset``.
    converter : Lut
        Of a converter: ``mismatch`` with the spread of INL; its common mode is that of the comparator.
    condition : mapping, optional
        Values of ``corner``, ``vdd`` and ``temperature``; tt, 1.8 V and 27 degC by default. The spreads of the DAC and
        of the converter, which are those of their capacitors, are taken in their own steps from there in any case.
    """

    column: Lut
    dac: Lut
    comparator_noise: Lut
    comparator_offset: Lut
    converter: Lut
    condition: Condition = field(default_factory=lambda: dict(CONDITION))

    def __post_init__(self) -> None:
        check_same_models([self.column, self.dac, self.comparator_noise, self.comparator_offset, self.converter])

    @cached_property
    def dac_lsb(self) -> float:
        """The DAC's step [V]."""
        return self._dac_lsb(self.condition)

    @cached_property
    def lsb(self) -> float:
        """What one product at the DAC's lowest level moves the line, where plates hang on pass gates [V]."""
        return LOADED * self.unit_lsb

    @cached_property
    def unit_lsb(self) -> float:
        """The same by the DAC's own table, where one unit is its load and the line stands still [V]."""
        v_in = float(self.column.attrs["parameters"]["v_in"])
        return self.column_lsb / v_in * self.dac_lsb

    @cached_property
    def column_lsb(self) -> float:
        """What one product at full input moves the line [V]."""
        return abs(float(self._read(self.column, "line", "lsb", inputs=COLUMNS)))

    @cached_property
    def kappa(self) -> float:
        """Spread of a column's capacitors over their mean, by the code at which it shows most."""
        sigma = self._read(self.column, "mismatch", "v_sigma", inputs=COLUMNS)
        codes = sigma["code"].values.astype(float)
        shares = codes * (1 - codes / COLUMNS)
        k = int(np.argmax(shares))
        variance = float(sigma.values[k] ** 2) - self.reset**2
        if not (shares[k] > 0 and variance > 0):
            raise InputError(f"LUT {self.column.name}: v_sigma = {sigma.values.tolist()}: must rise between its ends")
        return math.sqrt(variance / float(shares[k])) / self.column_lsb

    @cached_property
    def reset(self) -> float:
        """Spread of the line with no product [V]."""
        return float(self._read(self.column, "mismatch", "v_sigma", inputs=COLUMNS).sel(code=0))

    @cached_property
    def common_mode(self) -> float:
        """The comparator's common mode in the converter [V]."""
        return float(self.converter.attrs["inputs"]["convert"]["v_common"])

    @cached_property
    def offset(self) -> tuple[str, float]:
        """The table with the comparator's offset, and its standard deviation over chips [V]."""
        lut = self.comparator_offset
        if "calibration" in lut.tables:
            trimmed = self._read(lut, "calibration", "offset", v_common=self.common_mode)
            return "calibration", float(trimmed.std("sample", ddof=1))
        return "offset", float(self._read(lut, "offset", "offset_sigma", v_common=self.common_mode))

    @cached_property
    def dac_sigma(self) -> Array:
        """Spread of the DAC's output over chips, by word [V]."""
        sigma = _read(self.dac, "mismatch", "v_sigma", CONDITION, **CAPACITIVE).values
        return np.asarray(sigma * (self.dac_lsb / self._dac_lsb(CONDITION)))

    @property
    def highest_word(self) -> int:
        """Of the DAC."""
        return len(self.dac_sigma) - 1

    @cached_property
    def dac_inl(self) -> Array:
        """Nonlinearity of the DAC without mismatch, by word [LSB of the DAC]."""
        return np.asarray(self._read(self.dac, "nominal", "inl", **CAPACITIVE).values)

    @cached_property
    def thermal(self) -> float:
        """Noise sampled with the line: sqrt(kT/C) [V]."""
        return float(self._read(self.column, "noise", "v_thermal", inputs=COLUMNS))

    @cached_property
    def noise(self) -> float:
        """Noise of a decision, at the comparator's input [V]."""
        return float(self._read(self.comparator_noise, "noise", "v_noise_transient", v_common=self.common_mode))

    @cached_property
    def _inl(self) -> float:
        """Rms INL over converters and transitions, at the table's own resolution [steps]."""
        sigma = _read(self.converter, "mismatch", "inl_sigma", CONDITION).values
        return math.sqrt(float(np.mean(sigma**2)))

    def _read(self, lut: Lut, table: str, variable: str, **point: float | str) -> xr.DataArray:
        return _read(lut, table, variable, self.condition, **point)

    def _dac_lsb(self, condition: Condition) -> float:
        return abs(float(_read(self.dac, "line", "lsb", condition, **CAPACITIVE)))

    def converter_inl(self, bits: int) -> float:
        """Return the rms INL over converters and transitions [steps].

        The table is of one resolution; with unit capacitors of one size INL grows as ``sqrt(2^bits)``, which gives
        that of another one (extrapolated).
        """
        own = int(self.converter.attrs["parameters"]["bits"])
        return float(self._inl * 2 ** ((bits - own) / 2))


def contributions(parts: AnalogParts, bits: int, words: ArrayLike, step: float) -> tuple[Contribution, ...]:
    """Return every contribution to the error of an analog operation.

    Parameters
    ----------
    parts : AnalogParts
    bits : int
        Resolution of the converter.
    words : array of int
        A sample of the DAC words, 0..15, of any shape.
    step : float
        The converter's step [LSB of the sum], > 0.

    Raises
    ------
    InputError
        If a table lacks a number or the condition, or a word is none of the DAC's.
    """
    check_positive("step", step, finite=True)
    numbers = np.asarray(words)
    highest = parts.highest_word
    if numbers.size == 0 or numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() > highest:
        raise InputError(f"words of type {numbers.dtype}, {numbers.size} of them: must be integers 0..{highest}")
    lsb, where = parts.lsb, parts.column.name
    # How often each word occurs; all moments follow from that.
    share = np.bincount(numbers.ravel(), minlength=highest + 1) / numbers.size
    table, offset = parts.offset
    spread = math.sqrt(COLUMNS * _half_on(share, np.arange(highest + 1.0)))
    dacs = math.sqrt(COLUMNS / 2 * float(share @ parts.dac_sigma**2)) / parts.dac_lsb
    curve = math.sqrt(COLUMNS * _half_on(share, parts.dac_inl))
    inl_step = parts.converter_inl(bits) * step
    return (
        Contribution("capacitors", f"{where}/mismatch", "static", parts.kappa * spread),
        Contribution("reset", f"{where}/mismatch", "static", parts.reset / lsb),
        Contribution("dac", f"{parts.dac.name}/mismatch", "static", dacs),
        Contribution("offset", f"{parts.comparator_offset.name}/{table}", "static", offset / lsb),
        Contribution("converter", f"{parts.converter.name}/mismatch", "static", inl_step),
        Contribution("dac curve", f"{parts.dac.name}/nominal", "temporal", curve),
        Contribution("kT/C", f"{where}/noise", "temporal", parts.thermal / lsb),
        Contribution("comparator", f"{parts.comparator_noise.name}/noise", "temporal", parts.noise / lsb),
    )


def conversion_of(parts: AnalogParts, bits: int, words: ArrayLike, step: float) -> Conversion:
    """Return the errors of an analog operation as `HybridMac` takes them; parameters and errors of `contributions`."""
    each = contributions(parts, bits, words, step)
    static, temporal = (
        math.sqrt(sum(one.sigma**2 for one in each if one.kind == kind)) for kind in ("static", "temporal")
    )
    return Conversion(adc_bits=bits, static=static, temporal=temporal)


def _half_on(share: Array, values: Array) -> float:
    """Return the variance of a value of the word that counts for half of the weight bits and is 0 for the others."""
    return float(share @ values**2) / 2 - (float(share @ values) / 2) ** 2


def _read(lut: Lut, table: str, variable: str, condition: Condition, **point: float | str) -> xr.DataArray:
    """Return a variable at a condition and at a point, or refuse it by name."""
    if table not in lut.tables or variable not in lut.tables[table]:
        raise InputError(f"LUT {lut.name}: no {variable} in a table {table}: an analog operation's errors need it")
    return table_at(lut, table, condition, **point)[variable]
