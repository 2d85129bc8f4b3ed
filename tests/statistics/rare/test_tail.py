"""Against exact probabilities; the margins and the full campaign are in benchmarks (rare.py, rare.md)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from rare_margins import HARD, MARGINS, array, cliff, curved, linear, six_regions, slit, sphere, two_sides
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from bitline.errors import BadMeasureError, InputError, SimulatorCrashedError
from bitline.statistics.rare.estimate import Method
from bitline.statistics.rare.limit_state import Array
from bitline.statistics.rare.tail import failure_probability

D = 40
METHODS: tuple[Method, ...] = ("importance", "subset", "plain")

# Evaluations that 50 seeds stayed within.
CASES = {
    ("linear", 18, 1e-3): 4000,
    ("saturating", 108, 1e-8): 7000,
    ("linear", 1152, 1e-5): 9000,
    ("curved away, 0.2 per sigma^2", 18, 1e-8): 8000,
    ("curved towards the origin, 0.03 per sigma^2", 108, 1e-5): 12000,
    ("two sides, 5 to 1", 576, 1e-5): 9000,
    ("six regions", 108, 1e-3): 8000,
    ("array", 576, 1e-8): 18000,
    ("array of unequal cells, interleaved", 108, 1e-5): 8000,
    ("array of curved cells", 108, 1e-8): 9000,
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_importance_covers_the_exact_value_as_often_as_it_says(case: tuple[str, int, float]) -> None:
    name, d, p = case
    runs = [failure_probability(MARGINS[name](d, p), d, seed=seed) for seed in range(100, 108)]
    assert [run.doubt for run in runs] == [""] * 8
    assert sum(run.low <= p <= run.high for run in runs) >= binom.ppf(0.001, 8, 0.95)
    assert np.mean([run.probability for run in runs]) == pytest.approx(p, rel=4 * 0.1 / math.sqrt(8))
    assert max(run.evaluations for run in runs) <= CASES[case]


def test_a_thousand_deviates_give_a_number() -> None:
    run = failure_probability(linear(576, 1e-6), 576)
    assert run.low <= 1e-6 <= run.high and run.cov is not None and run.cov <= 0.1


@pytest.mark.parametrize("margin", [six_regions, array], ids=["all deviates", "a cell's deviates"])
def test_six_equal_regions_are_all_found(margin: Callable[[int, float], Callable[[Array], Array]]) -> None:
    run = failure_probability(margin(108, 1e-6), 108, seed=3)
    assert len(run.design_points) == 6
    assert run.low <= 1e-6 <= run.high


def test_the_design_points_are_the_nearest_failures() -> None:
    run = failure_probability(two_sides(D, 6e-7), D)
    near, far = map(np.array, run.design_points)
    assert run.design_point == tuple(near)
    assert np.linalg.norm(near) == pytest.approx(-ndtri(5e-7), abs=0.02)
    assert np.linalg.norm(far) == pytest.approx(-ndtri(1e-7), abs=0.02)
    assert near @ far < -0.99 * np.linalg.norm(near) * np.linalg.norm(far)


@pytest.mark.parametrize(
    ("margin", "d"),
    [(sphere(D, 1e-4), D), (cliff(18, 1e-5), 18), (cliff(108, 1e-5), 108), (slit(108, 1e-5), 108)],
    ids=["sphere", "cliff", "cliff in many deviates", "slit"],
)
def test_importance_claims_nothing_where_its_points_are_not_enough(margin: Callable[[Array], Array], d: int) -> None:
    for seed in range(4):
        run = failure_probability(margin, d, seed=seed)
        assert run.doubt and not run.converged
        assert (run.probability, run.cov, run.equivalent_samples, run.low, run.high) == (None, None, None, 0.0, 1.0)


def test_a_limit_bent_round_the_origin_is_refused_or_covered() -> None:
    for seed in range(4):
        run = failure_probability(curved(18, 1e-5, -0.12), 18, seed=seed)
        assert run.probability is None or run.low <= 1e-5 <= run.high


def test_a_region_that_only_the_samples_hit_is_not_lost() -> None:
    # A tenth of all failures gives no slope, and lies where hardly any sample of an inflated spread is.
    a, b = np.linalg.qr(np.random.default_rng(7).standard_normal((D, 2)))[0].T

    def margin(z: Array) -> Array:
        slit = (z @ b > 2.3) & (abs(z @ a) < 0.01)
        return np.where(slit, -1.0, 3.1 - z @ a)

    truth = ndtr(-3.1) + ndtr(-2.3) * (1 - 2 * ndtr(-0.01))
    for seed in range(4):
        run = failure_probability(margin, D, seed=seed)
        assert run.probability is None or run.low <= truth <= run.high


def test_too_few_evaluations_are_said() -> None:
    run = failure_probability(linear(18, 1e-6), 18, max_evaluations=1500)
    assert run.probability is None and "no evaluations were left" in run.doubt


@pytest.mark.parametrize("method", ["importance", "subset"])
@pytest.mark.parametrize("p", [1e-2, 1e-3])
def test_methods_agree_with_plain_monte_carlo(method: Method, p: float) -> None:
    margin, exact = curved(D, p, 0.1), p
    plain = failure_probability(margin, D, method="plain", seed=3, max_evaluations=200_000)
    other = failure_probability(margin, D, method=method, seed=4, max_evaluations=40_000)
    assert plain.converged and plain.cov <= 0.1
    assert plain.equivalent_samples == pytest.approx(plain.evaluations)
    assert plain.low <= exact <= plain.high and other.low <= exact <= other.high
    assert max(plain.low, other.low) < min(plain.high, other.high)


@pytest.mark.parametrize(
    ("margin", "exact"), [(linear(D, 1e-5), 1e-5), (sphere(D, 1e-4), 1e-4)], ids=["plane", "sphere"]
)
def test_subset_s_interval_comes_from_independent_runs(margin: Callable[[Array], Array], exact: float) -> None:
    runs = [failure_probability(margin, D, method="subset", seed=seed) for seed in range(12)]
    assert sum(run.low <= exact <= run.high for run in runs) >= binom.ppf(0.001, 12, 0.95)
    spread = np.std([run.probability for run in runs], ddof=1) / exact
    assert 0.5 < np.mean([run.cov for run in runs]) / spread < 2
    assert max(run.evaluations for run in runs) <= 60_000


def test_equivalent_samples_have_the_same_standard_error() -> None:
    run = failure_probability(linear(D, 1e-6), D)
    p = run.probability
    assert math.sqrt(p * (1 - p) / run.equivalent_samples) == pytest.approx(run.cov * p, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_no_failure_gives_a_bound_and_never_0(method: Method) -> None:
    run = failure_probability(lambda z: np.full(len(z), 1.0), 5, method=method, max_evaluations=5000)
    assert run.probability is None and run.doubt == "no failure was seen"
    assert run.low == 0 and 1e-4 < run.high < 0.05


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", MARGINS | HARD)
def test_every_number_of_a_result_is_finite(name: str, method: Method) -> None:
    for d, p, evaluations in ((18, 1e-3, 3000), (576, 1e-8, 1000)):
        run = failure_probability((MARGINS | HARD)[name](d, p), d, method=method, max_evaluations=evaluations)
        numbers = (run.probability, run.cov, run.equivalent_samples, run.low, run.high)
        assert all(number is None or math.isfinite(number) for number in numbers)
        assert not any(word in run.doubt.split() for word in ("inf", "nan"))
        assert 0 <= run.low <= run.high <= 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("p", [0.3, 0.7, 1.0])
def test_a_circuit_that_mostly_fails_needs_no_design_point(method: Method, p: float) -> None:
    beta = max(-ndtri(p), -40.0)
    run = failure_probability(lambda z: beta - z[:, 0], 3, method=method)
    assert run.low <= p <= run.high and run.converged
    assert run.low < 1 and run.design_points == ()


@pytest.mark.parametrize("method", ("importance", "subset"))
def test_a_margin_without_a_slope_is_no_result(method: Method) -> None:
    run = failure_probability(lambda z: np.where(z[:, 0] > 3, -1.0, 1.0), 5, method=method)
    assert run.probability is None and run.doubt


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_fixes_every_bit(method: Method) -> None:
    one, again, other = (failure_probability(linear(D, 1e-3), D, method=method, seed=seed) for seed in (5, 5, 6))
    assert one == again
    assert one != other


def failing(fraction: float) -> Callable[[Array], Array]:
    """Give no number for this fraction of the deviates, all of them far on the good side."""
    return lambda z: np.where(z[:, 0] > ndtri(1 - fraction), np.nan, 3.0 + z[:, 1])


def test_a_sample_without_a_margin_counts_as_a_failure() -> None:
    run = failure_probability(failing(1e-3), 3, method="plain", max_evaluations=50_000)
    expected = 1e-3 + (1 - 1e-3) * ndtr(-3.0)
    assert run.low <= expected <= run.high
    assert run.invalid == pytest.approx(1e-3 * run.evaluations, rel=0.5)


@pytest.mark.parametrize("method", METHODS)
def test_too_many_without_a_margin_end_the_run(method: Method) -> None:
    with pytest.raises(BadMeasureError, match=r"\d+ of \d+ samples gave no margin: at most 1 % may"):
        failure_probability(failing(0.05), 3, method=method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [SimulatorCrashedError("boom"), KeyboardInterrupt()])
def test_an_error_of_the_margin_comes_through_as_it_is(method: Method, error: BaseException) -> None:
    calls = 0

    def margin(z: Array) -> Array:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise error
        return np.asarray(6.0 - z[:, 0])

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
    with pytest.raises(InputError, match=r"shape \(200, 2\) for 200 vectors: must be \(200,\)"):
        failure_probability(lambda z: z, 2)
