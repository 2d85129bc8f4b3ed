"""Column and ADC: against error functions written out, sampling, and what an ideal chain must give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bitline.errors import InputError
from bitline.statistics.distributions import trinomial_pmf
from bitline.system.chain import States, assess, confusion
from bitline.system.thresholds import Quantiser, aligned, at_levels, stretched

ROWS, LSB = 16, 10e-3
MAC = np.arange(-ROWS, ROWS + 1)
PMF = trinomial_pmf(ROWS, 2 / 9, 2 / 9).sum(axis=1)


def column(sigma: float = 0.0, thermal: float = 0.0, mean: np.ndarray | None = None) -> States:
    return States(MAC, LSB * MAC if mean is None else mean, np.full(33, sigma), PMF, thermal)


def with_errors(quantiser: Quantiser, **errors: float) -> Quantiser:
    return Quantiser(quantiser.thresholds, quantiser.values, **errors)


def test_six_bits_without_errors_have_all_levels() -> None:
    chain = assess(column(), aligned(LSB, 0.0, 6, -32))
    assert chain.error.tolist() == [0] * 33
    assert chain.rms_error == 0
    assert chain.snr_t == chain.snr_t_linear == math.inf
    assert chain.enob == pytest.approx(math.log2(33))


@pytest.mark.parametrize("lsb", [LSB, -LSB])
def test_five_bits_aligned_lose_one_end_only(lsb: float) -> None:
    chain = assess(column(mean=lsb * MAC), aligned(lsb, 0.0, 5, -16))
    np.testing.assert_array_equal(chain.error, [0.0] * 32 + [1.0])
    assert chain.error_rate == pytest.approx((2 / 9) ** 16)
    assert chain.rms_error == pytest.approx((2 / 9) ** 8)


def test_five_bits_stretched_by_counting() -> None:
    # an edge every 33/32 levels: they drift through the levels and meet one of them in the middle
    quantiser = stretched(LSB, 0.0, 5, -16, 16)
    assert quantiser.thresholds[15] == pytest.approx(0)
    read = quantiser.read(LSB * MAC + 1e-9)
    assert len(set(read.tolist())) == 32
    chain = assess(column(sigma=1e-7), quantiser)
    middle = chain.error[16]
    assert middle == pytest.approx(1)  # 0 is read as -1 or +1
    assert chain.error[:16].max() < 1e-12
    # any spread hurts it more than the aligned one
    noisy = column(sigma=LSB / 6)
    assert assess(noisy, quantiser).error_rate > 3 * assess(noisy, aligned(LSB, 0.0, 5, -16)).error_rate


def test_error_rates_are_gaussian_tails() -> None:
    sigma, thermal, noise = 1.2e-3, 0.5e-3, 0.4e-3
    quantiser = with_errors(aligned(LSB, 0.0, 5, -16), noise=noise)
    chain = assess(column(sigma, thermal), quantiser)
    z = LSB / 2 / math.sqrt(sigma**2 + thermal**2 + noise**2)
    np.testing.assert_allclose(chain.error[1:31], math.erfc(z / math.sqrt(2)), rtol=1e-9)
    ends = chain.error[[0, 31]]  # -16 has no code below, 15 none above
    np.testing.assert_allclose(ends, math.erfc(z / math.sqrt(2)) / 2, rtol=1e-9)
    assert chain.error[32] == pytest.approx(1)
    assert chain.snr_a == pytest.approx(PMF @ MAC**2 * LSB**2 / (sigma**2 + thermal**2))


def test_rates_far_below_what_samples_could_show() -> None:
    p = confusion(column(sigma=LSB / 20), aligned(LSB, 0.0, 5, -16))
    assert p[20, 21] == pytest.approx(stats.norm.sf(10), rel=1e-9)
    assert p[20, 19] == pytest.approx(stats.norm.sf(10), rel=1e-9)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)


def test_calibration_leaves_the_residual() -> None:
    quantiser = with_errors(aligned(LSB, 0.0, 5, -16), offset=20e-3, residual=1e-3)
    before, after = (assess(column(1e-3), quantiser, calibrated=done) for done in (False, True))
    for chain, offset in ((before, 20e-3), (after, 1e-3)):
        expected = math.erfc(LSB / 2 / math.hypot(1e-3, offset) / math.sqrt(2))
        assert chain.error[16] == pytest.approx(expected)
    assert before.snr_a == after.snr_a


def test_everything_against_sampling() -> None:
    """States with common mode, a compressive transfer, two codes for one value and all errors at once."""
    rng = np.random.default_rng(4)
    mac, extra = np.meshgrid(MAC, np.arange(9), indexing="ij")
    plus, minus = np.maximum(mac, 0) + extra, np.maximum(-mac, 0) + extra
    mean = LSB * mac * (1 - 0.01 * extra) / (1 + 0.01 * np.abs(mac))
    sigma = 0.5e-3 * np.sqrt(plus + minus)
    mean[plus + minus > ROWS] = np.nan
    pmf = trinomial_pmf(ROWS, 0.3, 0.2)
    states = States(mac, mean, sigma, pmf, 0.6e-3)
    quantiser = with_errors(stretched(0.9 * LSB, 1e-3, 5, -16, 16), noise=0.7e-3, offset=2e-3)
    chain = assess(states, quantiser)
    drawn = rng.choice(pmf.size, 400_000, p=pmf.ravel())
    error = rng.standard_normal((4, drawn.size)) * np.array([[1.0], [0.6e-3], [0.7e-3], [2e-3]])
    error[0] *= sigma.ravel()[drawn]
    truth, read = mac.ravel()[drawn], quantiser.read(mean.ravel()[drawn] + error.sum(axis=0))
    assert chain.error_rate == pytest.approx((read != truth).mean(), rel=0.02)
    assert chain.rms_error == pytest.approx(np.sqrt(((read - truth) ** 2).mean()), rel=0.01)
    assert chain.snr_t == pytest.approx(truth.var() / ((read - truth) ** 2).mean(), rel=0.02)
    gain, offset = np.polyfit(truth, read, 1)
    linear = truth.var() / ((read - offset) / gain - truth).var()
    assert chain.snr_t_linear == pytest.approx(linear, rel=0.02)
    for value in (-3, 0, 3):
        seen = truth == value
        assert chain.error[chain.mac.tolist().index(value)] == pytest.approx((read != truth)[seen].mean(), abs=0.01)


def test_thresholds_at_the_levels_suit_a_compressive_column() -> None:
    mean = 0.3 * np.tanh(MAC / 12)
    ideal = at_levels(mean, 6, -16)
    assert assess(column(mean=mean), ideal).error_rate == 0
    np.testing.assert_allclose(ideal.thresholds, (mean[1:] + mean[:-1]) / 2)
    lsb = (mean[-1] - mean[0]) / 32
    assert assess(column(mean=mean), aligned(lsb, 0.0, 6, -32)).error_rate > 0.5
    five = at_levels(mean[::-1], 5, -16)  # a falling column; its last level has no code
    assert five.values.tolist() == list(range(15, -17, -1))
    np.testing.assert_array_equal(five.read(mean[::-1]), [*range(-16, 16), 15])


def test_enob_of_gaussian_error() -> None:
    """Where errors are wide, the digital error is the analog one with 1/12 for the rounding."""
    wide = States(np.arange(-200, 201), 1e-3 * np.arange(-200, 201), np.full(401, 5e-3), np.full(401, 1 / 401))
    chain = assess(wide, aligned(1e-3, 0.0, 12, -2048))
    assert chain.rms_error == pytest.approx(math.sqrt(25 + 1 / 12), rel=1e-3)
    assert chain.enob == pytest.approx(math.log2(401 / math.sqrt(12 * (25 + 2 / 12))), rel=1e-3)


def test_wrong_input_is_refused() -> None:
    one, half = np.zeros(1), np.array([0.5, 0.5])
    for call, message in (
        (lambda: States(one, one, one, half), "must agree"),
        (lambda: States(one, one, one, half[:1]), "adds up to 0.5"),
        (lambda: States(one, one * np.nan, one, one + 1), "finite"),
        (lambda: States(one, one, one, one + 1, -1.0), "finite"),
        (lambda: Quantiser(half, [0, 1]), "one more value"),  # type: ignore[arg-type]
        (lambda: Quantiser(np.array([1.0, 0.0]), [0, 1, 2]), "ascending"),  # type: ignore[arg-type]
        (lambda: with_errors(aligned(1, 0, 2, 0), noise=-1.0), "noise, offset"),
        (lambda: with_errors(aligned(1, 0, 2, 0), residual=math.nan), "noise, offset"),
        (lambda: aligned(0.0, 0.0, 5, 0), "lsb = 0"),
        (lambda: aligned(1.0, 0.0, 0, 0), "bits = 0"),
        (lambda: at_levels([0, 1, 0.5], 2, 0), "rise or fall"),
        (lambda: assess(States(one, one, one, one + 1), aligned(1, 0, 2, 0)), "signal"),
    ):
        with pytest.raises(InputError, match=message):
            call()
