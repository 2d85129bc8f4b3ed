"""MeasuredSystem: the account of three measured columns as a function of what it assumes.

    system = MeasuredSystem.of(ternary, sram, reram, converters, shift_adds)
    gain(system.account({"reuse": 1000.0}), "sram")

The tables were measured with certain operands, wires and levels. How an energy changes with these is known from the
tables themselves where they hold it (operands, lines), and measured besides where they do not (wires in converter and
shift-and-add). What is not known is listed in `bitline.system.assumptions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.distributions import binomial_pmf
from bitline.system.account import Account
from bitline.system.assumptions import ASSUMPTIONS, C_NET
from bitline.system.digit_density import UNIFORM_BIT, UNIFORM_TRIT, Density, network_bits, network_trits
from bitline.system.efficiency import ColumnEnergy, converter_bits
from bitline.system.products import products_of, sums_of
from bitline.system.ratios import at_condition, measured_account
from bitline.system.sensitivity import nominal

Array = NDArray[np.float64]

CONVERTER_WIRES = {5: 212.0, 4: 171.0}
"""Energy of a conversion per wire of a net [J/F] by bits: at 0, 1 and 2 fF, tt, 1.8 V, 27 degC (measured)."""
ADDITION_WIRES = {5: 63.1, 4: 55.2}
"""Energy of a shift-and-add per wire of a net [J/F] by bits: at the same (measured)."""
STACK_CONTACT = 0.13e-15
"""What a stack that is off adds to its line besides the wire [F]: columns with 240 idle rows (the same; measured)."""
SHARED_ROWS = 32
"""One-bit products that fill a converter of five bits: 33 sums, one clipped."""
SAFE_ROWS = 22
"""One-bit products with positive sensing margins at 3 sigma and the swing of 16, by the spread of a column of 32 rows.

That column's sigma at its last code is 0.197 LSB and its last step 0.985 LSB (150 chips, tt; measured), so that a
product has s = 0.197/sqrt(32) = 0.035, and 0.985 - 3 s (sqrt(n) + sqrt(n - 1)) > 0 holds up to 22 (estimated).
"""


@dataclass(frozen=True, eq=False)
class MeasuredColumnCost:
    """What a cycle of a column takes, by what it is asked for.

    Attributes
    ----------
    energy, precharge : array, shape (products + 1,)
        Energy of a cycle, and of it the precharge's, with 0, 1 ... products that are not 0 [J]; of the others half have
        an input that is on.
    line : float
        What an input line that is on takes [J].
    wire, idle, capacitance : float
        Wire of a cell, what an idle row adds to a line, and the whole line of the table [F].
    uniform, network : Density
        Of uniform digits, and of a network's.
    """

    energy: Array
    precharge: Array
    line: float
    wire: float
    idle: float
    capacitance: float
    uniform: Density
    network: Density

    @property
    def products(self) -> int:
        """Products of a cycle."""
        return self.energy.size - 1

    def array(self, operands: float, inputs: float, c_wire: float, line_rows: float) -> float:
        """Return the mean energy of a cycle [J]; the arguments are those of `ASSUMPTIONS`."""
        density = self.uniform.towards(self.network, operands)
        pmf = binomial_pmf(self.products, density.product)
        # A line of more capacitance takes as much more for the same swing, which its pulse would be made longer for.
        added = line_rows * (c_wire - self.wire) + (line_rows - self.products) * self.idle
        heavier = added / self.capacitance
        # The tables' zeros are half by the input: of independent digits other shares are on.
        on = density.input - (1 + density.product) / 2
        return float(pmf @ (self.energy + heavier * self.precharge)) + inputs * on * self.products * self.line


@dataclass(frozen=True, eq=False)
class MeasuredSystem:
    """Three measured columns with the digital part behind each."""

    base: Account
    ternary: MeasuredColumnCost
    sram: MeasuredColumnCost
    reram: MeasuredColumnCost

    @classmethod
    def of(
        cls, ternary: Lut, sram: Lut, reram: Lut, converters: Sequence[Lut], shift_adds: Mapping[int, Lut]
    ) -> MeasuredSystem:
        """Return the system of those tables; the arguments and errors are those of `measured_account`.

        Raises
        ------
        InputError
            Also if a column needs a converter whose wires were not measured, or one was measured with other wires.
        """
        for lut in (*converters, *shift_adds.values()):
            _check_wires(lut)
        bits, trits = (UNIFORM_BIT, network_bits()), (UNIFORM_TRIT, network_trits())
        for lut in (ternary, sram, reram):
            needed = converter_bits(sums_of(products_of(lut)))
            if needed not in CONVERTER_WIRES:
                raise InputError(f"LUT {lut.name}: needs {needed} bits: wires are known of {sorted(CONVERTER_WIRES)}")
        return cls(
            measured_account(ternary, sram, reram, converters, shift_adds),
            _cost(ternary, *trits),
            _cost(sram, *bits),
            _cost(reram, *bits),
        )

    def account(self, values: Mapping[str, float] | None = None) -> Account:
        """Return the account at values of `ASSUMPTIONS`, the others at their nominal ones."""
        v = {**nominal(ASSUMPTIONS), **(values or {})}
        names = ("reuse", "weights", "sites", "trits_per_site", "sram_bits", "reram_bits", "dram", "sram_write")
        return self.base.replace(
            ternary=self._column("ternary", v, extra=v["trit_logic"]),
            sram=self._column("sram", v),
            reram=self._column("reram", v, extra=v["clamp"]),
            restore=v["restore"],
            reram_write=v["reram_write"],
            **{name: v[name] for name in names},
        )

    def filled(self, values: Mapping[str, float] | None = None, rows: int = SHARED_ROWS) -> Account:
        """Return the account where one-bit columns of more rows share the converter that the ternary one has.

        Their array is taken in proportion to the rows. That is an upper bound, for precharge driver and the load at the
        line's end do not grow with them: a column of 32 rows was simulated to take less.
        """
        usual = self.account(values)
        wide = {"adc": usual.ternary.adc, "shift_add": self._digital(usual.ternary, values), "rows": rows}
        sram, reram = (
            column.replace(array=rows / column.rows * column.array, **wide) for column in (usual.sram, usual.reram)
        )
        return usual.replace(sram=sram, reram=reram)

    def same(self, values: Mapping[str, float] | None = None) -> Account:
        """Return the account where every column pays for the converter and the shift-and-add of the ternary one."""
        usual = self.account(values)
        wide = {"adc": usual.ternary.adc, "shift_add": self._digital(usual.ternary, values)}
        return usual.replace(sram=usual.sram.replace(**wide), reram=usual.reram.replace(**wide))

    def _digital(self, ternary: ColumnEnergy, values: Mapping[str, float] | None) -> float:
        """Return the ternary column's shift-and-add [J] without what only trits need."""
        return ternary.shift_add - (values or {}).get("trit_logic", 0.0)

    def _column(self, name: str, v: Mapping[str, float], extra: float = 0.0) -> ColumnEnergy:
        measured: ColumnEnergy = getattr(self.base, name)
        cost: MeasuredColumnCost = getattr(self, name)
        sums = cost.products * (measured.weight_levels - 1) + 1
        bits, wires = converter_bits(sums), v["c_net"] - C_NET
        return measured.replace(
            array=cost.array(v["operands"], v["inputs"], v["c_wire"], v["line_rows"]),
            adc=v["conversion"] * (measured.adc + CONVERTER_WIRES[bits] * wires),
            shift_add=v["addition"] * (measured.shift_add + ADDITION_WIRES[bits] * wires) + extra,
        )


def _check_wires(lut: Lut) -> None:
    """Refuse a converter or a shift-and-add with other wires than those that the account starts from."""
    parameters = lut.attrs.get("parameters", {})
    c_net = parameters.get("c_net", parameters.get("sequencer", {}).get("c_net"))
    if c_net != C_NET:
        raise InputError(
            f"LUT {lut.name}: c_net = {c_net}: must be {C_NET} F, from which energies are known over wires"
        )


def _cost(lut: Lut, uniform: Density, network: Density) -> MeasuredColumnCost:
    """Read what a column's cycle takes out of its table, at the condition of all tables."""
    energy = at_condition(lut).energy_of_activity()
    rows = products_of(lut).count
    # With every product not 0 every row has one line on.
    line = float(_part(lut, "energy_wordline")[-1]) / rows
    # A clamped line is not precharged, and its wire takes nothing.
    if "energy_precharge" not in lut.tables["nominal"]:
        return MeasuredColumnCost(energy, np.zeros(rows + 1), line, 0.0, 0.0, 1.0, uniform, network)
    noise = lut.tables["noise"]
    line_at = noise.sel({axis: at_condition(lut).conditions[str(axis)] for axis in noise.dims})
    wire = float(lut.attrs["parameters"]["cell"]["c_wire_bl"])
    # A trit has two stacks on either line, a bit one on its own.
    idle = wire + (1 + products_of(lut).signed) * STACK_CONTACT
    precharge = _part(lut, "energy_precharge")
    return MeasuredColumnCost(energy, precharge, line, wire, idle, float(line_at["c_line"]), uniform, network)


def _part(lut: Lut, variable: str) -> Array:
    """Return one part of the energy over the number of products that are not 0 [J]."""
    operation = lut.operation
    if operation is None:
        raise InputError(f"LUT {lut.name}: its tables describe no operation")
    part = replace(operation, energy=replace(operation.energy, variable=variable))
    return at_condition(replace(lut, operation=part)).energy_of_activity()
