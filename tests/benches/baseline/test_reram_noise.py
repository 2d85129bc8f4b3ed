"""The ReRAM column's noise bench."""

from __future__ import annotations

import math

import numpy as np
import pytest
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions, NoInputs
from bitline.benches.baseline import reram_noise
from bitline.circuits.analysis import Noise
from bitline.circuits.reram_column import ReramColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

SELECTOR = ReramColumn(active=3, access="selector", v_read=0.75)


def test_noise_of_a_known_resistance() -> None:
    """A cell of 80 + 4 kOhm on a clamp of 100 Ohm."""
    kt, frequency = 1.380649e-23 * 300, np.logspace(3, 9, 25)
    clamp = 100.0
    z = 1 / (1 / clamp + 1 / 84e3)
    density = 4 * kt / 84e3
    signals = {
        "onoise_rprobe": np.full_like(frequency, math.sqrt(4 * kt / clamp) * z),
        "onoise_rre0": np.full_like(frequency, math.sqrt(density * 80 / 84) * z),
        "onoise.ma0.id": np.full_like(frequency, math.sqrt(density * 4 / 84) * z),
    }
    setup = setup_of(ReramColumn(t_pulse=1e-9, c_int=60e-15), NoInputs(), at_kelvin(300.0))
    found = reram_noise.measure(Waveforms(frequency, signals, abscissa=Noise.axis), setup)
    assert found["r_cell"] == pytest.approx(84e3, rel=1e-6)
    assert found["v_discharge"] == pytest.approx(math.sqrt(density * 1e-9 / 2) / 60e-15, rel=1e-6)
    assert found["v_thermal"] == pytest.approx(math.sqrt(kt / 60e-15))


@pytest.mark.pdk
@pytest.mark.parametrize(("circuit", "second"), [(ReramColumn(active=2), "onoise.ma0.id"), (SELECTOR, "onoise_rsel0")])
def test_the_noise_deck_asks_for_one_cell(circuit: ReramColumn, second: str, sky130: Pdk) -> None:
    deck = reram_noise.deck(circuit, Conditions(), NoInputs(), sky130)
    assert {"onoise_rprobe", "onoise_rre0", second} <= set(deck.saves)
    on = "0.0" if circuit.access == "transistor" else "1.8"
    assert f"vin0 in0 0 {on}" in deck.body.splitlines()
