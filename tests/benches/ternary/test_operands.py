"""Mixes of products that give a MAC value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bitline.benches.ternary.operands import TernaryMac, Zeros


@given(st.integers(1, 64), st.data(), st.integers(0, 32), st.sampled_from(["weight", "input", "mixed"]))
def test_operands_add_up_to_the_mac_and_use_as_many_pairs_as_fit(
    rows: int, data: st.DataObject, extra: int, zeros: Zeros
) -> None:
    mac = data.draw(st.integers(-rows, rows))
    given_ = TernaryMac(mac=mac, extra=extra, zeros=zeros)
    operands = given_.operands(rows)
    products = [w * x for w, x in operands]
    assert len(operands) == rows
    assert sum(products) == mac
    active = sum(map(abs, products))
    assert active == abs(mac) + 2 * extra or (active <= abs(mac) + 2 * extra and active >= rows - 1)
    assert given_.products(rows) == (products.count(1), products.count(-1))
    for w, x in operands:
        if w * x == 0:
            assert {abs(w), abs(x)} == {0, 1}
            assert zeros == "mixed" or (x == 0) == (zeros == "input")


def test_both_ways_to_a_product_take_turns() -> None:
    assert TernaryMac(mac=4).operands(4) == [(1, 1), (-1, -1), (1, 1), (-1, -1)]
    assert TernaryMac(mac=-2).operands(2) == [(1, -1), (-1, 1)]
    assert TernaryMac(mac=0).operands(8) == [(0, 1), (1, 0), (0, -1), (-1, 0)] * 2
    assert TernaryMac(mac=0, zeros="input").operands(2) == [(1, 0), (-1, 0)]


def test_a_mirrored_mix_has_as_much_of_everything() -> None:
    """Transfer can only be odd if MAC m and -m pulse as many input lines and store as many bits."""
    for mac, extra in ((3, 2), (7, 0), (16, 0)):
        plus, minus = (TernaryMac(mac=sign * mac, extra=extra).operands(16) for sign in (1, -1))
        assert sum(abs(w) for w, _ in plus) == sum(abs(w) for w, _ in minus)
        assert sum(abs(x) for _, x in plus) == sum(abs(x) for _, x in minus)
