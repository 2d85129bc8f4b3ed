"""Idle rows of the columns: lumped against one section a row, and their charge."""

from __future__ import annotations

from typing import Any

import pytest

from bitline.circuits.base import Circuit
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.reram_column import ReramColumn
from bitline.circuits.ternary_column import TernaryColumn
from bitline.pdk.descriptor import Pdk
from bitline.sweep.runner import Runner
from bitline.system.measured_system import STACK_CONTACT

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD = 1.8


@pytest.fixture(scope="module")
def runner(sky130: Pdk) -> Runner:
    return Runner(sky130)


def cycle(runner: Runner, column: Circuit, **inputs: Any) -> dict[str, float]:
    return dict(runner.simulate(column, "transfer", **inputs).values)


@pytest.mark.parametrize(
    ("column", "line", "axis"),
    [
        (TernaryColumn(rows=4, idle=60), "v_diff", "mac"),
        (TernaryColumn(rows=4, idle=28, order="bit-at-line"), "v_diff", "mac"),
        (BinarySramColumn(active=4, idle=252), "v_line", "code"),
        (ReramColumn(active=4, idle=252), "v_line", "code"),
        (ReramColumn(active=4, idle=60, access="selector", v_read=0.75, t_pulse=0.36e-9), "v_line", "code"),
    ],
    ids=["trits", "bit at line", "bits", "1T1R", "selectors"],
)
def test_lumped_idle_rows_are_one_section_a_row_within_a_hundredth_of_an_lsb(
    column: Any, line: str, axis: str, runner: Runner
) -> None:
    apart = column.replace(line_sections=column.idle)
    none, one, full = (cycle(runner, column, **{axis: value})[line] for value in (0, 1, 4))
    assert cycle(runner, apart, **{axis: 4})[line] == pytest.approx(full, abs=0.01 * abs(one - none))


@pytest.mark.parametrize(("column", "stacks"), [(TernaryColumn(), 2), (BinarySramColumn(), 1)], ids=["trits", "bits"])
def test_an_idle_row_adds_its_wire_and_its_junctions(column: Any, stacks: int, runner: Runner) -> None:
    """A stack's line contact (0.017 um2 and 0.24 um of junction, and overlap), twice for a trit, within 2 %."""
    short, long = (
        float(runner.simulate(circuit, "noise").values["c_line"]) for circuit in (column, column.replace(idle=240))
    )
    assert (long - short) / 240 == pytest.approx(column.cell.c_wire_bl + stacks * STACK_CONTACT, rel=0.02)


def test_a_long_line_costs_its_charge(runner: Runner) -> None:
    """C VDD dV with the capacitance by noise, within 3 %, as on a short line; the swing is that of a longer pulse."""
    column = BinarySramColumn(idle=240, t_pulse=0.325e-9, t_restore=6e-9)
    c_line = float(runner.simulate(column, "noise").values["c_line"])
    values = cycle(runner, column, code=16)
    assert values["energy_precharge"] == pytest.approx(c_line * VDD * values["swing"], rel=0.03)
    assert values["swing"] == pytest.approx(cycle(runner, BinarySramColumn(), code=16)["swing"], rel=0.02)


def test_the_ternary_swing_of_the_sweep_on_long_lines_is_that_of_short_ones(runner: Runner) -> None:
    long = cycle(runner, TernaryColumn(idle=240, t_pulse=0.505e-9, t_restore=6e-9), mac=16)
    short = cycle(runner, TernaryColumn(), mac=16)
    assert long["v_diff"] == pytest.approx(short["v_diff"], rel=0.02)
    # the precharge pays for the capacitance: 179 against 69 fF
    assert long["energy_precharge"] == pytest.approx(179 / 68.9 * short["energy_precharge"], rel=0.03)
    # what the account of long lines leaves out: a longer pulse on the input lines reaches its full level
    assert long["energy_wordline"] == pytest.approx(1.13 * short["energy_wordline"], rel=0.02)


def test_a_clamped_line_does_not_feel_the_idle_rows_behind_it(runner: Runner) -> None:
    """The computing rows are nearest to the clamp; 0.1 % is what the idle cells leak and charge."""
    short, long = (cycle(runner, ReramColumn(idle=idle), code=16) for idle in (0, 240))
    assert long["v_line"] == pytest.approx(short["v_line"], rel=1e-3)
