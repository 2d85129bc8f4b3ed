"""The ternary column's noise bench."""

from __future__ import annotations

import math

import numpy as np
import pytest
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions, NoInputs
from bitline.benches.ternary import noise as ternary_noise
from bitline.circuits.ternary_column import TernaryColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk


def test_noise_of_both_lines() -> None:
    """One pole of 1 kOhm and 70 fF at 300 K; a stack of 3e-24 + 1e-24 A2/Hz for 0.3 ns."""
    kelvin, frequency = 300.0, np.logspace(0, 13, 261)
    impedance = 1e3 / np.abs(1 + 2j * np.pi * frequency * 1e3 * 70e-15)
    kt = 1.380649e-23 * kelvin
    found = ternary_noise.measure(
        Waveforms(
            frequency,
            {
                "onoise_rprobe": math.sqrt(4 * kt / 1e12) * impedance,
                "onoise.mtpp0.id": np.full_like(frequency, 1e3 * math.sqrt(3e-24)),
                "onoise.mbpp0.id": np.full_like(frequency, 1e3 * math.sqrt(1e-24)),
            },
            {"onoise_total.mprel.id": 2e-4},
        ),
        setup_of(TernaryColumn(t_pulse=0.3e-9), NoInputs(), at_kelvin(kelvin)),
    )
    assert found["v_thermal"] == pytest.approx(math.sqrt(2 * kt / 70e-15), rel=3e-3)
    assert found["c_line"] == pytest.approx(70e-15, rel=5e-3)
    assert found["v_discharge"] == pytest.approx(math.sqrt(4e-24 * 0.3e-9 / 2) / 70e-15, rel=5e-3)
    assert list(found) == [output.name for output in ternary_noise.OUTPUTS]


@pytest.mark.pdk
def test_the_noise_deck_looks_at_one_line_with_one_stack_on(sky130: Pdk) -> None:
    at = Conditions(temperature=-40.0)
    deck = ternary_noise.deck(TernaryColumn(rows=2), at, NoInputs(), sky130)
    assert "\n.noise v(cbl) vpre dec 20 1.0 " in deck.text
    assert {"vinp0 inp0 0 0.0", "vinn0 inn0 0 1.8", "vinp1 inp1 0 1.8", "vpreg pre 0 1.8"} <= set(
        deck.body.splitlines()
    )
    assert at.kelvin == pytest.approx(233.15)
