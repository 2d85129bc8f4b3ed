"""The account at another supply or corner: tables agree where they meet, and logic goes as the event model says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import order_energy
import pytest
from event_model import library

from bitline.benches.logic.popcount import event_model
from bitline.circuits.adder_tree import AdderTree
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.hybrid.account import (
    HybridAccount,
    addition_at,
    column_at,
    converter_at,
    plate_at,
)
from bitline.system.hybrid.conditions import ConditionTables, account_at
from bitline.system.hybrid.measured import AnalogParts
from bitline.system.hybrid.operands import operands
from bitline.system.ratios import CONDITION, at_condition

SLOW = {"corner": "ss", "vdd": 1.62, "temperature": 27.0}
NAMES = ("acim-qr-144", "acim-qr-inputs", "sar-adc-forms", "shift-adder-4", "shift-adder")
ELSEWHERE = ("acim-qr-144", "acim-qr-inputs", "sar-adc", "shift-adder-4", "shift-adder")


@pytest.fixture(scope="module")
def account() -> HybridAccount:
    column, plates, converters, four, five = map(Lut.load, NAMES)
    return HybridAccount.of(
        column, plates, Lut.load("column-dac"), converters, 4, {4: four, 5: five}, Lut.load("sram-cell")
    )


@pytest.fixture(scope="module")
def tables() -> ConditionTables:
    column, plates, converters, four, five = (Lut.load(f"{name}-conditions") for name in ELSEWHERE)
    cell, popcount = Lut.load("sram-cell"), Lut.load("dcim-popcount-conditions")
    return ConditionTables(column, plates, Lut.load("column-dac"), converters, {4: four, 5: five}, cell, popcount)


def test_at_the_nominal_condition_nothing_changes(account: HybridAccount, tables: ConditionTables) -> None:
    same = account_at(account, 4, tables, CONDITION)
    assert same.parts(9) == account.parts(9)


def test_the_tables_agree_at_the_nominal_condition(account: HybridAccount, tables: ConditionTables) -> None:
    """A longer sampling time and finer steps make 1 % of a converter's energy."""
    np.testing.assert_allclose(column_at(tables.column)[1], account.column, rtol=1e-9)
    assert plate_at(tables.plates) == pytest.approx(account.plate, rel=1e-3)
    assert float(converter_at(tables.converters, 4)["energy_total"]) == pytest.approx(account.conversion, rel=0.01)
    assert addition_at(tables.shift_adds, 4) == pytest.approx(account.analog_add, rel=1e-9)
    assert at_condition(tables.popcount).mean_energy() > 0


def test_every_part_follows_the_supply(account: HybridAccount, tables: ConditionTables) -> None:
    """CV^2 from 1.8 to 1.62 V is 0.81, and 0.9 where the charge comes at a voltage that stays."""
    there = account_at(account, 4, tables, {**CONDITION, "vdd": 1.62})
    for name in ("plate", "conversion", "analog_add", "digital_add", "line", "wordline", "logic"):
        assert getattr(there, name) / getattr(account, name) == pytest.approx(0.81, abs=0.04), name
    for name in ("dac", "column"):
        assert np.all(np.array(getattr(there, name)) / getattr(account, name) == pytest.approx(0.86, abs=0.07)), name


@pytest.mark.parametrize("corner", ["ss", "ff"])
def test_a_tree_of_144_goes_as_one_of_16(tables: ConditionTables, corner: str) -> None:
    """The event model with half-normal operands beside SPICE with uniform bits, at 1.8 V."""
    sample = operands("half-normal")
    levels, _ = order_energy.operations(sample.weights[:, 0].astype(int), sample.activations[0].astype(int))
    circuit = AdderTree(width=144, c_net=2e-15)
    energy = {at: event_model(circuit, library(at)).run(levels[:17], period=8e-9).energy.sum() for at in ("tt", corner)}
    popcount = [at_condition(tables.popcount, {**CONDITION, "corner": at}).mean_energy() for at in ("tt", corner)]
    assert energy[corner] / energy["tt"] == pytest.approx(popcount[1] / popcount[0], rel=0.04)


def test_a_condition_that_a_table_lacks_is_refused_by_name(account: HybridAccount, tables: ConditionTables) -> None:
    with pytest.raises(InputError, match=r"LUT sram-cell: vdd = 1\.5 is not on its grid"):
        account_at(account, 4, tables, {**CONDITION, "vdd": 1.5})
    short = replace(account, codes=account.codes[:-1])
    with pytest.raises(InputError, match=r"LUT acim-qr-144-conditions: code = .*: must be"):
        account_at(short, 4, tables, SLOW)


def test_the_errors_of_an_operation_at_the_slow_corner() -> None:
    """The DAC's reference of 1.2 V stays, and so do the steps; spreads of capacitors are taken in these."""
    names = (
        "acim-qr-144-conditions",
        "column-dac",
        "strongarm-noise-conditions",
        "strongarm-trim-conditions",
        "sar-adc",
    )
    slow, usual = (AnalogParts(*map(Lut.load, names), condition=place) for place in (SLOW, CONDITION))  # type: ignore[misc]
    assert slow.dac_lsb / usual.dac_lsb == pytest.approx(1, rel=0.01)
    assert slow.lsb / usual.lsb == pytest.approx(1, rel=0.02)
    np.testing.assert_allclose(slow.dac_sigma / slow.dac_lsb, usual.dac_sigma / usual.dac_lsb)
    assert slow.kappa == pytest.approx(usual.kappa, rel=0.05)
