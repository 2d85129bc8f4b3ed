"""Squares between two transfer curves whose sides are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near

from bitline.benches.cell.butterfly import squares

VDD = 1.8
X = np.linspace(0, VDD, 901)


def step(trip: float, low: float = 0.0) -> np.ndarray:
    """Return the curve of an inverter that falls from VDD to `low` within 4 mV."""
    return np.interp(X, [trip - 2e-3, trip + 2e-3], [VDD, low])


@given(left=st.floats(0.3, 1.5), right=st.floats(0.3, 1.5))
def test_of_ideal_inverters_the_squares_end_at_the_trip_points(left: float, right: float) -> None:
    one, zero = squares(X, step(left), step(right))
    # The lobe of Q = 1 is left of the one's trip point and above the other's.
    assert one.side == pytest.approx(min(left, VDD - right), abs=4e-3)
    assert zero.side == pytest.approx(min(VDD - left, right), abs=4e-3)


@given(low=st.floats(0.0, 0.6))
def test_a_low_node_that_is_pulled_up_costs_its_own_bit(low: float) -> None:
    one, zero = squares(X, step(0.7, low), step(0.7))
    assert one.side == pytest.approx(0.7, abs=4e-3)
    assert zero.side == pytest.approx(0.7 - low, abs=4e-3)


def test_a_square_touches_both_curves() -> None:
    q = VDD / (1 + np.exp((X - 0.8) / 0.05))
    one, zero = squares(X, q, q)
    for square in (one, zero):
        assert np.interp(square.qb + square.side, X, q) == near(square.q + square.side, rel=1e-2) or np.interp(
            square.q + square.side, X, q
        ) == near(square.qb + square.side, rel=1e-2)
    assert one.side == near(zero.side, rel=1e-6)
    # By symmetry the one is the other, mirrored.
    assert (one.qb, one.q) == near((zero.q, zero.qb), rel=1e-2)


def test_noise_on_both_inputs_takes_its_own_size_from_a_margin_and_below_zero() -> None:
    def curve(shift: float) -> np.ndarray:
        return VDD / (1 + np.exp((X + shift - 0.8) / 0.05))

    clean = squares(X, curve(0.0), curve(0.0))[0].side
    for noise in (0.1, clean - 0.01, clean + 0.01):
        # Against a stored 1 the input of Q's inverter is raised and that of QB's lowered.
        assert squares(X, curve(noise), curve(-noise))[0].side == pytest.approx(clean - noise, abs=2e-3)


def test_a_latch_that_is_no_latch_has_no_margin() -> None:
    flat = np.linspace(1.0, 0.8, len(X))
    assert all(math.isnan(square.side) for square in squares(X, flat, flat))
