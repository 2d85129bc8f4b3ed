"""The QS column's wires, pulse and energy: lumped against distributed, hand figures, and the replica over its box."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.sweep.runner import Runner

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD = 1.8


@pytest.fixture(scope="module")
def runner(sky130: Pdk) -> Runner:
    return Runner(sky130)


def cycle(runner: Runner, circuit: AcimColumnQS, code: int, **conditions: Any) -> dict[str, float]:
    return dict(runner.simulate(circuit, "transfer", code=code, **conditions).values)


def lsb(runner: Runner, circuit: AcimColumnQS, **conditions: Any) -> float:
    """Return how far one cell moves the line [V]."""
    return cycle(runner, circuit, 0, **conditions)["v_line"] - cycle(runner, circuit, 1, **conditions)["v_line"]


@pytest.mark.parametrize(
    ("rows", "c_load"), [(20, 60e-15), (64, 0.0), (256, 0.0)], ids=["short", "without sampler", "long"]
)
def test_lumped_idle_rows_are_one_section_a_row_within_a_hundredth_of_an_lsb(
    rows: int, c_load: float, runner: Runner
) -> None:
    lumped = AcimColumnQS(rows=rows, active=4, c_load=c_load)
    apart = lumped.replace(line_sections=rows)
    assert cycle(runner, lumped, 4)["v_line"] == pytest.approx(
        cycle(runner, apart, 4)["v_line"], abs=0.01 * lsb(runner, lumped)
    )


@pytest.mark.parametrize("conditions", [{"sample": 3}, {"corner": "ff", "temperature": 125.0}])
def test_idle_cells_may_share_their_latches(conditions: dict[str, Any], runner: Runner) -> None:
    """They differ by 2 nV and 1e-5 of an energy where cells leak most, elsewhere by rounding."""
    own = AcimColumnQS(rows=24, active=4)
    apart, shared = (cycle(runner, one, 3, **conditions) for one in (own, own.replace(idle_latches="shared")))
    assert shared["v_line"] == pytest.approx(apart["v_line"], abs=1e-7)
    for name in ("energy_array", "energy_precharge", "energy_wordline", "energy_control", "disturb"):
        assert shared[name] == pytest.approx(apart[name], rel=1e-4), name


def test_bypass_moves_the_line_by_tenths_of_a_millivolt(runner: Runner) -> None:
    """The array's leakage alone is lost in it: an attojoule of 40 fJ."""
    column = AcimColumnQS(rows=24, active=4)
    whole, bypassed = (
        runner.simulate(column, "transfer", code=3, sample=3, accuracy=accuracy).values
        for accuracy in ("default", "bypass")
    )
    assert 0 < abs(bypassed["v_line"] - whole["v_line"]) < 0.3e-3
    for name in ("energy_precharge", "energy_wordline", "energy_control"):
        assert bypassed[name] == pytest.approx(whole[name], rel=3e-3), name


def test_chips_differ_alike_with_loose_tolerances(runner: Runner) -> None:
    """What the solver errs by is common to all chips: tenths of a millivolt at most in what they differ by."""
    column = AcimColumnQS(rows=24, active=4, idle_latches="shared")
    moved = [
        runner.simulate(column, "transfer", code=3, sample=sample, accuracy="fast").values["v_line"]
        - runner.simulate(column, "transfer", code=3, sample=sample).values["v_line"]
        for sample in range(1, 6)
    ]
    assert max(moved) - min(moved) < 0.3e-3
    assert abs(sum(moved) / len(moved)) < 0.1 * lsb(runner, column)


@pytest.mark.parametrize("position", [0.0, 0.5, 1.0])
def test_a_coarse_word_line_is_a_fine_one_within_a_hundredth_of_an_lsb(position: float, runner: Runner) -> None:
    coarse = AcimColumnQS(active=4, position=position)
    fine = coarse.replace(word_line_sections=24)
    assert cycle(runner, coarse, 4)["v_line"] == pytest.approx(
        cycle(runner, fine, 4)["v_line"], abs=0.01 * lsb(runner, coarse)
    )


def test_a_word_line_without_resistance_is_not_the_same_column(runner: Runner) -> None:
    """Why there is no lumped word line: 64 fF at the driver is several hundredths of an LSB off."""
    ladder = AcimColumnQS(active=4)
    lumped = ladder.replace(r_word_line=1e-3)
    assert cycle(runner, ladder, 4)["v_line"] - cycle(runner, lumped, 4)["v_line"] > 0.03 * lsb(runner, ladder)


def test_coupling_counts_as_much_as_the_same_capacitance_to_a_line_at_rest(runner: Runner) -> None:
    """Column to column: 2 x 0.04 fF a cell at rest is the swing of 64 x 0.08 fF more on the line; none if alike."""
    alone = AcimColumnQS(active=4)
    beside = alone.replace(c_column=0.04e-15)
    heavier = alone.replace(c_load=alone.c_load + 64 * 0.08e-15)
    one = lsb(runner, alone)
    assert lsb(runner, beside) == pytest.approx(lsb(runner, heavier), abs=0.01 * one)
    assert lsb(runner, beside.replace(miller=0.0)) == pytest.approx(one, rel=1e-6)
    # BL floats and follows: BLB is lighter than with all of its wire to ground, by at most the coupling.
    grounded = lsb(runner, alone.replace(c_bl_blb=0.0))
    c_line = float(runner.simulate(alone, "noise").values["c_line"])
    assert 1 < one / grounded < 1 + 64 * alone.c_bl_blb / c_line


def test_all_sources_are_c_v_squared_by_hand(runner: Runner) -> None:
    """What a code adds to the sum of all sources is the charge of its swing from the precharge supply, within 2 %.

    BL floats and follows BLB by c/C_BL of its fall, c being all of the coupling: by charge conservation the two
    lines together take c^2/C_BL less than with BL held. c_line is taken with the precharge on, whose channel makes
    it 0.9 % too large.
    """
    circuit = AcimColumnQS(active=4, t_restore=6e-9)
    c_line = float(runner.simulate(circuit, "noise").values["c_line"])
    # BL is BLB without its sampler.
    c_bl, coupling = c_line - circuit.c_load, circuit.rows * circuit.c_bl_blb
    none, full = (cycle(runner, circuit, code) for code in (0, 4))
    spent = sum(full[name] - none[name] for name in full if name.startswith("energy"))
    by_hand = (c_line - coupling**2 / c_bl) * VDD * (full["swing"] - none["swing"])
    assert spent == pytest.approx(by_hand, rel=0.02)


def test_the_word_lines_take_c_v_squared(runner: Runner) -> None:
    """Doubling the cells on a word line adds C V^2 of the added ones, within 5 %: its top is a little below v_wl."""
    few, many = AcimColumnQS(active=4, columns=73, t_pulse=2e-9), AcimColumnQS(active=4, columns=145, t_pulse=2e-9)
    spent = [cycle(runner, one, 0)["energy_wordline"] * one.columns for one in (few, many)]
    assert spent[1] - spent[0] == pytest.approx(4 * 72 * few.cell.c_wl * few.v_wl**2, rel=0.05)


CONDITIONS = [(Corner.ss, 1.62, -40.0), (Corner.fs, 1.98, 125.0)]


def test_the_replica_holds_the_lsb_where_a_fixed_pulse_loses_it(runner: Runner) -> None:
    """At the corners that are worst for either: fixed pulse 0.02 to 2 times nominal, replica within +-25 %."""
    replica = AcimColumnQS(active=4, timing="replica", t_pulse=4e-9)
    fixed = AcimColumnQS(active=4)

    def spread(circuit: AcimColumnQS) -> tuple[float, float]:
        nominal = lsb(runner, circuit, accuracy="fast")
        ratios = [
            lsb(runner, circuit, accuracy="fast", corner=corner, vdd=vdd, temperature=temperature) / nominal
            for corner, vdd, temperature in CONDITIONS
        ]
        return min(ratios), max(ratios)

    assert spread(fixed)[0] < 0.1
    low, high = spread(replica)
    assert 0.75 < low < high < 1.25
    values = cycle(runner, replica, 1)
    assert 0 < values["energy_timing"] < 0.5 * values["energy_precharge"] + values["energy_control"]


def test_the_current_s_spread_is_that_of_g_m_and_of_the_edges(runner: Runner, sky130: Pdk) -> None:
    """One sigma of the access device's threshold beside g_m sigma(V_T) / I, with g_m from the word line's level.

    Over a long pulse they are one. Over the default pulse the driver's edges count: a cell with a higher threshold
    also conducts for a shorter time.
    """
    sigma_vt = 5.589e-9 / math.sqrt(0.14e-6 * 0.15e-6)
    ratios = []
    for t_pulse in (1.5e-9, 0.3e-9):
        circuit = AcimColumnQS(rows=4, active=1, t_pulse=t_pulse)
        made = qs_transfer.deck(circuit, Conditions(sample=1), MacCode(code=1), sky130)
        moved = tuple(float(name == "pgr0.vth0") for name in made.deviates)
        still, spread = (
            cycle(runner, circuit, 1, deviates=deviates)["swing"] for deviates in ((0.0,) * len(moved), moved)
        )
        low, high = (cycle(runner, circuit.replace(v_wl=level), 1)["swing"] for level in (1.19, 1.21))
        g_m_over_i = (high - low) / 0.02 / still
        ratios.append((1 - spread / still) / (g_m_over_i * sigma_vt))
    assert ratios[0] == pytest.approx(1.0, abs=0.15)
    assert 1.3 < ratios[1] < 1.8
