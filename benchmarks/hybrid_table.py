"""The tables of docs/hybrid.md: what a boundary computes, what it saves, and how well it computes.

`python benchmarks/doc_tables.py` writes them into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from bitline.lut.lut import Lut
from bitline.statistics.snr import to_db
from bitline.system.hybrid.analog import Conversion, full_ranges, sigma_ranges
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.operands import gaussian_weights, half_normal_activations

RHOS = (0.25, 0.5, 1, 2, 3)
LENGTH, OUTPUTS, PIXELS = 144, 64, 512
CERTIFICATE = Path(__file__).parents[1] / "results" / "certificate" / "certificate.md"


def counts() -> Iterator[str]:
    """Yield a row per boundary: its counts, and the gain over all digital at some ratios of energies."""
    yield "| B | digital | analog | conversions | dropped | " + " | ".join(f"ρ = {rho}" for rho in RHOS) + " |"
    yield "|---" * (5 + len(RHOS)) + "|"
    for boundary in range(BitOrders().highest + 1):
        found = BitOrders().counts(boundary)
        gains = " | ".join(f"{found.gain(rho):.2f}" for rho in RHOS)
        yield f"| {boundary} | {found.digital} | {found.analog} | {found.conversions} | {found.dropped} | {gains} |"


def certificate() -> Iterator[str]:
    """Yield the table that `benchmarks/certificate.py` wrote."""
    yield from CERTIFICATE.read_text(encoding="utf-8").splitlines()


def csnr() -> Iterator[str]:
    """Yield a row per boundary: CSNR [dB] of quantisation alone, by bits and range of the converter."""
    rng = np.random.default_rng(1)
    w, x = gaussian_weights(rng, (LENGTH, OUTPUTS)), half_normal_activations(rng, (PIXELS, LENGTH))
    exact = x.astype(int) @ w.astype(int)

    def db(outputs: np.ndarray) -> str:
        return f"{float(to_db(exact.var() / np.var(outputs - exact))):.1f}"

    boundaries = range(5, 11)
    ranges = {"mean ± 4σ": sigma_ranges(w, x, boundaries), "full": full_ranges(LENGTH)}
    cases = [("mean ± 4σ", bits) for bits in (3, 4, 5, 6)] + [("full", bits) for bits in (3, 5)]
    yield (
        "| B | window dropped too | window exact | " + " | ".join(f"{bits} bits, {name}" for name, bits in cases) + " |"
    )
    yield "|---" * (3 + len(cases)) + "|"
    for boundary in boundaries:
        array = HybridMac(w, full_ranges(LENGTH))
        cells = [db(array.digital(x, boundary)), db(array.digital(x, boundary - BitOrders().window))]
        for name, bits in cases:
            cells.append(db(HybridMac(w, ranges[name], Conversion(adc_bits=bits)).product(x, boundary)))
        yield f"| {boundary} | {' | '.join(cells)} |"


def _header(first: str, boundaries: Iterable[int], *others: str) -> Iterator[str]:
    """Yield the head of a table with a column for each boundary."""
    names = (first, *(f"B = {boundary}" for boundary in boundaries), *others)
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"


def converters() -> Iterator[str]:
    """Yield a row per resolution: SNR_T at some boundaries with and without mismatch and noise [dB], energy, gain."""
    lut, boundaries = Lut.load("hybrid-boundary"), (8, 9, 10)
    accuracy, energy = (
        lut.tables[name].sel(corner="tt", vdd=1.8).squeeze(drop=True) for name in ("accuracy", "energy")
    )
    yield from _header("converter", boundaries, "conversions at 9", "gain at 9, shared reads")
    for bits in accuracy["adc_bits"].values.tolist():
        cells = []
        for boundary in boundaries:
            at = accuracy.sel(boundary=boundary, adc_bits=bits, adc_range="4sigma", operands="half-normal")
            cells.append(" / ".join(f"{float(to_db(float(at[name]))):.1f}" for name in ("snr_total", "snr_quantised")))
        at = energy.sel(boundary=9, adc_bits=bits, reads="shared", operands="network")
        cells += [f"{1e12 * float(at['energy_conversion']):.1f} pJ", f"{float(at['gain']):.2f}"]
        yield f"| {bits} bits | {' | '.join(cells)} |"


def conditions() -> Iterator[str]:
    """Yield a row per corner and supply: SNR_T of 4 bits at some boundaries [dB], energy and gain at 9."""
    lut, boundaries = Lut.load("hybrid-boundary"), (8, 9, 10)
    accuracy = lut.tables["accuracy"].sel(adc_bits=4, adc_range="4sigma", operands="half-normal").squeeze(drop=True)
    energy = lut.tables["energy"].sel(boundary=9, adc_bits=4, operands="network").squeeze(drop=True)
    yield from _header("corner, supply", boundaries, "all digital", "energy at 9, shared reads", "gain", "separate")
    whole = lut.tables["energy"].sel(boundary=0, adc_bits=4, operands="network", reads="shared").squeeze(drop=True)
    for corner in accuracy["corner"].values.tolist():
        for vdd in accuracy["vdd"].values.tolist():
            place = {"corner": corner, "vdd": vdd}
            cells = [
                f"{db:.1f}" for db in to_db(accuracy.sel(place).sel(boundary=list(boundaries))["snr_total"].values)
            ]
            shared, separate = (energy.sel({**place, "reads": reads}) for reads in ("shared", "separate"))
            cells += [f"{1e12 * float(each['energy_total']):.0f} pJ" for each in (whole.sel(place), shared)]
            cells += [f"{float(each['gain']):.2f}" for each in (shared, separate)]
            yield f"| {corner}, {vdd:g} V | {' | '.join(cells)} |"


def measured_windows() -> Iterator[str]:
    """Yield a row per window and kind of operands: SNR_T of 4 bits at some boundaries [dB] and the gains there."""
    lut, boundaries = Lut.load("hybrid-boundary"), (8, 9, 10)
    table = lut.tables["window_measured"].squeeze(drop=True)
    yield from _header("operands, window", boundaries, "gain there, shared reads", "separate reads")
    for kind in table["operands"].values.tolist():
        for window in table["window"].values.tolist():
            at = table.sel(operands=kind, window=window, boundary=list(boundaries))
            cells = [f"{db:.1f}" for db in to_db(at["snr_total"].values)]
            cells += [
                ", ".join(f"{gain:.2f}" for gain in at[f"gain_{reads}"].values) for reads in ("shared", "separate")
            ]
            yield f"| {kind}, {window} orders | {' | '.join(cells)} |"
