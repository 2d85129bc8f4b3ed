"""A ternary column whose tables the bench's own function reduced, from made-up results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bitline.benches.tables import grid
from bitline.benches.ternary import noise as ternary_noise
from bitline.benches.ternary import product, transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.benches.ternary.tables import ternary_tables
from bitline.circuits.ternary_column import TernaryColumn
from bitline.lut.lut import Lut

ROWS, SAMPLES = 4, 30
LSB = {"tt": 0.04, "ss": 0.03, "ff": 0.045}
SPREAD = 1e-3
THERMAL, DISCHARGE = 3e-4, 2e-4
COLUMN = TernaryColumn(rows=ROWS)


def fall(corner: str, n: int) -> float:
    return LSB[corner] * n / (1 + 0.02 * n)


def row(corner: str, extra: int, mac: int, sample: int = 0, z: float = 0.0) -> dict[str, Any]:
    """Return one cycle: lines that compress, sigma SPREAD sqrt(activity), energies that tell mixes apart."""
    plus, minus = TernaryMac(mac=mac, extra=extra).products(ROWS)
    n = plus + minus
    values = dict.fromkeys((output.name for output in transfer.OUTPUTS), 0.0)
    values |= {
        "v_diff": fall(corner, plus) - fall(corner, minus) + SPREAD * math.sqrt(n) * z,
        "common": (fall(corner, plus) + fall(corner, minus)) / 2,
        "energy_array": 1e-15,
        "energy_precharge": (4 + 10 * n + 0.1 * plus) * 1e-15,
        "energy_wordline": 20e-15,
        "energy_control": 8e-15,
        "latency": (0.5 + 0.01 * abs(mac)) * 1e-9,
    }
    axes = {"corner": corner, "vdd": 1.8, "temperature": 27.0, "extra": extra, "mac": mac}
    return {**axes, "sample": sample, "status": "ok", **values}


def product_rows() -> list[dict[str, Any]]:
    rows = []
    for weight in (-1, 0, 1):
        for x in (-1, 0, 1):
            values = row("tt", 0, ROWS * weight * x)
            measured = {name: values[name] for name in values if name not in ("extra", "mac", "corner", "vdd")}
            rows.append({"corner": "tt", "weight": weight, "x": x, **measured})
    return rows


def make_reduced_ternary_lut(
    macs: Sequence[int] = tuple(range(-ROWS, ROWS + 1)), extras: Sequence[int] = (0, 1, 2)
) -> Lut:
    rows = [row(corner, extra, mac) for corner in LSB for extra in extras for mac in macs]
    for corner in LSB:
        z = np.random.default_rng(1).standard_normal(SAMPLES)
        z = (z - z.mean()) / z.std(ddof=1)
        rows += [row(corner, e, m, k + 1, float(z[k])) for e in extras for m in macs for k in range(SAMPLES)]
    tables = ternary_tables(pd.DataFrame(rows), COLUMN)
    tables |= product.BENCH.reduce(pd.DataFrame(product_rows()), COLUMN)
    noise = {"v_thermal": THERMAL, "c_line": 7e-14, "r_switch": 1e3, "v_switch_model": 2e-4, "v_discharge": DISCHARGE}
    conditions = [{"corner": corner, "vdd": 1.8, "temperature": 27.0} for corner in LSB]
    results = pd.DataFrame([{**at, "sample": 0, "status": "ok", **noise} for at in conditions])
    tables["noise"] = grid(results, ternary_noise.OUTPUTS)
    return Lut(name="ternary-column", kind="ternary-column", tables=tables, attrs={})
