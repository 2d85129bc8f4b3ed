"""The account of a hybrid product: its counts are those of the orders, its sums those by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import order_energy
import pytest

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.hybrid.account import HybridAccount, Reads
from bitline.system.hybrid.assumptions import ASSUMPTIONS, DRIVERS, NETWORK_DRIVERS, ORDER_TREE, TREE
from bitline.system.sensitivity import nominal

NAMES = ("acim-qr-144", "acim-qr-inputs", "column-dac", "sar-adc-4", "shift-adder-4", "shift-adder", "sram-cell")


def account_of(luts: dict[str, Lut]) -> HybridAccount:
    column, plates, dac, converter, four, five, cell = (luts[name] for name in NAMES)
    return HybridAccount.of(column, plates, dac, converter, {4: four, 5: five}, cell)


@pytest.fixture(scope="module")
def luts() -> dict[str, Lut]:
    return {name: Lut.load(content.folder("luts") / name) for name in NAMES}


@pytest.fixture(scope="module")
def account(luts: dict[str, Lut]) -> HybridAccount:
    return account_of(luts)


@pytest.mark.parametrize("reads", ["separate", "shared"])
def test_all_digital_gains_nothing(account: HybridAccount, reads: Reads) -> None:
    for one in ASSUMPTIONS:
        assert account.gain(0, reads, {one.name: one.low}) == 1.0


@pytest.mark.parametrize("boundary", range(16))
def test_counts_are_those_of_the_orders(account: HybridAccount, boundary: int) -> None:
    counts, parts, v = account.orders.counts(boundary), account.parts(boundary), nominal(ASSUMPTIONS)
    assert parts.drivers == pytest.approx(counts.digital * v["drivers"] * 0.39)
    uniform = account.parts(boundary, values={"operands": 0.0})
    assert uniform.tree == pytest.approx(counts.digital * TREE * 0.9)
    assert uniform.drivers == pytest.approx(counts.digital * v["drivers"])
    assert parts.conversion == pytest.approx(counts.conversions * account.conversion)


def test_the_sum_at_a_boundary_of_eight_by_hand(account: HybridAccount) -> None:
    """28 digital operations in 7 rows, 8 analog ones; uniform bits; figures of the tables in pJ, read by eye."""
    row = 144 * (0.016351 * 2.16 + 0.000546)
    digital = 28 * (4.63 * 0.9 + 1.038 + 0.7236) + 7 * row
    analog = 8 * (144 * 0.078134 / 8 + 0.29635 + 72 * 0.0047877 + 0.93152 + 0.52996)
    uniform = {"operands": 0.0}
    assert 1e12 * account.parts(8, values=uniform).total == pytest.approx(digital + analog + 8 * row + 1, rel=1e-3)
    assert 1e12 * account.parts(8, "shared", uniform).total == pytest.approx(digital + analog + row + 1, rel=1e-3)


def test_the_trees_energy_by_order_is_that_of_the_network(account: HybridAccount) -> None:
    """38 % of it is left at boundary 8; wire on the nets adds to it."""
    assert pytest.approx(order_energy.by_order(), abs=0.5e-14) == ORDER_TREE
    drivers = order_energy.by_order(order_energy.ENERGIES[2])
    operations = [8 - abs(k - 7) for k in range(15)]
    assert np.average(drivers, weights=operations) / DRIVERS == pytest.approx(NETWORK_DRIVERS, abs=5e-3)
    whole, kept = (account.parts(boundary).tree for boundary in (0, 8))
    assert whole == pytest.approx(0.9 * np.dot(ORDER_TREE, operations))
    assert kept / whole == pytest.approx(0.383, abs=1e-3)
    assert account.parts(0, values={"c_net": 0.0}).tree == pytest.approx(whole / 1.22)


@pytest.mark.parametrize("reads", ["separate", "shared"])
def test_a_boundary_of_a_gain_has_it(account: HybridAccount, reads: Reads) -> None:
    boundary = account.boundary_of(1.95, reads)
    assert boundary is not None
    assert account.gain(boundary, reads) == pytest.approx(1.95)
    assert account.boundary_of(100.0, reads) is None


def test_other_models_and_conditions_are_refused_by_name(luts: dict[str, Lut]) -> None:
    other = replace(luts["sram-cell"], attrs={**luts["sram-cell"].attrs, "pdk": "other"})
    with pytest.raises(InputError, match=r"LUT sram-cell: pdk = other"):
        account_of({**luts, "sram-cell": other})
    column = luts["acim-qr-144"]
    warm = replace(column, attrs={**column.attrs, "conditions": {"corner": "tt", "vdd": 1.8, "temperature": 85.0}})
    with pytest.raises(InputError, match=r"LUT acim-qr-144: temperature = 85"):
        account_of({**luts, "acim-qr-144": warm})
