"""Where a bit is lost, on made-up falls of a supply, and what the deck promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell.leakage import Lines
from bitline.benches.cell.retention import OUTPUTS, deck, lost_at, measure
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.pdk.descriptor import Pdk

SUPPLY = np.linspace(1.2, 0.01, 1191)


def fork(at: float) -> np.ndarray:
    """Return the nodes of a symmetric cell, which come together as the root of what the supply is above `at`."""
    return np.sqrt(np.clip(SUPPLY - at, 0, None))


@given(at=st.floats(0.05, 0.6))
def test_a_bit_is_lost_where_the_nodes_come_together(at: float) -> None:
    assert lost_at(SUPPLY, fork(at)) == pytest.approx(at, abs=1.5e-3)


@given(at=st.floats(0.05, 0.6), after=st.floats(-0.3, 0.09))
def test_a_bit_is_lost_where_the_nodes_jump_to_another_state(at: float, after: float) -> None:
    assert lost_at(SUPPLY, np.where(at < SUPPLY, 0.2 + fork(at), after)) == pytest.approx(at, abs=1.5e-3)


def test_a_favoured_bit_is_kept_to_the_end() -> None:
    assert lost_at(SUPPLY, SUPPLY * np.tanh(3 * SUPPLY)) == SUPPLY[-1]


def test_a_bit_that_was_never_there_is_named() -> None:
    with pytest.raises(BadMeasureError, match=r"at 1\.2 V the cell does not keep the bit"):
        lost_at(SUPPLY, 0.1 * SUPPLY)


def test_the_cell_s_is_the_larger_of_both() -> None:
    one, zero = fork(0.2), fork(0.3)
    waves = Waveforms(SUPPLY, {"v(q1)": one, "v(qb1)": 0 * one, "v(q0)": 0 * zero, "v(qb0)": zero})
    values = measure(waves, setup_of(SplitPort6T(), Lines()))
    assert list(values) == [output.name for output in OUTPUTS]
    assert values == pytest.approx({"drv": 0.3, "drv_1": 0.2, "drv_0": 0.3}, abs=1.5e-3)


@pytest.mark.pdk
@pytest.mark.parametrize(("lines", "volts"), [("high", 1.8), ("low", 0.0)])
def test_the_deck_has_the_same_cell_twice(lines: str, volts: float, sky130: Pdk) -> None:
    made = deck(SplitPort6T(), Conditions(sample=1), Lines(lines=lines), sky130)
    assert made.body.count("xcell") == 2
    assert len(made.deviates) == len(deck(SplitPort6T(), Conditions(sample=2), Lines(), sky130).deviates) == 12
    assert f"vbl bl 0 {volts}\nvblb blb 0 {volts}\n" in made.body
    assert ".nodeset v(q1)=1.2 v(qb1)=0.0\n" in made.body and ".nodeset v(q0)=0.0 v(qb0)=1.2\n" in made.body
