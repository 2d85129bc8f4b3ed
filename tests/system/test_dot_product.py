"""Dot products: exact against integers, errors against variances worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.statistics.distributions import trinomial_pmf
from bitline.system.chain import assess
from bitline.system.column_model import ColumnModel
from bitline.system.dot_product import (
    Partial,
    dot_product,
    dot_product_snr,
    matrix_product,
    observed_pmf,
    partial_macs,
    shift_and_add,
    through_column,
)
from bitline.system.operands import Operands
from bitline.system.thresholds import Quantiser, aligned
from bitline.system.trits import largest, to_trits

ROWS, LSB = 16, 10e-3
UNIFORM = Operands(weights="uniform", inputs="uniform")
SUM_9, SUM_3 = sum(9**k for k in range(5)), sum(3**k for k in range(5))


def perfect() -> ColumnModel:
    return ColumnModel.linear(ROWS, LSB)


@given(st.integers(1, 8), st.integers(1, 70), st.integers(1, 40), st.integers(0, 2**32))
def test_shift_and_add_is_exact(trits: int, n: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, x = rng.integers(-largest(trits), largest(trits), (2, 3, n), endpoint=True)
    exact = (w * x).sum(axis=-1)
    partial = partial_macs(to_trits(w, trits), to_trits(x, trits), rows)
    np.testing.assert_array_equal(shift_and_add(partial.mac), exact)
    np.testing.assert_array_equal(dot_product(w, x, trits), exact)


@given(st.integers(1, 19), st.integers(0, 40), st.integers(0, 2**32))
def test_matrix_products_are_exact_in_each_precision(trits: int, n: int, seed: int) -> None:
    """5 trits take single precision, 13 double, 19 integers: all against integers of any size."""
    rng = np.random.default_rng(seed)
    top = largest(trits)
    assume(n * top**2 < 2**63)
    w, x = (rng.choice([-top, top - 1, top], shape) for shape in ((2, 3, n), (2, n, 4)))
    exact = w.astype(object) @ x.astype(object)
    found = matrix_product(w, x, trits)
    assert found.dtype == np.int64
    assert found.tolist() == exact.tolist()


@pytest.mark.parametrize("bound", [2**24, 2**53])
def test_a_sum_of_one_more_than_a_precision_holds_is_exact(bound: int) -> None:
    """1 + 2^24 rounds to 2^24 in single precision, and 1 + 2^53 in double: the bound chooses the next type."""
    w, x = np.array([[bound // 2, bound // 2, 1]]), np.ones((3, 1), dtype=int)
    assert matrix_product(w, x, 40).item() == bound + 1


def test_the_largest_dot_products_are_exact() -> None:
    w = np.full(4096, 121)
    assert dot_product(w, w) == 121**2 * 4096
    assert dot_product(w, -w) == -(121**2) * 4096


def test_partial_macs_by_counting() -> None:
    w, x = [1, 1, -1, 0, 1, -1], [1, -1, 1, 1, 0, -1]
    partial = partial_macs(np.array(w)[:, None], np.array(x)[:, None], rows=4)
    # rows 0..3: +1 -1 -1 0; rows 4, 5: 0 +1
    assert partial.mac.ravel().tolist() == [-1, 1]
    assert partial.extra.ravel().tolist() == [1, 0]


def test_different_widths_of_weights_and_inputs() -> None:
    w, x = np.array([5, -4, 13]), np.array([1000, -900, 7])
    partial = partial_macs(to_trits(w, 3), to_trits(x, 7), 2)
    assert partial.mac.shape == (2, 3, 7)
    assert shift_and_add(partial.mac) == (w * x).sum()


def test_a_perfect_column_changes_nothing() -> None:
    found = dot_product_snr(perfect(), aligned(LSB, 0.0, 6, -32), UNIFORM, trials=50)
    assert found.snr == found.snr_linear == math.inf
    assert found.mac_error_rate == found.error_sigma == 0
    analog = dot_product_snr(perfect(), None, UNIFORM, trials=50)
    assert analog.snr > 1e20


def test_analog_errors_add_up_as_by_hand() -> None:
    """Independent errors: var = groups (sum 9^k)^2 (s0^2 + s1^2 E[activity] + thermal^2)/lsb^2."""
    s0, s1, thermal = 2e-3, 1e-3, 1.5e-3
    model = ColumnModel.linear(ROWS, LSB, s0, s1, thermal)
    found = dot_product_snr(model, None, UNIFORM, trials=4000)
    per_mac = (s0**2 + s1**2 * ROWS * 4 / 9 + thermal**2) / LSB**2
    assert found.error_sigma**2 == pytest.approx(9 * SUM_9**2 * per_mac, rel=0.08)
    # and the signal: 144 products of numbers uniform in -121..121, of variance (243^2 - 1)/12
    assert found.exact_sigma**2 == pytest.approx(144 * ((243**2 - 1) / 12) ** 2, rel=0.08)
    assert found.snr == pytest.approx((found.exact_sigma / found.error_sigma) ** 2, rel=1e-3)


def test_offset_of_a_shared_adc_adds_up_in_step() -> None:
    """One offset for all MACs of a dot product shifts it by groups (sum 3^k)^2 offset/lsb."""
    fine = aligned(LSB / 100, 0.0, 16, -(2**15))  # values in hundredths of a step
    quantiser = Quantiser(fine.thresholds, fine.values, offset=3 * LSB, residual=0.3 * LSB)
    model = perfect()
    w, x = UNIFORM.draw(2000, np.random.default_rng(1))
    partial = partial_macs(to_trits(w), to_trits(x))
    for calibrated, levels in ((False, 3), (True, 0.3)):
        read = through_column(partial, model, quantiser, seed=3, calibrated=calibrated) / 100
        error = shift_and_add(read) - shift_and_add(partial.mac)
        assert error.std() == pytest.approx(9 * SUM_3**2 * levels, rel=0.06)
        assert np.ptp(read - partial.mac, axis=(-3, -2, -1)).max() <= 0.01 + 1e-9


def test_mac_error_rate_agrees_with_the_chain() -> None:
    """Uniform trits are independent, so MACs follow the trinomial of 2/9 and the chain's integral."""
    model = ColumnModel.linear(ROWS, LSB, 1e-3, 0.8e-3, 1e-3)
    quantiser = aligned(LSB, 0.0, 5, -16)
    found = dot_product_snr(model, quantiser, Operands(length=160, weights="uniform", inputs="uniform"), trials=1000)
    expected = assess(model.states(trinomial_pmf(ROWS, 2 / 9, 2 / 9)), quantiser)
    assert expected.error_rate > 0.02
    assert found.mac_error_rate == pytest.approx(expected.error_rate, rel=0.03)
    # codes that are wrong independently: their mean squares add up with the weights 9^(i + j)
    assert found.error_sigma**2 == pytest.approx(10 * SUM_9**2 * expected.rms_error**2, rel=0.12)


def test_observed_frequencies_are_those_of_uniform_trits() -> None:
    w, x = Operands(length=1600, weights="uniform", inputs="uniform").draw(60, np.random.default_rng(5))
    seen = observed_pmf(partial_macs(to_trits(w), to_trits(x)), ROWS)
    assert seen.sum() == pytest.approx(1)
    np.testing.assert_allclose(seen, trinomial_pmf(ROWS, 2 / 9, 2 / 9), atol=2e-3)


def test_gain_and_offset_count_unless_removed() -> None:
    tilted = ColumnModel(1.05 * perfect().mean + 2 * LSB, perfect().sigma)
    fine = aligned(LSB / 1000, 0.0, 16, -(2**15))
    read = Quantiser(fine.thresholds, np.rint(fine.values / 1000))  # the voltage rounded, without knowledge of the tilt
    found = dot_product_snr(tilted, read, UNIFORM, trials=500)
    assert found.error_mean == pytest.approx(9 * SUM_3**2 * 2, rel=0.02)
    assert found.snr_linear > 100 * found.snr


def test_the_same_seed_gives_the_same_bits() -> None:
    model, quantiser = ColumnModel.linear(ROWS, LSB, s1=2e-3), aligned(LSB, 0.0, 5, -16)
    first, again, other = (dot_product_snr(model, quantiser, Operands(), trials=20, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    # and the first dot products are the same whatever follows them
    shared = Quantiser(quantiser.thresholds, quantiser.values, offset=LSB)
    partial = partial_macs(*(to_trits(numbers) for numbers in UNIFORM.draw(4, np.random.default_rng(1))))
    part = Partial(partial.mac[:2], partial.extra[:2])
    np.testing.assert_array_equal(
        through_column(partial, model, shared, seed=7)[:2], through_column(part, model, shared, seed=7)
    )


def test_operands_have_the_stated_statistics() -> None:
    w, x = Operands(length=2000).draw(100, np.random.default_rng(2))
    assert w.std() == pytest.approx(121 * 30 / 128, rel=0.02)
    assert x.min() == 0
    assert np.sqrt((x.astype(float) ** 2).mean()) == pytest.approx(121 * 45 / 255, rel=0.02)
    wide, _ = Operands(weight_sigma=3.0).draw(100, np.random.default_rng(2))
    assert (wide.min(), wide.max()) == (-121, 121)


def test_wrong_input_is_refused() -> None:
    one = np.ones((3, 1), dtype=int)
    for call, message in (
        (lambda: partial_macs(one, one[:2]), "shapes"),
        (lambda: partial_macs(one, one, 0), "rows = 0"),
        (lambda: partial_macs(one[:, 0], one[:, 0]), "shapes"),
        (lambda: partial_macs(2 * one, one), "-1, 0 and"),
        (lambda: dot_product([122], [1]), "number 122: 5 trits"),
        (lambda: matrix_product(one, one), r"shapes \(3, 1\) and \(3, 1\)"),
        (lambda: matrix_product(one[0], one), "shapes"),
        (lambda: matrix_product(one.T[None], one), "shapes"),
        (lambda: dot_product([3**19], [3**21], 40), "must be below 2"),
        (lambda: through_column(partial_macs(one, one), perfect(), None, seed=-1), "seed = -1"),
        (lambda: observed_pmf(Partial(np.array([2]), np.array([1])), 3), "4 products are active"),
        (lambda: dot_product_snr(perfect(), None, Operands(), trials=2), "trials = 2"),
        (
            lambda: dot_product_snr(perfect(), aligned(LSB, 0, 5, -16), Operands(weight_sigma=1e-9)),
            "all dot products are equal",
        ),
        (lambda: Operands(trits=0), "trits"),
    ):
        with pytest.raises(InputError, match=message):
            call()
