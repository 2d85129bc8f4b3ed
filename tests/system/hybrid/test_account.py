"""The account of a hybrid product: its counts are those of the orders, its sums those by hand."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import order_energy
import pytest
import saliency_energy

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.hybrid.account import HybridAccount, Reads
from bitline.system.hybrid.assumptions import (
    ASSUMPTIONS,
    DRIVER_SHARES,
    DRIVERS,
    FLIP_FLOP,
    LOOK_SPICE,
    LOOKS,
    TREES,
)
from bitline.system.ratios import at_condition, logic_share
from bitline.system.sensitivity import nominal

NAMES = ("acim-qr-144", "acim-qr-inputs", "column-dac", "sar-adc-forms", "shift-adder-4", "shift-adder", "sram-cell")


def account_of(luts: dict[str, Lut], bits: int = 4) -> HybridAccount:
    column, plates, dac, converters, four, five, cell = (luts[name] for name in NAMES)
    return HybridAccount.of(column, plates, dac, converters, bits, {4: four, 5: five}, cell)


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
    assert uniform == account.parts(boundary, operands="uniform")
    assert uniform.drivers == pytest.approx(counts.digital * v["drivers"])
    assert parts.conversion == pytest.approx(counts.conversions * account.conversion)


def test_the_sum_at_a_boundary_of_eight_by_hand(account: HybridAccount) -> None:
    """28 digital operations in 7 rows, 8 analog ones; figures of the tables in pJ, read by eye.

    Trees of uniform operands: (7 4.67 + 6 4.72 + 5 4.66 + 4 4.80 + 3 4.86 + 2 5.01 + 5.10) / 28 = 4.7575.
    """
    row = 144 * (0.016351 * 2.16 + 0.000546)
    digital = 28 * (4.7575 * 0.96 + 1.038 + 0.7236) + 7 * row
    analog = 8 * (144 * 0.93 * 0.078134 / 8 + 1.67 * (0.29635 + 72 * 0.0047877) + 0.9330 + 0.52996)
    look = 0.979 * 1.93 + 2 * 0.048
    uniform = {"operands": 0.0}
    assert 1e12 * account.parts(8, values=uniform).total == pytest.approx(digital + analog + 8 * row + look, rel=1e-3)
    assert 1e12 * account.parts(8, "shared", uniform).total == pytest.approx(digital + analog + row + look, rel=1e-3)


def test_the_trees_energy_by_order_is_that_of_the_network(account: HybridAccount) -> None:
    """38 % of it is left at boundary 8; wire on the nets adds to it."""
    operations = [8 - abs(k - 7) for k in range(15)]
    for operands, orders in TREES.items():
        assert pytest.approx(1e12 * order_energy.by_order(operands=operands), abs=0.5e-2) == orders
        drivers = order_energy.by_order(order_energy.ENERGIES[2], operands)
        share = np.average(drivers, weights=operations) / DRIVERS
        assert share == pytest.approx(DRIVER_SHARES[operands], abs=5e-3)
    docs = (content.folder("luts").parents[1] / "docs" / "digital-path.md").read_text(encoding="utf-8")
    half_normal, uniform = TREES["half-normal"], TREES["uniform"]
    mean = np.average(half_normal, weights=operations)
    assert f"take {mean:.1f} pJ, from {max(half_normal):.1f} to {min(half_normal):.1f} by order" in docs
    assert f"ones {min(uniform):.1f} to {max(uniform):.1f}" in docs
    whole, kept = (account.parts(boundary).tree for boundary in (0, 8))
    assert whole == pytest.approx(0.96e-12 * np.dot(TREES["network"], operations))
    assert kept / whole == pytest.approx(0.382, abs=1e-3)
    assert account.parts(0, values={"c_net": 0.0}).tree == pytest.approx(whole / 1.186)
    with pytest.raises(InputError, match="operands = 'cnn': must be one of uniform, half-normal, network"):
        account.parts(0, operands="cnn")  # type: ignore[arg-type]


def test_the_evaluators_energy_is_that_of_the_model_and_spice(account: HybridAccount, luts: dict[str, Lut]) -> None:
    """Comparisons of half-normal sums, 2 fF; a flip-flop takes no more than a bit more of a shift-and-add."""
    with saliency_energy.FILE.open(newline="") as file:
        cases = {
            (row["thresholds"], row["gated"]): float(row["energy [J]"])
            for row in csv.DictReader(file)
            if (row["operands"], row["c_net [F]"]) == ("half-normal", "2e-15")
        }
    assert pytest.approx((cases["1", "1"], cases["2", "1"], cases["2", "0"]), abs=0.5e-14) == LOOKS
    with saliency_energy.SPICE.open(newline="") as file:
        outputs = list(csv.DictReader(file))
    spice, model = (sum(float(row[name]) for row in outputs) for name in ("spice [J]", "model [J]"))
    assert spice / model == pytest.approx(LOOK_SPICE, abs=5e-3)
    four, five = (at_condition(luts[name]).mean_energy() for name in ("shift-adder-4", "shift-adder"))
    assert five - four == pytest.approx(FLIP_FLOP, abs=0.5e-15)
    evaluator = next(one for one in ASSUMPTIONS if one.name == "saliency")
    assert evaluator.nominal == account.parts(9).saliency
    docs = (content.folder("luts").parents[1] / "docs" / "digital-path.md").read_text(encoding="utf-8")
    nominal_end, low, high = (f"{1e12 * end:.2f}" for end in (evaluator.nominal, evaluator.low, evaluator.high))
    assert f"**{nominal_end} pJ** ({low} to\n{high})" in docs
    assert all(f"{1e12 * look:.2f} pJ" in docs for look in LOOKS)


@pytest.mark.parametrize(("boundary", "separate", "shared"), [(0, 0, 0), (9, 5, 5), (10, 0, 5), (11, 0, 4)])
def test_rows_that_wait_for_the_boundary_are_read_again(
    account: HybridAccount, boundary: int, separate: int, shared: int
) -> None:
    """Rows 3..7 have a bit of order 10; at 9 each has one of order 9 left, from 10 on only the analog operation."""
    row = account.parts(9, values={"held": 8.0}).analog_read / 8
    for reads, expected in (("separate", separate), ("shared", shared)):
        usual, again = (account.parts(boundary, reads, {"second_read": share}) for share in (0.0, 1.0))
        assert again.total - usual.total == pytest.approx(expected * row)
    # Where every operation reads its row anyway, only an analog operation can be left over.
    assert account.parts(9, values={"held": 1.0, "second_read": 1.0}) == account.parts(9, values={"held": 1.0})


@pytest.mark.parametrize(("bits", "name"), [(4, "sar-adc-4"), (5, "sar-adc")])
def test_a_conversion_is_that_of_the_converters_own_table(luts: dict[str, Lut], bits: int, name: str) -> None:
    """Four inputs in the one, every code in the other."""
    own, account = Lut.load(content.folder("luts") / name), account_of(luts, bits)
    assert account.conversion == pytest.approx(at_condition(own).mean_energy(), rel=3e-3)
    assert account.converter_logic == pytest.approx(logic_share(own), rel=3e-3)


def test_converters_of_three_to_six_bits(luts: dict[str, Lut]) -> None:
    """A conversion rises with every bit, what adds its codes up in proportion; the synchronous one by the docs."""
    accounts = [account_of(luts, bits) for bits in (3, 4, 5, 6)]
    assert [round(1e12 * one.conversion, 2) for one in accounts] == [0.70, 0.93, 1.18, 1.43]
    assert [round(1e12 * one.conversion * one.synchronous, 2) for one in accounts] == [0.70, 0.94, 1.20, 1.48]
    np.testing.assert_allclose(np.diff([one.analog_add for one in accounts]), 48.3e-15, rtol=1e-2)
    for one in accounts:
        timed, clocked = (one.parts(9, values={"synchronous": share}).conversion for share in (0.0, 1.0))
        assert clocked / timed == pytest.approx(one.synchronous)
    with pytest.raises(InputError, match="LUT sar-adc-forms: bits = 7 is not on its grid"):
        account_of(luts, 7)


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
