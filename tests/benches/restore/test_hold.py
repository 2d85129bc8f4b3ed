"""The hold bench: its deck, and its measures on made-up waveforms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from nearness import near
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.restore import hold
from bitline.benches.restore.hold import Hold, deck, measure
from bitline.benches.restore.sizing import Restore, size_restore
from bitline.benches.restore.trit import high
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.devices.reram import TRITS, Level
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 1e-6, 101)
SETUP = setup_of(NvSramTrit(), Hold(level="mrs"))


def waves(**changed: Array) -> Waveforms:
    """Return a trit that holds MRS for 1 us, its supply falling from 30 to 10 pA, its well giving 1 pA."""
    flat = np.zeros_like(TIME)
    signals = {
        **{"v(q1)": flat + 1.8, "v(qb1)": flat, "v(q2)": flat, "v(qb2)": flat + 1.8},
        **{"i(vsup)": np.linspace(-30e-12, -10e-12, 101), "i(vwell)": flat - 1e-12},
    }
    return Waveforms(axis=TIME, signals=signals | changed)


def test_current_is_a_mean_and_power_counts_the_well() -> None:
    values = measure(waves(), SETUP)
    assert list(values) == [output.name for output in hold.OUTPUTS]
    assert values["i_static"] == near(20e-12)
    assert values["p_leak"] == near(1.8 * 21e-12)
    assert values["flips"] == 0


def test_each_latch_that_turned_is_counted() -> None:
    turned = np.linspace(1.8, 0.0, 101)
    assert measure(waves(**{"v(q1)": turned, "v(qb1)": 1.8 - turned}), SETUP)["flips"] == 1
    both = {"v(q1)": turned, "v(qb1)": 1.8 - turned, "v(q2)": 1.8 - turned, "v(qb2)": turned}
    assert measure(waves(**both), SETUP)["flips"] == 2
    dip = np.where(np.abs(TIME - 0.5e-6) < 0.1e-6, 0.0, 1.8)
    assert measure(waves(**{"v(q1)": dip}), SETUP)["flips"] == 0  # it came back


@pytest.mark.pdk
@pytest.mark.parametrize(("level", "states"), [("lrs", (0, 0)), ("mrs", (1, 0)), ("hrs", (1, 1))])
def test_latches_begin_with_the_trit_and_all_lines_off(level: Level, states: tuple[int, int], sky130: Pdk) -> None:
    made = deck(NvSramTrit(), Conditions(vdd=1.6), Hold(level=level, v_line=-0.25, t_hold=2e-6), sky130)
    for k, is_high in enumerate(states, 1):
        q, qb = (1.6, 0.0) if is_high else (0.0, 1.6)
        assert f".ic v(q{k})={q} v(qb{k})={qb}\n" in made.body
        assert high(TRITS[level])[k - 1] == is_high
    for line in ("vwll wll", "vwlr wlr", "vcs cs"):
        assert f"{line} 0 0\n" in made.body
    assert ".ic v(cl)=-0.25\n" in made.body
    assert made.analysis.stop == 2e-6


@pytest.mark.pdk
def test_lines_stand_where_a_restore_leaves_them(sky130: Pdk) -> None:
    circuit = NvSramTrit()
    sized = size_restore(circuit, Restore())
    body = deck(circuit, Conditions(), Hold(), sky130).body
    given = {"vbl bl": Restore().v_start, "vref1 ref1": sized.ref_1, "vref2 ref2": sized.ref_2}
    given |= {"vsl sl": 0.0, "vslu slu": 0.0}
    for source, volts in given.items():
        found = re.search(rf"^{source} 0 (\S+)$", body, re.MULTILINE)
        assert found is not None
        assert float(found[1]) == near(volts)


@pytest.mark.pdk
def test_a_sample_is_the_chip_that_restores(sky130: Pdk) -> None:
    """The ReRAM's deviate comes first here too, so that sample k leaks with the transistors that restored."""
    from bitline.benches.restore import restore

    circuit, conditions = NvSramTrit(), Conditions(sample=5)
    held = deck(circuit, conditions, Hold(), sky130).deviates
    assert held == restore.deck(circuit, conditions, Restore(), sky130).deviates


def test_inputs_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="t_hold"):
        Hold(t_hold=0.0)
    with pytest.raises(InputError, match="v_line"):
        Hold(v_line=3.0)
