"""The hold bench of half-rail latches: its deck, and its measures on made-up waveforms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from nearness import near
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.restore import half_rail, half_rail_hold
from bitline.benches.restore.half_rail_hold import deck, measure
from bitline.benches.restore.half_rail_sizing import HalfRail, size_half_rail
from bitline.benches.restore.hold import Hold
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import Level
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 1e-6, 101)
SOURCES = ("vsup", "vwell", "vbl", "vref", "vstart", "vrow", "vgdn")


def test_power_counts_each_rail_at_its_own_level() -> None:
    flat = np.zeros_like(TIME)
    signals = {"v(q1)": flat + 1.8, "v(qb1)": flat, "v(q2)": flat, "v(qb2)": flat + 1.8}
    signals |= {f"i({source})": flat - 1e-12 for source in SOURCES}
    values = measure(Waveforms(axis=TIME, signals=signals), setup_of(NvSramTritHalfRail(), Hold(level="mrs")))
    v_ref = size_half_rail(NvSramTritHalfRail(), HalfRail()).v_ref
    assert list(values) == [output.name for output in half_rail_hold.BENCH.outputs]
    assert values["i_static"] == near(1e-12)
    assert values["p_leak"] == near((3 * 1.8 + 2 * HalfRail().v_start + 2 * v_ref) * 1e-12)
    assert values["flips"] == 0


@pytest.mark.pdk
@pytest.mark.parametrize(("level", "states"), [("lrs", (0, 0)), ("mrs", (1, 0)), ("hrs", (1, 1))])
def test_latches_begin_with_the_trit_and_all_gates_off(level: Level, states: tuple[int, int], sky130: Pdk) -> None:
    made = deck(NvSramTritHalfRail(), Conditions(vdd=1.6), Hold(level=level), sky130)
    for k, is_high in enumerate(states, 1):
        q, qb = (1.6, 0.0) if is_high else (0.0, 1.6)
        assert f".ic v(q{k})={q} v(qb{k})={qb}\n" in made.body
    off = set(re.findall(r"^v(\S+) \S+ 0 0$", made.body, re.MULTILINE))
    assert off == {"wll", "wlr", "cs1", "cs2", "gst", "grg", "grd", "gup", "sl", "slu"}
    assert "vgdn gdn 0 1.6\n" in made.body


@pytest.mark.pdk
def test_a_sample_is_the_chip_that_restores(sky130: Pdk) -> None:
    circuit, conditions = NvSramTritHalfRail(), Conditions(sample=5)
    held = deck(circuit, conditions, Hold(), sky130).deviates
    assert held == half_rail.deck(circuit, conditions, HalfRail(), sky130).deviates
