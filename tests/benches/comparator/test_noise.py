"""The comparator's noise bench on made-up decisions whose answer is known."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from nearness import near
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions
from bitline.benches.comparator import noise as comparator_noise
from bitline.circuits.deck import Deck
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN

VDD, TAU, GAIN, EVALUATE = 1.8, 20e-12, 0.05, 1e-9
# The pair conducts from 10 ps to 50 ps after the clock with 1 mS; its drains then are apart by A v_diff.
ON, OFF, GM, DRAINS = 10e-12, 50e-12, 1e-3, 4.0


def noise_deck(sky130: Pdk, **inputs: float) -> Deck:
    return comparator_noise.deck(StrongArm(), Conditions(), comparator_noise.Noisy(**inputs), sky130)


def points(made: Deck, name: str) -> np.ndarray:
    text = re.search(rf"^v{name} {name} 0 pwl\(\n(.*?)^\+ \)$", made.body, re.MULTILINE | re.DOTALL)
    assert text is not None
    return np.array([[float(x) for x in line.split()[1:]] for line in text[1].splitlines()])


@pytest.mark.pdk
def test_noise_has_the_density_that_was_asked_for(sky130: Pdk) -> None:
    """Sigma^2 of white numbers every dt is S / (2 dt); S = 4 k T R."""
    made = noise_deck(sky130, decisions=200, r_noise=3e3)
    for name, half in (("ip", 2.5e-3), ("in", -2.5e-3)):
        t, v = points(made, name).T
        assert np.all(np.diff(t) > 0)
        dt = np.diff(t).min()
        noise = np.abs(v - 1.4 - half)  # every other decision has the other sign: take those of this one
        samples = v[1:][np.isclose(np.diff(t), dt, rtol=1e-3)]
        assert np.std(samples) == near(math.hypot(math.sqrt(4 * BOLTZMANN * 300.15 * 3e3 / 2 / dt), 2.5e-3), rel=0.02)
        assert noise.max() > 5e-3
    assert noise_deck(sky130, noise_seed=2).text != noise_deck(sky130).text == noise_deck(sky130).text


def test_noise_of_made_up_decisions() -> None:
    """Linear decisions that saw sign * v_diff + known noise give back its standard deviation."""
    count, v_diff = 41, 5e-3
    seen = np.random.Generator(np.random.PCG64(2)).normal(1e-3, 2e-3, count)
    period = 0.8e-9
    t = np.linspace(0, 0.3e-9 + count * period, count * 1600 + 601)
    d, gm, apart = np.zeros_like(t), np.zeros_like(t), np.zeros_like(t)
    for k in range(count):
        since = t - 0.3e-9 - k * period
        inside = (since >= -1e-13) & (since <= 0.3e-9 + 1e-13)
        v = (1 if k % 2 else -1) * v_diff + seen[k]
        d[inside] = np.clip(GAIN * np.exp(since[inside] / TAU) * v, -VDD, VDD)
        gm[inside] = np.where((since[inside] >= ON) & (since[inside] <= OFF), GM, 0.0)
        apart[inside] = np.interp(since[inside], [0, ON, OFF, 2 * OFF], [0, 0, 0.02, 0])
    waves = Waveforms(
        axis=t,
        signals={
            **{"v(oa)": VDD - np.maximum(d, 0), "v(ob)": VDD - np.maximum(-d, 0)},
            **{"v(da)": VDD - apart, "v(db)": np.full_like(t, VDD), "v(@mina[gm])": gm, "v(@minb[gm])": gm},
        },
    )
    inputs = comparator_noise.Noisy(v_diff=v_diff, decisions=count, r_noise=2e3)
    values = comparator_noise.measure(waves, setup_of(StrongArm(), inputs, at_kelvin(300.0)))
    assert list(values) == [output.name for output in comparator_noise.OUTPUTS]
    assert values["counted"] == count - 1
    design = np.column_stack([[(1 if k % 2 else -1) * v_diff for k in range(1, count)], np.ones(count - 1)])
    x = design[:, 0] + seen[1:]
    fitted, *_ = np.linalg.lstsq(design, x)
    assert values["v_noise_transient"] == near(np.std((x - design @ fitted) / fitted[0], ddof=2), rel=0.01)
    assert values["offset"] == near(-fitted[1] / fitted[0], rel=0.02)
    density = 4 * BOLTZMANN * 300 * 2e3
    assert values["v_noise_formula"] == near(math.sqrt(density / (OFF - ON)), rel=0.03)
