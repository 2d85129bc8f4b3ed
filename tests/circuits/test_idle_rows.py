"""Idle rows in the decks of the columns: how many of each, at which nodes, and none by default."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bitline.benches.base import Conditions
from bitline.benches.baseline import reram_transfer, sram_transfer
from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.ternary import transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.idle_rows import idle_sections
from bitline.circuits.reram_column import ReramColumn
from bitline.circuits.ternary_column import TernaryColumn
from bitline.pdk.descriptor import Pdk

pytestmark = pytest.mark.pdk

COLUMNS = [
    (TernaryColumn(rows=4), transfer, TernaryMac(mac=2), 8),
    (BinarySramColumn(active=4), sram_transfer, BinaryMac(code=2), 2),
    (ReramColumn(active=4), reram_transfer, BinaryMac(code=2), 1),
]


@pytest.mark.parametrize(("column", "bench", "inputs", "transistors"), COLUMNS, ids=["trits", "bits", "1T1R"])
def test_lumps_stand_for_every_idle_row_once(
    column: Any, bench: Any, inputs: Any, transistors: int, sky130: Pdk
) -> None:
    """Transistors of a lump times its multiplier, over all lumps, are those of 30 rows."""
    long = bench.deck(column.replace(idle=30), Conditions(), inputs, sky130).body
    lumps = [float(m) for m in re.findall(r"^M\S*i[01]x\d+ .* m=(\S+)", long, re.MULTILINE)]
    assert sum(lumps) == 30 * transistors
    assert "i0x" not in bench.deck(column, Conditions(), inputs, sky130).body


@pytest.mark.parametrize(("column", "bench", "inputs", "transistors"), COLUMNS, ids=["trits", "bits", "1T1R"])
def test_computing_rows_of_a_chip_are_the_same_with_idle_rows(
    column: Any, bench: Any, inputs: Any, transistors: int, sky130: Pdk
) -> None:
    at = Conditions(sample=1)
    decks = [bench.deck(circuit, at, inputs, sky130) for circuit in (column, column.replace(idle=30))]
    assert decks[0].deviates == decks[1].deviates


def test_sections_of_no_rows_are_none() -> None:
    assert idle_sections(16, 0, 4) == []
