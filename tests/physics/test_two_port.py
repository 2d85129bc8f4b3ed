"""Two ports in one cycle: function in all data cases, energies against C V^2 and against two single accesses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.cell import read
from bitline.benches.cell.two_port import BENCH
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()
SLOW = Conditions(corner=Corner.ss, vdd=1.62, temperature=-40.0)
each_rows = pytest.mark.parametrize("rows", ["same", "different"])


def simulated(run: Run, pdk: Pdk, at: Conditions | None = None, **inputs: object) -> tuple[dict[str, float], Waveforms]:
    setup = BENCH.setup(CELL, at or Conditions(), BENCH.inputs(**inputs), pdk)
    waves = run(with_accuracy(BENCH.deck(CELL, setup.conditions, setup.inputs, pdk), "default"))
    return dict(BENCH.measure(waves, setup)), waves


@each_rows
@pytest.mark.parametrize("at", [Conditions(), Conditions(sample=1), SLOW, Conditions(corner=Corner.fs, vdd=1.98)])
def test_each_line_tells_the_bit_of_its_own_row(rows: str, at: Conditions, run: Run, sky130: Pdk) -> None:
    for a, b in product((0, 1), repeat=2):
        values, _ = simulated(run, sky130, at, rows=rows, stored_a=a, stored_b=b)
        right = a if rows == "same" else b
        assert values["flips"] == 0
        for line, falls in (("bl", a == 0), ("blb", right == 1)):
            swing = values[f"swing_{line}"]
            assert swing > 0.5 * at.vdd if falls else abs(swing) < 0.02


@each_rows
def test_a_cycle_costs_two_accesses_less_one_precharge_driver(rows: str, run: Run, sky130: Pdk) -> None:
    for a, b in product((0, 1), repeat=2):
        both, digital, analog = (
            simulated(run, sky130, rows=rows, stored_a=a, stored_b=b, ports=ports)[0]
            for ports in ("both", "digital", "analog")
        )
        saved = min(digital["energy_control"], analog["energy_control"])
        alone = digital["energy_total"] + analog["energy_total"]
        assert both["energy_total"] == pytest.approx(alone - saved, rel=3e-3)
        for name in ("disturb_a", "disturb_b"):
            assert both[name] == pytest.approx(max(digital[name], analog[name]), abs=1e-3)


def test_a_line_takes_its_charge_from_the_precharge(run: Run, sky130: Pdk) -> None:
    """C VDD times the swing: what the bench `read`, whose line has no precharge, reckons for the same fall."""
    small, large = (simulated(run, sky130, ports="digital", c_line=c, t_pulse=20e-9)[0] for c in (100e-15, 200e-15))
    added = large["energy_precharge"] - small["energy_precharge"]
    by_hand = 1.8 * (200e-15 * large["swing_bl"] - 100e-15 * small["swing_bl"])
    assert added == pytest.approx(by_hand, rel=0.02)
    inputs = read.Read(port="left", stored=0, c_line=200e-15, t_pulse=20e-9)
    setup = read.BENCH.setup(CELL, Conditions(), inputs, sky130)
    waves = run(with_accuracy(read.deck(CELL, setup.conditions, inputs, sky130), "default"))
    assert large["energy_precharge"] == pytest.approx(read.measure(waves, setup)["energy_line"], rel=0.05)


def test_each_word_line_takes_c_v_squared(run: Run, sky130: Pdk) -> None:
    plain, loaded = (simulated(run, sky130, c_word=c)[0]["energy_wordline"] for c in (30e-15, 130e-15))
    assert loaded - plain == pytest.approx(2 * 100e-15 * 1.8**2, rel=0.01)


@pytest.mark.parametrize("stored", [0, 1])
def test_both_ports_of_a_slow_cell_do_not_bring_it_to_its_third_state(stored: int, run: Run, sky130: Pdk) -> None:
    """At ss, 1.62 V, -40 degC a cell that is put half-way stays there under both ports; a stored bit does not."""
    values, waves = simulated(
        run, sky130, SLOW, rows="same", stored_a=stored, c_line=1e-12, t_pulse=50e-9, ports="both"
    )
    assert values["flips"] == 0
    apart = abs(waves["v(q_a)"] - waves["v(qb_a)"])
    assert apart.min() > 0.5 * SLOW.vdd
    assert apart[-1] == pytest.approx(SLOW.vdd, abs=1e-3)
