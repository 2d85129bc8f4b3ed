from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bitline.errors import InputError
from bitline.statistics.intervals import clopper_pearson, mean, sigma


def test_mean_and_standard_error_of_four_numbers() -> None:
    value, error = mean([1.0, 2.0, 3.0, 6.0])
    # squared deviations 4 + 1 + 0 + 9 = 14; s^2 = 14/3; error = sqrt(14/3/4)
    assert value == 3.0
    assert error == pytest.approx(math.sqrt(14 / 12), rel=1e-15)


def test_mean_of_one_sample_has_no_error() -> None:
    value, error = mean([[1.0], [2.0]])
    assert value.tolist() == [1.0, 2.0]
    assert np.isnan(error).all()


def test_sigma_interval_against_tabulated_chi_square() -> None:
    # chi-square, 9 degrees of freedom: 2.5 % point 2.700, 97.5 % point 19.023 (any table)
    x = np.arange(10.0)
    found = sigma(x)
    s = math.sqrt(82.5 / 9)
    assert found.value == pytest.approx(s, rel=1e-15)
    assert found.low == pytest.approx(s * math.sqrt(9 / 19.023), rel=1e-4)
    assert found.high == pytest.approx(s * math.sqrt(9 / 2.700), rel=1e-4)


def test_sigma_interval_covers_the_truth_as_often_as_it_says() -> None:
    samples = np.random.default_rng(5).normal(0, 2.0, (20_000, 12))
    found = sigma(samples, 0.9)
    assert found.value.shape == (20_000,)
    covered = np.mean((found.low < 2.0) & (found.high > 2.0))
    assert covered == pytest.approx(0.9, abs=5 * math.sqrt(0.9 * 0.1 / 20_000))


@given(st.integers(1, 300), st.data())
def test_clopper_pearson_is_the_exact_binomial_test_turned_round(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    found = clopper_pearson(k, n, 0.95)
    tail = 0.05 if k in (0, n) else 0.025
    if k:  # P(X >= k | low) is the tail
        assert stats.binom.sf(k - 1, n, found.low) == pytest.approx(tail, rel=1e-8)
    else:
        assert found.low == 0
    if k < n:  # P(X <= k | high) is the tail
        assert stats.binom.cdf(k, n, found.high) == pytest.approx(tail, rel=1e-8)
    else:
        assert found.high == 1


def test_clopper_pearson_agrees_with_scipy_between_the_ends() -> None:
    exact = stats.binomtest(3, 200).proportion_ci(0.95, "exact")
    found = clopper_pearson(3, 200)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), rel=1e-12)
    assert found.estimate == 0.015
    assert str(found) == "0.015 [0.0031, 0.0432] (3 of 200, 0.95 confidence)"


def test_no_failure_is_a_bound_and_not_zero() -> None:
    found = clopper_pearson(0, 200)
    assert math.isnan(found.estimate)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 200), rel=1e-12)
    assert found.high == pytest.approx(3 / 200, rel=0.02)  # the rule of three
    assert str(found) == "< 0.0149 (0 of 200, 0.95 confidence)"


@pytest.mark.parametrize(("failures", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(failures: int, n: int) -> None:
    with pytest.raises(InputError, match=f"failures = {failures}|n = {n}: must be an integer >= 1"):
        clopper_pearson(failures, n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, float("nan"), 95.0])
def test_confidence_must_lie_between_0_and_1(confidence: float) -> None:
    for call in (lambda: sigma([1.0, 2.0], confidence), lambda: clopper_pearson(1, 2, confidence)):
        with pytest.raises(InputError, match="confidence = "):
            call()


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(InputError, match="at least 2"):
        sigma([1.0])
    with pytest.raises(InputError, match="at least 1"):
        mean(np.zeros((3, 0)))
    with pytest.raises(InputError, match="at least 1"):
        mean(3.0)
