"""The table of the hybrid MAC over its boundary, from the shipped tables.

python examples/hybrid_boundary.py [-o results/luts/hybrid-boundary] [--plot results/figures/hybrid-boundary.png]

`make headline` runs it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pages import load

from bitline.lut.lut import Lut
from bitline.plot import figure, save
from bitline.system.hybrid.account import HybridAccount
from bitline.system.hybrid.measured import AnalogParts
from bitline.system.hybrid.table import boundary_lut

NAME, KIND = "hybrid-boundary", "hybrid-mac"
BITS = (3, 4, 5, 6)
CONVERTERS = "sar-adc-forms"
SHARED = ("acim-qr-144", "acim-qr-inputs", "column-dac")
OTHERS = ("sram-cell", "strongarm-noise", "strongarm-trim")


def table() -> Lut:
    """Return the table; the spread of a converter's steps is that of 5 bits, no other table has it."""
    units = {5: load("shift-adder"), 4: load("shift-adder-4")}
    column, plates, dac = (load(name) for name in SHARED)
    cell, noise, trim = (load(name) for name in OTHERS)
    converters = load(CONVERTERS)
    accounts = {bits: HybridAccount.of(column, plates, dac, converters, bits, units, cell) for bits in BITS}
    parts = AnalogParts(column, dac, noise, trim, load("sar-adc"))
    sources = [load(name) for name in (*SHARED, *OTHERS, CONVERTERS, "sar-adc")]
    return boundary_lut(NAME, KIND, parts, accounts, [*sources, *units.values()])


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
