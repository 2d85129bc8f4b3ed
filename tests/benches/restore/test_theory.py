"""The formulas of the restore against tables, simulation of their assumptions, and integration of the ODE."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near
from scipy.integrate import solve_ivp

from bitline.benches.restore import theory
from bitline.errors import InputError

LEVELS = (80e3, 280e3, 1e6)
C = 4e-15


# Percent right, as derived in the project's notes on the circuit (which print 98.3065 as 98.307: rounded twice).
@pytest.mark.parametrize(
    ("sigma", "percent"),
    [
        (0.10, ("100", "100", "100")),
        (0.15, ("99.9985", "99.9974", "99.9989")),
        (0.20, ("99.913", "99.840", "99.927")),
        (0.25, ("99.389", "98.844", "99.455")),
        (0.30, ("98.160", "96.466", "98.306")),
        (0.40, ("94.132", "88.554", "94.422")),
    ],
)
def test_the_device_bound_reproduces_every_printed_digit(sigma: float, percent: tuple[str, ...]) -> None:
    bound = theory.device_bound(sigma, LEVELS)
    for value, printed in zip(bound, percent, strict=True):
        digits = len(printed.partition(".")[2])
        assert f"{100 * float(value):.{digits}f}" == printed


def test_without_spread_every_level_is_right_and_the_middle_one_is_the_worst_with_it() -> None:
    sigmas = np.array([0.0, 0.1, 0.2, 0.4])
    lrs, mrs, hrs = theory.device_bound(sigmas, LEVELS)
    assert (lrs[0], mrs[0], hrs[0]) == (1, 1, 1)
    assert np.all(mrs[2:] < np.minimum(lrs, hrs)[2:])
    for values in (lrs, mrs, hrs):
        assert np.all(np.diff(values) <= 0)


def test_sensitivity_is_the_slope_of_the_discharge() -> None:
    t, r, step = 0.8e-9, 280e3, 1e-5
    v = [0.6 * math.exp(-t / (r * math.exp(k * step) * C)) for k in (-1, 1)]
    assert float(theory.sensitivity(t, r, C)) * 0.6 == pytest.approx((v[1] - v[0]) / (2 * step), rel=1e-8)
    assert float(theory.sensitivity(math.log(2) * r * C, r, C)) == pytest.approx(0.347, abs=5e-4)


def test_the_best_time_maximises_the_smaller_sensitivity() -> None:
    low, high = theory.geometric_means(LEVELS)
    times = np.linspace(0.1e-9, 4e-9, 40_000)
    smaller = np.minimum(theory.sensitivity(times, low, C), theory.sensitivity(times, high, C))
    assert theory.best_time(low, high, C) == pytest.approx(times[np.argmax(smaller)], abs=2e-13)


def test_offset_adds_as_a_spread_of_the_threshold() -> None:
    # A small offset, for which the line through the threshold is the curve: formula against drawn latches.
    low, high = theory.geometric_means(LEVELS)
    t, v0, offset, sigma, n = theory.best_time(low, high, C), 0.6, 0.012, 0.25, 400_000
    s = tuple(float(theory.sensitivity(t, r, C)) for r in (low, high))
    rng = np.random.default_rng(1)
    shifts = offset / (np.array(s) * v0) * rng.standard_normal((n, 2))
    for level, r in enumerate(LEVELS):
        ln_r = math.log(r) + sigma * rng.standard_normal(n)
        highs = [ln_r > math.log(threshold) + shifts[:, k] for k, threshold in enumerate((low, high))]
        right = np.mean((highs[0] == (level > 0)) & (highs[1] == (level > 1)))
        formula = float(theory.with_offset(sigma, LEVELS, offset, v0, (s[0], s[1]))[level])
        assert formula == pytest.approx(right, abs=4 * math.sqrt(formula * (1 - formula) / n))
        assert formula < float(theory.device_bound(sigma, LEVELS)[level]) - 5e-4


def test_without_offset_both_predictions_are_the_bound() -> None:
    low, high = theory.geometric_means(LEVELS)
    t = theory.best_time(low, high, C)
    sigmas = np.array([0.1, 0.2, 0.3, 0.4])
    bound = theory.device_bound(sigmas, LEVELS)
    np.testing.assert_allclose(theory.with_offset(sigmas, LEVELS, 0.0, 0.6, (0.3, 0.3)), bound, rtol=1e-14)
    np.testing.assert_allclose(theory.predicted(sigmas, LEVELS, 0.0, 0.6, t, C), bound, atol=1e-5)


@pytest.mark.parametrize("g_leak", [0.0, 2e-7])
def test_the_prediction_is_what_drawn_resistances_and_latches_give(g_leak: float) -> None:
    low, high = theory.geometric_means(LEVELS)
    t, v0, offset, sigma, idle, n = 1e-9, 0.6, 0.035, 0.2, 0.3, 400_000
    rng = np.random.default_rng(2)
    yields = theory.predicted(sigma, LEVELS, offset, v0, t, C, g_leak=g_leak, v_idle=idle)
    references = [v0 * math.exp(-t / (r * C)) for r in (low, high)]
    for level, r in enumerate(LEVELS):
        total = 1 / (r * np.exp(sigma * rng.standard_normal(n))) + g_leak
        end = g_leak * idle / total
        v = end + (v0 - end) * np.exp(-t * total / C)
        highs = [v + offset * rng.standard_normal(n) > reference for reference in references]
        right = np.mean((highs[0] == (level > 0)) & (highs[1] == (level > 1)))
        assert float(yields[level]) == pytest.approx(right, abs=4 * math.sqrt(right * (1 - right) / n))


def test_a_nearly_empty_node_makes_low_resistance_the_worst_where_offset_rules() -> None:
    low, high = theory.geometric_means(LEVELS)
    t = theory.best_time(low, high, C)
    lrs, mrs, hrs = (float(value) for value in theory.predicted(0.05, LEVELS, 0.035, 0.6, t, C))
    assert lrs < hrs < mrs
    s = float(theory.sensitivity(t, low, C))
    linear = theory.with_offset(0.05, LEVELS, 0.035, 0.6, (s, s))
    assert float(linear.mrs) < float(linear.lrs)  # the straight line does not see it


def test_the_node_obeys_its_differential_equation() -> None:
    r, g, idle, v0, t = 1e6, 3e-7, 0.35, 0.6, 1.5e-9
    solved = solve_ivp(lambda _, v: -(v / r + g * (v - idle)) / C, (0, t), [v0], rtol=1e-10, atol=1e-14)
    found = float(theory.node_voltage(t, r, C, v0, g_leak=g, v_idle=idle))
    assert found == pytest.approx(solved.y[0, -1], rel=1e-8)


def test_leakage_is_a_shift_of_ln_r() -> None:
    # Lines at ground: the branches are in parallel.
    shift = theory.leakage_shift(1e-9, np.array(LEVELS), C, 0.6, g_leak=1e-7)
    np.testing.assert_allclose(shift, -np.log1p(1e-7 * np.array(LEVELS)), rtol=1e-9)
    assert float(theory.leakage_shift(1e-9, 1e6, C, 0.6, g_leak=0.0)) == pytest.approx(0, abs=1e-12)
    # Lines that stay high pull the node up, so that the resistance seems higher.
    assert float(theory.leakage_shift(1e-9, 1e6, C, 0.6, g_leak=1e-7, v_idle=0.6)) > 0
    assert np.isnan(theory.leakage_shift(1e-9, 1e6, C, 0.6, g_leak=1e-5, v_idle=1.5))


def test_the_leakage_that_costs_a_tenth_at_60_branches() -> None:
    assert theory.leakage_ratio(60, 0.76e-9, 1e6, 0.9) == pytest.approx(0.1, rel=0.01)
    assert theory.leakage_ratio(1, 0.76e-9, 1e6, 0.9) == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="ascending"):
        theory.device_bound(0.1, (280e3, 80e3, 1e6))
    with pytest.raises(InputError, match=r"sigma = -0\.1"):
        theory.device_bound(-0.1, LEVELS)
    with pytest.raises(InputError, match="v_start = 0"):
        theory.with_offset(0.1, LEVELS, 0.01, 0.0, (0.3, 0.3))
    with pytest.raises(InputError, match="must ascend"):
        theory.best_time(5e5, 1e5, C)
    with pytest.raises(InputError, match="must be positive"):
        theory.node_voltage(-1e-9, 1e5, C, 0.6)


# -- references ------------------------------------------------------------------------------------

PAIR, TIME = (80e3, 280e3), 1.1e-9


def balanced(sigma: tuple[float, float], sigma_vos: float, series: float = 0.0) -> float:
    return theory.balanced_reference(TIME, C, 0.7, PAIR, sigma, sigma_vos, series)


def level_of(r: float) -> float:
    return 0.7 * math.exp(-TIME / (r * C))


def test_without_offset_the_reference_is_the_geometric_mean_weighted_by_the_spreads() -> None:
    assert balanced((0.2, 0.2), 0.0) == pytest.approx(level_of(math.sqrt(80e3 * 280e3)), rel=1e-9)
    assert balanced((0.2, 0.2), 0.0, 6e3) == pytest.approx(level_of(math.sqrt(80e3 * 280e3) + 6e3), rel=1e-9)
    third = 80e3 ** (2 / 3) * 280e3 ** (1 / 3)  # the level above spreads twice as much
    assert balanced((0.1, 0.2), 0.0) == pytest.approx(level_of(third), rel=1e-9)
    assert balanced((0.0, 0.0), 0.0) == balanced((0.2, 0.2), 0.0)


def test_without_spread_it_is_the_middle_of_the_voltages() -> None:
    assert balanced((0.0, 0.0), 0.05) == pytest.approx((level_of(80e3) + level_of(280e3)) / 2, rel=1e-9)


@pytest.mark.parametrize("sigma", [0.1, 0.3])
def test_both_levels_fail_equally_often_at_the_reference(sigma: float) -> None:
    """By drawing: the two shares on the wrong side are alike, within what the chord leaves out."""
    rng, n, offset = np.random.default_rng(3), 400_000, 0.07
    reference = balanced((sigma, sigma), offset)
    shares = []
    for r, above in zip(PAIR, (True, False), strict=True):
        v = 0.7 * np.exp(-TIME / (r * np.exp(sigma * rng.standard_normal(n)) * C)) + offset * rng.standard_normal(n)
        shares.append(float(np.mean((v > reference) == above)))
    assert shares[0] == pytest.approx(shares[1], rel=0.1)
    apart = [abs(level_of(r) - level_of(math.sqrt(PAIR[0] * PAIR[1]))) for r in PAIR]
    assert apart[1] > 1.3 * apart[0]  # at the geometric mean they would not be


@given(st.floats(0.0, 0.05), st.floats(0.0, 0.05))
def test_what_varies_from_restore_to_restore_adds_to_the_square_of_the_offset(offset: float, noise: float) -> None:
    def nodes(r: theory.Array) -> tuple[theory.Array, theory.Array]:
        return np.exp(-0.6e-9 / (r * C)), np.exp(-1.9e-9 / (r * C))

    def decided(sigma_vos: float, more: float | None) -> list[float]:
        jitters = None if more is None else lambda r: (np.full_like(r, more), np.full_like(r, more))
        return [float(y) for y in theory.decided(0.2, LEVELS, sigma_vos, nodes, (0.37, 0.39), jitters=jitters)]

    assert decided(offset, noise) == near(decided(math.hypot(offset, noise), None), rel=1e-9)
