"""A converter, its comparator and the comparator's noise, whose tables the benches' own functions reduced."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import noise as comparator_noise
from bitline.benches.comparator import offset as comparator_offset
from bitline.benches.sar import convert as sar
from bitline.benches.sar.tables import sar_tables
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.strongarm import StrongArm
from bitline.lut.lut import Lut
from bitline.system.converter import codes, drawn_steps

BITS, SAMPLES = 3, 6
LSB = 2 * 0.7 / 2**BITS
MARGIN = {"tt": 2e-10, "ss": -1e-11}
TAU = {"tt": 25e-12, "ss": 32e-12}
COMMON = (1.1, 1.4, 1.7)


def with_units(name: str, circuit: str, tables: dict[str, xr.Dataset]) -> Lut:
    """Return a LUT whose axes have the units that building one gives them."""
    for table in tables.values():
        for axis in {"v_diff", "v_common"} & set(table.dims):
            table[axis].attrs["unit"] = "V"
    return Lut(name=name, kind=circuit, tables=tables, attrs={})


def conversions(plus: np.ndarray, minus: np.ndarray, corner: str, sample: int = 0) -> list[dict[str, Any]]:
    rows = []
    for k in range(2**BITS):
        v = (k - 2 ** (BITS - 1) + 0.5) * LSB
        code = int(codes(v, plus, minus))
        level, known = 0.0, {}
        for j in range(BITS):
            known[f"level_{j + 1}"] = level
            if j < BITS - 1:
                level += plus[j] if code >> (BITS - 1 - j) & 1 else -minus[j]
        parts = {"comparator": 650e-15, "dac": (80 + k) * 1e-15, "logic": 2.7e-12}
        energies = {f"energy_{name}": value for name, value in parts.items()}
        energies |= {"energy_reference": 30e-15, "energy_input": 5e-15, "energy_total": sum(parts.values())}
        values = dict.fromkeys((output.name for output in sar.OUTPUTS), 0.0) | known | energies
        values |= {"code": float(code), "t_margin": MARGIN[corner]}
        rows.append({"v_diff": v, "corner": corner, "vdd": 1.8, "sample": sample, "status": "ok", **values})
    return rows


def make_reduced_converter_lut() -> Lut:
    ideal, random = (
        [drawn_steps(BITS, 0.7, sigma, SAMPLES, 5, side=side) for side in ("plus", "minus")] for sigma in (0.0, 0.05)
    )
    rows = [row for corner in MARGIN for row in conversions(ideal[0][0], ideal[1][0], corner)]
    rows += [row for k in range(SAMPLES) for row in conversions(random[0][k], random[1][k], "tt", k + 1)]
    tables = sar_tables(pd.DataFrame(rows), SarAdc(bits=BITS))
    return with_units("sar-adc", "sar-adc", tables)


def latency(v: float, common: float, corner: str) -> float:
    return 60e-12 + TAU[corner] * math.log(1 / v) + 1e-11 * common


def make_reduced_comparator_lut() -> Lut:
    rows = []
    for v in (1e-5, 1e-3, 1e-2):
        for common in COMMON:
            for corner in TAU:
                values = dict.fromkeys((output.name for output in comparator.OUTPUTS), 1.0)
                values |= {"latency": latency(v, common, corner), "tau": TAU[corner]}
                values |= {"sigma_hand": 7e-3 * common + v, "v_noise": 5e-4 * common + v}
                rows.append({"v_diff": v, "v_common": common, "corner": corner, "sample": 0, "status": "ok", **values})
    tables = comparator.BENCH.reduce(pd.DataFrame(rows), StrongArm())
    base = dict.fromkeys((output.name for output in comparator_offset.OUTPUTS), 0.0) | {"sigma_pair": 9.7e-3}
    samples = np.random.default_rng(2).normal(0, 1e-2, (len(COMMON), 50))
    offsets = [
        {"v_common": common, "corner": "tt", "sample": k + 1, "status": "ok", **base, "offset": float(x)}
        for common, row in zip(COMMON, samples, strict=True)
        for k, x in enumerate(row)
    ]
    tables |= comparator_offset.BENCH.reduce(pd.DataFrame(offsets), StrongArm())
    return with_units("strongarm", "strongarm", tables)


def make_reduced_noise_lut() -> Lut:
    base = dict.fromkeys((output.name for output in comparator_noise.OUTPUTS), 0.0)
    values = {**base, "v_noise_transient": 0.9e-3, "v_noise_formula": 0.85e-3, "counted": 99.0}
    conditions = [{"v_common": common, "temperature": t} for common in COMMON for t in (-40.0, 27.0)]
    rows = pd.DataFrame([{**at, "sample": 0, "status": "ok", **values} for at in conditions])
    tables = comparator_noise.BENCH.reduce(rows, StrongArm())
    return with_units("strongarm-noise", "strongarm", tables)
