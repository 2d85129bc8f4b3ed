"""Networks that count: against plain counting, for every structure and multiplier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError, UnknownNameError
from bitline.system.logic.cells import LOGIC_CELLS, logic_cell
from bitline.system.logic.network import Gate, Network
from bitline.system.logic.popcount import Multiplier, Structure, popcount_levels, popcount_network

STRUCTURES: tuple[Structure, ...] = ("compressor", "arrival", "ripple")
bits = st.integers(0, 1)


@given(
    st.lists(st.tuples(bits, bits), min_size=2, max_size=70),
    st.sampled_from(STRUCTURES),
    st.sampled_from(["and2", "nor2"]),
)
def test_a_network_counts(pairs: list[tuple[int, int]], structure: Structure, multiplier: Multiplier) -> None:
    inputs, weights = zip(*pairs, strict=True)
    network = popcount_network(len(pairs), structure, multiplier)
    assert network.value(popcount_levels(inputs, weights, multiplier)) == sum(a & b for a, b in pairs)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("width", [16, 36, 144, 256])
def test_all_ones_fit_the_result(width: int, structure: Structure) -> None:
    """The largest count needs the most bits."""
    network = popcount_network(width, structure)
    assert network.value(popcount_levels([1] * width, [1] * width)) == width


@pytest.mark.parametrize("structure", ["compressor", "arrival"])
@given(width=st.integers(2, 256))
def test_compressors_are_as_few_as_can_be(structure: Structure, width: int) -> None:
    """A full adder takes one bit away, a half adder none: from n bits to those of the result."""
    network = popcount_network(width, structure)
    assert network.count("fa_1") == width - len(network.result)
    assert network.count("ha_1") < len(network.result)
    assert len(network.result) == width.bit_length()


def test_a_ripple_tree_of_sixteen() -> None:
    """Eight half adders, then four adders of two bits, two of three and one of four: a half adder in each."""
    network = popcount_network(16, "ripple")
    assert network.count("ha_1") == 8 + 4 + 2 + 1
    assert network.count("fa_1") == 4 * 1 + 2 * 2 + 1 * 3


@pytest.mark.parametrize("name", LOGIC_CELLS)
def test_adders_count_and_gates_do_what_they_are_called(name: str) -> None:
    cell = logic_cell(name)
    for state in range(cell.states):
        ones = state.bit_count()
        wanted = {
            "inv_2": (1 - ones,),
            "and2_1": (int(state == 3),),
            "nor2_1": (int(state == 0),),
            "ha_1": (ones // 2, ones % 2),
            "fa_1": (ones // 2, ones % 2),
        }
        assert cell.at(state) == wanted[name]


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="fa_1"):
        logic_cell("fa_2")


def test_a_network_without_driver_or_with_two_is_refused() -> None:
    with pytest.raises(InputError, match="gate g: nothing before it drives b"):
        Network(("a",), (Gate("g", "and2_1", {"A": "a", "B": "b", "X": "y"}),), ("y",))
    with pytest.raises(InputError, match="gate g: a has a driver already"):
        Network(("a",), (Gate("g", "inv_2", {"A": "a", "Y": "a"}),), ("a",))
