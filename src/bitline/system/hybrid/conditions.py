"""The hybrid account at another supply or corner: each part times what it is there over what it is at the nominal one.

    tables = ConditionTables(column, plates, dac, converters, shift_adds, cell, popcount)
    account_at(account, 4, tables, {"corner": "ss", "vdd": 1.62, "temperature": 27.0})

Tree, drivers and evaluator are of the event model at the nominal condition. They are taken to go as the operations of a
tree 16 wide with uniform bits do in SPICE (assumed). The event model has ratios within 4 % of these at 144 wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.hybrid.account import (
    COUNT_BITS,
    Array,
    HybridAccount,
    addition_at,
    column_at,
    converter_at,
    dac_at,
    plate_at,
    row_at,
)
from bitline.system.measured_operation import Condition
from bitline.system.ratios import CONDITION, at_condition, check_same_models


@dataclass(frozen=True, eq=False)
class ConditionTables:
    """The tables of an account's parts over supply and corner; tables of other models are refused.

    Attributes
    ----------
    column, plates, dac, converters, shift_adds, cell
        As of `HybridAccount.of`; the converters are self-timed.
    popcount : Lut
        Of an adder tree.
    """

    column: Lut
    plates: Lut
    dac: Lut
    converters: Lut
    shift_adds: Mapping[int, Lut]
    cell: Lut
    popcount: Lut

    def __post_init__(self) -> None:
        check_same_models(self.all)

    @property
    def all(self) -> list[Lut]:
        """Every table."""
        own = (self.column, self.plates, self.dac, self.converters, self.cell, self.popcount)
        return [*own, *self.shift_adds.values()]


def account_at(nominal: HybridAccount, bits: int, tables: ConditionTables, condition: Condition) -> HybridAccount:
    """Return an account at another condition.

    Parameters
    ----------
    nominal : HybridAccount
        At tt, 1.8 V and 27 degC.
    bits : int
        Of its converter.
    tables : ConditionTables
    condition : mapping
        Values of ``corner``, ``vdd`` and ``temperature``.

    Raises
    ------
    InputError
        If a table has not both conditions, or the column's codes are not those of the account.
    """

    def moved(part: float, read: Callable[[Condition], float]) -> float:
        return part * read(condition) / read(CONDITION)

    line, wordline = (np.array(row_at(tables.cell, condition)) / row_at(tables.cell)).tolist()
    return replace(
        nominal,
        column=nominal.column * _column_ratios(nominal, tables.column, condition),
        plate=moved(nominal.plate, lambda place: plate_at(tables.plates, place)),
        dac=moved(nominal.dac, lambda place: dac_at(tables.dac, place)),
        conversion=moved(
            nominal.conversion,
            lambda place: float(converter_at(tables.converters, bits, condition=place)["energy_total"]),
        ),
        analog_add=moved(nominal.analog_add, lambda place: addition_at(tables.shift_adds, bits, place)),
        digital_add=moved(nominal.digital_add, lambda place: addition_at(tables.shift_adds, COUNT_BITS, place)),
        line=nominal.line * line,
        wordline=nominal.wordline * wordline,
        logic=moved(nominal.logic, lambda place: at_condition(tables.popcount, place).mean_energy()),
    )


def _column_ratios(nominal: HybridAccount, column: Lut, condition: Condition) -> Array:
    """Return the energy of a column's cycle over that at the nominal condition, by code."""
    codes, there = column_at(column, condition)
    if not np.array_equal(codes, nominal.codes):
        raise InputError(
            f"LUT {column.name}: code = {codes.tolist()}: must be {nominal.codes.tolist()}, as of the account"
        )
    return there / column_at(column)[1]
