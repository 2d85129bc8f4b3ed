"""ASiM's abstraction: constants that were put in come out, and the intervals hold them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.asim import asim_intervals, fit_asim

CODES = np.arange(17)


def transfer(alpha: float, lsb: float = -35e-3) -> np.ndarray:
    return 1.8 + lsb * CODES / (1 + alpha * CODES)


@given(
    st.floats(0, 0.05).filter(lambda s: s == 0 or s > 1e-3),
    st.floats(0, 0.05).filter(lambda s: s == 0 or s > 1e-3),
    st.floats(-0.01, 0.05),
    st.floats(1e-3, 0.1).flatmap(lambda x: st.sampled_from([x, -x])),
)
def test_constants_come_out(sigma_r: float, sigma_nl: float, alpha: float, lsb: float) -> None:
    v = transfer(alpha, lsb)
    sigma = np.sqrt(sigma_r**2 + sigma_nl**2 / (CODES + 1)) * abs(v[-1] - v[0])
    fit = fit_asim(CODES, v, sigma)
    assert (fit.sigma_r, fit.sigma_nl) == pytest.approx((sigma_r, sigma_nl), rel=1e-6, abs=1e-7)
    assert fit.alpha == pytest.approx(alpha, abs=1e-6)
    assert fit.sigma_residual == pytest.approx(0, abs=1e-8)
    assert fit.mean_residual == pytest.approx(0, abs=1e-8)


@given(st.lists(st.floats(0, 0.1), min_size=17, max_size=17))
def test_what_is_fitted_is_the_least_square_of_the_variances(sigma: list[float]) -> None:
    """Optimality of non-negative least squares: no small step within the allowed constants is better."""
    s = np.array(sigma)
    fit = fit_asim(CODES, CODES / 16, s)
    basis = np.column_stack([np.ones(17), 1 / (CODES + 1)])
    parts = np.array([fit.sigma_r**2, fit.sigma_nl**2])
    slope = basis.T @ (basis @ parts - s**2)
    assert np.all(slope > -1e-9)
    assert np.all(np.abs(slope[parts > 1e-12]) < 1e-9)
    assert fit.sigma_rms == pytest.approx(np.sqrt(np.mean(s**2)))


def test_mismatch_of_cells_has_no_place_in_it() -> None:
    """A sigma that grows with sqrt(m) is fitted by a constant of the same power, and the residual says so."""
    sigma = 0.01 * np.sqrt(CODES)
    fit = fit_asim(CODES, CODES / 16, sigma)
    assert fit.sigma_nl == 0
    assert fit.sigma_r == pytest.approx(fit.sigma_rms)
    assert fit.sigma_residual > 0.3 * fit.sigma_rms


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Chips whose codes depend on each other: noise of a code of its own, and one gain error a chip."""
    rng, held = np.random.default_rng(11), np.zeros(3)
    true = {"sigma_r": 0.02, "sigma_nl": 0.05, "alpha": 0.004}
    v = transfer(true["alpha"])
    scale = abs(v[-1] - v[0])
    trials = 40
    for _ in range(trials):
        chips = v + scale * true["sigma_r"] * rng.standard_normal((150, 1))
        chips = chips + scale * true["sigma_nl"] / np.sqrt(CODES + 1) * rng.standard_normal((150, 17))
        found = asim_intervals(CODES, chips)
        held += [found[name].low <= value <= found[name].high for name, value in true.items()]
    # 95 % of 40: fewer than 33 have a probability below 1e-3
    assert held.min() >= 33, held / trials


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(InputError, match="three codes at least"):
        fit_asim([0, 1], [0.0, 1.0], [0.1, 0.1])
    with pytest.raises(InputError, match="does not move"):
        fit_asim([0, 1, 2], [1.0, 0.5, 1.0], [0.1, 0.1, 0.1])
    with pytest.raises(InputError, match="sigma = -1"):
        fit_asim([0, 1, 2], [0.0, 1.0, 2.0], [0.1, -1.0, 0.1])
    with pytest.raises(InputError, match="two or more"):
        asim_intervals([0, 1, 2], [[0.0, 1.0, 2.0]])


def test_a_point_that_failed_leaves_no_constants() -> None:
    assert np.isnan(fit_asim([0, 1, 2], [0.0, np.nan, 2.0], [0.1, 0.1, 0.1]).sigma_r)
