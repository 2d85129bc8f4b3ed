"""The account of the three systems: sums by hand, limits, and solutions put back in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bitline.errors import InputError
from bitline.system.account import CLAIMED, HBM2, HOROWITZ_DRAM, Account, curve, energies, gain, solve
from bitline.system.efficiency import TERNARY_5, ColumnEnergy

#: A network that only the ReRAM above the cells holds: 1e6 weights, 48 of them per site in 25000 sites.
ACCOUNT = Account(weights=1e6, sites=25e3)


def test_sources_by_hand() -> None:
    low, high = HOROWITZ_DRAM
    assert low == pytest.approx(20.3e-12, rel=2e-3)
    assert high == pytest.approx(40.6e-12, rel=2e-3)
    assert Account().dram == HOROWITZ_DRAM[0] > HBM2
    assert CLAIMED == {"sram": 2.9, "reram": 1.9}


def test_energies_by_hand() -> None:
    found = energies(ACCOUNT)
    column = 351.2e-15 / 16
    assert found.nvsram.compute == pytest.approx(25 * column)
    assert found.sram.compute == found.reram.compute == pytest.approx(64 * column)
    # 5000 of 1e6 weights are in the cells, all are above them
    assert found.nvsram.restore == pytest.approx(0.995 * 5 * 8.57e-15 / 100)
    assert found.nvsram.reload == 0
    # two bits a site, eight a weight: 6250 weights stay
    assert found.sram.reload == pytest.approx((1 - 6250e-6) * (8 * 1.3e-9 / 64 + 8 * 10e-12 / 64) / 100)
    # 100 bits a site: 312500 weights
    assert found.reram.reload == pytest.approx(0.6875 * 8 * (1.3e-9 / 64 + 69.2e-15) / 100)
    assert found.sram.total == found.sram.compute + found.sram.reload


def test_a_network_beyond_the_reram_comes_from_dram_too() -> None:
    found = energies(ACCOUNT.replace(weights=2.4e6))
    assert found.nvsram.reload == pytest.approx(0.5 * (8 * 1.3e-9 / 64 + 10 * 10e-12 / 64) / 100)
    assert found.nvsram.restore == pytest.approx((0.5 - 5 / 2400) * 5 * 8.57e-15 / 100)


def test_a_network_that_fits_costs_computing_only() -> None:
    small = energies(ACCOUNT.replace(weights=5000))
    for system in small:
        assert system.total == system.compute


def test_much_reuse_leaves_the_columns_and_none_the_memories() -> None:
    assert gain(ACCOUNT.replace(reuse=1e12), "sram") == pytest.approx(64 / 25, rel=1e-6)
    once = ACCOUNT.replace(reuse=1e-9)
    found = energies(once)
    assert gain(once, "sram") == pytest.approx(found.sram.reload / found.nvsram.restore, rel=1e-6)


def test_reuse_that_gives_the_claim_in_closed_form() -> None:
    """(E_s + D/r) = g (E_t + R/r), so r = (D - g R)/(g E_t - E_s)."""
    one = energies(ACCOUNT.replace(reuse=1.0))
    g = CLAIMED["sram"]
    expected = (one.sram.reload - g * one.nvsram.restore) / (g * one.nvsram.compute - one.sram.compute)
    (found,) = solve(ACCOUNT, "reuse", g, "sram", 1, 1e9)
    assert found == pytest.approx(expected, rel=1e-9)
    assert gain(ACCOUNT.replace(reuse=found), "sram") == pytest.approx(g, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("dram", 1e-16, 1e-9), ("sites", 1e3, 1e9), ("sram.adc", 1e-17, 1e-11), ("ternary.array", 1e-17, 1e-11)],
)
def test_solutions_reach_the_target(name: str, low: float, high: float) -> None:
    account = ACCOUNT.replace(reuse=500.0)
    found = solve(account, name, 2.9, "sram", low, high)
    assert found
    np.testing.assert_allclose(curve(account, name, found, "sram"), 2.9, rtol=1e-9)


def test_crossing_points_against_a_cheaper_binary_column() -> None:
    """Where one-bit columns compute for less, nvSRAM pays below a reuse only."""
    cheap = ACCOUNT.replace(sram=ColumnEnergy(array=20e-15, adc=40e-15, shift_add=20e-15))
    (crossing,) = solve(cheap, "reuse", 1.0, "sram", 1, 1e9)
    assert gain(cheap.replace(reuse=0.9 * crossing), "sram") > 1 > gain(cheap.replace(reuse=1.1 * crossing), "sram")


def test_what_the_reram_claim_needs_of_its_column() -> None:
    resident = ACCOUNT.replace(weights=1e5, reuse=1e9)
    (adc,) = solve(resident, "reram.adc", 1.9, "reram", 1e-16, 1e-11)
    column = ColumnEnergy(adc=adc).total
    assert column / ColumnEnergy().total == pytest.approx(1.9 * 25 / 64, rel=1e-6)
    trits = resident.replace(reram_at=TERNARY_5)
    (adc,) = solve(trits, "reram.adc", 1.9, "reram", 1e-16, 1e-11)
    assert ColumnEnergy(adc=adc).total / ColumnEnergy().total == pytest.approx(1.9, rel=1e-6)


def test_gain_falls_with_reuse_and_steps_with_array_size() -> None:
    by_reuse = curve(ACCOUNT, "reuse", np.geomspace(1, 1e6, 20), "sram")
    assert (np.diff(by_reuse) < 0).all()
    # with ever more sites SRAM holds the network too: 4e6 sites are enough
    by_sites = curve(ACCOUNT, "sites", [1e3, 25e3, 4e6, 1e7], "sram")
    assert by_sites[0] < by_sites[1]
    assert by_sites[2] == pytest.approx(64 / 25, rel=1e-3)
    assert by_sites[3] == pytest.approx(64 / 25, rel=1e-9)


def test_unreachable_targets_have_no_solution() -> None:
    assert solve(ACCOUNT, "reuse", 1e9, "sram", 1, 1e9) == ()
    assert math.isfinite(gain(ACCOUNT, "reram"))


def test_wrong_input_is_refused() -> None:
    for call, message in (
        (lambda: gain(ACCOUNT, "flash"), "baseline = 'flash'"),  # type: ignore[arg-type]
        (lambda: solve(ACCOUNT, "reuse", 0, "sram", 1, 2), "target = 0"),
        (lambda: solve(ACCOUNT, "reuse", 1, "sram", 2, 1), "low = 2"),
        (lambda: curve(ACCOUNT, "rewse", [1.0], "sram"), "reuse"),
        (lambda: Account(reuse=0.0), "reuse"),
    ):
        with pytest.raises(InputError, match=message):
            call()
