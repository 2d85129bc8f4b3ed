"""The I-V bench on a made-up loop, what its deck promises, and its loops in SPICE."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.store import iv
from bitline.benches.store.iv import Triangle, deck, measure
from bitline.circuits.deck import Deck
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.devices.reram import Filament, ReRam
from bitline.devices.selector import Selector
from bitline.engine.shared import shared_simulator
from bitline.engine.verdict import judge
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

RAMP = 100e-9


@pytest.fixture
def run() -> Callable[[Deck], Waveforms]:
    return lambda made: judge(made, shared_simulator().answer(made))


def test_a_made_up_loop_is_measured() -> None:
    """Sets at 2 V on the way up, resets at -1.5 V on the way down; 1 mA and 2 mA at the tips."""
    time = np.linspace(0, 4 * RAMP, 4001)
    volts = np.interp(time / RAMP, [0, 1, 2, 3, 4], [0.0, 2.5, 0.0, -2.5, 0.0])
    thickness = np.where((time > 0.8 * RAMP) & (time < 2.6 * RAMP), 4.5, 3.6)
    waves = Waveforms(
        axis=time,
        signals={
            "v(drive)": volts,
            "i(vsl)": -np.where(volts > 0, volts / 2.5e3, volts / 1.25e3),
            "v(thickness)": thickness,
            "v(kelvin)": 300 + 100 * np.abs(volts),
        },
    )
    # a filament whose resistance is 1 MOhm at 3.6 nm, and falls by e per 0.3 nm
    i_k1 = 0.1 / (1e6 * math.exp(-(5.0 - 3.6) / 0.3) * math.sinh(0.1 / 0.43))
    reram = ReRam(filament=Filament(i_k1=i_k1, t_ox=5e-9, t_ref=4.7e-9, v_ref=0.43))
    values = measure(waves, setup_of(NsnrCluster(reram=reram.replace(r_hrs=1e6)), Triangle(t_ramp=RAMP)))
    assert list(values) == [output.name for output in iv.OUTPUTS]
    # V^2/R over two ramps each: (2.5 V)^2 / 3 on average
    energy = 2 * RAMP * 2.5**2 / 3 * (1 / 2.5e3 + 1 / 1.25e3)
    expected = {
        **{"v_set": 2.0, "v_reset": -1.5, "i_set_peak": 1e-3, "i_reset_peak": 2e-3},
        **{"r_on": 1e6 * np.exp(-3), "r_off": 1e6, "kelvin_peak": 550.0, "energy": energy},
    }
    assert values == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("values", "message"), [({"start": "low"}, "start"), ({"t_ramp": 1e-10}, "t_ramp = 1e-10")])
def test_inputs_out_of_range_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Triangle(**values)


@pytest.mark.pdk
def test_the_deck_sweeps_a_triangle_with_or_without_the_selector(sky130: Pdk) -> None:
    made = deck(NsnrCluster(), Conditions(), Triangle(v_top=2.0, v_bottom=1.5), sky130)
    assert "vsl drive 0 pwl(0 0 1e-07 2.0 2e-07 0 3" in made.body
    assert re.search(r" -1\.5 4e-07 0\)$", made.body, re.MULTILINE)
    assert re.search(r"^bsel0 0 m0 ", made.body, re.MULTILINE)
    alone = deck(NsnrCluster(), Conditions(), Triangle(with_selector=False), sky130)
    assert "sel0" not in alone.body
    assert re.search(r"^bre0 sl 0 i=", alone.body, re.MULTILINE)
    assert [(phase.name, phase.start, phase.stop) for phase in alone.phases] == [
        ("set", 0.0, pytest.approx(2 * RAMP)),
        ("reset", pytest.approx(2 * RAMP), alone.analysis.stop),
    ]


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("kind", ["none", "threshold", "exponential"])
def test_a_loop_in_spice(kind: str, sky130: Pdk, run: Callable[[Deck], Waveforms]) -> None:
    selector = Selector(v_on=0.6) if kind == "none" else Selector(kind=kind, v_on=0.6)
    circuit, inputs = NsnrCluster(selector=selector), Triangle(with_selector=kind != "none")
    setup = setup_of(circuit, inputs, pdk=sky130)
    made = deck(circuit, Conditions(), inputs, sky130)
    waves = run(with_accuracy(made, "default"))
    values, exact = measure(waves, setup), measure(run(with_accuracy(made, "reference")), setup)
    assert values["v_set"] == pytest.approx(exact["v_set"], abs=0.01)
    assert values["v_reset"] == pytest.approx(exact["v_reset"], abs=0.05)
    assert values["energy"] == pytest.approx(exact["energy"], rel=0.02)
    assert values["r_on"] < 40e3
    assert values["r_off"] > 1.5e6
    assert 3.3 - 1e-3 < waves["v(thickness)"].min() < waves["v(thickness)"].max() < 4.9 + 1e-3
    # Hysteresis: on the way up less current than at the same voltage on the way down.
    up, down = (waves.at("i(vsl)", t) for t in (0.5 * RAMP, 1.5 * RAMP))
    assert waves.at("v(drive)", 0.5 * RAMP) == pytest.approx(waves.at("v(drive)", 1.5 * RAMP), abs=1e-6)
    assert down < 5 * up < 0
    # What a selector takes has to be applied on top.
    inputs = Triangle(with_selector=False)
    bare = run(with_accuracy(deck(circuit, Conditions(), inputs, sky130), "default"))
    alone = measure(bare, setup_of(circuit, inputs, pdk=sky130))
    assert values["v_set"] >= alone["v_set"]
