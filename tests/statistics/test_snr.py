from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.snr import compose, from_db, snr_a, sqnr, to_db


def test_linear_column_with_constant_noise_by_hand() -> None:
    # var(m) = n p (1 - p) = 16 * 0.25 * 0.75 = 3; noise in LSB: sqrt(1.2^2 + 0.5^2) mV / 10 mV
    m = np.arange(17)
    found = snr_a(m, 1.8 - 0.01 * m, np.full(17, 1.2e-3), 0.5e-3, binomial_pmf(16, 0.25))
    assert found == pytest.approx(3 / (0.12**2 + 0.05**2), rel=1e-9)


def test_nonlinearity_alone_by_hand() -> None:
    # V = 0, 1, 4 with equal weights: line 2 m - 1/3, residuals 1/3, -2/3, 1/3, their mean square 2/9;
    # var(m) = 2/3; SNR = (2/3) 2^2 / (2/9) = 12
    third = np.full(3, 1 / 3)
    assert snr_a([0, 1, 2], [0.0, 1.0, 4.0], np.zeros(3), 0.0, third) == pytest.approx(12)


def test_snr_agrees_with_monte_carlo() -> None:
    n, p, thermal = 32, 0.25, 0.4e-3
    m = np.arange(n + 1)
    v = 1.8 - 0.03 * m / (1 + 0.01 * m)
    sigma = np.sqrt((0.3e-3) ** 2 + m * (0.9e-3) ** 2)
    rng = np.random.default_rng(2)
    y = rng.binomial(n, p, 400_000)
    volts = v[y] + sigma[y] * rng.standard_normal(y.size) + thermal * rng.standard_normal(y.size)
    gain, offset = np.polyfit(y, volts, 1)
    measured = np.var(y) / np.var((volts - offset) / gain - y)
    assert snr_a(m, v, sigma, thermal, binomial_pmf(n, p)) == pytest.approx(measured, rel=0.02)


@given(st.floats(-5, 5).filter(lambda k: abs(k) > 1e-3), st.floats(-2, 2))
def test_gain_and_offset_are_no_error(gain: float, offset: float) -> None:
    m, pmf = np.arange(9), binomial_pmf(8, 0.5)
    v, sigma = m + 0.01 * m**2, 0.1 + 0.01 * m
    expected = snr_a(m, v, sigma, 0.05, pmf)
    assert snr_a(m, gain * v + offset, abs(gain) * sigma, abs(gain) * 0.05, pmf) == pytest.approx(expected)


def test_limits() -> None:
    m, zero, pmf = [0, 1], np.zeros(2), [0.5, 0.5]
    assert snr_a(m, [0.0, 1.0], zero, 0.0, pmf) == math.inf
    assert snr_a(m, [1.0, 1.0], zero, 0.0, pmf) == 0
    assert snr_a(m, [1.0, 1.0], zero, 1.0, pmf) == 0
    assert math.isnan(snr_a(m, [1.0, math.nan], zero, 1.0, pmf))


@pytest.mark.parametrize(
    ("pmf", "message"),
    [([0.5, 0.4], "adds up to 0.9"), ([1.5, -0.5], "pmf"), ([0.0, 1.0], "one code"), ([1.0], "must agree")],
)
def test_wrong_distributions_are_refused(pmf: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        snr_a([0, 1], [0.0, 1.0], [0.0, 0.0], 0.0, pmf)


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_sqnr_is_the_textbook_formula(bits: int) -> None:
    # 6.02 B + 4.77 - PAR, and a uniform signal has PAR = 4.77 dB
    assert to_db(sqnr(bits, math.sqrt(3))) == pytest.approx(6.0206 * bits, abs=1e-3)
    assert to_db(sqnr(bits, 4.0)) == pytest.approx(6.0206 * bits + 4.7712 - 12.0412, abs=1e-3)


def test_sqnr_agrees_with_a_quantised_uniform_signal() -> None:
    x = np.random.default_rng(3).uniform(-1, 1, 200_000)
    step = 2 / 2**6
    error = (np.floor(x / step) + 0.5) * step - x
    assert sqnr(6, 1 / x.std()) == pytest.approx(x.var() / error.var(), rel=0.02)


def test_sqnr_needs_a_positive_ratio() -> None:
    with pytest.raises(InputError, match="peak_to_sigma = 0"):
        sqnr(4, 0)


def test_composition() -> None:
    assert compose(100.0, 100.0) == 50
    assert compose(100.0, math.inf) == 100
    assert compose(math.inf, math.inf) == math.inf
    assert compose(100.0, 0.0) == 0
    # 30 dB and 30 dB make 26.99 dB
    assert to_db(compose(float(from_db(30)), float(from_db(30)))) == pytest.approx(26.99, abs=0.01)


@given(st.floats(-200, 200))
def test_decibel_round_trip(db: float) -> None:
    assert to_db(from_db(db)) == pytest.approx(db, abs=1e-9)
    assert to_db(0.0) == -math.inf
