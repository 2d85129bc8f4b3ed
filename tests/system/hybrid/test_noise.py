"""Deviates by number: SplitMix64's own numbers, a normal's moments, no dependence between neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bitline.errors import InputError
from bitline.system.hybrid.noise import FIELDS, deviates_of, key_of, scrambled, static_deviates, table


def test_words_are_splitmix64_s() -> None:
    """The sequence of seed 1234567, as published with the reference implementation."""
    words = scrambled(1234567, np.arange(1, 6, dtype=np.uint64))
    assert words.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_table_is_a_normal_s() -> None:
    z = table().astype(np.float64)
    assert z.mean() == pytest.approx(0, abs=1e-7)
    assert z.std() == pytest.approx(1, abs=1e-6)
    assert stats.kurtosis(z) == pytest.approx(0, abs=5e-3)
    assert z.max() == pytest.approx(4.32, abs=0.02)


def test_deviates_of_neighbours_are_normal_and_independent() -> None:
    words = scrambled(key_of(5), np.arange(100_000, dtype=np.uint64))
    fields = np.array([deviates_of(words, field) for field in range(FIELDS)], dtype=np.float64)
    error = 5 / np.sqrt(words.size)
    assert np.abs(np.corrcoef(fields) - np.eye(FIELDS)).max() < error
    for z in fields:
        assert abs(z.mean()) < error
        assert abs(np.mean(z[1:] * z[:-1])) < error
        assert stats.kstest(z, "norm").pvalue > 1e-4


def test_static_deviates_of_more_outputs_begin_as_those_of_fewer() -> None:
    few, many = static_deviates(3, 10, 8), static_deviates(3, 20, 8)
    assert np.array_equal(few, many[:, :10])
    assert not np.array_equal(few, static_deviates(4, 10, 8))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed = -1"):
        key_of(-1)
