"""Restored trits against counts, binomial bounds, and the variance that independent errors must give a number."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import bdtr, bdtrc

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.restore_errors import measured_errors, neighbour_errors, restored_trits
from bitline.system.trits import from_trits, to_trits, weights

PLACE = {"n_per_cluster": 16, "corner": "tt", "vdd": 1.8, "temperature": 27.0}
ROW = st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.floats(0, 1))
def test_a_rate_goes_to_neighbours(rate: float) -> None:
    matrix = neighbour_errors(rate)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    np.testing.assert_allclose(np.diag(matrix), 1 - rate)
    assert matrix[0, 2] == matrix[2, 0] == 0
    assert matrix[1, 0] == matrix[1, 2]


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=50), st.integers(0, 2**32))
def test_identity_changes_nothing(trits: list[int], seed: int) -> None:
    stored = np.array(trits, dtype=np.int8)
    np.testing.assert_array_equal(restored_trits(stored, np.eye(3), generator(seed)), stored)


@given(st.permutations([0, 1, 2]), st.integers(0, 2**32))
def test_a_certain_error_always_happens(columns: list[int], seed: int) -> None:
    """A permutation leaves nothing to chance: which trit becomes which shows rows and columns to be in their places."""
    restored = restored_trits(np.array([[-1, 0, 1]] * 20), np.eye(3)[columns], generator(seed))
    np.testing.assert_array_equal(restored, np.array([columns] * 20) - 1)


@given(ROW, ROW, ROW, st.integers(0, 2**32))
def test_rates_lie_within_binomial_bounds(low: list[int], middle: list[int], high: list[int], seed: int) -> None:
    matrix = np.array([low, middle, high], dtype=float)
    matrix /= matrix.sum(axis=1, keepdims=True)
    count = 2000
    restored = restored_trits(np.repeat([[-1], [0], [1]], count, axis=1), matrix, generator(seed))
    for row, probabilities in zip(restored, matrix, strict=True):
        for trit, p in zip((-1, 0, 1), probabilities, strict=True):
            hits = int((row == trit).sum())
            # Either tail 1e-9: nine counts in a hundred examples never leave it by chance.
            assert bdtr(hits, count, p) > 1e-9
            assert hits == 0 or bdtrc(hits - 1, count, p) > 1e-9


def test_same_seed_same_bytes_and_another_seed_other_errors() -> None:
    stored = to_trits(np.arange(-121, 122))
    first, again, other = (restored_trits(stored, neighbour_errors(0.2), generator(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.int8
    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.parametrize("number", [0, 40, -81, 121])
def test_error_of_a_number_is_that_of_its_places(number: int) -> None:
    """Formula: a digit d errs by e with E[e] = -p d and E[e^2] = p, so places add up 9^k p plus the squared mean."""
    rate, count = 0.05, 40_000
    digits = to_trits(np.full(count, number))
    error = from_trits(restored_trits(digits, neighbour_errors(rate), generator(3))) - number
    squares = 9 ** np.arange(5)
    expected = rate * squares.sum() + rate**2 * (number**2 - (digits[0].astype(int) ** 2) @ squares)
    spread = np.std(error.astype(float) ** 2) / np.sqrt(count)
    assert abs(np.mean(error.astype(float) ** 2) - expected) < 5 * spread
    mean = -rate * digits[0].astype(int) @ weights(5)
    assert abs(error.mean() - mean) < 5 * error.std() / np.sqrt(count)


def test_matrix_of_the_shipped_table() -> None:
    """Docs of the restore: at sigma 0.4 with transistors 85, 74 and 90 of 100 are right, MRS errs both ways."""
    table = Lut.load("nsnr-restore").tables["yield"]
    matrix = measured_errors(table.sel(sigma_lnr=0.4, mismatch="all", **PLACE))
    np.testing.assert_allclose(matrix, [[0.90, 0.10, 0], [0.13, 0.74, 0.13], [0, 0.15, 0.85]])
    np.testing.assert_array_equal(measured_errors(table.sel(sigma_lnr=0.1, mismatch="memory", **PLACE)), np.eye(3))


def test_every_place_of_the_shipped_table_agrees_with_its_yield() -> None:
    table = Lut.load("nsnr-restore").tables["yield"]
    axes = [axis for axis in table["n_ok"].dims if axis != "level"]
    for place in product(*(table[axis].to_numpy().tolist() for axis in axes)):
        counts = table.sel(dict(zip(axes, place, strict=True)))
        matrix = measured_errors(counts)
        np.testing.assert_allclose(matrix.sum(axis=1), 1)
        np.testing.assert_allclose(np.diag(matrix), counts["yield"].sel(level=["hrs", "mrs", "lrs"]))


@pytest.mark.parametrize("name", ["to_none", "n_failed"])
def test_a_restore_without_a_trit_is_refused(name: str) -> None:
    counts = Lut.load("nsnr-restore").tables["yield"].sel(sigma_lnr=0.4, mismatch="all", **PLACE).copy(deep=True)
    counts[name][1] = 2
    with pytest.raises(InputError, match=f"{name} = 2"):
        measured_errors(counts)


def test_more_than_one_place_and_levels_without_restores_are_refused() -> None:
    table = Lut.load("nsnr-restore").tables["yield"]
    with pytest.raises(InputError, match="over the axis level alone"):
        measured_errors(table)
    counts = table.sel(sigma_lnr=0.4, mismatch="all", **PLACE).copy(deep=True)
    with pytest.raises(InputError, match="over the axis level alone"):
        measured_errors(counts.isel(level=[0, 1]))
    for name in ("to_lrs", "to_mrs", "to_hrs"):
        counts[name][0] = 0
    with pytest.raises(InputError, match="a level has no restore"):
        measured_errors(counts)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(2), "must be"),
        (np.eye(3) * 0.9, "sum 1"),
        ([[1.5, -0.5, 0], [0, 1, 0], [0, 0, 1]], "probabilities"),
        (np.full((3, 3), np.nan), "probabilities"),
    ],
)
def test_what_is_no_error_matrix_is_refused(matrix: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        restored_trits([0], matrix, generator(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_what_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match="rate = "):
        neighbour_errors(rate)
