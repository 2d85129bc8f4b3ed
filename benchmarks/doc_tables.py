"""Tables in the docs that a command can make: of shipped tables, hybrid products, restores and rare events.

    python benchmarks/doc_tables.py

rewrites them in their pages; a test compares the pages with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import event_model
import high_sigma_table
import hybrid_table
import peer_table
import restore_table
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.trim import trim
from bitline.statistics.asim import fit_asim
from bitline.statistics.error_budget import DETERMINISTIC, THERMAL
from bitline.statistics.snr import to_db
from bitline.system.compute_snr import Adc, Ratios, compute_snr, snr_over
from bitline.system.measured_column import measured_column
from bitline.system.operand_sums import operand_sums

DOCS = Path(__file__).parents[1] / "docs"
COLUMNS = ("acim-qs", "acim-qr")
OPERANDS = ("uniform", "bits", "gaussian", "half-normal")
RANGES = {"mean ± 4σ": Adc(5, sigmas=4.0), "full scale": Adc(5)}
NOMINAL = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


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


def over_conditions() -> Iterator[str]:
    """Yield SNR_a of the QS column over supply, swing and length of the array [dB]."""
    yield "| QS column over | values | SNR_a |"
    yield "|---|---|---|"
    yield _over("supply", "acim-qs-supply", "vdd", {}, 1.0, "V")
    for level in (1.0, 1.2, 1.4):
        yield _over(f"pulse, {level} V on the word line", "acim-qs-swing", "t_pulse", {"v_wl": level}, 1e-9, "ns")
    for load in (60e-15, 0.0):
        yield _over(f"rows, sampler of {1e15 * load:.0f} fF", "acim-qs-rows", "rows", {"c_load": load}, 1.0, "")


def _over(words: str, name: str, axis: str, at: dict[str, float | str], scale: float, unit: str) -> str:
    found = snr_over(Lut.load(name), axis, condition=at)
    values = ", ".join(f"{float(value) / scale:g}" for value in found)
    snrs = ", ".join(f"{float(to_db(one.removed.snr_a)):.1f}" for one in found.values())
    return f"| {words} | {values} {unit}".rstrip() + f" | {snrs} |"


def budget(name: str) -> Iterator[str]:
    """Yield a column's error by source at each corner [LSB rms], as it is and calibrated, with its interval."""
    table = Lut.load(name).tables["error_budget"]
    corners = table["corner"].values.tolist()
    yield "| source | " + " | ".join(f"{corner} | {corner}, calibrated" for corner in corners) + " |"
    yield "|---" * (1 + 2 * len(corners)) + "|"
    for source in table["source"].values.tolist():
        cells = []
        for corner in corners:
            error, calibrated = (_error(table.sel(corner=corner, source=source), of) for of in ("error", "calibrated"))
            cells += [error, calibrated if calibrated != error else "the same"]
        yield f"| {source} | {' | '.join(cells)} |"


def _error(place: xr.Dataset, kind: str) -> str:
    value, low, high = (float(place[name]) for name in (kind, f"{kind}_low", f"{kind}_high"))
    if abs(value) < 1e-4:
        return "< 0.0001"
    if str(place["source"].item()) in (*DETERMINISTIC, THERMAL):
        return f"{value:.2g}"
    return f"{value:.2g} ({low:.2g} to {high:.2g})"


def timing() -> Iterator[str]:
    """Yield the LSB of the QS column over process, supply and temperature by what sets the pulse."""
    yield "| pulse | active rows | LSB, nominal | least | largest | half of the span about its middle |"
    yield "|---|---|---|---|---|---|"
    fixed, replica, levels = (
        abs(Lut.load(name).tables["line"]["lsb"]) for name in ("acim-qs", "acim-qs-replica", "acim-qs-trim")
    )
    nominal = float(levels.sel(NOMINAL).sel(v_wl=1.2, method="nearest"))
    yield _span("`fixed`, 0.3 ns", 16, fixed)
    yield _span("`fixed`, `v_wl` trimmed in steps of 50 mV", 4, trim(levels, "v_wl", nominal)["value"])
    yield _span("`replica`, 12 cells", 16, replica)


def _span(words: str, active: int, lsb: xr.DataArray) -> str:
    low, high = float(lsb.min()), float(lsb.max())
    ends = [_place(lsb.where(lsb == end, drop=True)) for end in (low, high)]
    cells = (1e3 * float(lsb.sel(NOMINAL)), 1e3 * low, ends[0], 1e3 * high, ends[1], 100 * (high - low) / (high + low))
    return f"| {words} | {active} | " + "{:.1f} mV | {:.2f} mV ({}) | {:.1f} mV ({}) | {:.1f} % |".format(*cells)


def _place(lsb: xr.DataArray) -> str:
    at = {str(axis): lsb[axis].values[0] for axis in lsb.dims}
    return f"{at['corner']}, {at['vdd']:g} V, {at['temperature']:g} °C"


Table = Callable[[], Iterator[str]]
PAGES: dict[str, dict[str, Table]] = {
    "snr.md": {"ratios": ratios, "over": over_conditions, "asim": asim},
    "error-budget.md": {
        "acim-qs-budget": lambda: budget("acim-qs-budget"),
        "acim-qr-budget": lambda: budget("acim-qr-budget"),
    },
    "qs-column.md": {"timing": timing},
    "digital-path.md": {
        "events": lambda: event_model.table(event_model.load()),
        "conditions": event_model.conditions,
    },
    "peers.md": {
        "promises": peer_table.promises,
        "read": lambda: peer_table.rows("read"),
        "column": lambda: peer_table.rows("column"),
    },
    "restore.md": {"jitter": restore_table.jitter, "pareto": restore_table.pareto},
    "tail.md": {
        "high-sigma": lambda: high_sigma_table.groups(high_sigma_table.runs()),
        "high-sigma-methods": lambda: high_sigma_table.methods(high_sigma_table.runs()),
        "high-sigma-claims": high_sigma_table.claims,
    },
    "hybrid.md": {
        "counts": hybrid_table.counts,
        "csnr": hybrid_table.csnr,
        "converters": hybrid_table.converters,
        "conditions": hybrid_table.conditions,
        "windows": hybrid_table.measured_windows,
        "certificate": hybrid_table.certificate,
    },
}


def rewritten(page: str, tables: dict[str, Table]) -> str:
    """Return a page with its tables made anew: each stands between two comments with its name."""
    for name, lines in tables.items():
        before, head, rest = page.partition(f"<!-- {name}: python benchmarks/doc_tables.py -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        page = "".join((before, head, *(f"{line}\n" for line in lines()), end, after))
    return page


if __name__ == "__main__":
    for file, tables in PAGES.items():
        path = DOCS / file
        path.write_text(rewritten(path.read_text(encoding="utf-8"), tables), encoding="utf-8")
