"""What the shipped tables predict of one column operation: line, spread, energy, code.

The DAC of a row is a capacitance behind an ideal level, so that what its output becomes depends on what hangs on it: on
the plate of a unit of weight 1 the unit C_u, whose other end is the line and moves, and C_x, the unit's parasitic and
the pass gate. By charge, with C_T the DAC's own capacitance and M the line's over C_u::

    V_k = L(x_k, C_u + C_x) + beta dV,   beta = C_u / (C_T + C_u + C_x)          plate of a row of weight 1
    dV = sum_k V_k / M                                                            line above its reset level
    E_ref = sum_k E(x_k, C_0) + V_ref x_k C_u (L(x_k, C_0) - V_k)                 of the DACs' reference

L without load and E are the DAC's tables, M and the slight curve of dV those of the column with 144 units, and what the
gates of a pass gate take is that of the column with inputs of several bits. **No table has C_x**: L under the load of a
plate whose line stands still is simulated once by word, one row without mismatch (``certificate-plates.csv``). The
spread follows from the capacitors' (``kappa`` of `bitline.system.hybrid.measured`), the DACs' by word above what they
have at word 0, and the reset's::

    M^2 sigma^2 = (M reset)^2 + sum_1 (sigma_D(x_k)^2 - sigma_D(0)^2 + kappa^2 (1 - beta)^2 (V_k - dV)^2)
                + sum_0 kappa^2 dV^2

An ideal amplifier maps the range of the operation, low to high, on that of the converter. What that sees spreads by
the line's sigma, the comparator's offset without trim, the converter's INL, and noise: of the comparator, of the line
(kT/C) and of the converter's own sampling (2 kT/C, by formula).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.lut.lut import Lut
from bitline.statistics.constants import BOLTZMANN
from bitline.system.hybrid.account import table_at
from bitline.system.hybrid.measured import CAPACITIVE, AnalogParts

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

COLUMNS = 144
TEMPERATURE = 300.15
"""Of all tables here [K]."""
SIGMAS = 1.959963984540054
"""Half of a two-sided interval of 95 %, in standard deviations."""
ITERATIONS = 20
"""Of line and plates, each by the other: an iteration makes the error a hundredth."""


@dataclass(frozen=True)
class Predicted:
    """What the tables say of an operation.

    Attributes
    ----------
    line, sigma : float
        Line at the sample and its standard deviation over chips, without noise [V].
    reference, dac, column : float
        Energies of a cycle [J], as `certificate_deck.measure` has them.
    """

    line: float
    sigma: float
    reference: float
    dac: float
    column: float

    @property
    def energy(self) -> float:
        """Of DACs and column together [J]."""
        return self.reference + self.dac + self.column


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of an operation's parts.

    Attributes
    ----------
    parts : AnalogParts
        Column of 144 units, DAC with one unit as load, comparator, converter with mismatch.
    plates : Lut
        Of a column with inputs of several bits.
    loads : Lut
        Of the DAC over its load.
    converter : Lut
        Of the converter of 4 bits.
    plate, behind : array, shape (16,)
        How far the DAC moves the plate of a single weight of 1, and that a line that is almost held, by word [V].
    """

    parts: AnalogParts
    plates: Lut
    loads: Lut
    converter: Lut
    plate: Array
    behind: Array

    @classmethod
    def shipped(cls, plate: Array, behind: Array) -> Tables:
        """Load them; the plates as above."""
        names = ("acim-qr-144", "column-dac", "strongarm-noise", "strongarm", "sar-adc")
        parts = AnalogParts(*(Lut.load(name) for name in names))
        others = (Lut.load(name) for name in ("acim-qr-inputs", "column-dac-load", "sar-adc-4"))
        return cls(parts, *others, plate, behind)

    def alone(self) -> Tables:
        """Return the tables with the plate as the DAC's table has it: one unit, without a pass gate."""
        known = self._loads(self._load)[0]
        return replace(self, plate=known, behind=np.zeros_like(known))

    @property
    def _load(self) -> float:
        """Load of the DAC's table: one unit [F]."""
        return float(self.parts.dac.attrs["parameters"]["c_load"])

    @property
    def c_unit(self) -> float:
        """A unit of the column [F]."""
        return float(self.parts.column.attrs["parameters"]["c_unit"])

    @property
    def v_in(self) -> float:
        """The level to which the column's table drives its plates [V]."""
        return float(self.parts.column.attrs["parameters"]["v_in"])

    @cached_property
    def units(self) -> float:
        """M: capacitance of the line over that of a unit."""
        return self.v_in / self.parts.column_lsb

    @cached_property
    def pass_gate(self) -> float:
        """What the gates of a pass gate take in a cycle in which its weight is 1 and its level low [J]."""
        table = table_at(self.plates, "nominal").isel(level=0)
        code = float(table["code"][-1])
        taken = table["energy_drive"] + table["energy_control"]
        volts = self.v_in / float(table_at(self.plates, "nominal")["level"][-1])
        # What the level itself gives is not the gates': the unit's charge, at the lowest level a fiftieth of it.
        own = self.c_unit * volts * (volts - float(table["v_line"][-1] - table["v_line"][0]))
        return float(taken[-1] - taken[0]) / code - own

    def _loads(self, c_load: float) -> tuple[Array, Array]:
        """Return the DAC's level above that of word 0 [V], and what its reference gives [J], by word."""
        table = table_at(self.loads, "nominal", topology="capacitive", c_load=c_load)
        return (table["v_line"] - table["v_line"][0]).values, table["energy_reference"].values

    @cached_property
    def beta(self) -> Array:
        """How far a plate follows the line, by word: the unit's capacitance over all that hangs on the DAC."""
        bare, known = self._loads(0.0)[0][1:], self._loads(self._load)[0][1:]
        # By charge bare C_T = known (C_T + load) = held (C_T + C_u + C_x).
        dac = self._load / (bare / known - 1)
        shares = self.c_unit * self.plate[1:] / (bare * dac)
        return np.concatenate([shares[:1], shares])

    @cached_property
    def held(self) -> Array:
        """How far the DAC moves the plate of a weight of 1 whose line stands still, by word [V]."""
        return np.asarray(self.plate - self.beta * self.behind)

    @cached_property
    def lsb(self) -> float:
        """What one more product at the lowest word moves the line, if half of the weights are 1 [V]."""
        step = self.held[-1] / (len(self.held) - 1)
        return float(step / (self.units - COLUMNS / 2 * self.beta[0]))

    @cached_property
    def rest(self) -> float:
        """The line at a sum of 0 [V]."""
        return float(table_at(self.parts.column, "nominal", inputs=COLUMNS)["v_line"][0])

    def gain(self, low: float, high: float) -> float:
        """Return the gain of an amplifier that maps a range [LSB of the sum] on the converter's."""
        codes = len(self.transitions) + 1
        return self.converter_lsb * codes / ((high - low) * self.lsb)

    def input(self, line: float, low: float, high: float) -> float:
        """Return what the converter sees of a line [V]."""
        return self.gain(low, high) * (line - self.rest - self.lsb * (low + high) / 2)

    @cached_property
    def transitions(self) -> Array:
        """Of the converter, ascending [V]."""
        return np.asarray(table_at(self.converter, "transitions")["v"].values)

    @property
    def converter_lsb(self) -> float:
        """The converter's step [V]."""
        return float((self.transitions[-1] - self.transitions[0]) / (len(self.transitions) - 1))

    def sampled(self, low: float, high: float) -> float:
        """Return the noise that is sampled with the converter's input, rms [V]: its own and the amplified line's."""
        side = (len(self.transitions) + 1) / 2 * float(self.converter.attrs["parameters"]["c_unit"])
        own = math.sqrt(2 * BOLTZMANN * TEMPERATURE / side)
        return math.hypot(own, self.gain(low, high) * self.parts.thermal)

    def spread(self, sigma: float, low: float, high: float) -> float:
        """Return the standard deviation of what the converter sees [V], of a line that has `sigma` [V]."""
        inl = self.parts.converter_inl(round(math.log2(len(self.transitions) + 1))) * self.converter_lsb
        noise = self.parts.noise, self.sampled(low, high)
        return math.hypot(self.gain(low, high) * sigma, self.parts.offset[1], inl, *noise)

    def codes(self, volts: ArrayLike) -> Integers:
        """Return the codes of converter inputs [V]."""
        return np.searchsorted(self.transitions, volts)

    def line(self, weights: Integers, words: Integers) -> tuple[float, Array]:
        """Return the line, and how far the plates of weight 1 move [V]."""
        table = table_at(self.parts.column, "nominal", inputs=COLUMNS)
        own, follow = self.held[words[weights == 1]], self.beta[words[weights == 1]]
        line, plates = self.rest, own
        for _ in range(ITERATIONS):
            plates = own + follow * (line - self.rest)
            line = float(np.interp(plates.sum() / self.v_in, table["code"], table["v_line"]))
        return line, plates

    def predict(self, weights: Integers, words: Integers) -> Predicted:
        """Predict an operation of 144 weight bits and as many words."""
        parts, on = self.parts, weights == 1
        line, plates = self.line(weights, words)
        moved, own = line - self.rest, words[on]
        spread = parts.kappa**2 * (((1 - self.beta[own]) * (plates - moved)) ** 2).sum()
        spread += parts.kappa**2 * moved**2 * (~on).sum()
        spread += (parts.dac_sigma[own] ** 2 - parts.dac_sigma[0] ** 2).sum()
        bare, energy = self._loads(0.0)
        v_ref, unit = (float(parts.dac.attrs["parameters"][name]) for name in ("v_ref", "c_unit"))
        more = (v_ref * unit * own * (bare[own] - plates)).sum()
        control = table_at(parts.dac, "nominal", **CAPACITIVE)["energy_control"].values
        reset = table_at(parts.column, "nominal", inputs=COLUMNS)[["energy_control", "energy_reset"]].isel(code=0)
        return Predicted(
            line=line,
            sigma=float(np.sqrt(parts.reset**2 + spread / self.units**2)),
            reference=float(energy[words].sum() + more),
            dac=float(control[words].sum()),
            column=float(reset["energy_control"] + reset["energy_reset"] + on.sum() * self.pass_gate),
        )
