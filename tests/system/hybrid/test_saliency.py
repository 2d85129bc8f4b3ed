"""Saliency: thresholds give the shares asked for, the sum is one that every boundary computes, searches obey limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hybrid_operands import activations, weights
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.hybrid.analog import sigma_ranges
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.saliency import SaliencyRule, Trial, cheapest

SUMS = np.random.default_rng(1).normal(0, 100, 10_000)


def test_a_rule_is_read_off() -> None:
    rule = SaliencyRule((7, 8, 10), (50.0, -10.0))
    assert rule.boundary([51, 50, 49.9, -10, -10.1, -900]).tolist() == [7, 7, 8, 8, 10, 10]
    rule = SaliencyRule((7, 8, 10), (50.0, 10.0), "magnitude")
    assert rule.boundary([[51, -50], [9.9, -900]]).tolist() == [[7, 7], [10, 7]]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.sampled_from(["signed", "magnitude"]))
def test_thresholds_give_the_shares(parts: list[float], kind: Any) -> None:
    total = sum(parts)
    if total < 1e-3:
        return
    shares = {5 + k: part / total for k, part in enumerate(parts)}
    boundaries = SaliencyRule.at_shares(SUMS, shares, kind).boundary(SUMS)
    for boundary, share in shares.items():
        assert np.mean(boundaries == boundary) == pytest.approx(share, abs=2e-4)


def test_a_share_of_none_stays_none_on_other_data() -> None:
    rule = SaliencyRule.at_shares(SUMS, {7: 0.0, 8: 1.0, 9: 0.0})
    assert set(rule.boundary([-1e9, 0, 1e9]).tolist()) == {8}


@pytest.mark.parametrize("kind", ["signed", "magnitude"])
def test_a_more_salient_output_is_never_less_exact(kind: Any) -> None:
    rule = SaliencyRule.at_shares(SUMS, {6: 0.3, 8: 0.3, 10: 0.4}, kind)
    ordered = np.sort(np.abs(SUMS) if kind == "magnitude" else SUMS)
    assert np.all(np.diff(rule.boundary(ordered)) <= 0)


def test_chosen_boundaries_cost_less_and_keep_what_is_salient() -> None:
    """Outputs of the upper half are as exact as with the lower boundary for all."""
    w, x = weights(144, 16), activations(200, 144)
    array = HybridMac(w, sigma_ranges(w, x, [7, 10]))
    sums = array.digital(x, 10)
    rule = SaliencyRule.at_shares(sums, {7: 0.5, 10: 0.5})
    boundary = rule.boundary(sums)
    outputs = array.product(x, boundary)
    np.testing.assert_array_equal(outputs[boundary == 7], array.product(x, 7)[boundary == 7])
    assert sums[boundary == 7].min() > sums[boundary == 10].max()


WRONG: list[tuple[Any, str]] = [
    (lambda: SaliencyRule((8, 7), (1.0,)), r"boundaries = \(8, 7\)"),
    (lambda: SaliencyRule((), ()), "boundaries"),
    (lambda: SaliencyRule((7, 8), (1.0, 0.0)), r"thresholds = \(1.0, 0.0\): must be 1"),
    (lambda: SaliencyRule((7, 8, 9), (0.0, 1.0)), "descending"),
    (lambda: SaliencyRule((7, 8), (1.0,), "loud"), "kind = 'loud'"),  # type: ignore[arg-type]
    (lambda: SaliencyRule.at_shares(SUMS, {7: 0.5, 8: 0.6}), "shares"),
    (lambda: SaliencyRule.at_shares([], {7: 1.0}), "0 sums"),
    (lambda: cheapest([], np.ones(3, dtype=bool), -0.1), r"limit = -0.1"),
    (lambda: cheapest([], np.ones(3, dtype=bool), 0.1), "no trial"),
]


@pytest.mark.parametrize(("call", "words"), WRONG)
def test_wrong_rules_are_refused(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_the_cheapest_within_the_limit_is_taken() -> None:
    reference = np.ones(100, dtype=bool)

    def trial(energy: float, lost: int) -> Trial:
        right = reference.copy()
        right[:lost] = False
        return Trial(f"{energy}", energy, right)

    trials = [trial(5, 0), trial(4, 1), trial(3, 2), trial(2, 9)]
    assert [cheapest(trials, reference, limit).energy for limit in (0, 0.01, 0.015, 0.02, 0.1)] == [5, 4, 4, 3, 2]
