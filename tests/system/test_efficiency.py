"""Efficiency: the check numbers of circuits.md section 2, and digits counted by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.efficiency import BINARY_8, TERNARY_5, TRITS_ON_BINARY, ColumnEnergy, Precision, converter_bits


def test_the_28_nm_figures_come_out_of_the_transcribed_energies() -> None:
    column = ColumnEnergy()
    assert column.total == pytest.approx(351.2e-15, rel=1e-12)
    assert column.tops_per_watt == pytest.approx(91.1, abs=0.05)
    assert column.normalised_tops_per_watt == pytest.approx(228.9, abs=0.05)
    assert 100 * column.split.adc == pytest.approx(53.5, abs=0.05)
    assert 100 * column.split.array == pytest.approx(27.3, abs=0.05)
    assert 100 * column.split.shift_add == pytest.approx(19.1, abs=0.05)
    assert sum(column.split) == pytest.approx(1)


def test_one_bit_columns_need_no_normalisation() -> None:
    column = ColumnEnergy(array=50e-15, adc=0.0, shift_add=0.0, rows=64, weight_levels=2, input_levels=2)
    assert column.tops_per_watt == pytest.approx(128 / 50e-15 / 1e12)
    assert column.normalised_tops_per_watt == column.tops_per_watt
    # a one-bit input on trits
    assert ColumnEnergy(input_levels=2).normalised_tops_per_watt == pytest.approx(
        ColumnEnergy().tops_per_watt * math.log2(3)
    )


def test_same_operand_precision_counts_pairs_of_digits() -> None:
    column = ColumnEnergy()
    assert column.mac(TERNARY_5) == pytest.approx(25 * 351.2e-15 / 16)
    assert column.tops_per_watt_at(TERNARY_5) == pytest.approx(91.11 / 25, rel=1e-3)
    # at equal energy per column operation eight bits cost 64/25 of five trits
    assert column.mac(BINARY_8) / column.mac(TERNARY_5) == pytest.approx(2.56)
    assert TRITS_ON_BINARY.pairs == 4 * TERNARY_5.pairs
    assert Precision(weight_digits=3, input_digits=7).pairs == 21


def test_impossible_energies_are_refused() -> None:
    with pytest.raises(InputError, match="array"):
        ColumnEnergy(array=-1e-15)
    with pytest.raises(InputError, match="adds up to 0"):
        ColumnEnergy(array=0.0, adc=0.0, shift_add=0.0)


@given(st.integers(2, 2**20), st.integers(0, 5))
def test_a_converter_has_a_code_for_every_sum_that_is_not_clipped_and_none_to_spare(sums: int, clipped: int) -> None:
    if sums - clipped < 2:
        with pytest.raises(InputError, match="at least two must be left"):
            converter_bits(sums, clipped)
        return
    bits = converter_bits(sums, clipped)
    assert 2 ** (bits - 1) < sums - clipped <= 2**bits


def test_sixteen_products_clip_one_sum_of_either_column() -> None:
    assert (converter_bits(33), converter_bits(17)) == (5, 4)
    assert (converter_bits(33, clipped=0), converter_bits(17, clipped=0)) == (6, 5)
