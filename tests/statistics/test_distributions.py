"""How often sums of independent products occur, against scipy and enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bitline.errors import InputError
from bitline.statistics.distributions import binomial_pmf, trinomial_pmf


@given(st.integers(0, 256), st.floats(1e-200, 1) | st.just(0.0))
def test_binomial_pmf_agrees_with_scipy(n: int, p: float) -> None:
    assert binomial_pmf(n, p) == pytest.approx(stats.binom.pmf(np.arange(n + 1), n, p), rel=1e-9, abs=1e-300)


def test_binomial_bounds() -> None:
    for n, p in ((-1, 0.5), (3, 1.1), (3, math.nan)):
        with pytest.raises(InputError, match="binomial"):
            binomial_pmf(n, p)


def test_trinomial_against_scipy() -> None:
    p = trinomial_pmf(7, 0.3, 0.2)
    assert p.shape == (15, 4)
    assert p.sum() == pytest.approx(1)
    for i, mac in enumerate(range(-7, 8)):
        for extra in range(4):
            counts = [max(mac, 0) + extra, max(-mac, 0) + extra]
            if sum(counts) <= 7:
                expected = stats.multinomial.pmf([*counts, 7 - sum(counts)], 7, [0.3, 0.2, 0.5])
                assert p[i, extra] == pytest.approx(expected)
            else:
                assert p[i, extra] == 0


def test_trinomial_of_uniform_trits_by_enumeration() -> None:
    # two rows, each with nine equally likely (weight, input) pairs: products 1, -1, 0 in 2, 2, 5 of them
    products = [w * x for w in (-1, 0, 1) for x in (-1, 0, 1)]
    pairs = [(a, b) for a in products for b in products]
    p = trinomial_pmf(2, 2 / 9, 2 / 9)
    assert p[2, 1] == pytest.approx(sum(a * b == -1 for a, b in pairs) / 81)
    for i, mac in enumerate(range(-2, 3)):
        assert p[i].sum() == pytest.approx(sum(a + b == mac for a, b in pairs) / 81)


@pytest.mark.parametrize(("arguments", "message"), [((0, 0, 0), "rows = 0"), ((2, 0.7, 0.7), "p_plus = 0.7")])
def test_trinomial_bounds(arguments: tuple[int, float, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        trinomial_pmf(*arguments)
