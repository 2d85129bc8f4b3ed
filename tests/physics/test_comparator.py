"""The comparator in SPICE: decisions, offset by two ways and by hand, regeneration, noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from setups import setup_of, simulated

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import noise as comparator_noise
from bitline.benches.comparator import offset as comparator_offset
from bitline.benches.comparator.decide import Decide
from bitline.circuits.deck import Deck
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

Run = Callable[[Deck], Waveforms]
Simulate = Callable[..., Waveforms]


@pytest.fixture
def simulate(run: Run, sky130: Pdk) -> Simulate:
    def decided(
        conditions: Conditions | None = None,
        accuracy: Accuracy = "default",
        circuit: StrongArm | None = None,
        **inputs: Any,
    ) -> Waveforms:
        asked = Decide(**inputs)
        made = comparator.deck(circuit or StrongArm(), conditions or Conditions(), asked, sky130)
        w = run(with_accuracy(made, accuracy))
        return simulated(w, circuit or StrongArm(), asked, conditions, sky130)

    return decided


def measured(w: Any) -> Any:
    return comparator.measure(w, w.setup)


@pytest.mark.parametrize("corner", Corner)
@pytest.mark.parametrize("temperature", [-40.0, 125.0])
def test_it_decides_at_all_corners(corner: Corner, temperature: float, simulate: Simulate) -> None:
    for vdd, v_common in ((1.62, 1.0), (1.62, 1.6), (1.98, 1.4)):
        conditions = Conditions(corner=corner, temperature=temperature, vdd=vdd)
        values = measured(simulate(conditions, "fast", v_common=v_common, v_diff=5e-3))
        assert values["decision"] == 1.0
        assert values["latency"] < 0.7e-9


@pytest.fixture
def search(run: Run, sky130: Pdk) -> Callable[..., dict[str, float]]:
    def searched(
        accuracy: Accuracy = "default", circuit: StrongArm | None = None, **conditions: Any
    ) -> dict[str, float]:
        given, inputs = Conditions(**conditions), comparator_offset.Search()
        made = comparator_offset.deck(circuit or StrongArm(), given, inputs, sky130)
        setup = setup_of(circuit or StrongArm(), inputs, given, sky130)
        return comparator_offset.measure(run(with_accuracy(made, accuracy)), setup)

    return searched


def test_the_nominal_comparator_has_no_offset(search: Callable[..., dict[str, float]]) -> None:
    for v in (search(), search(corner=Corner.sf, vdd=1.62)):
        assert abs(v["offset"]) <= v["resolution"]
        assert (v["outside"], v["unresolved"]) == (0.0, 0.0)


def test_an_offset_of_known_thresholds(search: Callable[..., dict[str, float]], sky130: Pdk) -> None:
    """Three sigma between the pair's thresholds alone, either way, are that offset; half each, as deviates."""
    names = comparator_offset.deck(StrongArm(), Conditions(sample=1), comparator_offset.Search(), sky130).deviates
    for sign in (1, -1):
        half = {"ina": sign * 1.5 / math.sqrt(2), "inb": -sign * 1.5 / math.sqrt(2)}
        values = search(deviates=tuple(half.get(name.split(".")[0], 0.0) for name in names))
        # a higher threshold at the plus input asks for more there
        assert values["offset"] / (sign * 1.5 * values["sigma_pair"]) == pytest.approx(1.0, abs=0.05)


def test_the_search_ends_where_single_decisions_turn(
    search: Callable[..., dict[str, float]], simulate: Simulate
) -> None:
    for sample in (1, 5):
        offset = search(sample=sample)["offset"]
        assert abs(offset) > 2e-3
        low, high = 0.0, 0.04
        while high - low > 2e-4:
            middle = (low + high) / 2
            waves = simulate(Conditions(sample=sample), v_diff=middle)
            # the decision whose input has the offset's sign: it turns where the input passes the offset
            instant = waves.marks["first" if offset > 0 else "second"] + 0.9e-9
            follows = (waves.at("v(qp)", instant) > 0.9) == (offset > 0)
            low, high = (low, middle) if follows else (middle, high)
        assert abs(offset) == pytest.approx((low + high) / 2, abs=5e-4)


def test_offset_sigma_is_that_of_the_hand_formula(search: Callable[..., dict[str, float]], simulate: Simulate) -> None:
    """100 samples: the standard error of their sigma is 7 %, the solver's error of an offset below 1 mV."""
    offsets = [search("fast", sample=k)["offset"] for k in range(1, 101)]
    by_hand = measured(simulate())["sigma_hand"]
    assert np.std(offsets, ddof=1) / by_hand == pytest.approx(1.0, abs=0.15)


def test_latency_grows_by_tau_per_factor_e(simulate: Simulate) -> None:
    small, large = (measured(simulate(v_diff=v)) for v in (1e-6, 1e-5))
    slope = (small["latency"] - large["latency"]) / math.log(10)
    # tau is read where the latch begins to slow down: it is the longer by a tenth.
    assert small["tau"] / slope == pytest.approx(1.1, abs=0.05)
    # and the pure model knows when a small input is decided
    late = small["tau"] * math.log(0.9 / small["gain_0"] / 1e-6)
    assert small["latency"] / late == pytest.approx(0.9, abs=0.05)


def test_energy_is_that_of_capacitance(simulate: Simulate) -> None:
    """C V^2 with a C that changes little: the exponent of the supply lies near 2."""
    low, high = (measured(simulate(Conditions(vdd=v)))["energy_decision"] for v in (1.62, 1.98))
    assert math.log(high / low) / math.log(1.98 / 1.62) == pytest.approx(2.0, abs=0.3)


def test_transient_noise_is_that_of_the_integration_formula(run: Run, sky130: Pdk) -> None:
    """100 decisions: a standard error of 7 %."""
    made = comparator_noise.deck(StrongArm(), Conditions(), comparator_noise.Noisy(), sky130)
    values = comparator_noise.measure(
        run(with_accuracy(made, "fast")), setup_of(StrongArm(), comparator_noise.Noisy(), pdk=sky130)
    )
    assert values["v_noise_transient"] / values["v_noise_formula"] == pytest.approx(1.0, abs=0.2)
    assert abs(values["offset"]) < 4 * values["v_noise_transient"] / math.sqrt(values["counted"])
