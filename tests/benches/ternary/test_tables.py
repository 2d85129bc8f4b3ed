"""From a ternary column's rows to tables: made-up rows whose margins are known by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitline.benches.ternary.cycle import OUTPUTS
from bitline.benches.ternary.operands import TernaryMac
from bitline.benches.ternary.tables import moments, ternary_tables
from bitline.circuits.ternary_column import TernaryColumn

STEP, SPREAD, SAMPLES = 0.04, 0.001, 400
COLUMN = TernaryColumn(rows=4)
MACS = range(-4, 5)


def row(mac: int, extra: int, sample: int = 0, v: float | None = None, **where: Any) -> dict[str, Any]:
    """Return a row of a column of four rows: v_diff = STEP mac, energies of 1 fJ each."""
    plus, minus = TernaryMac(mac=mac, extra=extra).products(4)
    v_diff = STEP * mac if v is None else v
    values = dict.fromkeys((output.name for output in OUTPUTS), 1e-15)
    values |= {"v_diff": v_diff, "common": STEP * (plus + minus) / 2, "flips": 0.0}
    return {**where, "mac": mac, "extra": extra, "sample": sample, "status": "ok", **values}


def nominal(**where: Any) -> list[dict[str, Any]]:
    return [row(mac, extra, **where) for mac in MACS for extra in (0, 1, 2)]


def drawn(macs: Any = MACS, extras: Any = (0, 1, 2), **where: Any) -> list[dict[str, Any]]:
    """Return samples whose spread is SPREAD sqrt(activity) exactly."""
    z = np.random.default_rng(1).standard_normal(SAMPLES)
    z = (z - z.mean()) / z.std(ddof=1)
    rows = []
    for mac in macs:
        for extra in extras:
            activity = sum(TernaryMac(mac=mac, extra=extra).products(4))
            for k in range(SAMPLES):
                v = STEP * mac + SPREAD * math.sqrt(activity) * z[k]
                rows.append(row(mac, extra, k + 1, v, **where))
    return rows


def test_mixes_that_do_not_fit_are_no_points() -> None:
    table = ternary_tables(pd.DataFrame(nominal()), COLUMN)["nominal"]
    assert dict(table.sizes) == {"mac": 9, "extra": 3}
    fits = abs(table["mac"]) + 2 * table["extra"] <= 4
    assert (np.isfinite(table["v_diff"]) == fits).all()
    assert (table["n_ok"] == fits.astype(int)).all()
    assert table["n_ok"].dtype == table["n_failed"].dtype == np.int64
    assert (table["n_failed"] == 0).all()
    assert np.nanmax(table["energy_total"]) == pytest.approx(4e-15)


def test_a_failed_point_is_counted() -> None:
    rows = nominal()
    rows[0] |= {"status": "no_convergence"} | {output.name: np.nan for output in OUTPUTS}
    table = ternary_tables(pd.DataFrame(rows), COLUMN)["nominal"].sel(mac=-4, extra=0)
    assert (int(table["n_ok"]), int(table["n_failed"])) == (0, 1)
    assert np.isnan(table["v_diff"])


def test_a_straight_odd_line_is_seen_to_be_one() -> None:
    tables = ternary_tables(pd.DataFrame(nominal(corner="tt")), COLUMN)
    line = tables["line"].sel(corner="tt")
    assert float(line["lsb"]) == pytest.approx(STEP)
    assert [float(line[k]) for k in ("offset", "inl_max", "odd_max")] == pytest.approx([0, 0, 0], abs=1e-12)
    assert float(line["common_max"]) == pytest.approx(2 * STEP)
    assert np.nanmax(np.abs(tables["nominal"]["dnl"])) == pytest.approx(0, abs=1e-12)
    assert tables["nominal"]["inl"].attrs["unit"] == "LSB"


def test_inl_and_oddness_are_those_of_the_curve() -> None:
    """V = STEP (m + 0.1 where m = 2), and 0.2 STEP less with pairs at m = 1."""
    rows = nominal()
    for r in rows:
        r["v_diff"] += 0.1 * STEP if r["mac"] == 2 else 0.0
        r["v_diff"] -= 0.2 * STEP if r["mac"] == 1 and r["extra"] else 0.0
    tables = ternary_tables(pd.DataFrame(rows), COLUMN)
    inl = tables["nominal"]["inl"]
    assert float(inl.sel(mac=2, extra=0)) == pytest.approx(0.1)
    assert float(inl.sel(mac=1, extra=1)) == pytest.approx(-0.2)
    assert float(tables["nominal"]["dnl"].sel(mac=1, extra=0)) == pytest.approx(0.1)
    assert float(tables["line"]["inl_max"]) == pytest.approx(0.2)
    assert float(tables["line"]["odd_max"]) == pytest.approx(0.2 / 8)


def test_spread_and_margin_follow_their_formulas() -> None:
    tables = ternary_tables(pd.DataFrame(nominal() + drawn()), COLUMN)
    spread = tables["mismatch"]["v_sigma"]
    assert float(spread.sel(mac=0, extra=2)) == pytest.approx(2 * SPREAD)
    assert float(spread.sel(mac=-3, extra=0)) == pytest.approx(math.sqrt(3) * SPREAD)
    assert tables["mismatch"]["n_ok"].sel(mac=0, extra=2) == SAMPLES
    assert tables["mismatch"]["n_ok"].sel(mac=4, extra=2) == 0
    margin = tables["margin"]
    assert list(margin["mac"].values) == [-4, -3, -2, -1, 0, 1, 2, 3]
    for m in margin["mac"].values:
        plain = STEP - 3 * SPREAD * (math.sqrt(abs(m)) + math.sqrt(abs(m + 1)))
        assert float(margin["margin"].sel(mac=m)) == pytest.approx(plain)
        low, high = (math.sqrt(abs(k) + 2 * ((4 - abs(k)) // 2)) for k in (m, m + 1))
        assert float(margin["margin_any"].sel(mac=m)) == pytest.approx(STEP - 3 * SPREAD * (low + high))


def test_the_histogram_counts_every_chip_where_it_lies() -> None:
    rows = nominal() + drawn(macs=(-4, 0, 3, 4))
    for r in rows:
        if r["mac"] == 3 and r["sample"] == 7:
            r["v_diff"] = STEP * 9  # far beyond the last bin
    tables = ternary_tables(pd.DataFrame(rows), COLUMN)
    counts = tables["histogram"]["count"]
    assert counts.dtype == np.int64
    own = counts.sel(mac=3, extra=0)
    assert int(own.sum()) == SAMPLES
    assert int(own.isel(deviation=-1)) == 1
    off = np.array([r["v_diff"] / STEP - 3 for r in rows if r["mac"] == 3 and r["extra"] == 0 and r["sample"]])
    for k in (-2, -1, 0, 1):  # the bins around 0
        inside = (off >= 0.05 * k) & (off < 0.05 * (k + 1))
        assert int(own.sel(deviation=0.05 * k + 0.025, method="nearest")) == inside.sum() > 10
    assert int(counts.sel(mac=3, extra=2).sum()) == 0  # no such point
    assert tables["histogram"]["deviation"].attrs["unit"] == "LSB"


def test_levels_between_sampled_ones_are_interpolated_in_the_variance() -> None:
    """Only MAC -4, 0, 4 and the fewest and most pairs sampled: the same margins as with all of them."""
    whole = ternary_tables(pd.DataFrame(drawn()), COLUMN)["margin"]
    coarse = ternary_tables(pd.DataFrame(drawn((-4, 0, 4), (0, 2))), COLUMN)["margin"]
    np.testing.assert_allclose(coarse["margin"], whole["margin"], rtol=1e-9)


def test_margins_are_kept_apart_by_condition() -> None:
    wide = drawn(corner="tt")
    narrow = drawn(corner="ss")
    for r in narrow:
        r["v_diff"] /= 2
    margin = ternary_tables(pd.DataFrame(wide + narrow), COLUMN)["margin"]["margin"]
    np.testing.assert_allclose(margin.sel(corner="ss"), margin.sel(corner="tt") / 2)


def test_moments_of_known_samples() -> None:
    x = np.array([-1.0, 1.0] * 50)
    found = moments(x)
    assert found["v_mean"] == 0
    assert found["v_sigma"] == pytest.approx(math.sqrt(100 / 99))
    assert (found["v_skew"], found["v_kurtosis"]) == (pytest.approx(0), pytest.approx(-2))
    assert all(math.isnan(v) for v in moments(x[:1]).values())
