"""Products: their sums against enumeration, and the sentences that exports print."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from luts.column import make_column_lut

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Products, uniform_bits, uniform_trits
from bitline.system.products import activity_statement, pair_pmf, pair_shares, products_of, statement, sum_pmf

SIGNED = Products("mac", 4, plus=0.3, minus=0.1, pairs="extra", source="measured")


def test_sums_of_signed_products_by_enumeration() -> None:
    chance = {1: 0.3, -1: 0.1, 0: 0.6}
    expected, pairs = np.zeros(9), np.zeros((9, 3))
    for values in product(chance, repeat=4):
        p = prod(chance[value] for value in values)
        expected[sum(values) + 4] += p
        pairs[sum(values) + 4, min(values.count(1), values.count(-1))] += p
    assert sum_pmf(SIGNED, 4) == pytest.approx(expected, rel=1e-12)
    assert pair_pmf(SIGNED, 4) == pytest.approx(pairs, rel=1e-12)
    assert pair_shares(SIGNED, 4) == pytest.approx(pairs / expected[:, None], rel=1e-12)


def test_a_sum_that_never_occurs_has_no_pairs() -> None:
    shares = pair_shares(Products("mac", 2, plus=0.0, minus=0.5), 2)
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1, 0, 0])


def test_sums_of_bits() -> None:
    assert sum_pmf(Products("code", 2, plus=0.25), 2).tolist() == pytest.approx([9 / 16, 6 / 16, 1 / 16])


@pytest.mark.parametrize(
    ("products", "sums", "active"),
    [
        (
            uniform_bits("code", 16),
            "products of independent uniform bits: code ~ Binomial(rows, 1/4) (assumed)",
            "code ~ Binomial(16, 0.25): 16 products of independent uniform random bits",
        ),
        (
            uniform_trits("mac", 16, pairs="extra", output="v_diff"),
            "products of independent uniform trits: +1 and -1 with probability 2/9 each (assumed)",
            "active products ~ Binomial(16, 4/9): uniform random trits (assumed)",
        ),
        (
            Products("code", 8, plus=0.6, source="measured"),
            "independent products that are 1 with probability 0.6: code ~ Binomial(rows, 0.6) (measured)",
            "code ~ Binomial(8, 0.6): 8 independent products (measured)",
        ),
        (
            Products("mac", 8, plus=0.25, minus=0.5, source="measured"),
            "independent products: +1 with probability 0.25, -1 with 0.5 (measured)",
            "active products ~ Binomial(8, 0.75) (measured)",
        ),
    ],
)
def test_the_sentences_that_exports_print(products: Products, sums: str, active: str) -> None:
    assert statement(products) == sums
    assert activity_statement(products) == active


def test_a_table_without_products_is_no_column() -> None:
    lut = make_column_lut()
    assert products_of(lut) == uniform_bits("code", 16)
    with pytest.raises(InputError, match="its operation adds up no products: not a column"):
        products_of(Lut(lut.name, lut.kind, lut.tables, lut.attrs))
