"""What the shipped tables predict of one column operation: line, spread, energy, code.

The DAC of a row is a capacitance behind an ideal level, so that what its output becomes depends on what hangs on it: on
the plate of a unit of weight 1 the unit C_u, whose other end is the line and moves, and C_x, the unit's parasitic and
the pass gate. By charge, with C_T the DAC's own capacitance and M the line's over C_u::

    V_k = L(x_k, C_u + C_x) + beta dV,   beta = C_u / (C_T + C_u + C_x)          plate of a row of weight 1
    dV = sum_k V_k / M                                                            line above its reset level
    E_ref = sum_k E(x_k, C_0) + V_ref x_k C_u (L(x_k, C_0) - V_k)                 of the DACs' reference

L and E are the DAC's tables over its load, M and the slight curve of dV those of the column with 144 units; C_x, and what
the gates of a pass gate take, are the intercept and slope of a column's drive energy over V^2. The spread follows from
the capacitors' (``kappa`` of `bitline.system.hybrid.measured`), the DACs' by word, and the reset's::

    M^2 sigma^2 = (M reset)^2 + sum_1 (sigma_D(x_k)^2 + kappa^2 (1 - beta)^2 (V_k - dV)^2) + sum_0 kappa^2 dV^2
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from bitline.lut.lut import Lut
from bitline.system.hybrid.account import table_at
from bitline.system.hybrid.measured import CAPACITIVE, AnalogParts

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

COLUMNS = 144
VDD = 1.8
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
    """

    parts: AnalogParts
    plates: Lut
    loads: Lut
    converter: Lut

    @classmethod
    def shipped(cls) -> Tables:
        """Load them."""
        names = ("acim-qr-144", "column-dac", "strongarm-noise", "strongarm", "sar-adc")
        parts = AnalogParts(*(Lut.load(name) for name in names))
        return cls(parts, *(Lut.load(name) for name in ("acim-qr-inputs", "column-dac-load", "sar-adc-4")))

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
    def pass_gate(self) -> tuple[float, float]:
        """C_x [F], and what the gates of a pass gate take in a cycle in which its weight is 1 [J]."""
        table = table_at(self.plates, "nominal")
        volts = table["level"].values.astype(float) * self.v_in / float(table["level"][-1])
        code = float(table["code"][-1])
        moved = (table["v_line"].isel(code=-1) - table["v_line"].isel(code=0)).values
        drive = table["energy_drive"].isel(code=-1).values / code
        # What the unit itself takes is known; the rest is the parasitics' C V^2 and what does not depend on V.
        parasitic, pulled, gates = np.polyfit(volts, drive - self.c_unit * volts * (volts - moved), 2)
        inverter = (table["energy_control"].isel(code=-1) - table["energy_control"].isel(code=0)).values / code
        pushed, still = np.polyfit(volts, inverter, 1)
        return float(parasitic + (pulled - pushed) / VDD), float(gates + still)

    @cached_property
    def _levels(self) -> tuple[Array, Array]:
        table = table_at(self.loads, "nominal", topology="capacitive", c_load=0.0)
        return table["v_line"].values, table["energy_reference"].values

    @cached_property
    def c_dac(self) -> float:
        """C_T: the DAC's capacitance without load [F], by its step with a unit as load and without load."""
        load = float(self.parts.dac.attrs["parameters"]["c_load"])
        bare = self._levels[0]
        return load / ((bare[-1] - bare[0]) / (len(bare) - 1) / self.parts.dac_lsb - 1)

    @property
    def beta(self) -> float:
        """How far a plate follows the line."""
        return self.c_unit / (self.c_dac + self.c_unit + self.pass_gate[0])

    @cached_property
    def loaded(self) -> Array:
        """The DAC's level by word, with the plate of a weight of 1 as load and the line at rest [V]."""
        moved = self._levels[0] - self._levels[0][0]
        return moved * self.c_dac / (self.c_dac + self.c_unit + self.pass_gate[0])

    @cached_property
    def lsb(self) -> float:
        """What one more product at the lowest word moves the line, if half of the weights are 1 [V]."""
        step = (self.loaded[-1] - self.loaded[0]) / (len(self.loaded) - 1)
        return float(step / (self.units - COLUMNS / 2 * self.beta))

    @cached_property
    def rest(self) -> float:
        """The line at a sum of 0, if half of the weights are 1 [V]."""
        return self.line(np.arange(COLUMNS) % 2, np.zeros(COLUMNS, dtype=np.int64))[0]

    def line(self, weights: Integers, words: Integers) -> tuple[float, Array]:
        """Return the line and the plates of the rows of weight 1 [V]."""
        table = table_at(self.parts.column, "nominal", inputs=COLUMNS)
        own, reset, moved = self.loaded[words[weights == 1]], float(table["v_line"][0]), 0.0
        plates = own
        for _ in range(ITERATIONS):
            plates = own + self.beta * moved
            moved = float(np.interp(plates.sum() / self.v_in, table["code"], table["v_line"])) - reset
        return reset + moved, plates

    def predict(self, weights: Integers, words: Integers) -> Predicted:
        """Predict an operation of 144 weight bits and as many words."""
        parts, on = self.parts, weights == 1
        line, plates = self.line(weights, words)
        moved = line - self.line(weights * 0, words)[0]
        spread = parts.kappa**2 * (((1 - self.beta) * (plates - moved)) ** 2).sum()
        spread += parts.kappa**2 * moved**2 * (~on).sum()
        spread += (parts.dac_sigma[words[on]] ** 2 - parts.dac_sigma[0]**2).sum()
        levels, energy = self._levels
        v_ref, unit = (float(parts.dac.attrs["parameters"][name]) for name in ("v_ref", "c_unit"))
        more = (v_ref * unit * words[on] * (levels[words[on]] - levels[0] - plates)).sum()
        control = table_at(parts.dac, "nominal", **CAPACITIVE)["energy_control"].values
        reset = table_at(parts.column, "nominal", inputs=COLUMNS)[["energy_control", "energy_reset"]].isel(code=0)
        return Predicted(
            line=line,
            sigma=float(np.sqrt(parts.reset**2 + spread / self.units**2)),
            reference=float(energy[words].sum() + more),
            dac=float(control[words].sum()),
            column=float(reset["energy_control"] + reset["energy_reset"] + on.sum() * self.pass_gate[1]),
        )
