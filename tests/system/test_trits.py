"""Balanced ternary against its definition: every number of eight bits, and arbitrary widths."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.trits import WIDEST, from_trits, largest, to_trits, weights


def test_five_trits_and_243_of_eight_bits_are_a_bijection() -> None:
    every = np.array(list(product((-1, 0, 1), repeat=5)), dtype=np.int8)
    numbers = from_trits(every)
    assert sorted(numbers.tolist()) == list(range(-121, 122))
    np.testing.assert_array_equal(to_trits(numbers.astype(np.int8)), every)


def test_the_other_thirteen_of_eight_bits_have_no_form() -> None:
    eight = np.arange(-128, 128)
    for number in eight[np.abs(eight) > 121]:
        with pytest.raises(InputError, match=f"number {number}: 5 trits hold -121..121"):
            to_trits(np.int8(number))
    clipped = from_trits(to_trits(eight.astype(np.int8), outside="clip"))
    np.testing.assert_array_equal(clipped, np.clip(eight, -121, 121))
    assert (clipped != eight).sum() == 256 - 243


def test_digits_by_hand() -> None:
    # 5 = 9 - 3 - 1, -7 = -9 + 3 - 1, 121 = 81 + 27 + 9 + 3 + 1
    assert to_trits([5, -7, 121, 0]).tolist() == [
        [-1, -1, 1, 0, 0],
        [-1, 1, -1, 0, 0],
        [1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0],
    ]


@given(st.integers(1, WIDEST), st.data())
def test_round_trip_and_negation_at_any_width(width: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(-largest(width), largest(width)))
    trits = to_trits(number, width)
    assert int(from_trits(trits)) == number == sum(int(t) * 3**k for k, t in enumerate(trits))
    np.testing.assert_array_equal(to_trits(-number, width), -trits)


@given(st.integers(1, 20), st.integers(1, 19), st.data())
def test_dropping_low_digits_rounds_to_nearest(width: int, dropped: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(-largest(width), largest(width)))
    kept = to_trits(number, width)[dropped:]
    if kept.size:  # 3**dropped is odd, so there are no ties
        assert int(from_trits(kept)) == round(number / 3**dropped)


def test_any_integer_dtype_and_shape() -> None:
    assert to_trits(np.uint64(2**64 - 1), 7, outside="clip").tolist() == [1] * 7
    assert to_trits(np.int8(-128), 6).tolist() == to_trits(-128, 6).tolist()
    assert to_trits(np.zeros((2, 3), dtype=np.uint8), 4).shape == (2, 3, 4)
    assert to_trits([]).shape == (0, 5)
    assert from_trits(to_trits(largest(WIDEST), WIDEST)) == largest(WIDEST)
    assert weights(3).tolist() == [1, 3, 9]


@pytest.mark.parametrize("number", [np.uint64(2**64 - 1), np.int64(-(2**63)), 122])
def test_numbers_beyond_the_width_are_refused(number: int) -> None:
    with pytest.raises(InputError, match=r"5 trits hold -121\.\.121"):
        to_trits(number)


def test_wrong_input_is_refused() -> None:
    for call, message in (
        (lambda: to_trits([0.5]), "float64: must be integers"),
        (lambda: to_trits(1, 0), "width = 0"),
        (lambda: to_trits(1, WIDEST + 1), "width = 41"),
        (lambda: to_trits(1, outside="wrap"), "outside = 'wrap'"),  # type: ignore[arg-type]
        (lambda: from_trits([0, 2]), "-1, 0 and"),
        (lambda: from_trits([0.0]), "-1, 0 and"),
        (lambda: from_trits(1), "-1, 0 and"),
        (lambda: from_trits(np.zeros((3, 0), dtype=int)), "width = 0"),
    ):
        with pytest.raises(InputError, match=message):
            call()
