"""The restore bench of half-rail latches: its measures on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from nearness import near
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.restore import half_rail
from bitline.benches.restore.half_rail import deck, measure
from bitline.benches.restore.half_rail_sizing import HalfRail, size_half_rail
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS, TRITS, Level
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError
from bitline.pdk.descriptor import Pdk

MARKS = {
    **{"boost": 0.5e-9, "close": 1.0e-9, "closed": 1.05e-9, "select": 1.1e-9, "selected": 1.15e-9},
    **{"close_1": 1.9e-9, "closed_1": 1.95e-9, "stop": 2.9e-9, "latch": 3.0e-9, "raise": 3.2e-9, "lead": 3.5e-9},
    **{"latched": 3.8e-9, "done": 5.8e-9},
}
END = 25.8e-9
TIME = np.unique(np.concatenate([np.linspace(0, END, 2581), list(MARKS.values())]))
VDD, START, LOW, BOOST, REF = 1.8, 1.8, 0.65, 2.7, 0.95
IDLE = (START + LOW) / 2
SOURCES = [source for group in half_rail.BENCH.supplies.counted.values() for source in group]  # type: ignore[union-attr]


def latch(apart: float, is_high: bool) -> tuple[Array, Array]:
    """Return Q and QB: `apart` [V] about 0.75 V until they are released, at the rails at 4.5 ns."""
    final = VDD if is_high else -VDD
    difference = np.interp(TIME, [0.0, MARKS["lead"], 4.5e-9, END], [apart, apart, final, final])
    middle = np.interp(TIME, [MARKS["latch"], 4.5e-9], [0.75, VDD / 2])
    return middle + difference / 2, middle - difference / 2


def waves(
    state: tuple[bool, bool] = (True, False),
    apart: tuple[float, float] = (0.2, -0.15),
    currents: dict[str, Any] | None = None,
    **nodes: Array,
) -> Waveforms:
    """Return a restore that ends in `state`, its latches `apart` before; by default a right MRS."""
    (q1, qb1), (q2, qb2) = (latch(a, s) for a, s in zip(apart, state, strict=True))
    flat = np.zeros_like(TIME)
    signals: dict[str, Array] = {f"v({node})": flat for node in ("bl", "ref", "sl", "wll", "wlr", "cs1", "cs2")}
    signals |= {"v(q1)": q1, "v(qb1)": qb1, "v(q2)": q2, "v(qb2)": qb2}
    signals |= {"v(cl)": np.interp(TIME, [MARKS["selected"], MARKS["stop"]], [START, 0.9]), "v(slu)": flat + IDLE}
    signals |= {f"v({name})": values for name, values in nodes.items()}
    signals |= {f"i({name})": flat + (currents or {}).get(name, 0.0) for name in SOURCES}
    return Waveforms(axis=TIME, signals=signals, marks=MARKS)


def setup(level: Level = "mrs", **values: Any) -> Any:
    return setup_of(NvSramTritHalfRail(), HalfRail(level=level, v_ref=REF, **values))


@pytest.mark.parametrize(
    ("state", "expected"), [((False, False), 1), ((True, False), 0), ((True, True), -1), ((False, True), 2)]
)
def test_the_final_state_is_the_trit(state: tuple[bool, bool], expected: int) -> None:
    apart = tuple(0.2 if is_high else -0.2 for is_high in state)
    for level in LEVELS:
        values = measure(waves(state, apart), setup(level))  # type: ignore[arg-type]
        assert list(values) == [output.name for output in half_rail.OUTPUTS]
        assert values["trit"] == expected
        assert values["correct"] == (expected == TRITS[level])
        assert (min(values["margin_1"], values["margin_2"]) > 0) == bool(values["correct"])
        assert (min(values["lead_1"], values["lead_2"]) > 0) == bool(values["correct"])


def test_margins_and_common_level_are_those_at_the_begin_of_latch() -> None:
    values = measure(waves(), setup())
    assert (values["margin_1"], values["margin_2"], values["v_common"]) == near((0.2, 0.15, 0.75))


def test_leads_by_time_to_decide_are_the_sides_that_an_exponential_would_have() -> None:
    """One latch regenerates from 1 mV, the other from 10 nV, each with 50 ps; signs are the verdict's."""
    since = np.maximum(TIME - MARKS["raise"], 0.0)

    def sides(start: float) -> Array:
        return np.minimum(start * np.exp(np.minimum(since / 50e-12, 50.0)), VDD) / 2

    first, second = sides(1e-3), sides(1e-8)
    nodes = {"q1": 0.9 + first, "qb1": 0.9 - first, "q2": 0.9 + second, "qb2": 0.9 - second}
    values = measure(waves(**nodes), setup("mrs", tau_lead=50e-12))
    lead = 1e-3 * np.exp((MARKS["latched"] - MARKS["raise"]) / 50e-12)
    assert values["correct"] == 0  # both Q are high: HRS
    assert values["lead_1"] == near(lead, rel=0.05)
    assert values["lead_2"] == near(-1e-5 * lead, rel=0.05)


def test_each_supply_is_charged_for_its_time() -> None:
    """1 uA out of every source all the time: gates pay the supply first, the boost level after that."""
    values = measure(waves(currents=dict.fromkeys(SOURCES, -1e-6)), setup())
    m, micro = MARKS, 1e-6

    def boosted(until: str) -> float:
        return VDD * m["boost"] + BOOST * (m[until] - m["boost"])

    expected = {
        "energy_init": 2 * START * micro * m["done"],
        "energy_select": micro * (START * m["select"] + IDLE * m["latch"]),
        "energy_reference": 2 * REF * micro * m["done"],
        "energy_wordline": micro * (boosted("close") + boosted("stop")),
        "energy_switch": micro * (boosted("close_1") + boosted("stop")),
        "energy_array": 2 * VDD * micro * m["done"],
    }
    for name, value in expected.items():
        assert values[name] == near(value, rel=1e-9), name
    supplies = sum(values[name] for name in half_rail.BENCH.supplies.counted)  # type: ignore[union-attr]
    assert values["energy_total"] == near(supplies)
    assert values["energy_total"] == near(sum(values[f"phase_{phase}"] for phase in ("init", "discharge", "latch")))


def test_currents_are_what_leaves_the_supplies_and_count_once() -> None:
    late = np.where(TIME < 0.8e-9, -1e-3, -1e-6)  # edges at the begin of INIT do not count
    assert measure(waves(currents={"vref": late}), setup())["i_init"] == near(1e-6)
    through = {"vstart": -1e-6, "vrow": 1e-6}  # from the start level into the reference
    for name in ("i_init", "i_discharge", "i_hold"):
        assert measure(waves(currents=through), setup())[name] == near(1e-6)


def test_what_selectors_leak_from_line_to_line_counts() -> None:
    values = measure(waves(currents={"vbl": -150e-12, "vslu": 150e-12}), setup())
    assert values["i_init"] == near(150e-12)

    # Once they are at ground they give nothing but to each other.
    values = measure(waves(currents={"vsl": 150e-12, "vslu": -150e-12}), setup())
    assert values["i_hold"] == 0.0 < values["i_discharge"]


def test_stress_is_from_the_gate_to_the_lower_end_of_its_channel() -> None:
    flat = np.zeros_like(TIME)
    values = measure(waves(cs2=flat + BOOST, cl=np.maximum(0.7, waves()["v(cl)"] - 0.25)), setup())
    lowest = np.min(np.minimum(waves()["v(q2)"], np.maximum(0.7, waves()["v(cl)"] - 0.25)))
    assert values["v_stress"] == near(BOOST - float(lowest))


def test_selectors_that_would_not_be_on_and_off_are_refused() -> None:
    flat = np.zeros_like(TIME)
    with pytest.raises(BadMeasureError, match=r"unselected selectors see 1\.800 V: must be <= v_th = 0\.7"):
        measure(waves(slu=flat), setup())
    with pytest.raises(BadMeasureError, match=r"the selected selector sees 0\.250 V"):
        measure(waves(cl=flat + 0.9), setup())
    assert measure(waves(slu=flat), setup(selectors="dynamic"))["correct"] == 1


@pytest.mark.pdk
def test_marks_and_phases_follow_the_sizing(sky130: Pdk) -> None:
    circuit, given_ = NvSramTritHalfRail(), HalfRail(stretch=1.1, t_edge=40e-12, t_ramp=0.4e-9, t_lag=0.2e-9)
    sized, made = size_half_rail(circuit, given_), deck(circuit, Conditions(), given_, sky130)
    m = made.marks
    assert m["close"] == near(sized.t_init)
    assert m["close_1"] - m["select"] == near(1.1 * sized.t_close_1 + 20e-12)
    assert m["stop"] - m["select"] == near(1.1 * sized.t_close_2 + 20e-12)
    assert m["raise"] - m["latch"] == near(0.2e-9)
    assert m["latched"] - m["raise"] == near(0.4e-9)
    assert list(m.values()) == sorted(m.values())
    assert [phase.name for phase in made.phases] == ["init", "discharge", "latch", "hold"]


@pytest.mark.pdk
def test_each_closing_time_has_a_deviate_of_its_own(sky130: Pdk) -> None:
    """CS1 is late by the first, CS2 and WLR with all that follows by the second; transistors draw after them."""
    circuit, at = NvSramTritHalfRail(), Conditions(deviates=(0.3, 0.1, 2.0, -1.0))
    still = deck(circuit, at, HalfRail(mismatch="memory"), sky130)
    late = deck(circuit, at, HalfRail(mismatch="memory", jitter=10e-12), sky130)
    assert list(still.deviates) == ["r0.lnr", "r1.lnr"]
    assert late.deviates == {"r0.lnr": 0.3, "r1.lnr": 0.1, "close_1.t": 2.0, "close_2.t": -1.0}
    moved = {name: late.marks[name] - still.marks[name] for name in ("select", "close_1", "stop", "latch", "lead")}
    assert moved == near({"select": 0.0, "close_1": 20e-12, "stop": -10e-12, "latch": -10e-12, "lead": -10e-12})
    for source, mark in (("cs1", "close_1"), ("cs2", "stop"), ("wlr", "stop")):
        (points,) = re.findall(rf"^v{source} {source} 0 pwl\((.*)\)$", late.body, re.MULTILINE)
        assert float(points.split()[-4]) == near(late.marks[mark])


@pytest.mark.pdk
def test_without_jitter_a_sample_is_the_chip_that_it_was(sky130: Pdk) -> None:
    names = list(deck(NvSramTritHalfRail(), Conditions(sample=1), HalfRail(), sky130).deviates)
    assert [name for name in names if name.endswith(".t")] == []
    jittered = deck(NvSramTritHalfRail(), Conditions(sample=1), HalfRail(jitter=1e-12), sky130)
    assert list(jittered.deviates) == [*names[:2], "close_1.t", "close_2.t", *names[2:]]


@pytest.mark.pdk
def test_the_cell_is_that_of_the_ramped_trit_but_for_its_lines(sky130: Pdk) -> None:
    """The same transistors of the same sizes; gates of the switches, ground of the pull-downs and references differ."""
    from bitline.benches.restore import restore
    from bitline.circuits.nvsram_trit import NvSramTrit

    def devices(body: str) -> list[str]:
        found = re.findall(r"^M((?!r)\S+) \S+ \S+ \S+ \S+ (.*)$", body, re.MULTILINE)
        return [" ".join(parts) for parts in found]

    bodies = (
        deck(NvSramTritHalfRail(), Conditions(), HalfRail(), sky130).body,
        restore.deck(NvSramTrit(), Conditions(), restore.Restore(), sky130).body,
    )
    half, ramped = map(devices, bodies)
    assert half == ramped
    assert len(half) == 28
    assert len(re.findall(r"^Mpd\S+ \S+ \S+ vgnd 0 ", bodies[0], re.MULTILINE)) == 4


@pytest.mark.pdk
def test_a_trit_has_its_share_of_the_row(sky130: Pdk) -> None:
    from bitline.parameters import assemble

    circuit = assemble(NvSramTritHalfRail(), {"trits": 100, "r_rail": 0.5, "row.w_up": 12e-6})
    body = deck(circuit, Conditions(), HalfRail(), sky130).body
    drivers = re.findall(r"^Mr(\S+) .* w=(\S+) .* m=(\S+)$", body, re.MULTILINE)
    assert [name for name, _, _ in drivers] == ["st", "rd", "up", "rg", "dn"]
    assert {float(m) for _, _, m in drivers} == {0.01}
    assert {name: float(w) for name, w, _ in drivers}["up"] == near(12.0)  # um
    # 100 trits, each with its current through what of the rail lies before it
    assert float(re.findall(r"^rvddc ndc vddc (\S+)$", body, re.MULTILINE)[0]) == near(0.5 * sum(range(101)))
