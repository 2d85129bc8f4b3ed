"""Restores by half-rail latches in SPICE: the capacitances the design counts on, all levels, and no static current."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nearness import near
from restore_pareto import LARGE
from setups import setup_of, simulated

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.restore import half_rail, half_rail_hold, hold
from bitline.benches.restore.half_rail_sizing import Decay, HalfRail, size_half_rail
from bitline.benches.restore.hold import Hold
from bitline.circuits.deck import Deck
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS, Level
from bitline.engine.waveforms import Waveforms
from bitline.parameters import assemble
from bitline.pdk.descriptor import Pdk
from bitline.statistics.sampling import deviates

Run = Callable[[Deck], Waveforms]
Measure = Callable[..., dict[str, float]]
Simulate = Callable[..., Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]


@pytest.fixture(scope="module")
def simulate(sky130: Pdk, run: Run) -> Simulate:
    """Return the waveforms of a restore; what is no condition is an input of the bench."""

    def restored(circuit: NvSramTritHalfRail, accuracy: Accuracy = "default", **given: Any) -> Waveforms:
        conditions = {name: given.pop(name) for name in ("corner", "vdd", "temperature", "sample") if name in given}
        at, inputs = Conditions(**conditions), HalfRail(**given)
        deck = with_accuracy(half_rail.deck(circuit, at, inputs, sky130), accuracy)
        return simulated(run(deck), circuit, inputs, at, sky130)

    return restored


@pytest.fixture(scope="module")
def measure(simulate: Simulate) -> Measure:
    def measured(circuit: NvSramTritHalfRail | None = None, **given: Any) -> dict[str, float]:
        w: Any = simulate(circuit or NvSramTritHalfRail(), **given)
        return half_rail.measure(w, w.setup)

    return measured


# -- the numbers that NvSramTritHalfRail calls measured --------------------------------------------


@pytest.mark.parametrize("latch", [1, 2])
@pytest.mark.parametrize(("n", "n_clusters"), [(1, 4), (16, 1), (16, 12), (128, 4)])
def test_a_latch_is_balanced_at_its_own_threshold(latch: int, n: int, n_clusters: int, simulate: Simulate) -> None:
    """With the R at which the decay passes the reference, the sides are within 12 mV as LATCH begins.

    That is all of it at once: capacitances, kicks, skews. A quarter of a latch's offset (sigma 42 mV).
    """
    circuit = assemble(NvSramTritHalfRail(), {"n_per_cluster": n, "n_clusters": n_clusters})
    sized, decay = size_half_rail(circuit, HalfRail()), Decay(circuit, HalfRail())
    level = sized.v_ref - HalfRail().v_low + decay.skews[latch - 1]
    low, high = 80e3, 1e6
    for _ in range(40):
        r = (low + high) / 2
        low, high = (r, high) if float(decay.nodes(sized, r)[latch - 1]) < level else (low, r)
    threshold = {"r_mrs": low - decay.series, **({"r_lrs": 1e3} if latch == 1 else {"r_hrs": 1e8})}
    given = {"v_ref": sized.v_ref, "t_close_1": sized.t_close_1, "t_close_2": sized.t_close_2, "t_hold": 1e-10}
    w = simulate(assemble(circuit, threshold), "reference", level="mrs", **given)
    apart = w.at(f"v(q{latch})", w.marks["latch"]) - w.at(f"v(qb{latch})", w.marks["latch"])
    assert abs(apart) < 12e-3


@pytest.mark.parametrize("n", [1, 128])
def test_init_lasts_until_the_line_is_at_the_start_level(n: int, simulate: Simulate) -> None:
    w = simulate(assemble(NvSramTritHalfRail(), {"n_per_cluster": n}), t_hold=1e-10)
    assert w.at("v(cl)", w.marks["close"]) == near(HalfRail().v_start, rel=5e-3)
    kicked = w.at("v(cl)", w.marks["close"]) - w.at("v(cl)", w.marks["select"])
    circuit: NvSramTritHalfRail = w.setup.circuit  # type: ignore[attr-defined]
    assert kicked == near(2 * circuit.c_kick * HalfRail().v_boost / circuit.c_both, rel=0.2)


# -- all levels, and errors of time and place ------------------------------------------------------


@pytest.mark.parametrize("corner", ["tt", "ss", "ff", "sf", "fs"])
def test_all_levels_restore(corner: str, measure: Measure) -> None:
    for level in LEVELS:
        for vdd, temperature in ((1.62, -40.0), (1.8, 27.0), (1.98, 125.0)):
            values = measure(level=level, corner=corner, vdd=vdd, temperature=temperature, t_hold=1e-10)
            assert values["correct"] == 1
            assert min(values["margin_1"], values["margin_2"]) > 0.13


@pytest.mark.parametrize("stretch", [0.9, 1.1])
def test_a_timing_error_of_a_tenth_leaves_most_of_the_margin(stretch: float, measure: Measure) -> None:
    for level in LEVELS:
        values = measure(level=level, stretch=stretch, t_hold=1e-10)
        assert min(values["margin_1"], values["margin_2"]) > 0.15


@pytest.mark.parametrize(("latch", "r"), [(1, 150e3), (2, 529e3)])
def test_jitter_costs_a_margin_the_slope_of_the_node(latch: int, r: float, measure: Measure) -> None:
    """At the geometric mean of two levels: what `Decay.jitters` says of 20 ps, within 7 %; 1 ps is 0.4 and 0.15 mV."""
    late = 20e-12
    circuit, inputs = assemble(NvSramTritHalfRail(), {"r_mrs": r}), HalfRail(jitter=late)
    sized = size_half_rail(NvSramTritHalfRail(), inputs)
    times = {"t_close_1": sized.t_close_1, "t_close_2": sized.t_close_2}

    def margin(sign: float) -> float:
        moved = times | {f"t_close_{latch}": times[f"t_close_{latch}"] + sign * late}
        given = {"v_ref": sized.v_ref, "t_hold": 1e-10, "accuracy": "reference"}
        return measure(circuit, **moved, **given)[f"margin_{latch}"]

    by_formula = float(Decay(circuit, inputs).jitters(sized, r + Decay(circuit, inputs).series)[latch - 1])
    assert abs(margin(1) - margin(-1)) / 2 == near(by_formula, rel=0.07)


def test_a_lead_by_time_goes_through_0_where_a_chip_turns_and_its_sides_do_not(sky130: Pdk, run: Run) -> None:
    """Latch 1 of chip 3 turns 7.63 sigmas of ln R below the middle level, where its sides are still 60 mV apart."""
    inputs = HalfRail(level="mrs", t_hold=1e-10, tau_lead=1e-10)
    drawn, leads, margins = deviates(1, 3, 64), [], []
    for away in (-0.9, -0.45, 0.45, 0.9):
        drawn[0] = -7.63 + away
        at = Conditions(deviates=tuple(drawn.tolist()))
        w = run(with_accuracy(half_rail.deck(NvSramTritHalfRail(), at, inputs, sky130), "default"))
        values = half_rail.measure(w, setup_of(NvSramTritHalfRail(), inputs, at, sky130))
        leads.append(values["lead_1"])
        margins.append(values["margin_1"])
    assert leads[0] < leads[1] < 0 < leads[2] < leads[3]
    # Twice as far is between 1.4 and 3 times as much: close enough to a straight line for a search by slope.
    assert 1.4 < leads[0] / leads[1] < 3
    assert 1.4 < leads[3] / leads[2] < 3
    assert max(margins) < -0.02


def test_trits_next_to_the_driver_and_furthest_from_it_restore_alike(measure: Measure) -> None:
    near_by = assemble(NvSramTritHalfRail(), {"r_rail": 1e-3})
    for level in LEVELS:
        first, last = measure(near_by, level=level, t_hold=1e-10), measure(level=level, t_hold=1e-10)
        assert first["correct"] == last["correct"] == 1
        assert first["margin_1"] == near(last["margin_1"], abs=5e-3)
        assert first["margin_2"] == near(last["margin_2"], abs=5e-3)


@pytest.mark.parametrize("sample", range(1, 6))
def test_chips_with_mismatch_restore(sample: int, measure: Measure) -> None:
    assert all(measure(level=level, sample=sample, t_hold=1e-10)["correct"] == 1 for level in LEVELS)


def test_exponential_selectors_restore(measure: Measure) -> None:
    circuit = assemble(NvSramTritHalfRail(), {"kind": "exponential"})
    assert all(measure(circuit, level=level, t_hold=1e-10)["correct"] == 1 for level in LEVELS)


# -- no static current -----------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_energy_does_not_grow_with_the_length_of_init_or_hold(level: str, measure: Measure) -> None:
    """By 1 % at the most, from 1 to 100 ns; the ramped latch grows by 0.4 fJ a ns."""
    short, long = (measure(level=level, t_init=t, t_hold=t)["energy_total"] for t in (1e-9, 100e-9))
    assert long == near(short, rel=0.01)


@pytest.mark.parametrize("n", [16, 128])
@pytest.mark.parametrize(("corner", "temperature", "times"), [("tt", 27.0, 2.0), ("ff", 125.0, 4.0)])
def test_no_phase_draws_much_more_than_hold(
    corner: str, temperature: float, times: float, n: int, measure: Measure
) -> None:
    """INIT of 100 ns, DISCHARGE that stays open for 110 ns: only static current is left, that of selectors included."""
    where = {"corner": corner, "temperature": temperature, "accuracy": "reference"}
    circuit = assemble(NvSramTritHalfRail(), {"n_per_cluster": n})
    for level in ("lrs", "hrs"):
        values = measure(circuit, level=level, t_init=100e-9, stretch=160.0, **where)
        assert 0 < values["i_init"] < times * values["i_hold"]
        assert 0 < values["i_discharge"] < times * values["i_hold"]


@pytest.mark.parametrize("level", LEVELS)
def test_it_holds_as_latches_that_were_never_restored(level: Level, measure: Measure, sky130: Pdk, run: Run) -> None:
    """What a restore ends in leaks what bench `hold` finds, and that is what ramped latches leak, from their supply."""
    at, inputs, circuit = Conditions(), Hold(level=level), NvSramTritHalfRail()
    w = run(with_accuracy(half_rail_hold.deck(circuit, at, inputs, sky130), "default"))
    held = half_rail_hold.measure(w, setup_of(circuit, inputs, at, sky130))
    ramped = run(with_accuracy(hold.deck(NvSramTrit(), at, inputs, sky130), "default"))
    assert held["flips"] == 0
    assert held["i_static"] == near(
        hold.measure(ramped, setup_of(NvSramTrit(), inputs, at, sky130))["i_static"], rel=0.1
    )
    drawn = measure(level=level)["i_hold"]
    assert held["p_leak"] / at.vdd == near(drawn, rel=0.25)


@pytest.mark.parametrize("n", [1, 128])
def test_no_gate_stands_further_above_its_channel_than_boost_and_low_level(n: int, measure: Measure) -> None:
    """The steady state of an empty node is the worst: while gates rise in INIT, the nodes behind them follow."""
    circuit = assemble(NvSramTritHalfRail(), {"n_per_cluster": n})
    steady = HalfRail().v_boost - HalfRail().v_low
    assert measure(circuit, level="lrs", t_hold=1e-10)["v_stress"] == near(steady, abs=0.03)
    assert measure(circuit, level="hrs", t_hold=1e-10)["v_stress"] < steady - 0.2


@pytest.mark.parametrize("latch", [1, 2])
def test_the_larger_latch_is_as_balanced(latch: int, simulate: Simulate) -> None:
    """The capacitances of `restore_pareto.LARGE` are fitted to its deck: within 6 mV of what the design says."""
    inputs = HalfRail()
    sized, decay = size_half_rail(LARGE, inputs), Decay(LARGE, inputs)
    r = LARGE.cluster.reram.thresholds[latch - 1]
    threshold = {"r_mrs": r, **({"r_lrs": 1e3} if latch == 1 else {"r_hrs": 1e8})}
    given = {"v_ref": sized.v_ref, "t_close_1": sized.t_close_1, "t_close_2": sized.t_close_2, "t_hold": 1e-10}
    w = simulate(assemble(LARGE, threshold), "reference", level="mrs", **given)
    apart = w.at(f"v(q{latch})", w.marks["latch"]) - w.at(f"v(qb{latch})", w.marks["latch"])
    designed = float(decay.nodes(sized, r + decay.series)[latch - 1]) - (sized.v_ref - inputs.v_low)
    assert apart == near(designed - decay.skews[latch - 1], abs=6e-3)
