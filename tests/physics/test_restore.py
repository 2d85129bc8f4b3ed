"""Restores in SPICE: the capacitances the design counts on, all three levels everywhere, no DC path, equal forms."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from nearness import near
from setups import setup_of, simulated

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.restore import contention, hold, restore
from bitline.benches.restore.contention import Contention
from bitline.benches.restore.hold import Hold
from bitline.benches.restore.sizing import Restore, size_restore
from bitline.circuits.deck import Deck
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_contention import NvSram8T2R
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.devices.reram import LEVELS, ReRam
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]
Simulate = Callable[..., Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CORNERS = ("tt", "ss", "ff", "sf", "fs")
VDD = 1.8


def trit(n: int = 16, n_clusters: int = 4, *, clustered: bool = True, **reram: float) -> NvSramTrit:
    cluster = NsnrCluster(n_per_cluster=n, n_clusters=n_clusters, reram=ReRam(**reram))
    return NvSramTrit(clustered=clustered, cluster=cluster)


@pytest.fixture(scope="module")
def simulate(sky130: Pdk, run: Run) -> Simulate:
    """Return the waveforms of a restore; what is no condition is an input of the bench."""

    def restored(circuit: NvSramTrit, accuracy: Accuracy = "default", step: float = 0.0, **given: Any) -> Waveforms:
        names = ("corner", "vdd", "temperature", "sample", "deviates")
        conditions = {name: given.pop(name) for name in names if name in given}
        at, inputs = Conditions(**conditions), Restore(**given)
        deck = with_accuracy(restore.deck(circuit, at, inputs, sky130), accuracy)
        return simulated(run(deck.with_step(step) if step else deck), circuit, inputs, at, sky130)

    return restored


def measured(w: Any) -> Any:
    return restore.measure(w, w.setup)


# -- the numbers that NvSramTrit calls measured ----------------------------------------------------


def capacitance(w: Waveforms, ohms: float) -> float:
    """Return C of V = V0 exp(-t/(R C)) from the decay after the select line's edge to the end."""
    start, stop = w.marks["selected"] + 1e-10, w.marks["stop"]
    return (stop - start) / ohms / math.log(w.at("v(q1)", start) / w.at("v(q1)", stop))


@pytest.mark.parametrize("n_clusters", [1, 4])
@pytest.mark.parametrize("n", [1, 16, 64])
def test_the_node_decays_and_is_kicked_as_the_design_counts_on(n: int, n_clusters: int, simulate: Simulate) -> None:
    """C within 2 % from the decay, the fall by WLL's edge within 10 %; MRS, whose decay covers both references."""
    circuit = trit(n, n_clusters)
    w = simulate(circuit, "reference", level="mrs", t_hold=1e-10)
    ohms = circuit.cluster.reram.r_mrs + 1 / circuit.cluster.selector.g_on
    assert capacitance(w, ohms) == near(circuit.c_node, rel=0.02)
    fall = Restore().v_start - w.at("v(q1)", w.marks["select"])
    assert fall == near(circuit.kick * Restore().v_boost, rel=0.1)


def test_each_further_cluster_adds_what_its_switch_does(simulate: Simulate) -> None:
    one, sixteen = trit(1, 1), trit(1, 16)
    ohms = one.cluster.reram.r_mrs + 1 / one.cluster.selector.g_on
    c = [capacitance(simulate(circuit, "reference", t_hold=1e-10), ohms) for circuit in (one, sixteen)]
    assert (c[1] - c[0]) / 30 == near(one.c_switch, rel=0.1)


@pytest.mark.parametrize("latch", [1, 2])
@pytest.mark.parametrize("n", [1, 16, 64])
def test_a_latch_is_balanced_at_its_own_threshold(latch: int, n: int, simulate: Simulate) -> None:
    """With the R whose level a reference is for, the sides are within 12 mV when the supply begins to rise.

    That is all of it at once: time, reference, kick and skew. A sixth of a latch's offset (sigma 74 mV).
    """
    circuit = trit(n)
    sized = size_restore(circuit, Restore())
    v_eff = Restore().v_start - circuit.kick * Restore().v_boost
    decay = math.log(v_eff / sized.levels[latch - 1])
    threshold = sized.t_discharge / (circuit.c_node * decay) - circuit.cluster.selector.r_series
    w = simulate(
        trit(n, r_mrs=threshold, **({"r_lrs": 1e3} if latch == 1 else {"r_hrs": 1e8})),
        **{"accuracy": "reference", "level": "mrs", "t_hold": 1e-10},
        **{"t_discharge": sized.t_discharge, "ref_1": sized.ref_1, "ref_2": sized.ref_2},
    )
    apart = w.at(f"v(q{latch})", w.marks["latch"]) - w.at(f"v(qb{latch})", w.marks["latch"])
    assert abs(apart) < 12e-3


# -- all levels, everywhere ------------------------------------------------------------------------

NINE = [(vdd, temperature) for vdd in (1.62, 1.8, 1.98) for temperature in (-40.0, 27.0, 125.0)]


def wrong(simulate: Simulate, circuit: NvSramTrit, **where: Any) -> list[Any]:
    found = []
    for level in LEVELS:
        values = measured(simulate(circuit, level=level, t_hold=1e-10, **where))
        if values["correct"] != 1 or min(values["margin_1"], values["margin_2"]) <= 0:
            found.append((level, where, values["margin_1"], values["margin_2"]))
    return found


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("n", [1, 4, 16, 60, 64])
def test_all_levels_restore(n: int, corner: str, simulate: Simulate) -> None:
    """At two or three of the nine conditions each, rotating: every condition with every n and every corner."""
    first = [1, 4, 16, 60, 64].index(n) + 2 * CORNERS.index(corner)
    for vdd, temperature in {NINE[(first + 4 * k) % 9] for k in range(2)}:
        assert not wrong(simulate, trit(n), corner=corner, vdd=vdd, temperature=temperature)


@pytest.mark.parametrize(("n", "corner"), [(1, "fs"), (1, "ff"), (16, "ss")])
def test_all_levels_restore_where_margins_are_smallest(n: int, corner: str, simulate: Simulate) -> None:
    for vdd, temperature in NINE:
        assert not wrong(simulate, trit(n), corner=corner, vdd=vdd, temperature=temperature)


def test_without_spread_and_mismatch_every_sample_is_right_and_the_same(simulate: Simulate) -> None:
    circuit = trit(sigma_lnr=0.0)
    for level in LEVELS:
        waves = [simulate(circuit, level=level, mismatch="memory", t_hold=1e-10, sample=s) for s in (0, 1, 2)]
        assert measured(waves[0])["correct"] == 1
        for w in waves[1:]:
            assert measured(w) == measured(waves[0])


# -- no DC path ------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("corner", "temperature"), [("tt", 27.0), ("ff", 27.0), ("tt", 125.0)])
def test_after_a_restore_only_the_latches_leak(
    level: str, corner: str, temperature: float, sky130: Pdk, run: Run
) -> None:
    """The supply's current over 1 us after LATCH is, within 5 %, that of a trit which was never restored.

    The rule is damped more than by default: what is left of the ramp rings on in the current, at 1000 times the
    leakage from one time point to the next, and its mean is then off by up to 7 %.
    """
    at = Conditions(corner=corner, temperature=temperature)
    inputs = Restore(level=level, t_hold=1e-6)
    deck = with_accuracy(restore.deck(trit(), at, inputs, sky130), "default")
    w = simulated(run(deck.with_options({"xmu": 0.45})), trit(), inputs, at, sky130)
    held = Hold(level=level, v_line=w.at("v(cl)", w.marks["done"]), t_hold=1e-6)
    alone = run(with_accuracy(hold.deck(trit(), at, held, sky130), "default"))
    leakage = hold.measure(alone, setup_of(trit(), held, at, sky130))
    assert leakage["flips"] == 0
    assert measured(w)["i_static"] == near(leakage["i_static"], rel=0.05)


@pytest.mark.parametrize("level", LEVELS)
def test_the_latches_take_nothing_during_discharge(level: str, simulate: Simulate) -> None:
    """The collapsed supply stands at 0 V; the well charges its junctions to the falling nodes, below 2 % of it all.

    That is no current that flows on: at the end of DISCHARGE it is as much less as the node's slope is.
    """
    w = simulate(trit(), level=level, t_hold=1e-10)
    start, stop = w.marks["selected"], w.marks["stop"]
    work = [np.trapezoid(-w[f"i({source})"] * w[node], w.axis) for source, node in (("vsup", "v(sup)"),)]
    assert np.max(np.abs(w["v(sup)"][w.axis <= stop])) == 0
    assert work[0] > 0  # but then it ramps
    total = measured(w)["energy_total"]
    assert 0 < w.energy("vwell", VDD, start, stop) < 0.02 * total
    halves = [w.at("v(q1)", t) - w.at("v(q1)", t + 1e-10) for t in (start, stop - 1e-10)]
    charges = [-w.integral("i(vwell)", t, t + 1e-10) for t in (start, stop - 1e-10)]
    assert charges[1] / charges[0] == near(halves[1] / halves[0], rel=0.2)


@pytest.mark.parametrize(
    ("corner", "temperature", "i_init", "slope"), [("tt", 27.0, 1.6e-6, 0.40e-6), ("ff", 125.0, 8.5e-6, 2.5e-6)]
)
def test_init_draws_a_static_current_that_an_energy_shows(
    corner: str, temperature: float, i_init: float, slope: float, simulate: Simulate
) -> None:
    """The references feed pull-downs that v_start opens: what docs/restore.md states, within 5 %, in W a trit.

    All of it is in the energies of reference and bit line; the latches' supply is at ground, and gets nothing back.
    """
    short, long = (
        measured(simulate(trit(), corner=corner, temperature=temperature, t_init=t, t_hold=1e-9)) for t in (1e-9, 11e-9)
    )
    assert short["i_init"] == near(i_init, rel=0.05)
    assert long["i_init"] == near(short["i_init"], rel=0.01)
    grown = {name: long[name] - short[name] for name in short if name.startswith("energy_")}
    assert grown["energy_total"] / 10e-9 == near(slope, rel=0.05)
    assert grown["energy_reference"] + grown["energy_init"] == near(grown["energy_total"], rel=0.01)
    assert abs(grown["energy_array"]) < 0.01 * grown["energy_total"]


def contend(pdk: Pdk, run: Run, bit: int, **given: Any) -> dict[str, float]:
    inputs = Contention(bit=bit, **given)
    deck = contention.deck(NvSram8T2R(), Conditions(), inputs, pdk)
    return contention.measure(run(with_accuracy(deck, "default")), setup_of(NvSram8T2R(), inputs, pdk=pdk))


@pytest.mark.parametrize("bit", [0, 1])
def test_a_restore_by_contention_has_its_dc_path(bit: int, sky130: Pdk, run: Run) -> None:
    """VDD through a pull-up, a switch and R_HRS: less than VDD/R_HRS, more than half of it; gone with RSW."""
    values = contend(sky130, run, bit, t_hold=1e-6)
    assert values["correct"] == 1
    most = VDD / NvSram8T2R().reram.r_hrs
    assert 0.5 * most < values["i_dc"] < most
    assert values["i_dc"] > 1000 * values["i_static"] > 0
    # and twice the time costs twice the DC energy
    longer = contend(sky130, run, bit, t_on=2 * Contention().t_on)
    assert longer["energy_array"] - values["energy_array"] == near(values["energy_dc"], rel=0.02)


def test_a_trit_takes_less_energy_than_two_bits_by_contention(simulate: Simulate, sky130: Pdk, run: Run) -> None:
    """Mean of the three levels against two 8T2R cells (two bits hold a trit), each with its drivers: 2.46 times."""
    ours = [measured(simulate(trit(), level=level))["energy_total"] for level in LEVELS]
    theirs = [2 * contend(sky130, run, bit)["energy_total"] for bit in (0, 1)]
    ratio = np.mean(theirs) / np.mean(ours)
    assert ratio == near(2.46, rel=0.1)
    assert ratio > 2


def test_without_switches_the_branches_leak_and_the_middle_level_is_lost(simulate: Simulate) -> None:
    """Branches straight on the nodes: in HOLD a high node is tied to the grounded select line through R_HRS."""
    ours, theirs = (
        measured(simulate(trit(clustered=clustered), level="hrs", t_hold=1e-6)) for clustered in (True, False)
    )
    assert theirs["i_static"] > 1000 * ours["i_static"]
    if theirs["trit"] == -1:  # both Q nodes are high: each carries VDD/R_HRS
        assert theirs["i_static"] == near(2 * VDD / 1e6, rel=0.1)
    assert measured(simulate(trit(clustered=False), level="mrs"))["correct"] == 0


# -- forms that must be equal ----------------------------------------------------------------------


def nodes(w: Waveforms) -> list[str]:
    return [name for name in w.signals if name.startswith("v(")]


def furthest(a: Waveforms, b: Waveforms) -> float:
    """Return the largest distance of the nodes of `a` from those of `b` [V], at the time points of both."""
    assert np.array_equal(a.axis, b.axis)
    return float(max(np.max(np.abs(a[name] - b[name])) for name in nodes(a)))


def same_steps(deck: Deck) -> Deck:
    """Return the deck with all steps at their longest.

    The solver else steps by the charge error of single capacitors, and a lumped one is not a single one.
    """
    return deck.with_options({"trtol": 1e9, "reltol": 1e-6, "vntol": 1e-9}).with_step(5e-12)


@pytest.mark.parametrize("others", ["lrs", "hrs"])
@pytest.mark.parametrize("n", [4, 16])
def test_lumped_branches_are_the_branches(n: int, others: str, sky130: Pdk, run: Run) -> None:
    """By symmetry the inner nodes of equal branches are one: the same waveforms to rounding."""
    lumped, each = (
        run(same_steps(restore.deck(trit(n), Conditions(), Restore(rest=rest, others=others, t_hold=1e-10), sky130)))
        for rest in ("lumped", "each")
    )
    assert furthest(lumped, each) < 1e-9


def test_lumped_clusters_are_the_clusters(sky130: Pdk, simulate: Simulate) -> None:
    """Of one chip to the solver's error: margins to 0.3 mV, energies to 0.1 %. Idle switches alone leak as nominal."""
    circuit, short, chip = NvSramTrit(), {"t_hold": 1e-10}, Conditions(sample=1)
    drawn = restore.deck(circuit, chip, Restore(**short), sky130).deviates
    left = restore.deck(circuit, chip, Restore(clusters="lumped", **short), sky130).deviates
    assert left.keys() < drawn.keys()
    each = measured(simulate(circuit, "reference", sample=1, **short))
    deviates = tuple(drawn[name] for name in left)
    lumped = measured(simulate(circuit, "reference", clusters="lumped", deviates=deviates, **short))
    for name in ("margin_1", "margin_2", "lead_1", "lead_2", "v_cell"):
        assert lumped[name] == near(each[name], rel=0, abs=3e-4), name
    assert lumped["energy_total"] == near(each["energy_total"], rel=1e-3)


def delay_of_selecting(simulate: Simulate, level: str, selector: Selector, step: float) -> tuple[float, float]:
    """Return how much higher [V] a selector with a state leaves the node, and what delay [s] that would be."""
    circuit = NvSramTrit(cluster=NsnrCluster(selector=selector))
    static, dynamic = (
        measured(simulate(circuit, "reference", step, level=level, selectors=selectors, t_hold=1e-10))
        for selectors in ("static", "dynamic")
    )
    assert dynamic["correct"] == static["correct"] == 1
    ohms = circuit.cluster.reram.resistance(level) + 1 / selector.g_on
    slope = static["v_cell"] / (ohms * circuit.c_node)
    later = dynamic["v_cell"] - static["v_cell"]
    return later, later / slope


@pytest.mark.parametrize("level", LEVELS)
def test_selectors_with_a_state_are_static_ones_a_little_later(level: str, simulate: Simulate) -> None:
    """Static is the limit of a fast selector that holds at 0 V: 3 mV with the default time constant of 10 ps.

    It switches on within about two time constants, by which the discharge is shorter. At the default v_hold of
    10 mV it keeps some of that across it too where the ohmic drop is less: 5 mV in all.
    """
    usual = Selector()
    later, _ = delay_of_selecting(simulate, level, usual, usual.tau / 2)
    assert 0 < later < 6e-3
    holds_low = usual.replace(v_hold=1e-3)
    later, delay = delay_of_selecting(simulate, level, holds_low, usual.tau / 2)
    assert 0 < later < 4.5e-3
    assert usual.tau < delay < 3 * usual.tau
    fast, _ = delay_of_selecting(simulate, level, holds_low.replace(tau=2e-12), 1e-12)
    assert 0 < fast < 0.5 * later


@pytest.mark.parametrize(
    ("v_start", "message"), [(0.4, "the selected selector sees"), (1.3, "unselected selectors see")]
)
def test_a_start_level_at_which_selectors_do_not_select_is_refused(
    v_start: float, message: str, simulate: Simulate
) -> None:
    w = simulate(trit(), v_start=v_start, t_hold=1e-10)
    with pytest.raises(BadMeasureError, match=message):
        measured(w)


SHARED = {"0", "vdd", "vddc", "sup", "bl", "ref1", "ref2", "wll", "wlr", "cs", "sl", "slu"}


def twice(deck: Deck) -> Deck:
    """Return a deck with a second trit between the same lines and the same supply node."""
    second = []
    for line in deck.body.splitlines():
        if line.startswith(".ic"):
            second.append(re.sub(r"v\((\w+)\)", r"v(\1_b)", line))
        if not re.match(r"[MrcC]", line) or line.startswith("rsup "):
            continue
        name, *words = line.split()
        count = 4 if line.startswith("M") else 2
        ends = [word if word in SHARED else f"{word}_b" for word in words[:count]]
        second.append(" ".join([f"{name}_b", *ends, *words[count:]]))
    return replace(deck, body=deck.body + "\n".join(second) + "\n")


def test_many_trits_behind_a_resistance_are_one_behind_as_many_times_it(sky130: Pdk, run: Run) -> None:
    """N equal trits behind R are one behind N R, by symmetry: the droop of a whole array by one trit."""
    ohms = 100e3

    def made(r_supply: float) -> Deck:
        inputs = Restore(level="mrs", r_supply=r_supply, t_hold=1e-9)
        return same_steps(restore.deck(trit(), Conditions(), inputs, sky130))

    one, two = run(made(2 * ohms)), run(twice(made(ohms)))
    assert furthest(one, two) < 1e-6
    assert two.integral("i(vsup)", 0, 5e-9) == near(2 * one.integral("i(vsup)", 0, 5e-9), rel=1e-6)
    setup = setup_of(trit(), Restore(level="mrs", t_hold=1e-9), pdk=sky130)
    droop = restore.measure(one, setup)["droop"]
    assert droop > 0.1
    assert droop > 5 * restore.measure(run(made(1e3)), setup)["droop"]


# -- a foot under each latch -------------------------------------------------------------------


def test_a_foot_ends_the_current_of_the_pull_downs_in_init(simulate: Simulate) -> None:
    """What is left flows through the pull-ups into the collapsed supply; the gates of the feet are paid for."""
    selector = Selector(v_th=0.6, v_on=1.0)
    for level in LEVELS:
        with_foot, without = (
            measured(
                simulate(
                    NvSramTrit(w_foot=w_foot, cluster=NsnrCluster(selector=selector)),
                    level=level,
                    v_start=1.05,
                    v_boost=2.2,
                    t_init=100e-9,
                )
            )
            for w_foot in (0.42e-6, 0.0)
        )
        assert with_foot["correct"] == without["correct"] == 1
        assert min(with_foot["margin_1"], with_foot["margin_2"]) > 0.15
        assert with_foot["i_init"] < without["i_init"] / 300
        assert with_foot["energy_switch"] - without["energy_switch"] == near(2 * 0.42e-15 * VDD**2, rel=0.5)
