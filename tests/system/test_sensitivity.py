"""Tornado, hypercube and reach on models whose answers are known."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError, UnknownNameError
from bitline.system.sensitivity import Assumption, hypercube, nominal, reach, roots, tornado


def assumption(
    name: str, low: float, middle: float, high: float, reach: tuple[float, float] | None = None
) -> Assumption:
    return Assumption(name, name, "", middle, low, high, "made up", reach or (low, high))


A = assumption("a", 1.0, 2.0, 3.0, (0.1, 100.0))
B = assumption("b", 0.0, 1.0, 1.5, (0.0, 8.0))


def product(values: Mapping[str, float]) -> float:
    return values["a"] * (1 + values["b"])


def test_a_bar_is_the_model_at_both_ends_with_the_others_nominal() -> None:
    bars = tornado(product, [B, A])
    assert nominal([A, B]) == {"a": 2.0, "b": 1.0}
    assert [(bar.assumption.name, bar.at_low, bar.at_high) for bar in bars] == [("a", 2.0, 6.0), ("b", 2.0, 5.0)]
    assert bars[0].width == pytest.approx(math.log(3))


@given(st.permutations([0.5, 1.0, 2.0, 4.0]))
def test_the_widest_bar_is_first_whatever_the_order(exponents: list[float]) -> None:
    assumptions = [assumption(f"x{exponent}", 1.0, 2.0, 4.0) for exponent in exponents]

    def powers(values: Mapping[str, float]) -> float:
        return math.prod(value ** float(name[1:]) for name, value in values.items())

    assert [bar.assumption.name for bar in tornado(powers, assumptions)] == ["x4.0", "x2.0", "x1.0", "x0.5"]


def test_each_stratum_of_a_hypercube_is_used_once() -> None:
    """Of n points one lies in each n-th of the interval: uniform, or in the logarithm from a decade on."""
    n = 50
    even = hypercube(lambda values: values["a"], [A, B], n)
    assert sorted(np.floor((even - 1) / 2 * n).astype(int)) == list(range(n))
    wide = assumption("w", 1e-3, 1e-2, 10.0)
    spread = hypercube(lambda values: values["w"], [A, wide], n)
    assert sorted(np.floor((np.log10(spread) + 3) / 4 * n).astype(int)) == list(range(n))


def test_a_hypercube_is_independent_and_the_same_for_the_same_seed() -> None:
    """E[a (1 + b)] of independent a, b is the product of the means: 2 (1 + 0.75), within 3 standard errors."""
    found = hypercube(product, [A, B])
    assert found.mean() == pytest.approx(2 * 1.75, abs=3 * found.std() / math.sqrt(found.size))
    assert hypercube(product, [A, B], 20).tolist() == hypercube(product, [A, B], 20).tolist()
    assert hypercube(product, [A, B], 20, seed=2).tolist() != hypercube(product, [A, B], 20).tolist()


@given(st.floats(0.3, 150.0))
def test_what_reaches_a_target_gives_it(target: float) -> None:
    (a,) = reach(product, [A, B], "a", target)
    assert a == pytest.approx(target / 2)
    if target < 2 or target > 18:
        assert reach(product, [A, B], "b", target) == ()
    else:
        assert reach(product, [A, B], "b", target) == pytest.approx((target / 2 - 1,), abs=1e-9)


def test_a_target_that_is_met_twice_is_found_twice() -> None:
    hill = assumption("x", 0.5, 1.0, 2.0, (0.01, 100.0))
    found = reach(lambda values: values["x"] / (1 + values["x"] ** 2), [hill], "x", 0.4)
    assert found == pytest.approx((0.5, 2.0))


def test_roots_are_refined_between_the_points_of_a_grid() -> None:
    assert roots(math.cos, np.linspace(0, 6, 10)) == pytest.approx((math.pi / 2, 3 * math.pi / 2), abs=1e-11)


def test_wrong_assumptions_are_refused() -> None:
    with pytest.raises(InputError, match="assumption x: low = 2, nominal = 1, high = 3"):
        assumption("x", 2.0, 1.0, 3.0)
    with pytest.raises(InputError, match=r"reach = 1\.5 to 3"):
        assumption("x", 1.0, 2.0, 3.0, (1.5, 3.0))
    with pytest.raises(InputError, match="must be an interval"):
        assumption("x", 1.0, 1.0, 1.0)
    with pytest.raises(UnknownNameError, match="assumption"):
        reach(product, [A, B], "c", 1.0)
