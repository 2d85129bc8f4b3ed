"""The error budget of made-up columns whose sources are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.error_budget import (
    ALL,
    DETERMINISTIC,
    INTERACTION,
    THERMAL,
    TOTAL,
    Array,
    Measured,
    budget,
    gain,
    residual,
)

COUNT = 16
M = np.arange(COUNT + 1, dtype=np.float64)
CODES = np.array([0.0, 8.0, 16.0])
PMF = binomial_pmf(COUNT, 0.25)


def line(lsb: float = -0.03, alpha: float = 0.0, offset: float = 0.0) -> Array:
    return np.asarray(1.8 + offset + lsb * M / (1 + alpha * M))


def independent(count: int, sigmas: dict[str, float], seed: int = 1, nonlinear: float = 0.0) -> dict[str, Array]:
    """Return chips whose rows add independent errors, sigma sqrt(m) [V], and that of all groups together."""
    generator = np.random.default_rng(seed)
    parts = {}
    for name, sigma in sigmas.items():
        steps = generator.standard_normal((count, COUNT)) * sigma
        parts[name] = np.concatenate([np.zeros((count, 1)), np.cumsum(steps, axis=1)], axis=1)[:, CODES.astype(int)]
    whole = np.sum(list(parts.values()), axis=0)
    return {ALL: whole + nonlinear * np.prod(list(parts.values()), axis=0), **parts}


def column(chips: dict[str, Array], **changed: Any) -> Measured:
    end = changed.pop("end", line())
    codes = CODES.astype(int)
    values = {
        "pmf": PMF,
        "reset": 1.8,
        "start": np.full_like(M, end[0]),
        "end": end,
        "codes": CODES,
        "chips": {group: moved + end[codes] for group, moved in chips.items()},
        "thermal": np.zeros_like(M),
    }
    return Measured(**{**values, **changed})


def test_independent_groups_have_their_own_sigma_and_no_interaction() -> None:
    found = budget(column(independent(2000, {"access": 3e-3, "latch": 1e-3})))
    # E[m] = 4 rows conduct: sigma^2 = 4 (3 mV)^2 and 4 (1 mV)^2, on an LSB of 30 mV.
    assert found.error["access"] == pytest.approx(0.2, rel=0.05)
    assert found.error["latch"] == pytest.approx(0.2 / 3, rel=0.05)
    assert found.error[TOTAL] == pytest.approx(0.2 * np.sqrt(10) / 3, rel=0.05)
    assert found.low[INTERACTION] < 0 < found.high[INTERACTION]
    assert abs(found.error[INTERACTION]) < 0.02 * found.error[TOTAL]
    for source in ("access", "latch", TOTAL):
        assert found.low[source] < found.error[source] < found.high[source]
        assert found.calibrated[source] == pytest.approx(found.error[source], rel=1e-9)


def test_groups_that_act_on_one_another_leave_an_interaction() -> None:
    # Two factors: the chip has their product beside their sum, which neither has alone.
    found = budget(column(independent(2000, {"access": 3e-3, "latch": 3e-3}, nonlinear=100.0)))
    assert found.low[INTERACTION] > 0
    squares = sum(found.error[group] ** 2 for group in ("access", "latch"))
    assert found.error[TOTAL] == pytest.approx(np.sqrt(squares) + found.error[INTERACTION])


def test_the_interval_covers_the_true_sigma() -> None:
    inside = 0
    for seed in range(100):
        found = budget(column(independent(50, {"access": 3e-3}, seed)))
        inside += found.low["access"] <= 0.2 <= found.high["access"]
    assert inside >= 85  # 93 of 100; a percentile bootstrap of 50 chips is a little narrow


def test_each_source_that_all_chips_share_is_found_alone() -> None:
    still = independent(10, {"access": 0.0})
    offset = budget(column(still, end=line(offset=0.015)))
    assert offset.error["injection"] == pytest.approx(0.5)
    assert offset.error[TOTAL] == pytest.approx(0.5)
    assert offset.calibrated[TOTAL] == pytest.approx(0, abs=1e-9)
    coupled = budget(column(still, end=line(offset=-0.003), start=np.full_like(M, 1.8)))
    assert (coupled.error["injection"], coupled.error["coupling"]) == (0.0, pytest.approx(0.1))
    bent = budget(column(still, end=line(alpha=0.01)))
    assert bent.error["nonlinearity"] == pytest.approx(0, abs=1e-5)
    assert bent.error["headroom"] == pytest.approx(bent.error[TOTAL], rel=1e-4)
    assert 0 < bent.calibrated["headroom"] < bent.error["headroom"]
    wavy = line() - 0.003 * np.sin(np.pi * M / 2)
    assert budget(column(still, end=wavy)).error["nonlinearity"] > 10 * budget(column(still)).error["nonlinearity"]
    noisy = budget(column(still, thermal=np.full_like(M, 0.006)))
    assert noisy.error[THERMAL] == noisy.error[TOTAL] == pytest.approx(0.2)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(1e-4, 0.05),
    st.floats(0, 0.02),
    st.floats(-0.02, 0.02),
    st.floats(-0.01, 0.01),
    st.lists(st.floats(-1e-3, 1e-3), min_size=COUNT + 1, max_size=COUNT + 1),
)
def test_what_all_chips_share_adds_up_code_by_code(
    lsb: float, alpha: float, offset: float, coupling: float, ripple: list[float]
) -> None:
    end = line(-lsb, alpha, offset) + lsb * np.array(ripple)
    measured = column(independent(10, {"access": 0.0}), end=end, start=np.full_like(M, end[0] - coupling))
    ideal = gain(measured)
    total = np.sqrt(PMF @ ((end - 1.8) / ideal - M) ** 2)
    found = budget(measured)
    assert found.error[TOTAL] == pytest.approx(total, rel=1e-6, abs=1e-9)
    assert found.calibrated[TOTAL] <= total * (1 + 1e-9) + 1e-12
    assert found.low["headroom"] == found.high["headroom"] == found.error["headroom"]


def test_a_residual_has_neither_offset_nor_gain() -> None:
    assert np.allclose(residual(3 - 0.2 * M, PMF), 0, atol=1e-12)
    rest = residual(M**2, PMF)
    assert np.allclose([PMF @ rest, PMF @ (rest * M)], 0, atol=1e-10)


def test_few_chips_make_no_statistics_of_chips() -> None:
    chips = independent(9, {"access": 3e-3})
    chips["access"][:2, 1] = np.nan
    found = budget(column(chips, thermal=np.full_like(M, 0.006)))
    assert all(np.isfinite(found.error[source]) for source in (*DETERMINISTIC, THERMAL))
    assert all(np.isnan(found.error[source]) for source in ("access", INTERACTION, TOTAL))
    assert all(np.isnan(found.low[source]) for source in ("access", INTERACTION, TOTAL))


def test_a_chip_without_a_result_in_one_group_counts_in_none() -> None:
    chips = independent(40, {"access": 3e-3, "latch": 1e-3})
    whole = budget(column({group: values[1:] for group, values in chips.items()}))
    chips["latch"][0, 2] = np.nan
    assert budget(column(chips)).error == whole.error


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"codes": np.array([0.0, 8.0, 15.0])}, "chips must be sampled at 0 and at 16"),
        ({"chips": {"access": np.zeros((9, 3))}}, "all must be one of them"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(changed: dict[str, Any], message: str) -> None:
    good = column(independent(9, {"access": 1e-3}))
    with pytest.raises(InputError, match=message):
        replace(good, **changed)
