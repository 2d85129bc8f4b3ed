from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bitline.errors import InputError
from bitline.statistics.sampling import deviates


def test_sample_zero_is_the_circuit_without_mismatch() -> None:
    assert deviates(7, 0, 5).tolist() == [0.0] * 5


def test_the_stream_is_the_documented_one() -> None:
    sequence = np.random.SeedSequence(1, spawn_key=(2,))
    expected = np.random.Generator(np.random.PCG64(sequence)).standard_normal(4)
    assert deviates(1, 2, 4).tolist() == expected.tolist()


def test_the_stream_never_changes() -> None:
    # Written down once: a NumPy that changes its stream would silently change every LUT.
    expected = [2.485680210006816, 1.1059442860947983, -1.25574547696624]
    assert deviates(1, 1, 3).tolist() == expected


@given(st.integers(0, 2**64), st.integers(0, 2**31), st.integers(0, 20), st.integers(0, 20))
def test_a_longer_draw_starts_with_the_shorter(seed: int, sample: int, count: int, more: int) -> None:
    longer = deviates(seed, sample, count + more)
    assert longer.dtype == np.float64
    assert longer[:count].tolist() == deviates(seed, sample, count).tolist()


def test_samples_are_normal_and_independent() -> None:
    draws = np.array([deviates(3, sample, 40) for sample in range(1, 501)])
    assert stats.kstest(draws.ravel(), "norm").pvalue > 0.01
    # Neighbouring samples, and the same samples under another seed, have nothing in common.
    others = np.array([deviates(4, sample, 40) for sample in range(1, 501)])
    limit = 5 / np.sqrt(draws.size)
    assert abs(np.mean(draws[1:] * draws[:-1])) < limit
    assert abs(np.mean(draws * others)) < limit


@pytest.mark.parametrize("arguments", [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_negative_numbers_are_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="= -1: must be an integer >= 0"):
        deviates(*arguments)
