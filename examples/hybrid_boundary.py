"""The table of the hybrid MAC over its boundary, from the shipped tables.

python examples/hybrid_boundary.py [-o results/luts/hybrid-boundary] [--plot results/figures/hybrid-boundary.png]

`make headline` runs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from pages import load

from bitline.lut.lut import Lut
from bitline.plot import figure, save
from bitline.system.hybrid.account import HybridAccount
from bitline.system.hybrid.conditions import ConditionTables, account_at
from bitline.system.hybrid.measured import AnalogParts
from bitline.system.hybrid.table import Macro, boundary_lut
from bitline.system.ratios import CONDITION

NAME, KIND = "hybrid-boundary", "hybrid-mac"
BITS = (3, 4, 5, 6)
CORNERS, SUPPLIES = ("tt", "ss", "ff"), (1.62, 1.8, 1.98)
COLUMN, PLATES, CONVERTERS = "acim-qr-144", "acim-qr-inputs", "sar-adc-forms"
UNITS = {4: "shift-adder-4", 5: "shift-adder"}
NOISE, TRIM = "strongarm-noise", "strongarm-trim"
# These have every condition, or are asked for none.
DAC, CELL, STEPS = "column-dac", "sram-cell", "sar-adc"
ELSEWHERE = "-conditions"
POPCOUNT = f"dcim-popcount{ELSEWHERE}"


def table(corners: Sequence[str] = CORNERS, supplies: Sequence[float] = SUPPLIES) -> Lut:
    """Return the table; the spread of a converter's steps is that of 5 bits, no other table has it."""
    nominal = {bits: _account(bits) for bits in BITS}
    macros = {(corner, vdd): _macro(nominal, corner, vdd) for corner in corners for vdd in supplies}
    varied = (COLUMN, PLATES, *UNITS.values(), CONVERTERS, NOISE, TRIM)
    names = (*varied, *(_elsewhere(name) for name in varied), DAC, CELL, STEPS, POPCOUNT)
    return boundary_lut(NAME, KIND, macros, [load(name) for name in names])


def _elsewhere(name: str) -> str:
    """Return the table of the same circuit over corner and supply."""
    return "sar-adc" + ELSEWHERE if name == CONVERTERS else name + ELSEWHERE


def _account(bits: int) -> HybridAccount:
    """Return the account at the nominal condition."""
    units = {width: load(name) for width, name in UNITS.items()}
    column, plates, dac, converters = (load(name) for name in (COLUMN, PLATES, DAC, CONVERTERS))
    return HybridAccount.of(column, plates, dac, converters, bits, units, load(CELL))


def _macro(nominal: Mapping[int, HybridAccount], corner: str, vdd: float) -> Macro:
    place = {**CONDITION, "corner": corner, "vdd": vdd}
    if place == CONDITION:
        return Macro(AnalogParts(*(load(name) for name in (COLUMN, DAC, NOISE, TRIM, STEPS))), nominal)
    column, plates, converters, noise, trim = (
        load(_elsewhere(name)) for name in (COLUMN, PLATES, CONVERTERS, NOISE, TRIM)
    )
    units = {bits: load(_elsewhere(name)) for bits, name in UNITS.items()}
    tables = ConditionTables(column, plates, load(DAC), converters, units, load(CELL), load(POPCOUNT))
    parts = AnalogParts(column, load(DAC), noise, trim, load(STEPS), place)
    return Macro(parts, {bits: account_at(account, bits, tables, place) for bits, account in nominal.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, default=Path("results/luts", NAME), help="folder of the table")
    parser.add_argument("--plot", type=Path, default=Path("results/figures", f"{NAME}.png"), help="its figure")
    options = parser.parse_args()
    lut = table()
    lut.save(options.o)
    save(figure(lut), options.plot)
    print(options.o, options.plot)


if __name__ == "__main__":
    main()
