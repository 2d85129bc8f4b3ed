"""Against exact probabilities: the normal integral of a plane, quadrature where the limit is curved."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np
import openturns as ot
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri
from scipy.stats import binom, chi2

from bitline.errors import BadMeasureError, InputError, SetupError, SimulatorCrashedError
from bitline.statistics.rare.limit_state import Array
from bitline.statistics.rare.tail import Method, failure_probability

D = 40
PAIR = np.linalg.qr(np.random.default_rng(7).standard_normal((D, 2)))[0].T
A, B = PAIR
Function = Callable[[Array], Array]


def noisy(margin: Function) -> Function:
    """Add what a solver's tolerance of 1e-4 does to a margin: the same for the same deviates."""
    return lambda z: margin(z) * (1 + 1e-4 * np.sin(1e5 * z.sum(axis=1)))


def plane(p: float) -> Function:
    return noisy(lambda z: -ndtri(p) - z @ A)


def two_sided(p: float, q: float) -> Function:
    return noisy(lambda z: np.minimum(-ndtri(p) - z @ A, -ndtri(q) + z @ A))


def curved(beta: float, bend: float) -> tuple[Function, float]:
    exact = quad(lambda y: math.exp(-(y**2) / 2) / math.sqrt(2 * math.pi) * ndtr(-beta - bend * y**2), -9, 9)[0]
    return noisy(lambda z: beta - z @ A + bend * (z @ B) ** 2), exact


def ring(p: float) -> Function:
    return lambda z: chi2.isf(p, D) - (z**2).sum(axis=1)


CASES: dict[str, tuple[Function, float, int]] = {
    **{f"plane {p:g}": (plane(p), p, 1) for p in (1e-2, 1e-3, 1e-4, 1e-6, 1e-8)},
    "two sides of unequal distance": (two_sided(1e-6, 2e-7), 1.2e-6, 2),
    "two sides": (two_sided(1e-8, 1e-8), 2e-8, 2),
    "two sides, flat at the origin": (lambda z: ndtri(5e-6) ** 2 - (z @ A) ** 2, 1e-5, 2),
    "the least of two margins": (
        noisy(lambda z: np.minimum(-ndtri(1e-6) - z @ A, -ndtri(1e-6) - z @ B)),
        1 - (1 - 1e-6) ** 2,
        2,
    ),
    "curved away": (*curved(4.0, 0.2), 1),
    "curved towards the origin": (*curved(4.5, -0.04), 1),
}


@pytest.mark.parametrize("case", CASES)
def test_importance_covers_the_exact_value_as_often_as_it_says(case: str) -> None:
    margin, exact, points = CASES[case]
    runs = [failure_probability(margin, D, seed=seed) for seed in range(20)]
    covered = sum(run.low <= exact <= run.high for run in runs)
    assert covered >= binom.ppf(0.001, 20, 0.95)
    assert all(run.converged and run.cov <= 0.1 and len(run.design_points) == points for run in runs)
    mean = np.mean([run.probability for run in runs])
    assert mean == pytest.approx(exact, rel=4 * 0.1 / math.sqrt(20))
    assert max(run.evaluations for run in runs) < 3500


@pytest.mark.parametrize("dimension", [1, 30, 80])
def test_the_cost_grows_slowly_with_the_dimension(dimension: int) -> None:
    unit = np.full(dimension, dimension**-0.5)
    run = failure_probability(lambda z: 5.0 - z @ unit, dimension)
    assert run.low <= ndtr(-5.0) <= run.high
    assert run.evaluations < 2000


def test_the_design_point_is_the_nearest_failure() -> None:
    run = failure_probability(two_sided(1e-6, 1e-7), D)
    near, far = run.design_points
    assert run.design_point == near
    assert near == pytest.approx(-ndtri(1e-6) * A, abs=0.15)
    assert far == pytest.approx(ndtri(1e-7) * A, abs=0.15)


@pytest.mark.parametrize("method", ["importance", "subset"])
@pytest.mark.parametrize("p", [1e-2, 1e-3])
def test_methods_agree_with_plain_monte_carlo(method: Method, p: float) -> None:
    margin, exact = curved(-ndtri(p), 0.1)
    plain = failure_probability(margin, D, method="plain", seed=3, max_evaluations=200_000)
    other = failure_probability(margin, D, method=method, seed=4, max_evaluations=40_000)
    assert plain.converged and plain.cov <= 0.1
    assert plain.equivalent_samples == plain.evaluations
    assert plain.low <= exact <= plain.high and other.low <= exact <= other.high
    assert max(plain.low, other.low) < min(plain.high, other.high)


@pytest.mark.parametrize(("margin", "exact"), [(plane(1e-5), 1e-5), (ring(1e-4), 1e-4)], ids=["plane", "ring"])
def test_subset_s_interval_comes_from_independent_runs(margin: Function, exact: float) -> None:
    runs = [failure_probability(margin, D, method="subset", seed=seed) for seed in range(12)]
    assert sum(run.low <= exact <= run.high for run in runs) >= binom.ppf(0.001, 12, 0.95)
    spread = np.std([run.probability for run in runs], ddof=1) / exact
    assert 0.5 < np.mean([run.cov for run in runs]) / spread < 2
    assert max(run.evaluations for run in runs) <= 20_000


def test_importance_says_so_where_design_points_are_not_enough() -> None:
    run = failure_probability(ring(1e-4), D)  # every direction is as near
    assert not run.converged
    assert (run.low, run.high, run.cov, run.equivalent_samples) == (0.0, 1.0, math.inf, 0.0)


def test_equivalent_samples_have_the_same_standard_error() -> None:
    run = failure_probability(plane(1e-6), D)
    p = run.probability
    assert math.sqrt(p * (1 - p) / run.equivalent_samples) == pytest.approx(run.cov * p, rel=1e-12)


@pytest.mark.parametrize("method", ["importance", "subset", "plain"])
def test_no_failure_gives_a_bound_and_never_0(method: Method) -> None:
    run = failure_probability(lambda z: np.full(len(z), 1.0), 5, method=method, max_evaluations=5000)
    assert math.isnan(run.probability) and not run.converged
    assert run.low == 0 and 1e-4 < run.high < 0.05


def test_a_circuit_that_mostly_fails_needs_no_design_point() -> None:
    run = failure_probability(plane(0.7), D)
    assert run.low <= 0.7 <= run.high and run.converged
    assert run.design_points == () and run.evaluations <= 1000


@pytest.mark.parametrize("method", ["importance", "subset", "plain"])
def test_a_seed_fixes_every_bit_and_the_global_generator_is_put_back(method: Method) -> None:
    ot.RandomGenerator.SetSeed(99)
    state = ot.RandomGenerator.GetState()
    one, again, other = (failure_probability(plane(1e-3), D, method=method, seed=seed) for seed in (5, 5, 6))
    assert one == again
    assert one != other
    assert ot.RandomGenerator.GetState() == state


def failing(fraction: float) -> Function:
    """Give no number for this fraction of the deviates, all of them far on the good side."""
    return lambda z: np.where(z[:, 0] > ndtri(1 - fraction), np.nan, 3.0 + z[:, 1])


def test_a_sample_without_a_margin_counts_as_a_failure() -> None:
    run = failure_probability(failing(1e-3), 3, method="plain", max_evaluations=50_000)
    expected = 1e-3 + (1 - 1e-3) * ndtr(-3.0)
    assert run.low <= expected <= run.high
    assert run.invalid == pytest.approx(1e-3 * run.evaluations, rel=0.5)


@pytest.mark.parametrize("method", ["importance", "subset", "plain"])
def test_too_many_without_a_margin_end_the_run(method: Method) -> None:
    with pytest.raises(BadMeasureError, match=r"\d+ of \d+ samples gave no margin: at most 1 % may"):
        failure_probability(failing(0.05), 3, method=method)


@pytest.mark.parametrize("method", ["importance", "subset", "plain"])
@pytest.mark.parametrize("error", [SimulatorCrashedError("boom"), KeyboardInterrupt()])
def test_an_error_of_the_margin_comes_through_openturns_as_it_is(method: Method, error: BaseException) -> None:
    calls = 0

    def margin(z: Array) -> Array:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise error
        return np.asarray(6.0 - z @ A)

    with pytest.raises(type(error)) as caught:
        failure_probability(margin, D, method=method)
    assert caught.value is error


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"method": "form"}, "method = 'form': must be one of importance, subset, plain"),
        ({"target_cov": 0.0}, "target_cov = 0"),
        ({"max_evaluations": 10}, "max_evaluations = 10: must be >= 1000"),
        ({"max_invalid": -1.0}, "max_invalid = -1"),
        ({"confidence": 1.0}, "confidence = 1"),
        ({"seed": -1}, "seed = -1"),
        ({"dimension": 0}, "dimension = 0"),
    ],
)
def test_wrong_arguments_are_named(values: dict[str, object], words: str) -> None:
    given = {"dimension": 2, **values}
    with pytest.raises(InputError, match=words):
        failure_probability(lambda z: z[:, 0], given.pop("dimension"), **given)  # type: ignore[arg-type]


def test_a_margin_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(100, 2\) for 100 vectors: must be \(100,\)"):
        failure_probability(lambda z: z, 2)


def test_without_openturns_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openturns", None)
    with pytest.raises(SetupError, match=r"pip install 'bitline\[highsigma\]'"):
        failure_probability(plane(0.1), D)
