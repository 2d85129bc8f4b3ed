"""Paired losses: the formula by hand, a textbook's example, and how often the interval holds the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, chi2

from bitline.errors import InputError
from bitline.statistics.paired import paired_loss


def answers(both: int, lost: int, gained: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    first = np.repeat([True, True, False, False], [both, lost, gained, neither])
    second = np.repeat([True, False, True, False], [both, lost, gained, neither])
    return first, second


def test_agresti_s_example() -> None:
    """Approval of a prime minister (Agresti, Categorical Data Analysis): 794, 150, 86, 570; Wald (0.021, 0.059)."""
    found = paired_loss(*answers(794, 150, 86, 570))
    assert (found.lost, found.gained, found.count) == (150, 86, 1600)
    assert found.loss == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx((0.0212, 0.0587), abs=1e-3)
    assert found.p_value == pytest.approx(binomtest(150, 236).pvalue)
    # McNemar's own: chi square (150 - 86)^2 / 236 = 17.36 with one degree of freedom
    assert found.p_value == pytest.approx(chi2.sf(17.36, 1), rel=0.3)


@given(st.integers(0, 300), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_the_other_way_round_is_a_gain(both: int, lost: int, gained: int, neither: int) -> None:
    first, second = answers(both, lost, gained, neither)
    one, other = paired_loss(first, second), paired_loss(second, first)
    assert one.loss == -other.loss
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p_value == pytest.approx(other.p_value)
    assert one.low <= one.loss * one.count / (one.count + 2) <= one.high


@pytest.mark.parametrize("chances", [(0.01, 0.01), (0.03, 0.005), (0.004, 0.0), (0.001, 0.0), (0.005, 0.002)])
def test_the_interval_holds_the_truth_as_often_as_it_says(chances: tuple[float, float]) -> None:
    """Every outcome of 400 trials that is worth a mention, with its probability."""
    count, inside, truth = 400, 0.0, chances[0] - chances[1]
    for lost in range(40):
        for gained in range(20):
            chance = binom.pmf(lost, count, chances[0])
            chance *= binom.pmf(gained, count - lost, chances[1] / (1 - chances[0]))
            if chance > 1e-9:
                found = paired_loss(*answers(count - lost - gained, lost, gained, 0))
                inside += chance * (found.low <= truth <= found.high)
    assert inside > 0.95


def test_no_trial_that_differs_still_has_an_interval() -> None:
    found = paired_loss(*answers(90, 0, 0, 10))
    assert found.p_value == 1
    assert found.low < 0 < found.high
    assert found.high == pytest.approx(1.96 * 2**0.5 / 102, abs=1e-4)


@pytest.mark.parametrize(
    ("first", "second", "level", "words"),
    [
        ([True], [True, False], 0.95, r"shapes \(1,\) and \(2,\)"),
        ([1.0], [0.0], 0.95, "truth values"),
        ([], [], 0.95, "one or more"),
        ([True], [False], 1.0, "level = 1"),
    ],
)
def test_wrong_answers_are_refused(first: Any, second: Any, level: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        paired_loss(first, second, level)
