"""The turning resistances of `benchmarks/restore_turning.py`: their search, and the error rates by integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near
from restore_turning import CLOSE, STARTS, Turn, error_rates
from scipy.stats import norm

R = (80e3, 280e3, 1e6)


@given(st.sampled_from([1, 2]), st.floats(-3.0, 3.0), st.floats(10e-3, 20e-3), st.floats(0.8, 1.1))
def test_a_search_ends_within_a_tenth_of_a_sigma(latch: int, away: float, slope: float, power: float) -> None:
    """Whatever the lead's slope, if it is steep enough, and though it is no straight line."""
    turn = Turn(latch, 1, STARTS[latch])
    wanted = STARTS[latch] + away
    for _ in range(60):
        distance = turn.at - wanted
        height = math.copysign(slope * abs(distance) ** power, distance)
        turn.learn(height if latch == 1 else -height)
        if turn.done:
            break
    assert turn.done
    assert turn.at == near(wanted, abs=2 * CLOSE)


def test_error_rates_are_the_average_over_chips_and_memory() -> None:
    """Chips whose ln R is exactly normal, and the ReRAM's spread integrated over each of them."""
    quantiles = norm.ppf((np.arange(2000) + 0.5) / 2000)
    ln_r = {1: math.log(150e3) + 0.1 * quantiles, 2: math.log(530e3) + 0.12 * quantiles}
    rates = error_rates(ln_r, R, 0.2)
    first = [norm.sf(abs(ln_r[1] - math.log(r)) / 0.2).mean() for r in R[:2]]
    second = [norm.sf(abs(ln_r[2] - math.log(r)) / 0.2).mean() for r in R[1:]]
    for (rate, low, high), expected in zip(rates, (first[0], first[1] + second[0], second[1]), strict=True):
        assert rate == near(expected, rel=0.02)
        assert low < rate < high


def test_the_interval_covers_what_so_many_chips_would_give() -> None:
    rng, inside, runs = np.random.default_rng(3), 0, 300
    true = norm.sf(0.6 / math.hypot(0.2, 0.1))
    for _ in range(runs):
        ln_r = {1: math.log(80e3) + 0.6 + 0.1 * rng.standard_normal(40)}
        _, low, high = error_rates(ln_r, R[:1], 0.2)[0]
        inside += low <= true <= high
    assert inside / runs == pytest.approx(0.95, abs=0.035)


def test_a_search_without_slope_does_not_end() -> None:
    turn = Turn(1, 1, STARTS[1])
    for _ in range(10):
        turn.learn(1e-7 if turn.at > -5.2 else -1e-12)
    assert not turn.done
