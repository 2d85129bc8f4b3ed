"""What the account takes from simulations besides the shipped tables, simulated again."""

from __future__ import annotations

import pytest

from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.shift_adder import ShiftAdder
from bitline.parameters import assemble
from bitline.pdk.descriptor import Pdk
from bitline.sweep.runner import Runner
from bitline.system.measured_system import ADDITION_WIRES, CONVERTER_WIRES, SHARED_ROWS

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]


@pytest.fixture(scope="module")
def runner(sky130: Pdk) -> Runner:
    return Runner(sky130)


@pytest.mark.parametrize("bits", [4, 5])
def test_wires_take_as_much_of_a_conversion(bits: int, runner: Runner) -> None:
    """Energy is linear in the wire of a net: its slope from 0 to 2 fF, within 2 %."""
    bare, wired = (
        runner.simulate(
            assemble(SarAdc(bits=bits), {"sequencer.c_net": c_net}), "convert", v_diff=0.1, accuracy="fast"
        ).values["energy_total"]
        for c_net in (0.0, 2e-15)
    )
    assert (wired - bare) / 2e-15 == pytest.approx(CONVERTER_WIRES[bits], rel=0.02)


@pytest.mark.parametrize("bits", [4, 5])
def test_wires_take_as_much_of_a_shift_and_add(bits: int, runner: Runner) -> None:
    """One of the shipped table's two seeds, within 3 % of their mean."""
    bare, wired = (
        runner.simulate(ShiftAdder(bits=bits, c_net=c_net, t_clock=6e-9), "accumulate", accuracy="fast").values[
            "energy_total"
        ]
        for c_net in (0.0, 2e-15)
    )
    assert (wired - bare) / 2e-15 == pytest.approx(ADDITION_WIRES[bits], rel=0.03)


def test_a_column_twice_as_long_takes_less_than_twice_the_energy(runner: Runner) -> None:
    """32 rows with the swing of 16 within 10 %: 170 against 220 fJ at the mean code, a quarter of the rows."""
    usual, long = BinarySramColumn(), BinarySramColumn(active=SHARED_ROWS, t_pulse=0.15e-9)

    def spent(column: BinarySramColumn) -> float:
        values = runner.simulate(column, "transfer", code=column.active // 4).values
        return sum(value for name, value in values.items() if name.startswith("energy_"))

    swings = [runner.simulate(column, "transfer", code=column.active).values["swing"] for column in (usual, long)]
    assert swings[1] == pytest.approx(swings[0], rel=0.1)
    assert spent(long) == pytest.approx(0.78 * 2 * spent(usual), rel=0.05)
