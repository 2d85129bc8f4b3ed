"""System figures against Kirchhoff's laws and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bitline.errors import InputError
from bitline.system.power_gating import break_even_time, most_at_once, parallel_restore, shared_resistance


def test_break_even_is_where_leaking_costs_as_much() -> None:
    t = break_even_time(69.2e-15, 8.57e-15, 25e-12)
    assert t * 25e-12 == pytest.approx(77.77e-15)
    assert break_even_time(0, 8.57e-15, 25e-12) == pytest.approx(8.57e-15 / 25e-12)


def test_one_trit_with_n_times_the_resistance_stands_for_n() -> None:
    # n trits as conductances g on one node behind R: solve the whole network, then the single trit
    n, r, g, vdd = 320, 2.0, 1e-5, 1.8
    network = np.array(
        [
            [1 / r + n * g, *[-g] * n],
            *[[-g if k == 0 else g * (k == row) for k in range(n + 1)] for row in range(1, n + 1)],
        ]
    )
    network[1:, 1:] += np.eye(n)  # each trit's inner node is tied to ground by 1 S
    volts = np.linalg.solve(network, np.array([vdd / r, *[0.0] * n]))
    series = 1 / (1 / g + 1)  # one trit: g in series with 1 S
    alone = vdd / (1 + shared_resistance(r, n) * series)
    assert volts[0] == pytest.approx(alone, rel=1e-9)


def test_a_group_draws_for_all_its_trits() -> None:
    whole = parallel_restore(1000, 1, 5e-6, 0.02, 10e-15, 4e-9)
    assert whole == pytest.approx((5e-3, 0.02, 10e-12, 4e-9))
    split = parallel_restore(1000, 3, 5e-6, 0.02, 10e-15, 4e-9)
    assert split == pytest.approx((334 * 5e-6, 0.02, 10e-12, 12e-9))


def test_as_many_at_once_as_the_droop_allows() -> None:
    n = most_at_once(2.0, 5e-6, 0.1)
    assert n * 5e-6 * 2.0 <= 0.1 * (1 + 1e-12)
    assert (n + 1) * 5e-6 * 2.0 > 0.1
    assert n == pytest.approx(1e4, abs=1)


@pytest.mark.parametrize("values", [(-1.0, 0.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, math.nan)])
def test_energies_and_power_must_make_sense(values: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="must be positive"):
        break_even_time(*values)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="groups = 0"):
        parallel_restore(10, 0, 1e-6, 0, 0, 0)
    with pytest.raises(InputError, match="n = 0"):
        shared_resistance(1.0, 0)
    with pytest.raises(InputError, match="droop = 0"):
        most_at_once(1.0, 1e-6, 0.0)
