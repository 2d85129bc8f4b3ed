from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.fit import fit_compressive, fit_sigma

M = np.arange(17)


@given(
    st.floats(-2, 2),
    st.floats(1e-6, 1).flatmap(lambda gain: st.sampled_from([gain, -gain])),
    st.floats(-0.03, 0.5) | st.just(0.0),
    st.integers(5, 65),
)
def test_an_exact_curve_is_recovered(v0: float, gain: float, alpha: float, n: int) -> None:
    m = np.arange(n)
    alpha = max(alpha, -0.5 / n)
    fit = fit_compressive(m, v0 - gain * m / (1 + alpha * m))
    assert fit.v0 == pytest.approx(v0, abs=1e-9)
    assert fit.gain == pytest.approx(gain, rel=1e-6)
    assert fit.alpha == pytest.approx(alpha, abs=1e-6)
    assert fit.rmse < 1e-10
    assert fit(3) == pytest.approx(v0 - gain * 3 / (1 + alpha * 3), abs=1e-9)


def test_noise_gives_its_own_rmse_and_unbiased_parameters() -> None:
    rng = np.random.default_rng(4)
    m = np.arange(65)
    v = 1.8 - 0.02 * m / (1 + 0.01 * m)
    fits = [fit_compressive(m, v + rng.normal(0, 1e-3, m.size)) for _ in range(100)]
    assert np.mean([f.rmse for f in fits]) == pytest.approx(1e-3 * math.sqrt(62 / 65), rel=0.03)
    assert np.mean([f.gain for f in fits]) == pytest.approx(0.02, rel=0.01)
    assert np.mean([f.alpha for f in fits]) == pytest.approx(0.01, rel=0.02)


def test_no_other_parameters_do_better() -> None:
    v = 1.8 * np.exp(-0.05 * M)  # not of the model's form
    fit = fit_compressive(M, v)

    def rmse(v0: float, gain: float, alpha: float) -> float:
        return float(np.sqrt(np.mean((v0 - gain * M / (1 + alpha * M) - v) ** 2)))

    assert fit.rmse == pytest.approx(rmse(fit.v0, fit.gain, fit.alpha), rel=1e-9)
    for change in (0.99, 1.01):
        assert rmse(fit.v0 * change, fit.gain, fit.alpha) > fit.rmse
        assert rmse(fit.v0, fit.gain * change, fit.alpha) > fit.rmse
        assert rmse(fit.v0, fit.gain, fit.alpha * change) > fit.rmse


def test_failed_points_are_left_out() -> None:
    v = 1.8 - 0.04 * M / (1 + 0.02 * M)
    v[[3, 9]] = np.nan
    assert fit_compressive(M, v).alpha == pytest.approx(0.02, rel=1e-6)
    assert math.isnan(fit_compressive(M[:4], v[:4] * [1, 1, np.nan, 1]).gain)


def test_a_dead_line_has_no_gain() -> None:
    fit = fit_compressive(M, np.full(17, 1.8))
    assert (fit.v0, fit.gain, fit.alpha, fit.rmse) == (1.8, 0, 0, 0)


spread = st.floats(1e-9, 1e-2) | st.just(0.0)


@given(spread, spread)
def test_exact_sigmas_are_recovered(s0: float, s1: float) -> None:
    fit = fit_sigma(M, np.sqrt(s0**2 + M * s1**2))
    scale = max(s0, s1)
    assert fit.s0 == pytest.approx(s0, abs=1e-4 * scale)
    assert fit.s1 == pytest.approx(s1, abs=1e-4 * scale)
    assert fit.rmse <= 1e-6 * scale
    assert fit(4) == pytest.approx(math.sqrt(s0**2 + 4 * s1**2), abs=1e-5 * scale)


def test_sigma_fit_from_samples() -> None:
    rng = np.random.default_rng(6)
    true = np.sqrt(0.5e-3**2 + M * 1e-3**2)
    measured = rng.normal(0, 1, (2000, 17)) * true
    fit = fit_sigma(M, measured.std(axis=0, ddof=1))
    assert fit.s0 == pytest.approx(0.5e-3, rel=0.1)
    assert fit.s1 == pytest.approx(1e-3, rel=0.02)


def test_sigma_fit_of_nothing() -> None:
    assert math.isnan(fit_sigma([0, 1], [np.nan, 1.0]).s1)
    assert fit_sigma(M, np.zeros(17))(5) == 0


@pytest.mark.parametrize("fit", [fit_compressive, fit_sigma])
def test_wrong_input_is_refused(fit: object) -> None:
    with pytest.raises(InputError, match="must be one-dimensional and agree"):
        fit(M, M[:-1])  # type: ignore[operator]
    with pytest.raises(InputError, match="code = -1: must be >= 0"):
        fit([-1, 0, 1, 2], [1.0, 2.0, 3.0, 4.0])  # type: ignore[operator]
