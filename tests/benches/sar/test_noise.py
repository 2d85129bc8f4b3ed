"""Noise of a conversion: what is drawn, and how it reaches the deck."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near

from bitline.benches.base import Conditions
from bitline.benches.sar import convert as sar
from bitline.benches.sar.noise import drawn_noise
from bitline.circuits.sar_adc import SarAdc
from bitline.pdk.descriptor import Pdk


def noises(per_decision: float, sampled: float, count: int = 4000) -> np.ndarray:
    return np.array(
        [drawn_noise(5, (1, 1), 1, 1e-4 * k, per_decision=per_decision, sampled=sampled) for k in range(count)]
    )


def test_each_decision_has_a_noise_of_its_own() -> None:
    """Sigma of 4000 draws is known to 1.1 %, a correlation to 0.016: five of each."""
    drawn = noises(2e-3, 0.0)
    assert drawn.std(axis=0) == near(2e-3, rel=0.05)
    assert np.abs(drawn.mean(axis=0)).max() < 5 * 2e-3 / np.sqrt(4000)
    apart = np.corrcoef(drawn.T) - np.eye(5)
    assert np.abs(apart).max() < 0.08


def test_what_is_sampled_is_the_same_for_all_decisions() -> None:
    drawn = noises(0.0, 3e-3)
    assert np.ptp(drawn, axis=1).max() == 0
    assert drawn[:, 0].std() == near(3e-3, rel=0.05)
    both = noises(2e-3, 3e-3)
    assert both.std(axis=0) == near(np.hypot(2e-3, 3e-3), rel=0.05)
    assert np.corrcoef(both.T)[0, 1] == near(9 / 13, abs=0.05)


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.floats(-3, 3)), min_size=2, max_size=2, unique=True)
)
def test_seed_sample_and_input_choose_the_stream(places: Sequence[tuple[int, int, float]]) -> None:
    one, other = (drawn_noise(3, (seed, 1), sample, v, per_decision=1.0, sampled=0.0) for seed, sample, v in places)
    (seed, sample, v), _ = places
    assert one == drawn_noise(3, (seed, 1), sample, v, per_decision=1.0, sampled=0.0)
    assert one != other


@pytest.mark.pdk
@pytest.mark.parametrize("logic", ["self-timed", "ideal"])
def test_the_deck_s_source_gives_each_decision_its_draw(logic: str, sky130: Pdk) -> None:
    """The source's own expression, worked out with the nodes as they are after 0, 1, 2 and 3 decisions."""
    circuit = SarAdc(bits=4, logic=logic)
    inputs = sar.Convert(v_diff=0.2, v_noise=1e-3, v_sampled=0.5e-3, noise_seed=7)
    made = sar.deck(circuit, Conditions(sample=2), inputs, sky130)
    text = re.search(r"^bnoise tpn tp v=(.*(?:\n\+ .*)*)", made.body, re.MULTILINE)
    assert text is not None
    expression = text[1].replace("\n+ ", "")
    drawn = sar.noise(circuit, Conditions(sample=2), inputs)
    for made_so_far, expected in enumerate(drawn):
        nodes = {f"r{k}": 1.0 if k < made_so_far else 0.0 for k in range(4)}
        nodes |= {f"xp{k}": 1.8 for k in range(4)} | {f"xn{k}": 0.0 if k < made_so_far else 1.8 for k in range(4)}
        plain = expression
        for node, volts in nodes.items():
            plain = plain.replace(f"v({node})", repr(volts))
        assert eval(plain, {"tanh": np.tanh, "abs": abs}) == near(expected, abs=1e-9)
    assert re.search(r"^Mina \S+ tpn ", made.body, re.MULTILINE)


@pytest.mark.pdk
def test_without_noise_there_is_no_source_whatever_its_seed(sky130: Pdk) -> None:
    plain = sar.deck(SarAdc(), Conditions(sample=2), sar.Convert(), sky130)
    assert "tpn" not in plain.body
    assert sar.deck(SarAdc(), Conditions(sample=2), sar.Convert(noise_seed=5), sky130).text == plain.text
