"""The tables of docs/snr.md, from the shipped tables of the analog columns.

    python benchmarks/snr_table.py

rewrites them in the page; a test compares the page with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bitline.lut.lut import Lut
from bitline.statistics.asim import fit_asim
from bitline.statistics.snr import to_db
from bitline.system.compute_snr import Adc, Ratios, compute_snr
from bitline.system.measured_column import measured_column
from bitline.system.operand_sums import operand_sums

PAGE = Path(__file__).parents[1] / "docs" / "snr.md"
COLUMNS = ("acim-qs", "acim-qr")
OPERANDS = ("uniform", "bits", "gaussian", "half-normal")
RANGES = {"mean ± 4σ": Adc(5, sigmas=4.0), "full scale": Adc(5)}


def ratios() -> Iterator[str]:
    """Yield a row per column, operands and range of a 5-bit ADC, gain and offset removed and kept [dB]."""
    yield "| column | operands | SNR_a | range | SQNR_qy | SNR_T | CSNR |"
    yield "|---|---|---|---|---|---|---|"
    for name in COLUMNS:
        column = measured_column(Lut.load(name))
        for operands in OPERANDS:
            for words, adc in RANGES.items():
                found = compute_snr(column, operand_sums(operands, column.products), adc)
                cells = [_pair(found.removed, found.kept, ratio) for ratio in ("snr_a", "sqnr_qy", "snr_T", "csnr")]
                yield f"| `{name}` | `{operands}` | {cells[0]} | {words} | {' | '.join(cells[1:])} |"


def _pair(removed: Ratios, kept: Ratios, ratio: str) -> str:
    values = [f"{float(to_db(getattr(one, ratio))):.1f}" for one in (removed, kept)]
    return " / ".join(dict.fromkeys(values))


def asim() -> Iterator[str]:
    """Yield ASiM's constants of each column at the condition of its Monte Carlo, static mismatch alone."""
    yield "| column | rand_noise_sigma | non_linear_sigma | alpha | sigma, rms | its residual | residual of the mean |"
    yield "|---|---|---|---|---|---|---|"
    for name in COLUMNS:
        column = measured_column(Lut.load(name))
        # In MAC LSB: the full scale is the number of codes.
        fit = fit_asim(column.codes, column.mean, column.static)
        parts = (fit.sigma_r, fit.sigma_nl, fit.sigma_rms, fit.sigma_residual, fit.mean_residual)
        noise, nonlinear, rms, residual, mean = (f"{100 * part:.2f} %" for part in parts)
        yield f"| `{name}` | {noise} | {nonlinear} | {fit.alpha:.1e} | {rms} | {residual} | {mean} |"


TABLES = {"ratios": ratios, "asim": asim}


def rewritten(page: str) -> str:
    """Return a page with its tables made anew: each stands between two comments with its name."""
    for name, lines in TABLES.items():
        before, head, rest = page.partition(f"<!-- {name}: python benchmarks/snr_table.py -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        page = "".join((before, head, *(f"{line}\n" for line in lines()), end, after))
    return page


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
