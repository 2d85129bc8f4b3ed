"""The decide bench on made-up decisions whose answer is known, and what its deck promises."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from nearness import near
from setups import as_library, at_kelvin, pulsed, setup_of, toy

from bitline.benches.base import Conditions
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import mismatch
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN

VDD, TAU, GAIN, EVALUATE = 1.8, 20e-12, 0.05, 1e-9
RISING = 3e-9  # how long the ideal sources of `pulsed` rise in 6 ns, all of it after the warming up
STARTS = {"warm": 1.8e-9, "first": 2.3e-9, "second": 4.3e-9}
# The pair conducts from 10 ps to 50 ps after the clock with 1 mS; its drains then are apart by A v_diff.
ON, OFF, GM, DRAINS = 10e-12, 50e-12, 1e-3, 4.0


def made_up(offset: float = 0.0, v_diff: float = 10e-3) -> Waveforms:
    """D = GAIN exp(t/TAU) (+-v_diff - offset) up to the supply; the winning output's inverter follows its half."""
    t = np.unique(
        np.concatenate([np.linspace(0, 6e-9, 3001), *(s + np.linspace(0, EVALUATE, 4001) for s in _clocks())])
    )
    v = {name: np.full_like(t, VDD) for name in ("oa", "ob", "da", "db")}
    v |= {name: np.zeros_like(t) for name in ("qp", "qn", "gm")}
    v |= {"ip": np.full_like(t, 1.4), "in": np.full_like(t, 1.4)}
    for start, sign in zip(_clocks(), (1, -1), strict=True):
        inside = (t >= start) & (t <= start + EVALUATE)
        since = t[inside] - start
        d = np.clip(GAIN * np.exp(np.minimum(since / TAU, 50)) * (sign * v_diff - offset), -VDD, VDD)
        v["oa"][inside], v["ob"][inside] = VDD - np.maximum(d, 0), VDD - np.maximum(-d, 0)
        v["qp"][inside], v["qn"][inside] = np.maximum(d, 0), np.maximum(-d, 0)
        shape = np.interp(since, [0, ON, OFF, 2 * OFF], [0, 0, 1, 0])
        v["da"][inside] -= DRAINS * v_diff * shape * (sign > 0)
        v["db"][inside] -= DRAINS * v_diff * shape * (sign < 0)
        v["gm"][inside] = np.where((since >= ON) & (since <= OFF), GM, 0.0)
        v["ip"][inside] -= 0.03 * np.exp(-since / 1e-10)
        v["in"][inside] -= 0.01 * np.exp(-since / 1e-10)
    signals = {f"v({name})": x for name, x in v.items() if name != "gm"}
    signals |= pulsed(t, {"vclk": "clkb"}, 1e-6) | pulsed(t, {"vsp": "sp", "vsn": "sn"}, 1e-7, top=1.4)
    return Waveforms(
        axis=t,
        signals={**signals, "v(@mina[gm])": v["gm"], "v(@minb[gm])": v["gm"], "i(vcmp)": np.full_like(t, -1e-6)},
        marks=STARTS,
    )


def _clocks() -> tuple[float, float]:
    return STARTS["first"], STARTS["second"]


def setup() -> Any:
    return setup_of(StrongArm(gamma=1.0), comparator.Decide(v_diff=10e-3, t_evaluate=EVALUATE), at_kelvin(300.0))


def test_a_made_up_comparator_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparator, "pair_sigma", lambda *_: 9e-3)
    monkeypatch.setattr(comparator, "latch_sigma", lambda *_: 16e-3)
    values = comparator.measure(made_up(), setup())
    assert list(values) == [output.name for output in comparator.OUTPUTS]
    assert values["decision"] == 1.0
    assert values["tau"] == near(TAU, rel=1e-3)
    assert values["gain_0"] == near(GAIN, rel=1e-2)
    # the exponential reaches half the supply then
    assert values["latency"] == near(TAU * math.log(0.9 / GAIN / 10e-3), rel=1e-3)
    assert values["energy_decision"] == near(VDD * 1e-6 * (6e-9 - STARTS["warm"] + RISING) / 2, rel=1e-6)
    assert values["energy_input"] == near(1.4 * 1e-7 * RISING, rel=1e-6)
    assert values["kick_common"] == near(0.02, rel=1e-2)
    assert values["kick_diff"] == near(0.02, rel=1e-2)
    assert values["t_integration"] == near(OFF, rel=1e-2)
    assert values["gain_integration"] == near(DRAINS, rel=1e-2)
    assert values["sigma_pair"] == 9e-3
    assert values["sigma_hand"] == near(math.hypot(9e-3, 4e-3), rel=1e-3)


def test_noise_by_the_formula_written_out() -> None:
    """The pair is off after the integration, so the weight is gm alone: 1 mS for 40 ps."""
    values = comparator.measure(made_up(), setup())
    charge = GM * (OFF - ON)
    kt = BOLTZMANN * 300
    expected = math.sqrt(4 * kt / charge + 2 * kt * (charge / DRAINS) / charge**2)
    assert values["v_noise"] == near(expected, rel=0.02)
    assert values["gm_pair"] == near(charge / OFF, rel=0.02)


def test_wrong_and_late_decisions_are_told_apart() -> None:
    assert comparator.measure(made_up(offset=12e-3), setup())["decision"] == -1.0  # +10 mV is below the offset
    waves = made_up()
    waves.signals["v(qn)"][:] = waves.signals["v(qp)"]  # both high: nothing is decided
    late = comparator.measure(waves, setup())
    assert (late["decision"], late["latency"]) == (0.0, EVALUATE)


def test_a_threshold_that_is_drawn_on_the_card_counts() -> None:
    """The toy's NMOS draws vth0, 3 mV um of its printed size, and its mobility, which is none; its PMOS has 4 mV um."""
    drawn = mismatch.sigma_vt(toy(), Conditions(), "nmos", 1e-6, 0.15e-6)
    assert drawn == near(3e-9 / math.sqrt(0.99e-6 * 0.15e-6), rel=1e-6)
    assert mismatch.sigma_vt(toy(), Conditions(), "pmos", 1e-6, 0.15e-6) == near(4e-9 / math.sqrt(1e-6 * 0.15e-6))


@pytest.mark.pdk
def test_a_deck_turns_its_inputs_and_knows_the_pair(sky130: Pdk) -> None:
    made = comparator.deck(StrongArm(), Conditions(), comparator.Decide(v_diff=0.02, v_common=1.0), sky130)
    sources = dict(re.findall(r"^(vsp|vsn) s. 0 pwl\(0 (\S+)", made.body, re.MULTILINE))
    assert (float(sources["vsp"]), float(sources["vsn"])) == (0.99, 1.01)
    assert [phase.name for phase in made.phases] == ["decision 0", "decision 1", "decision 2"]
    assert made.phases[1].start == made.marks["first"]
    wide = StrongArm(w_input=4e-6)
    # 4 um by 0.15 um at 3.356 mV um; the library's own draw is 27.6 mV um / (4 um).
    assert mismatch.pair_sigma(wide, Conditions(), sky130) == near(math.sqrt(2) * 3.356e-9 / math.sqrt(0.6e-12))
    assert mismatch.pair_sigma(wide, Conditions(), as_library(sky130)) == near(math.sqrt(2) * 6.890251e-3, rel=1e-4)
    lvt = wide.replace(input_pair="nmos_lvt")
    low = comparator.deck(lvt, Conditions(), comparator.Decide(), sky130)
    assert mismatch.pair_sigma(lvt, Conditions(), sky130) == near(math.sqrt(2) * 7.043666e-3, rel=1e-4)
    assert "nmos_lvt_4000x150" in low.body


@pytest.mark.pdk
def test_impossible_inputs_are_refused(sky130: Pdk) -> None:
    with pytest.raises(InputError, match=r"v_common = 0\.05"):
        comparator.deck(StrongArm(), Conditions(), comparator.Decide(v_diff=0.2, v_common=0.05), sky130)
