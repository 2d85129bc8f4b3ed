"""Counts of a boundary: the derived table, and enumeration of all one-bit MACs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.hybrid.boundary import BitOrders, Counts

# circuits.md section 1.1: digital, analog, conversions, dropped
TABLE = {
    0: (64, 0, 0, 0),
    4: (54, 10, 4, 0),
    5: (49, 14, 5, 1),
    6: (43, 18, 6, 3),
    7: (36, 22, 7, 6),
    8: (28, 26, 8, 10),
    9: (21, 28, 8, 15),
    10: (15, 28, 8, 21),
    11: (10, 26, 8, 28),
}
GAINS = {
    0.25: (1.27, 1.44, 1.70, 2.13, 2.78, 3.76),
    0.5: (1.24, 1.39, 1.62, 2.00, 2.56, 3.37),
    1: (1.19, 1.31, 1.49, 1.78, 2.21, 2.78),
    2: (1.08, 1.16, 1.28, 1.45, 1.73, 2.06),
    3: (1.00, 1.05, 1.12, 1.23, 1.42, 1.64),
}


@pytest.mark.parametrize("boundary", TABLE)
def test_counts_are_the_table_s(boundary: int) -> None:
    assert BitOrders().counts(boundary) == Counts(*TABLE[boundary])


@pytest.mark.parametrize("rho", GAINS)
def test_gains_are_the_table_s(rho: float) -> None:
    for boundary, gain in zip(range(5, 11), GAINS[rho], strict=True):
        assert BitOrders().counts(boundary).gain(rho) == pytest.approx(gain, abs=0.0051)


@given(st.integers(2, 8), st.integers(1, 8), st.integers(1, 8), st.data())
def test_counts_are_those_of_every_pair_of_bits(weight_bits: int, input_bits: int, window: int, data: object) -> None:
    orders = BitOrders(weight_bits=weight_bits, input_bits=input_bits, window=window)
    boundary = data.draw(st.integers(0, orders.highest))  # type: ignore[attr-defined]
    pairs = [(i, j) for i in range(weight_bits) for j in range(input_bits)]
    analog = [(i, j) for i, j in pairs if boundary - window <= i + j < boundary]
    assert orders.counts(boundary) == Counts(
        digital=sum(i + j >= boundary for i, j in pairs),
        analog=len(analog),
        conversions=len({i for i, _ in analog}),
        dropped=sum(i + j < boundary - window for i, j in pairs),
    )
    assert orders.counts(boundary).total == weight_bits * input_bits


def test_the_highest_boundary_has_nothing_digital() -> None:
    assert BitOrders().highest == 15
    assert BitOrders().counts(15).digital == 0
    assert BitOrders().counts(14).digital == 1


@pytest.mark.parametrize("boundary", [-1, 16, 8.0, True, "8"])
def test_a_wrong_boundary_is_refused_by_name(boundary: object) -> None:
    with pytest.raises(InputError, match=r"boundary = .*: must be an integer 0\.\.15"):
        BitOrders().counts(boundary)  # type: ignore[arg-type]


@pytest.mark.parametrize("rho", [0, -1, float("nan")])
def test_a_wrong_ratio_of_energies_is_refused(rho: float) -> None:
    with pytest.raises(InputError, match="rho"):
        BitOrders().counts(8).gain(rho)
