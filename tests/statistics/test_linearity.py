from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.linearity import dnl, enob, enob_sine, inl, straight_line


def test_hand_example_end_point() -> None:
    v = [0.0, 1.5, 2.0, 3.0]  # LSB 1
    assert straight_line(v) == (1.0, 0.0)
    assert inl(v).tolist() == [0.0, 0.5, 0.0, 0.0]
    assert dnl(v).tolist() == [0.5, -0.5, 0.0]


def test_hand_example_falling_line_has_a_negative_lsb() -> None:
    v = [1.8, 1.65, 1.6, 1.5]  # the same curve, falling by 0.1 V
    lsb, offset = straight_line(v)
    assert (lsb, offset) == pytest.approx((-0.1, 1.8))
    assert inl(v) == pytest.approx([0.0, 0.5, 0.0, 0.0], abs=1e-12)
    assert dnl(v) == pytest.approx([0.5, -0.5, 0.0], abs=1e-12)


def test_hand_example_best_fit() -> None:
    v = [0.0, 1.0, 4.0]  # least squares: slope 2, offset -1/3
    lsb, offset = straight_line(v, "best-fit")
    assert (lsb, offset) == pytest.approx((2.0, -1 / 3))
    assert inl(v, "best-fit") == pytest.approx([1 / 6, -1 / 3, 1 / 6])
    assert dnl(v, "best-fit") == pytest.approx([-0.5, 0.5])


def test_codes_further_apart_count_per_code() -> None:
    code, v = [0, 4, 16], [1.0, 1.5, 2.6]
    assert straight_line(v, code=code) == pytest.approx((0.1, 1.0))
    assert inl(v, code=code) == pytest.approx([0.0, 1.0, 0.0])
    assert dnl(v, code=code) == pytest.approx([0.25, 1.1 / 12 / 0.1 - 1])


curves = st.lists(st.floats(-2, 2), min_size=3, max_size=20).filter(lambda v: abs(v[-1] - v[0]) > 1e-3)


@given(curves, st.floats(-3, 3).filter(lambda k: abs(k) > 1e-2), st.floats(-2, 2))
def test_scale_sign_and_offset_do_not_matter(v: list[float], scale: float, offset: float) -> None:
    moved = np.array(v) * scale + offset
    assert inl(moved) == pytest.approx(inl(v), rel=1e-6, abs=1e-6)
    assert dnl(moved) == pytest.approx(dnl(v), rel=1e-6, abs=1e-6)


@given(curves)
def test_inl_is_the_running_sum_of_dnl(v: list[float]) -> None:
    assert inl(v)[1:] == pytest.approx(np.cumsum(dnl(v)), rel=1e-6, abs=1e-9)
    assert inl(v)[-1] == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=20))
def test_best_fit_agrees_with_polyfit(v: list[float]) -> None:
    slope, offset = np.polyfit(np.arange(len(v)), v, 1)
    assert straight_line(v, "best-fit") == pytest.approx((slope, offset), abs=1e-12)


def test_leading_axes_are_kept() -> None:
    v = np.random.default_rng(0).normal(size=(3, 2, 5))
    assert inl(v).shape == (3, 2, 5)
    assert dnl(v).shape == (3, 2, 4)
    assert inl(v)[2, 1].tolist() == inl(v[2, 1]).tolist()


def test_a_failed_code_and_a_dead_column_give_nan() -> None:
    assert np.isnan(inl([0.0, np.nan, 2.0])).tolist() == [False, True, False]
    assert np.isnan(inl([0.0, np.nan, 2.0], "best-fit")).all()
    assert np.isnan(dnl([1.0, 1.0, 1.0])).all()


def test_wrong_curves_are_refused() -> None:
    with pytest.raises(InputError, match="n >= 2"):
        inl([1.0])
    with pytest.raises(InputError, match="n >= 2"):
        dnl([1.0, 2.0], code=[0, 1, 2])
    with pytest.raises(InputError, match="must ascend"):
        dnl([1.0, 2.0], code=[1, 1])
    with pytest.raises(InputError, match="'end-point' or 'best-fit'"):
        inl([1.0, 2.0], "straight")  # type: ignore[arg-type]


def test_an_ideal_quantiser_has_the_bits_it_has() -> None:
    bits = 5
    x = np.random.default_rng(1).uniform(0, 1, 200_000)
    error = (np.floor(x * 2**bits) + 0.5) / 2**bits - x
    assert enob(1.0, error.std()) == pytest.approx(bits, abs=0.01)
    assert enob_sine(6.02 * 8 + 1.76) == pytest.approx(8)
