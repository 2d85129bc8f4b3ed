"""The product bench."""

from __future__ import annotations

import re

import pytest

from bitline.benches.base import Conditions
from bitline.benches.ternary import product
from bitline.benches.ternary.product import Product
from bitline.circuits.ternary_column import TernaryColumn
from bitline.pdk.descriptor import Pdk


@pytest.mark.pdk
def test_a_product_deck_has_the_operands_in_every_row(sky130: Pdk) -> None:
    deck = product.deck(TernaryColumn(rows=3), Conditions(vdd=1.62), Product(weight=-1, x=1), sky130)
    assert re.findall(r"^vin(\w+) \S+ 0 pulse", deck.body, re.MULTILINE) == ["p0", "p1", "p2"]
    assert ".ic v(qp0)=0.0 v(qbp0)=1.62\n.ic v(qm0)=1.62 v(qbm0)=0.0\n" in deck.body
    assert re.findall(r"^rbit(\w+) ", deck.body, re.MULTILINE) == ["m1", "m2"]
    assert deck.marks["pulse"] < deck.marks["sample"] < deck.phases[-1].start < deck.analysis.stop
