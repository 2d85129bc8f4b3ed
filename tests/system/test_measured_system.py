"""The account as a function of its assumptions: by hand on a linear column, and against the shipped tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.parameters import field_names
from bitline.statistics.distributions import binomial_pmf
from bitline.system.account import Account, gain
from bitline.system.assumptions import ASSUMPTIONS, C_NET
from bitline.system.digit_density import Density
from bitline.system.efficiency import converter_bits
from bitline.system.measured_operation import measured_operation
from bitline.system.measured_system import CONVERTER_WIRES, SAFE_ROWS, MeasuredColumnCost, MeasuredSystem
from bitline.system.products import products_of, sums_of
from bitline.system.ratios import CONDITION
from bitline.system.sensitivity import nominal

FJ = 1e-15


def load(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


@pytest.fixture(scope="module")
def tables() -> dict[str, Lut]:
    return {name: load(name) for name in ("ternary-column", "baseline-sram", "baseline-reram")}


@pytest.fixture(scope="module")
def system(tables: Mapping[str, Lut]) -> MeasuredSystem:
    adders = {5: load("shift-adder"), 4: load("shift-adder-4")}
    return MeasuredSystem.of(*tables.values(), [load("sar-adc"), load("sar-adc-4")], adders)


def test_a_linear_column_by_hand() -> None:
    """Energy a + b k, precharge b k, 8 products; a line of 8 x 0.1 of 4 fF; half of the zeros' inputs are on."""
    k = np.arange(9)
    uniform, network = Density(0.5, 0.5), Density(0.5, 0.1)
    cost = MeasuredColumnCost((30 + 4 * k) * FJ, 4 * k * FJ, 2 * FJ, 0.1 * FJ, 0.2 * FJ, 4 * FJ, uniform, network)
    assert cost.array(0, 0, 0.1 * FJ, 8) == pytest.approx((30 + 4 * 8 * 0.25) * FJ)
    assert cost.array(1, 0, 0.1 * FJ, 8) == pytest.approx((30 + 4 * 8 * 0.05) * FJ)
    # a wire three times as heavy: 1.6 fF more on 4 fF, so 40 % more of the precharge
    assert cost.array(0, 0, 0.3 * FJ, 8) == pytest.approx((30 + 1.4 * 4 * 8 * 0.25) * FJ)
    # 20 idle rows of 0.2 fF besides: twice the line; of 0.4 fF with the heavier wire, which is 0.2 fF more on 28 rows
    assert cost.array(0, 0, 0.1 * FJ, 28) == pytest.approx((30 + 2 * 4 * 8 * 0.25) * FJ)
    assert cost.array(0, 0, 0.3 * FJ, 28) == pytest.approx((30 + (1 + (28 * 0.2 + 20 * 0.2) / 4) * 8) * FJ)
    # 4 inputs are on, where the table has 2 of products 1 and half of 6: a line less
    assert cost.array(0, 1, 0.1 * FJ, 8) == pytest.approx((30 + 4 * 8 * 0.25 - 2) * FJ)


def test_nominal_values_are_the_account_of_the_tables(system: MeasuredSystem) -> None:
    account = system.account()
    for name in ("ternary", "sram", "reram"):
        found, measured = getattr(account, name), getattr(system.base, name)
        assert (found.array, found.adc, found.shift_add) == pytest.approx(
            (measured.array, measured.adc, measured.shift_add), rel=1e-9
        )
        assert found.rows == measured.rows
    default = Account()
    usual = {name: value for name, value in nominal(ASSUMPTIONS).items() if name in field_names(default)}
    assert usual == {name: getattr(default, name) for name in usual}
    assert len(usual) == 10


def test_every_assumption_moves_a_ratio(system: MeasuredSystem) -> None:
    usual = [gain(system.account(), baseline) for baseline in ("sram", "reram")]
    for one in ASSUMPTIONS:
        for value in {one.low, one.high} - {one.nominal}:
            assert [gain(system.account({one.name: value}), baseline) for baseline in ("sram", "reram")] != usual


def test_a_network_s_operands_are_the_table_s_mean_at_their_activity(
    system: MeasuredSystem, tables: Mapping[str, Lut]
) -> None:
    account = system.account({"operands": 1.0})
    for name, lut in zip(("ternary", "sram", "reram"), tables.values(), strict=True):
        activity = getattr(system, name).network.product
        at = measured_operation(lut, CONDITION)
        assert getattr(account, name).array == pytest.approx(at.mean_energy(activity), rel=1e-9)


def test_independent_inputs_are_those_of_the_table_s_other_zeros(
    system: MeasuredSystem, tables: Mapping[str, Lut]
) -> None:
    """Of uniform bits a third of the products 0 have an input that is on: between zeros by input and by weight."""
    table = tables["baseline-sram"].tables["nominal"].sel(CONDITION)
    pmf = binomial_pmf(16, 1 / 4)
    by_weight, by_input = (float(pmf @ table["energy_total"].sel(zeros=zeros).values) for zeros in ("weight", "input"))
    array = system.account({"inputs": 1.0}).sram.array
    assert array == pytest.approx(by_input + (by_weight - by_input) / 3, rel=0.02)
    assert array < 0.9 * system.account().sram.array


def test_wires_and_supplies_of_the_digital_part(system: MeasuredSystem) -> None:
    usual = system.account()
    bare = system.account({"c_net": 0.0})
    for name, bits in (("ternary", 5), ("sram", 4)):
        change = getattr(usual, name).adc - getattr(bare, name).adc
        assert change == pytest.approx(CONVERTER_WIRES[bits] * C_NET)
    less = system.account({"conversion": 0.3, "addition": 0.42, "trit_logic": 10 * FJ, "clamp": 20 * FJ})
    assert less.reram.adc == pytest.approx(0.3 * usual.reram.adc)
    assert less.sram.shift_add == pytest.approx(0.42 * usual.sram.shift_add)
    assert less.ternary.shift_add == pytest.approx(0.42 * usual.ternary.shift_add + 10 * FJ)
    assert less.reram.array == pytest.approx(usual.reram.array + 20 * FJ)


def test_other_views_of_a_fair_converter(system: MeasuredSystem, tables: Mapping[str, Lut]) -> None:
    values = {"reuse": 1e15, "trit_logic": 50 * FJ}
    usual, same, filled = (view(values) for view in (system.account, system.same, system.filled))
    for account in (same, filled):
        for column in (account.sram, account.reram):
            assert column.adc == usual.ternary.adc
            assert column.shift_add == pytest.approx(usual.ternary.shift_add - 50 * FJ)
    assert filled.sram.array == 2 * usual.sram.array
    # 32 one-bit products have 33 sums as 16 ternary ones have, and so need as many bits
    assert filled.sram.rows + 1 == sums_of(products_of(tables["ternary-column"])) == 33
    assert converter_bits(filled.sram.rows + 1) == 5
    assert gain(filled, "sram") < gain(usual, "sram") < gain(same, "sram")
    assert gain(filled, "sram") < gain(system.filled(values, SAFE_ROWS), "sram") < gain(usual, "sram")
    assert system.filled(values, 16) == same


def test_safe_rows_are_the_most_whose_margin_is_positive() -> None:
    spread = 0.197 / math.sqrt(32)
    margins = [0.985 - 3 * spread * (math.sqrt(n) + math.sqrt(n - 1)) for n in (SAFE_ROWS, SAFE_ROWS + 1)]
    assert margins[0] > 0 > margins[1]


def test_a_column_whose_converter_s_wires_are_not_known_is_refused(tables: Mapping[str, Lut]) -> None:
    from luts.energies import make_energy_lut

    short = make_energy_lut("sram", [FJ] * 5, code=range(5))
    with pytest.raises(InputError, match=r"LUT sram: needs 2 bits: wires are known of \[4, 5\]"):
        MeasuredSystem.of(tables["ternary-column"], short, tables["baseline-reram"], [], {})


def test_a_converter_with_other_wires_is_refused(tables: Mapping[str, Lut]) -> None:
    adc, adder = load("sar-adc"), load("shift-adder")
    bare = replace(adc, attrs={**adc.attrs, "parameters": {"sequencer": {"c_net": 0.0}}})
    with pytest.raises(InputError, match=r"LUT sar-adc: c_net = 0\.0: must be 1e-15 F"):
        MeasuredSystem.of(*tables.values(), [bare], {5: adder})
    unstated = replace(adder, attrs={})
    with pytest.raises(InputError, match=r"LUT shift-adder: c_net = None: must be 1e-15 F"):
        MeasuredSystem.of(*tables.values(), [adc], {5: unstated})
