from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from bitline.errors import InputError
from bitline.statistics.sampling import Sampling, deviates


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


DESIGNS: tuple[tuple[Sampling, int], ...] = (("latin-hypercube", 64), ("sobol", 0))
"""How many samples a design must know."""
EXPECTED = [
    [0.33113233275089643, -1.576469720423302, 0.9942653143235892],
    [0.421044741915602, 0.37299616211924147, 0.7742174655427969],
]


def design(seed: int, sampling: Sampling, count: int, n: int = 64) -> NDArray[np.float64]:
    """Return the deviates of n samples, a row each."""
    samples = n if sampling == "latin-hypercube" else 0
    return np.array([deviates(seed, sample, count, sampling, samples) for sample in range(1, n + 1)])


@pytest.mark.parametrize("sampling", ["latin-hypercube", "sobol"])
@given(seed=st.integers(0, 2**64), power=st.integers(1, 8), columns=st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_each_deviate_of_a_design_has_one_sample_in_each_interval(
    sampling: Sampling, seed: int, power: int, columns: int
) -> None:
    n = 2**power
    cumulative = stats.norm.cdf(design(seed, sampling, columns, n))
    intervals = np.sort(np.floor(cumulative * n), axis=0)
    assert np.array_equal(intervals, np.tile(np.arange(n)[:, None], columns))


def test_a_latin_hypercube_may_have_any_number_of_samples() -> None:
    cumulative = stats.norm.cdf(design(2, "latin-hypercube", 30, 37))
    assert np.array_equal(np.sort(np.floor(cumulative * 37), axis=0), np.tile(np.arange(37)[:, None], 30))


@pytest.mark.parametrize(("sampling", "samples"), DESIGNS)
@given(seed=st.integers(0, 2**64), sample=st.integers(0, 64), count=st.integers(0, 600), more=st.integers(0, 600))
@settings(max_examples=20, deadline=None)
def test_a_deviate_of_a_design_does_not_depend_on_how_many_there_are(
    sampling: Sampling, samples: int, seed: int, sample: int, count: int, more: int
) -> None:
    longer = deviates(seed, sample, count + more, sampling, samples)
    assert longer[:count].tolist() == deviates(seed, sample, count, sampling, samples).tolist()


def test_the_designs_never_change() -> None:
    # Written down once: another version of NumPy or SciPy would silently change every LUT.
    assert [deviates(1, 1, 3, *one).tolist() for one in DESIGNS] == EXPECTED


def test_a_sobol_sequence_goes_on_where_it_ended() -> None:
    assert np.array_equal(design(5, "sobol", 7, 600)[:64], design(5, "sobol", 7, 64))
    assert not np.array_equal(design(5, "latin-hypercube", 7, 65)[:64], design(5, "latin-hypercube", 7, 64))


def test_a_sobol_sequence_is_that_of_scipy_up_to_its_scrambling() -> None:
    # The scrambling keeps which points share an interval of 1/16 in one deviate and 1/16 in another.
    def cells(points: NDArray[np.float64], first: int, second: int) -> list[int]:
        return sorted(np.unique(points[:, [first, second]] // (1 / 16), axis=0, return_counts=True)[1].tolist())

    ours = stats.norm.cdf(design(3, "sobol", 8, 256))
    scipys = stats.qmc.Sobol(8, scramble=False).random(256)
    for first, second in itertools.combinations(range(8), 2):
        assert cells(ours, first, second) == cells(scipys, first, second)


@pytest.mark.parametrize("sampling", ["latin-hypercube", "sobol"])
def test_designs_of_two_seeds_and_of_two_deviates_have_nothing_in_common(sampling: Sampling) -> None:
    # 600 columns: beyond the first block of those worked out at once.
    one, other = design(3, sampling, 600, 128), design(4, sampling, 600, 128)
    assert np.isfinite(one).all()
    # The first bits of two scramblings of a column are the same or opposite: only its sign is independent.
    independent = one.size if sampling == "latin-hypercube" else 600
    assert abs(np.mean(one * other)) < 5 / np.sqrt(independent)
    # Correlations between deviates, as large as those of as many independent samples. Of a Sobol sequence some pairs
    # of high dimensions are far from that, in SciPy's own scrambling, too: docs/mismatch.md.
    ours = np.corrcoef(one.T)[np.triu_indices(600, 1)]
    theirs = 1 / np.sqrt(128)
    if sampling == "sobol":
        scipys = stats.norm.ppf(stats.qmc.Sobol(600, rng=np.random.default_rng(1)).random(128))
        theirs = np.corrcoef(scipys.T)[np.triu_indices(600, 1)].std()
    assert ours.std() == pytest.approx(theirs, rel=0.05)
    assert abs(ours.mean()) < 0.01


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sobl", 0), "unknown sampling 'sobl'; did you mean 'sobol'"),
        (("latin-hypercube", 0), "samples = 0: must be 2 to 4096"),
        (("latin-hypercube", 5000), "samples = 5000: must be 2 to 4096"),
        (("latin-hypercube", 6), "sample = 7: must be <= samples = 6"),
        (("random", 7), "samples = 7: must be 0 with sampling = random"),
        (("sobol", 7), "samples = 7: must be 0 with sampling = sobol"),
    ],
)
def test_a_design_that_cannot_be_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        deviates(1, 7, 1, *arguments)


def test_more_deviates_than_a_sobol_sequence_has_are_refused() -> None:
    assert len(deviates(1, 1, 21_201, "sobol")) == 21_201
    with pytest.raises(InputError, match="more than 21201 deviates"):
        deviates(1, 1, 21_202, "sobol")
