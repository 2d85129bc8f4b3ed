"""A table at one condition as a timer sees it."""

from __future__ import annotations

import pytest
from luts.timed import AT, CONDITIONS, OPERANDS, OPERATIONS, made, mean_energy, numbers

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.system.macro import macro_at


@pytest.mark.parametrize("kind", list(OPERANDS))
def test_delays_and_energies_over_the_operands(kind: str) -> None:
    lut, operation = made(kind), OPERATIONS[kind]
    assert operation.pins is not None
    at = AT if operation.operands else {**AT, "v_diff": 1e-3, "v_common": 1.4}
    macro = macro_at(lut, at)
    delay, energy = numbers(lut, operation.pins.delay, AT), numbers(lut, operation.energy.variable, AT)
    assert macro.pins == operation.pins
    assert (macro.fastest, macro.slowest) == (delay.min(), delay.max())
    assert (macro.lowest, macro.highest) == (energy.min(), energy.max())
    assert macro.energy == pytest.approx(mean_energy(lut, AT), rel=1e-12)
    assert macro.condition == at


def test_the_condition_is_selected_and_interpolated_never_left() -> None:
    lut = made("nvsram-trit")
    by = {corner: macro_at(lut, {**AT, "corner": corner}) for corner in ("tt", "ss")}
    for corner, macro in by.items():
        assert macro.slowest == numbers(lut, "latency", {**AT, "corner": corner}).max()
    ends = [numbers(lut, "latency", {**AT, "vdd": vdd}) for vdd in (1.62, 1.8)]
    assert macro_at(lut, {**AT, "vdd": 1.71}).fastest == pytest.approx(((ends[0] + ends[1]) / 2).min(), rel=1e-12)
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.5: outside the grid"):
        macro_at(lut, {**AT, "vdd": 1.5})
    with pytest.raises(InputError, match="unknown axis 'temp'"):
        macro_at(lut, {**AT, "temp": 27})
    with pytest.raises(InputError, match="condition must name corner"):
        macro_at(lut, {"vdd": 1.8, "temperature": 27})


@pytest.mark.parametrize("kind", list(OPERANDS))
def test_an_operation_that_failed_has_no_timing(kind: str) -> None:
    success = OPERATIONS[kind].success
    assert success is not None
    name = success.variable
    with pytest.raises(InputError, match=f"{name} = 0.5 at .*must be .*, so it has no timing"):
        macro_at(made(kind, good=0.5), AT)


def test_a_condition_that_was_not_swept_is_stated_by_the_lut() -> None:
    some = {axis: values for axis, values in CONDITIONS.items() if axis != "temperature"}
    swept = made("nvsram-trit", axes=some)
    lut = Lut(swept.name, swept.kind, swept.tables, {"conditions": {"temperature": -40.0}}, swept.operation)
    macro = macro_at(lut, {"corner": "tt", "vdd": 1.8})
    assert macro.condition == {"temperature": -40.0, "corner": "tt", "vdd": 1.8}
    assert macro_at(lut, macro.condition) == macro  # as `check` asks for it
    with pytest.raises(UnknownNameError, match="temperature"):
        macro_at(lut, {**macro.condition, "temperature": 27.0})
