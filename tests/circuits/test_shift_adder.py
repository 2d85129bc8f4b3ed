"""The shift-and-add unit: weights, width, and the logic of its cells worked out gate by gate."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.benches.base import Conditions
from bitline.benches.logic.accumulate import Accumulate, deck
from bitline.circuits.shift_adder import ShiftAdder
from bitline.pdk.descriptor import Pdk


@given(st.integers(2, 3), st.integers(1, 8), st.integers(1, 10))
def test_the_result_holds_the_largest_sum(radix: int, bits: int, digits: int) -> None:
    circuit = ShiftAdder(radix=radix, bits=bits, digits=digits)
    assert sorted(circuit.weights) == [radix**k for k in range(digits)]
    assert circuit.largest == (2**bits - 1) * (radix**digits - 1) // (radix - 1)
    assert circuit.largest < 2 ** len(circuit.result)
    assert len(circuit.result) == circuit.flip_flops


def test_of_trits_the_most_significant_comes_first_and_no_bit_is_idle() -> None:
    circuit = ShiftAdder(radix=3, bits=5, digits=5)
    assert circuit.weights == (81, 27, 9, 3, 1)
    assert circuit.largest == 31 * 121
    assert 2 ** (circuit.width - 1) <= circuit.largest


Cells = dict[str, dict[str, str]]


def adders(text: str) -> Cells:
    """Return the nets of each adder's pins, from the gates of the PDK's own netlist and its outputs' inverters."""
    cells: Cells = {}
    for name, nets in re.findall(r"^M((?:fa|ha)[vs]\d+)_\S+ (\S+ \S+ \S+) ", text, re.MULTILINE):
        cells.setdefault(name, {}).update(dict.fromkeys(nets.split(), name))
    return cells


@pytest.mark.pdk
@pytest.mark.parametrize(("bits", "digits"), [(2, 3), (5, 5)])
def test_each_clock_adds_three_times_what_was(bits: int, digits: int, sky130: Pdk) -> None:
    """Every net of weight 2^k goes into one adder of that weight: the nets' values alone decide the sum."""
    circuit = ShiftAdder(radix=3, bits=bits, digits=digits)
    text = deck(circuit, Conditions(), Accumulate(), sky130).body
    cells = adders(text)
    width = circuit.width
    assert len(cells) == 2 * width - 1
    for k in range(width):
        saved = {f"h{k}"} | ({f"h{k - 1}"} if k else set()) | ({f"b{k}"} if k < bits else set())
        (name,) = {cell for cell in cells if cell in (f"fav{k}", f"hav{k}")}
        outer = {net for net in cells[name] if re.fullmatch(r"[hbvucs]\d+", net)}
        assert outer == saved | {f"v{k}" if k else "s0", f"u{k + 1}"}
        assert name.startswith("fa") == (len(saved) == 3)
        if k:
            rippled = {f"v{k}", f"u{k}"} | ({f"c{k}"} if k > 1 else set())
            (name,) = {cell for cell in cells if cell in (f"fas{k}", f"has{k}")}
            outer = {net for net in cells[name] if re.fullmatch(r"[hbvucs]\d+", net)}
            assert outer == rippled | {f"s{k}", f"c{k + 1}"}
