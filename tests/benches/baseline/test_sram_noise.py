"""The binary SRAM column's noise bench."""

from __future__ import annotations

import pytest

from bitline.benches.base import Conditions, NoInputs
from bitline.benches.baseline import sram_noise
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.pdk.descriptor import Pdk


@pytest.mark.pdk
def test_the_noise_deck_has_one_stack_on(sky130: Pdk) -> None:
    deck = sram_noise.deck(BinarySramColumn(active=2), Conditions(), NoInputs(), sky130)
    assert {"vin0 in0 0 0.0", "vin1 in1 0 1.8"} <= set(deck.body.splitlines())
    assert {"onoise.mt0.id", "onoise.mb0.id"} <= set(deck.saves)
