"""Distributions of a column's sums: against counting, formulas and drawn operands."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.lut.operation import Products, uniform_bits, uniform_trits
from bitline.statistics.snr import to_db
from bitline.system.operand_sums import BitSliced, OperandSums, code_sums, gaussian_codes, operand_sums

COLUMN = uniform_bits("code", 16)


def test_bits_are_counted_over_all_operands() -> None:
    sums = operand_sums("bits", uniform_bits("code", 3))
    counted = np.zeros(4)
    for bits in product((0, 1), repeat=6):
        counted[np.dot(bits[:3], bits[3:])] += 1 / 64
    np.testing.assert_allclose(sums.share, counted, atol=1e-12)
    assert sums.variance(sums.exact) == pytest.approx(3 * 3 / 16)


def test_uniform_codes_have_the_variance_of_a_fair_die() -> None:
    sums = operand_sums("uniform", COLUMN)
    assert sums.variance(sums.result) == pytest.approx((17**2 - 1) / 12)


def test_gaussian_codes_are_four_sigma_either_side() -> None:
    sums = gaussian_codes(64)
    assert sums.variance(sums.result) == pytest.approx(8**2, rel=2e-3)
    assert sums.mean(sums.result) == pytest.approx(32)


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(2, 4), st.floats(0.05, 1.5), st.floats(0.05, 1.5), st.integers(1, 6))
def test_slices_add_up_to_the_dot_product(
    input_bits: int, weight_bits: int, input_sigma: float, weight_sigma: float, count: int
) -> None:
    """The weighted sums are sum w x, of inputs and weights drawn and rounded in the way that a network's are."""
    operands = BitSliced(
        input_bits=input_bits, weight_bits=weight_bits, input_sigma=input_sigma, weight_sigma=weight_sigma
    )
    try:
        sums = operands.sums(count)
    except InputError as error:
        assert "all weight is on one code" in str(error)  # every weight or every input was rounded to 0
        return
    generator = np.random.default_rng(1)
    top, half = 2**input_bits - 1, 2 ** (weight_bits - 1)
    x = np.abs(input_sigma * top * generator.standard_normal((BitSliced.vectors, count)))
    w = weight_sigma * half * generator.standard_normal((BitSliced.vectors, count))
    rounded = (np.clip(np.round(x), 0, top) * np.clip(np.round(w), -half, half - 1)).sum(axis=1)
    np.testing.assert_allclose(sums.result, rounded, atol=1e-6)
    np.testing.assert_allclose(sums.exact, (x * w).sum(axis=1))


def test_each_slice_is_binomial() -> None:
    """The one-bit products are 1 as often as the derivation says: drawn against p_i q_j, within 5 standard errors."""
    operands, count = BitSliced(), 16
    sums, chances = operands.sums(count), operands.chances().ravel()
    n = count * BitSliced.vectors
    error = 5 * np.sqrt(chances * (1 - chances) / n) + 1e-12
    assert np.all(np.abs(sums.codes.mean(axis=0) / count - chances) < error)
    variance = count * chances * (1 - chances)
    assert sums.codes.var(axis=0) == pytest.approx(variance, rel=0.15, abs=1e-3)
    drawn = np.bincount(sums.codes.ravel(), minlength=count + 1) / sums.codes.size
    np.testing.assert_allclose(drawn, sums.share, atol=2e-3)


def test_sqnr_of_the_operands_follows_the_textbook() -> None:
    """Errors of 1/12 each: var(q) = (sigma_x^2 + sigma_w^2 + 1/12) / 12 a product, of signal sigma_x^2 sigma_w^2."""
    sums = BitSliced().sums(16)
    expected = 45**2 * 30**2 / ((45**2 + 30**2 + 1 / 12) / 12)
    found = sums.variance(sums.exact) / sums.variance(sums.exact - sums.result)
    assert to_db(found) == pytest.approx(to_db(expected), abs=0.3)
    assert sums.variance(sums.exact) == pytest.approx(16 * 45**2 * 30**2, rel=0.1)


def test_cells_that_are_used_again_err_alike() -> None:
    """docs/snr.md: bits of uniform inputs, one after another in the same cells, have twice the power of independent."""
    rng, bits, trials = np.random.default_rng(6), 8, 20_000
    x = rng.integers(0, 2**bits, (trials, 16))
    places, ones = 2.0 ** np.arange(bits), (x[..., None] >> np.arange(bits)) & 1
    own = np.einsum("trb,trb,b->t", rng.standard_normal(ones.shape), ones, places)
    again = np.einsum("tr,trb,b->t", rng.standard_normal(x.shape), ones, places)
    assert np.var(again) / np.var(own) == pytest.approx(2, rel=0.06)


def test_a_histogram_is_read_from_a_csv(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,count\n3,1\n0,3\n")
    sums = operand_sums(str(tmp_path / "codes.csv"), COLUMN)
    assert sums.share.tolist() == [0.75, 0, 0, 0.25, *[0] * 13]
    assert sums.result.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("code,often\n1,1\n", "columns code and count"),
        ("code,count\n", "a row at least"),
        ("code,count\n1,1\n17,1\n", "line 3: code 17: must be 0..16"),
        ("code,count\n1,1\n1,1\n", "line 3: code 1: must be 0..16, once"),
        ("code,count\n1,-1\n", "line 2: code 1"),
        ("code,count\n1,nan\n", "line 2: must be an integer and a number"),
        ("code,count\n1\n", "line 2: must be an integer and a number"),
        ("code,count\n1.5,1\n", "line 2"),
        ("code,count\n1,0\n", "every count is 0"),
        ("code,count\n1,7\n", "one code"),
    ],
)
def test_a_wrong_histogram_is_refused(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text(content)
    with pytest.raises(InputError, match=words):
        operand_sums(str(tmp_path / "codes.csv"), COLUMN)


@pytest.mark.parametrize(
    ("text", "products", "words"),
    [
        ("half", COLUMN, "'half': must be one of uniform, bits, half-normal, gaussian, activity:P, or a .csv"),
        ("nowhere.csv", COLUMN, "nowhere.csv"),
        ("bits", uniform_trits("mac", 16, pairs="extra", output="v_diff"), "signed products"),
        ("bits", Products("code", 16, plus=0.0), "one code"),
    ],
)
def test_wrong_operands_are_refused(text: str, products: Products, words: str) -> None:
    with pytest.raises(InputError, match=words):
        operand_sums(text, products)


def test_chances_must_add_up() -> None:
    with pytest.raises(InputError, match=r"add up to 0\.9"):
        code_sums([0.5, 0.4], "wrong")
    assert isinstance(code_sums([0.5, 0.5], "right"), OperandSums)
