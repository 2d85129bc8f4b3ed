"""Sensing margins of made-up levels, and how sure they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitline.benches.ternary.margins import levels, margin_tables, margins, row_limits

ROWS = 4
STEP, SPREAD = 0.04, 0.002


def points(chips: int, seed: int) -> pd.DataFrame:
    """Return chips whose stacks spread independently: sigma SPREAD sqrt(|mac|), no pairs."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for chip in range(1, chips + 1):
        up, down = (np.concatenate([[0.0], np.cumsum(rng.standard_normal(ROWS))]) for _ in range(2))
        for mac in range(-ROWS, ROWS + 1):
            off = up[mac] if mac > 0 else -down[-mac]
            rows.append({"mac": mac, "fits": 0, "sample": chip, "status": "ok", "v_diff": STEP * mac + SPREAD * off})
    return pd.DataFrame(rows)


def test_the_largest_number_of_rows_with_margins() -> None:
    """Where sigma = s sqrt(activity), neighbours differ in parity: 1 - 3 s (sqrt(n) + sqrt(n - 1)), pairs or not."""
    s = 0.1
    found = {}
    for m in range(-8, 9):
        pairs = np.arange((8 - abs(m)) // 2 + 1, dtype=float)
        found[m] = pairs, np.full((1, len(pairs)), float(m)), s * np.sqrt(abs(m) + 2 * pairs)[None]
    plain = max(n for n in range(1, 9) if 1 - 3 * s * (math.sqrt(n) + math.sqrt(n - 1)) > 0)
    assert row_limits(found)["rows_plain"] == plain == 3
    assert row_limits(found)["rows_any"] == 3
    found[1][1][0, 1] += 0.2  # MAC 1 with a pair lies higher: three rows are too many
    assert {name: n.item() for name, n in row_limits(found).items()} == {"rows_plain": 3, "rows_any": 2}
    found[1][1][0, 1] -= 0.2
    assert margins(found, 0)["margin_pairs"] == pytest.approx(1 - 3 * s * (math.sqrt(6) + math.sqrt(7)))


def test_the_interval_holds_the_true_margin_as_often_as_it_says() -> None:
    """60 draws of 60 chips, MAC 2: the truth is inside at least 51 times (chance below 1e-3 if 95 % hold it)."""
    true = STEP - 3 * SPREAD * (math.sqrt(2) + math.sqrt(3))
    inside = 0
    for seed in range(60):
        drawn = points(60, seed)
        table = margin_tables(drawn[drawn["mac"].isin((2, 3))], [])["margin"].sel(mac=2)
        assert float(table["margin_low"]) < float(table["margin"]) < float(table["margin_high"])
        inside += float(table["margin_low"]) <= true <= float(table["margin_high"])
    assert 51 <= inside <= 60


def test_the_interval_narrows_with_the_root_of_the_chips() -> None:
    widths = []
    for chips in (50, 800):
        table = margin_tables(points(chips, 1), [])["margin"]
        widths.append(float((table["margin_high"] - table["margin_low"]).mean()))
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)


def test_rows_are_counts_with_an_interval() -> None:
    rows = margin_tables(points(100, 2), [])["rows"]
    for name in ("rows_plain", "rows_any"):
        low, found, high = (int(rows[name + end]) for end in ("_low", "", "_high"))
        assert 0 <= low <= found <= high <= ROWS
        assert rows[name].dtype == rows[f"{name}_low"].dtype == np.int64


def test_the_first_of_the_levels_is_the_sample_itself() -> None:
    drawn = points(30, 3)
    values = drawn[drawn["mac"] == 3]["v_diff"].to_numpy()
    _, mu, sigma = levels({3: {0: values}, 4: {0: values}})[3]
    assert mu[0, 0] == pytest.approx(values.mean(), rel=1e-12)
    assert sigma[0, 0] == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert len(mu) == 401


def test_a_chip_that_failed_at_one_point_counts_elsewhere() -> None:
    drawn = points(40, 4)
    drawn.loc[(drawn["mac"] == 1) & (drawn["sample"] == 7), "status"] = "no_convergence"
    table = margin_tables(drawn, [])["margin"]
    ok = drawn[drawn["status"] == "ok"].groupby("mac")["v_diff"]
    mean, sigma = ok.mean(), ok.std()
    expected = [mean[m + 1] - mean[m] - 3 * (sigma[m + 1] + sigma[m]) for m in range(-4, 4)]
    assert table["margin"].values == pytest.approx(expected, rel=1e-9)
