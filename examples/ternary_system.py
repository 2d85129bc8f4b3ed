"""From the shipped tables to system figures: three columns, each with the ADC its sums need, at equal precision.

python examples/ternary_system.py [-o account.png]
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path

from bitline import content
from bitline.lut.lut import Lut
from bitline.statistics.snr import to_db
from bitline.system.account import CLAIMED, Account, gain, solve
from bitline.system.chain import assess
from bitline.system.column_model import column_model
from bitline.system.dot_product import dot_product_snr
from bitline.system.efficiency import BINARY_8, TERNARY_5
from bitline.system.operands import Operands
from bitline.system.products import pair_pmf, products_of
from bitline.system.ratios import measured_account
from bitline.system.thresholds import Quantiser, aligned

AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
TRIM = 0.1  # step of the offset calibration, in levels (choice)


def load(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def converter(lsb: float, origin: float) -> Quantiser:
    """A five-bit ADC, a code for each level from -16 to 15, with the comparator's measured offset and noise."""
    offset = load("strongarm").tables["offset"].sel(AT)["offset_sigma"].max()
    noise = load("strongarm-noise").tables["noise"]["v_noise_formula"].max()
    ideal = aligned(lsb, origin, bits=5, lowest=-16)
    return dataclasses.replace(
        ideal, offset=float(offset), noise=float(noise), residual=TRIM * abs(lsb) / math.sqrt(12)
    )


def efficiency(account: Account) -> None:
    print("SKY130 at 1.8 V; ADC and shift-and-add of 5 bits for 33 sums, of 4 for 17")
    print("column                array     ADC   shift-add  raw TOPS/W  one-bit TOPS/W  energy of an 8-bit-class MAC")
    for name, column, precision in (
        ("ternary, 5 trits", account.ternary, TERNARY_5),
        ("binary SRAM, 8 bits", account.sram, BINARY_8),
        ("ReRAM, 8 bits", account.reram, BINARY_8),
    ):
        parts = "".join(f"{1e15 * part:8.0f}" for part in (column.array, column.adc, column.shift_add))
        print(
            f"{name:20}{parts} fJ {column.tops_per_watt:10.2f} {column.normalised_tops_per_watt:14.2f}"
            f" {1e12 * column.mac(precision):14.3f} pJ"
        )


def chain() -> None:
    lut = load("ternary-column")
    model = column_model(lut, hold=True, **AT)
    pmf = pair_pmf(products_of(lut), model.rows)  # of the operands that the table states: uniform trits
    quantiser = converter(*model.line(pmf))
    for calibrated in (False, True):
        result = assess(model.states(pmf), quantiser, calibrated=calibrated)
        dot = dot_product_snr(model, quantiser, Operands(), calibrated=calibrated)
        told = "without an error in 2,000" if math.isinf(dot.snr) else f"{to_db(dot.snr):.1f} dB"
        print(
            f"{'calibrated' if calibrated else 'as it is':11} code errors {result.error_rate:.2e}"
            f"  ENOB {result.enob:.2f}  SNR_a {to_db(result.snr_a):.1f} dB  SNR_T {to_db(result.snr_t):.1f} dB"
            f"  5t x 5t dot product {told}"
        )


def system(account: Account) -> None:
    for baseline, claim in CLAIMED.items():
        resident = account.replace(reuse=1e15)
        reuse = solve(account, "reuse", claim, baseline, 1.0, 1e9)
        told = ", ".join(f"{value:.0f}" for value in reuse) or "none"
        print(
            f"over {baseline}: {gain(account, baseline):.2f} at a reuse of {account.reuse:g},"
            f" {gain(resident, baseline):.2f} without reloading; the paper's {claim} at a reuse of {told}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, help="draw the account")
    output = parser.parse_args().o
    account = measured_account(
        *(load(name) for name in ("ternary-column", "baseline-sram", "baseline-reram")),
        [load(name) for name in ("sar-adc", "sar-adc-4")],
        shift_adds={5: load("shift-adder"), 4: load("shift-adder-4")},
    )
    efficiency(account)
    chain()
    system(account)
    if output is not None:
        from bitline.plot import save
        from bitline.plot.account import account_figure, assumptions

        save(account_figure(assumptions(account)), output)


if __name__ == "__main__":
    main()
