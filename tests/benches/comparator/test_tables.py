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
