"""The restore bench: its measures on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from nearness import near
from restores import inputs, trit
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.restore import restore
from bitline.benches.restore.restore import deck, measure
from bitline.benches.restore.sizing import Restore
from bitline.benches.restore.trit import NO_TRIT, high
from bitline.devices.reram import LEVELS, TRITS, Level, ReRam
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.pdk.descriptor import Pdk

MARKS = {
    **{"close": 1.0e-9, "closed": 1.05e-9, "select": 1.1e-9, "selected": 1.15e-9, "stop": 2.0e-9},
    **{"latch": 2.1e-9, "sense": 2.7e-9, "lead": 3.0e-9, "latched": 3.1e-9, "done": 5.1e-9},
}
END = 25e-9
TIME = np.unique(np.concatenate([np.linspace(0, END, 2501), list(MARKS.values())]))
VDD, START, BOOST, IDLE, REF_1, REF_2 = 1.8, 0.6, 1.95, 0.3, 0.05, 0.25
SOURCES = ("vsup", "vwell", "vbl", "vref1", "vref2", "vwll", "vwlr", "vcs", "vsl", "vslu")


def latch(apart: float, is_high: bool, settled: float = 4e-9, lead: float | None = None) -> tuple[Array, Array]:
    """Return Q and QB: `apart` [V] before and `lead` as they decide; at `settled` at the rails, one of them falling."""
    times = [0.0, MARKS["latch"], MARKS["sense"], MARKS["lead"], settled, END]
    final = VDD if is_high else -VDD
    difference = np.interp(TIME, times, [0.0, apart, apart, apart if lead is None else lead, final, final])
    return np.maximum(difference, 0.0), np.maximum(-difference, 0.0)


def waves(
    state: tuple[bool, bool] = (True, False),
    apart: tuple[float, float] = (0.15, -0.1),
    currents: dict[str, Any] | None = None,
    *,
    lead: tuple[float, float] | None = None,
) -> Waveforms:
    """Return a restore that ends in `state`, its latches `apart`, then `lead`; by default a right MRS."""
    (q1, qb1), (q2, qb2) = (latch(a, s, lead=b) for a, s, b in zip(apart, state, lead or apart, strict=True))
    flat = np.zeros_like(TIME)
    line = np.interp(TIME, [0, MARKS["select"], MARKS["stop"]], [START, START, 0.2])
    supply = np.interp(TIME, [MARKS["latch"], MARKS["latched"]], [0.0, VDD])
    signals: dict[str, Array] = {
        **{"v(q1)": q1, "v(qb1)": qb1, "v(q2)": q2, "v(qb2)": qb2, "v(cl)": line},
        **{"v(sup)": supply, "v(vddc)": supply, "v(sl)": flat, "v(wll)": flat, "v(cs)": flat},
    }
    given_ = currents or {}
    signals |= {f"i({name})": flat + given_.get(name, 0.0) for name in SOURCES}
    return Waveforms(axis=TIME, signals=signals, marks=MARKS)


def setup(level: Level = "mrs", *, v_th: float = 0.0, **values: float) -> Any:
    """Return a restore with those levels, its selectors thresholds at `v_th` that are taken for granted, or dynamic."""
    selector = {"selector": Selector(v_on=0.8, v_th=v_th)} if v_th else {}
    given_ = {"v_start": START, "v_boost": BOOST, "ref_1": REF_1, "ref_2": REF_2}
    chosen = Restore(level=level, selectors="static" if v_th else "dynamic", **given_ | values)
    return setup_of(trit(**selector), chosen)


def test_levels_and_trits_and_latches_belong_together() -> None:
    assert {level: high(TRITS[level]) for level in LEVELS} == {
        "lrs": (False, False),  # the node is empty, below both references
        "mrs": (True, False),
        "hrs": (True, True),
    }


@pytest.mark.parametrize(
    ("state", "found"),
    [((False, False), 1), ((True, False), 0), ((True, True), -1), ((False, True), NO_TRIT)],
)
def test_the_final_state_is_the_trit(state: tuple[bool, bool], found: int) -> None:
    assert NO_TRIT not in TRITS.values()
    apart = tuple(0.1 if s else -0.1 for s in state)
    for level, asked in TRITS.items():
        values = measure(waves(state, apart), setup(level))
        assert set(values) == {output.name for output in restore.OUTPUTS}
        assert values["trit"] == found
        assert values["correct"] == (found == asked)
        expected = high(asked)
        for k in (0, 1):
            assert (
                values[f"margin_{k + 1}"] == values[f"lead_{k + 1}"] == near(0.1 if state[k] == expected[k] else -0.1)
            )
        assert (min(values["lead_1"], values["lead_2"]) > 0) == bool(values["correct"])


def test_margin_is_the_input_and_lead_what_the_offset_made_of_it() -> None:
    # a right MRS is (high, low): latch 1's input was right, its offset turned it; latch 2's input was wrong
    values = measure(waves((False, False), (0.02, 0.03), lead=(-0.5, -0.7)), setup())
    assert (values["margin_1"], values["margin_2"]) == (near(0.02), near(-0.03))
    assert (values["lead_1"], values["lead_2"]) == (near(-0.5), near(0.7))


@pytest.mark.parametrize(("is_high", "expected"), [(True, 1e-9), (False, -1e-9)])
def test_a_latch_that_turns_after_the_instant_has_the_sign_of_its_end(is_high: bool, expected: float) -> None:
    values = measure(waves((is_high, False), lead=(-0.003 if is_high else 0.003, -0.1)), setup())
    assert values["lead_1"] == expected
    assert values["correct"] == is_high


def test_latency_is_when_the_slower_latch_has_nine_tenths_of_the_supply() -> None:
    w = waves()
    q, qb = latch(-0.1, False, settled=5e-9)
    slow = Waveforms(w.axis, {**w.signals, "v(q2)": q, "v(qb2)": qb}, marks=MARKS)
    # -0.1 V at `lead` to -1.8 V at 5 ns in a straight line
    crossing = 3.0e-9 + (0.9 * VDD - 0.1) / (VDD - 0.1) * 2.0e-9
    assert measure(slow, setup())["latency"] == pytest.approx(crossing, abs=1.01e-11)  # the next time point
    assert measure(w, setup())["latency"] < crossing


def test_v_cell_static_peak_and_droop_are_read_where_they_stand() -> None:
    w = waves((True, False), (0.16, -0.1), {"vsup": np.interp(TIME, [2.1e-9, 2.5e-9, 3e-9], [0.0, -7e-6, -2e-12])})
    lost = np.interp(TIME, [2.1e-9, 2.4e-9, 3e-9], [0.0, 0.07, 0.0])
    w = Waveforms(w.axis, {**w.signals, "v(vddc)": w["v(sup)"] - lost}, marks=MARKS)
    values = measure(w, setup())
    assert values["v_cell"] == near(0.16 * 2.0 / 2.1)
    assert values["i_static"] == near(2e-12)
    assert values["i_peak"] == near(7e-6)
    assert values["droop"] == near(0.07)


def test_each_supply_is_charged_for_its_time() -> None:
    """1 uA out of every source all the time: a driver pays until its line falls, a supply until `done`.

    The latches' supply pays from where it rises: before, its driver is at ground.
    """
    values = measure(waves(currents=dict.fromkeys(SOURCES, -1e-6)), setup())
    done, micro = MARKS["done"], 1e-6
    expected = {
        "energy_init": START * micro * done,
        "energy_select": START * micro * MARKS["select"] + IDLE * micro * MARKS["latch"],
        "energy_reference": (REF_1 + REF_2) * micro * done,
        "energy_wordline": BOOST * micro * (MARKS["close"] + MARKS["stop"]),
        "energy_switch": BOOST * micro * MARKS["stop"],
        "energy_array": VDD * micro * (2 * done - MARKS["latch"]),
    }
    for name, value in expected.items():
        assert values[name] == near(value, rel=1e-9), name
    assert values["energy_total"] == near(sum(expected.values()))
    # during DISCHARGE WLL, SL and the latches' supply are low
    volts = START + IDLE + REF_1 + REF_2 + 2 * BOOST + VDD
    assert values["energy_discharge"] == near(volts * micro * (MARKS["stop"] - MARKS["selected"]))


def test_the_static_current_of_init_is_that_of_every_level() -> None:
    edges = 0.8 * MARKS["close"]  # at the begin of INIT: they do not count
    late = np.interp(TIME, [edges, edges + 1e-12], [-1e-3, -1e-6])
    values = measure(waves(currents=dict.fromkeys(SOURCES, late)), setup())
    assert values["i_init"] == near(6e-6)  # neither the collapsed supply nor the gates


def test_nothing_is_charged_twice() -> None:
    for source in SOURCES:
        values = measure(waves(currents={source: -1e-6}), setup())
        assert sum(values[name] > 0 for name in values if name.startswith("energy_")) in (2, 3), source
        named = {name: v for name, v in values.items() if name.startswith("energy_")}
        assert named["energy_total"] == near(
            sum(v for name, v in named.items() if name not in ("energy_total", "energy_discharge"))
        )


def test_selectors_that_would_not_be_on_or_off_are_refused() -> None:
    assert measure(waves(), setup(v_th=0.45))["correct"] == 1  # 0.58 V on the selected one, 0.3 V on the others
    with pytest.raises(BadMeasureError, match=r"the selected selector sees 0\.578 V: must be >= v_th = 0\.6"):
        measure(waves(), setup(v_th=0.6))
    w = waves()
    raised = np.where(TIME < 0.5e-9, IDLE + START, w["v(cl)"])
    unselected = Waveforms(w.axis, {**w.signals, "v(cl)": raised}, marks=MARKS)
    with pytest.raises(BadMeasureError, match=r"unselected selectors see 0\.600 V: must be <= v_th = 0\.5"):
        measure(unselected, setup(v_th=0.5))
    assert measure(unselected, setup())["correct"] == 1  # each by its own state


def test_a_cell_without_cluster_switches_has_its_line_on_q1() -> None:
    w = waves()
    alone = Waveforms(w.axis, {k: v for k, v in w.signals.items() if k != "v(cl)"}, marks=MARKS)
    with pytest.raises(BadMeasureError, match="the selected selector sees"):
        measure(alone, setup(v_th=0.45))  # v(q1) is far below 0.45 V when the select line goes


@pytest.mark.pdk
def test_marks_and_phases_follow_the_inputs(sky130: Pdk) -> None:
    given_ = inputs(t_init=2e-9, t_edge=1e-10, t_discharge=0.8e-9, stretch=1.5, t_ramp=3e-9, t_settle=4e-9, t_hold=9e-9)
    made = deck(trit(), Conditions(vdd=1.6), given_, sky130)
    m = made.marks
    assert m["close"] == near(2e-9)
    assert m["stop"] - m["select"] == near(1.2e-9)
    assert m["latched"] - m["latch"] == near(3e-9)
    assert m["done"] - m["latched"] == near(4e-9)
    assert made.analysis.stop - m["done"] == near(9e-9)
    assert m["sense"] == near(m["latch"] + 0.6 * 3e-9)
    assert m["lead"] == near(m["latch"] + 0.9 * 3e-9)
    instants = [
        m[name] for name in ("close", "closed", "select", "selected", "stop", "latch", "sense", "lead", "latched")
    ]
    assert instants == sorted(instants)
    assert [phase.name for phase in made.phases] == ["init", "discharge", "latch", "hold"]
    for before, after in zip(made.phases, made.phases[1:], strict=False):
        assert before.stop == after.start


@pytest.mark.pdk
@pytest.mark.parametrize(("rest", "count"), [("lumped", 1), ("each", 15)])
def test_the_other_branches_are_all_there(rest: str, count: int, sky130: Pdk) -> None:
    made = deck(trit(n=16), Conditions(), inputs(level="hrs", others="lrs", rest=rest), sky130)
    assert re.search(r"^rrec_0 mc_0 sl 1000000\.0$", made.body, re.MULTILINE)
    others = re.findall(r"^rrec_(?!0 )\S+ \S+ slu (\S+)$", made.body, re.MULTILINE)
    assert len(others) == count
    assert sum(1 / float(r) for r in others) == near(15 / 80e3)
    assert sum(map(float, re.findall(r"^csel\S+ cl \S+ (\S+)$", made.body, re.MULTILINE))) == near(16 * 0.05e-15)
    off = [float(r) for r in re.findall(r"^rselc_[^0]\S* cl \S+ (\S+)$", made.body, re.MULTILINE)]
    assert sum(1 / r for r in off) == near(15 * 2 * 1e-11 / 0.6)


@pytest.mark.pdk
@pytest.mark.parametrize(("n_clusters", "switches", "mirrors"), [(4, [1, 3], [4]), (2, [1, 1], [2]), (1, [1], [1])])
def test_lumped_clusters_have_the_weight_of_all(
    n_clusters: int, switches: list[int], mirrors: list[int], sky130: Pdk
) -> None:
    circuit = trit(n_clusters=n_clusters)
    body = deck(circuit, Conditions(), inputs(clusters="lumped"), sky130).body
    lines = [line for line in body.splitlines() if re.match(r"M[cd]s", line)]
    counts = [float(m.group(1)) if (m := re.search(r" m=(\S+)$", line)) else 1.0 for line in lines]
    for latch in "12":
        of = [(line[:3], n) for line, n in zip(lines, counts, strict=True) if line.split()[0].endswith(latch)]
        assert [n for name, n in of if name == "Mcs"] == switches
        assert [n for name, n in of if name == "Mds"] == mirrors
    idle = sum(map(float, re.findall(r"^ccl\d cl\d 0 (\S+)$", body, re.MULTILINE)))
    assert idle == near((n_clusters - 1) * circuit.cluster.c_all)


@pytest.mark.pdk
def test_a_single_branch_has_no_others(sky130: Pdk) -> None:
    body = deck(trit(n=1), Conditions(), inputs(), sky130).body
    assert re.findall(r"^rre(\S+)", body, re.MULTILINE) == ["c_0"]


@pytest.mark.pdk
def test_without_spread_and_mismatch_every_sample_is_one_deck(sky130: Pdk) -> None:
    still = trit(reram=ReRam(sigma_lnr=0.0))
    nominal = deck(still, Conditions(), inputs(mismatch="memory"), sky130)
    for sample in range(1, 6):
        made = deck(still, Conditions(sample=sample), inputs(mismatch="memory"), sky130)
        assert made.body == nominal.body
        assert made.deviates  # drawn, and of no effect


@pytest.mark.pdk
def test_memory_alone_varies_the_selected_reram_and_no_transistor(sky130: Pdk) -> None:
    circuit, nominal = trit(), deck(trit(), Conditions(), inputs(), sky130)
    every, memory = (
        deck(circuit, Conditions(sample=3), inputs(mismatch=mismatch), sky130) for mismatch in ("all", "memory")
    )

    def others(body: str) -> list[str]:
        return [line for line in body.splitlines() if not line.startswith("rrec_0 ")]

    assert others(memory.body) == others(nominal.body)
    assert memory.body != nominal.body
    assert len(set(re.findall(r"^\.model (\S+)", every.body, re.MULTILINE))) > 20  # each transistor its own
    # drawn before all transistors, so that both settings test the same chips
    names = list(every.deviates)
    assert list(memory.deviates) == [name for name in names if name.endswith(".lnr")] == names[: len(memory.deviates)]
    assert all(every.deviates[name] == z for name, z in memory.deviates.items())
    r = re.search(r"^rrec_0 mc_0 sl (\S+)$", every.body, re.MULTILINE)
    assert r is not None
    assert float(r[1]) == near(280e3 * math.exp(0.1 * every.deviates["r0.lnr"]))


@pytest.mark.pdk
@pytest.mark.parametrize("mismatch", ["all", "memory"])
def test_the_spread_of_a_sample_scales_and_does_not_redraw(mismatch: str, sky130: Pdk) -> None:
    z = [
        deck(trit(reram=ReRam(sigma_lnr=s)), Conditions(sample=2), inputs(mismatch=mismatch), sky130).deviates
        for s in (0.0, 0.1, 0.3)
    ]
    assert z[0] == z[1] == z[2]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"v_start": 0.0}, "v_start"),
        ({"level": "lsr"}, "level"),
        ({"stretch": -1.0}, "stretch"),
        ({"rest": "x"}, "rest"),
    ],
)
def test_inputs_out_of_range_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Restore(**values)
