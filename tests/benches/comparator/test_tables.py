"""Tables of the comparator from made-up rows whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from nearness import near

from bitline.benches.comparator import decide, noise, offset
from bitline.benches.comparator.tables import offset_tables
from bitline.circuits.strongarm import StrongArm


def offset_rows(offsets: np.ndarray) -> pd.DataFrame:
    base = {output.name: 0.0 for output in offset.OUTPUTS}
    first = {"v_common": 1.4, "sample": 0, "status": "ok", **base, "sigma_pair": 9e-3}
    more = [{**first, "sample": k + 1, "offset": float(x)} for k, x in enumerate(offsets)]
    return pd.DataFrame([first, *more, {**first, "sample": 99, "status": "timeout", "offset": math.nan}])


def test_table_of_offsets() -> None:
    offsets = np.random.Generator(np.random.PCG64(1)).normal(1e-3, 1e-2, 50)
    cell = offset_tables(offset_rows(offsets))["offset"].sel(v_common=1.4)
    assert (int(cell["n_ok"]), int(cell["n_failed"]), float(cell["outside"])) == (50, 1, 0.0)
    assert float(cell["offset_mean"]) == near(offsets.mean())
    assert float(cell["offset_sigma"]) == near(offsets.std(ddof=1))
    assert float(cell["offset_sigma_low"]) < 1e-2 < float(cell["offset_sigma_high"])
    assert float(cell["sigma_pair"]) == near(9e-3)
    assert offset_tables(offset_rows(offsets).iloc[:1]) == {}


def test_table_of_decisions() -> None:
    row = {output.name: 1.0 for output in decide.OUTPUTS}
    results = pd.DataFrame([{"v_diff": v, "sample": 0, "status": "ok", **row, "tau": v} for v in (0.01, 0.001)])
    assert decide.BENCH.reduce(results, StrongArm())["nominal"]["tau"].values.tolist() == [0.001, 0.01]


def test_table_of_noise() -> None:
    row = {"v_common": 1.4, "sample": 0, "status": "ok", "v_noise_transient": 1e-3, "v_noise_formula": 1.1e-3}
    tables = noise.BENCH.reduce(pd.DataFrame([{**row, "offset": 0.0, "counted": 99.0}]), StrongArm())
    assert float(tables["noise"]["v_noise_formula"].sel(v_common=1.4)) == 1.1e-3


def test_calibration_takes_the_best_trim_at_the_middle_common_mode() -> None:
    """Chips whose offset moves by 5 mV a step of trim, and by 1 mV from one common mode to the next."""
    rows = [
        {
            "sample": chip,
            "status": "ok",
            "trim": trim,
            "v_common": common,
            **dict.fromkeys((output.name for output in offset.OUTPUTS), 0.0),
            "offset": 1e-3 * (own - 5 * trim + shift),
        }
        for chip, own in ((1, 11.0), (2, -4.0))
        for trim in (-2, -1, 0, 1, 2)
        for common, shift in ((1.1, -1), (1.4, 0), (1.7, 1))
    ]
    order = ["trim", "v_common", "sample", "status"]
    frame = pd.DataFrame(rows)
    frame = frame[[*order, *(name for name in frame if name not in order)]]
    table = offset_tables(frame)["calibration"]
    assert table["trimmed_by"].sel(v_common=1.7).values.tolist() == [2.0, -1.0]
    assert table["offset"].sel(sample=1).values == near([0.0, 1e-3, 2e-3], abs=1e-12)
    assert table["offset_before"].sel(sample=2).values == near([-5e-3, -4e-3, -3e-3], abs=1e-12)
