"""What must hold of an export in CrossSim: run in the stub (tests/export) and in the real one (tests/consumers)."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from luts.column import make_column_lut
from luts.converter import BITS, EDGE_SIGMA, STEP, STEP_SIGMA, edges, make_sar_lut
from luts.store import AIMED, LN_MEAN, LN_SIGMA, make_store_lut
from luts.ternary import DISCHARGE, LSB, ROWS, S_0, S_1, THERMAL, make_ternary_lut, ternary_mean

from bitline.export.crosssim import EXPORTER as crosssim
from bitline.export.crosssim.write import PARAMS
from bitline.export.generated import load_module
from bitline.lut.lut import Lut

DRAWS = 200_000


def loaded(lut: Lut, folder: Path, **options: Any) -> Any:
    paths = crosssim.write(lut, folder, **options)
    return load_module(folder, paths[0].stem)


def close(drawn: Any, mean: float, sigma: float) -> None:
    assert abs(drawn.mean() - mean) < 5 * sigma / math.sqrt(drawn.size)
    assert abs(drawn.std() / sigma - 1) < 5 / math.sqrt(2 * drawn.size)


def conductances(verify: str = "on") -> list[tuple[float, float]]:
    """Return mean and sigma [S] of each level, from the moments of a lognormal."""
    found = []
    for ohm, m, s in zip(AIMED.values(), LN_MEAN[verify], LN_SIGMA[verify], strict=True):
        mean = math.exp(-m + s**2 / 2) / ohm
        found.append((mean, mean * math.sqrt(math.exp(s**2) - 1)))
    return found


def device_has_the_levels(folder: Path) -> None:
    from simulator.backend import ComputeBackend
    from simulator.devices.device import Device

    ComputeBackend(use_gpu=False)
    params = loaded(make_store_lut(), folder).parameters()
    device = Device.create_device(params.xbar.device)
    largest = 1 / params.xbar.device.Rmin
    assert largest == pytest.approx(conductances()[0][0], rel=1e-12)
    assert 1 / params.xbar.device.Rmax == pytest.approx(conductances()[2][0], rel=1e-12)
    for mean, sigma in conductances():
        close(device.programming_error(np.full(DRAWS, mean / largest)) * largest, mean, sigma)
    # between two levels: the mean is the target, sigma of ln g half-way in ln g
    low, high = (conductances()[k][0] / largest for k in (1, 0))
    drawn = np.log(device.programming_error(np.full(DRAWS, math.sqrt(low * high))))
    half = (LN_SIGMA["on"][0] + LN_SIGMA["on"][1]) / 2
    close(drawn, math.log(low * high) / 2 - half**2 / 2, half)
    for outside in (0.9 * conductances()[2][0] / largest, 1.1):
        with pytest.raises(ValueError, match="levels are"):
            device.programming_error(np.full(3, outside))


def ternary_zero_is_hrs_minus_hrs(folder: Path) -> None:
    from simulator import AnalogCore

    params = loaded(make_store_lut(), folder).parameters()
    size = 400
    weights = np.zeros((size, size))
    weights[0], weights[1] = 1.0, -1.0
    read = AnalogCore(weights, params) @ np.eye(size)
    (g_lrs, s_lrs), _, (g_hrs, s_hrs) = conductances()
    assert read[2:].std() * (g_lrs - g_hrs) == pytest.approx(math.sqrt(2) * s_hrs, rel=0.02)
    for row in (0, 1):
        assert read[row].std() * (g_lrs - g_hrs) == pytest.approx(math.hypot(s_lrs, s_hrs), rel=0.15)


def ternary_balanced_column_adds_up(folder: Path) -> None:
    from simulator import AnalogCore

    params = loaded(make_store_lut(), folder).parameters()
    rng = np.random.default_rng(3)
    column = rng.integers(-1, 2, 64)
    inputs = rng.integers(-1, 2, 64)
    weights = np.tile(column, (20_000, 1)).astype(float)
    error = (AnalogCore(weights, params) @ inputs.astype(float)) - column @ inputs
    (g_lrs, s_lrs), _, (g_hrs, s_hrs) = conductances()
    variance = [s_hrs**2 + (s_hrs if w == 0 else s_lrs) ** 2 for w, x in zip(column, inputs, strict=True) if x]
    assert error.std() * (g_lrs - g_hrs) == pytest.approx(math.sqrt(sum(variance)), rel=0.05)


def a_wrong_rmin_is_refused(folder: Path) -> None:
    from simulator.backend import ComputeBackend
    from simulator.devices.device import Device

    ComputeBackend(use_gpu=False)
    params = loaded(make_store_lut(), folder).parameters()
    params.xbar.device.Rmin *= 1e-3
    with pytest.raises(ValueError, match=r"xbar\.device\.Rmin"):
        Device.create_device(params.xbar.device)


def converter(params: Any, outputs: int, **settings: bool) -> Any:
    from simulator.backend import ComputeBackend
    from simulator.circuits.adc.adc import ADC

    ComputeBackend(use_gpu=False)
    made = ADC(params.xbar.adc, params.xbar.dac, params.core, params.simulation).mvm
    for name, value in settings.items():
        setattr(made, name, value)
    made.set_limits(np.zeros((outputs, 1)))
    return made


def every_code_edge(folder: Path, **options: Any) -> None:
    params = loaded(make_sar_lut(), folder, **options).parameters()
    low, high = params.xbar.adc.mvm.calibrated_range
    adc = converter(params, 1, static=False)
    lsb = (high - low) / (2**BITS - 1)
    corner = options.get("condition", {}).get("corner", "tt")
    for k, volts in enumerate(edges(corner)):
        # volts to codes by the end-point line, on which transition 1 is at code 1/2
        edge = low + lsb * ((volts - edges()[0]) / STEP + 0.5)
        for shift, code in ((-1e-6, k), (1e-6, k + 1)):
            assert adc.convert(np.array([edge + shift * lsb]))[0] == pytest.approx(low + lsb * code, rel=1e-9, abs=1e-9)
    for beyond, code in ((low - 9 * lsb, 0), (high + 9 * lsb, 2**BITS - 1)):
        assert adc.convert(np.array([beyond]))[0] == pytest.approx(low + lsb * code, rel=1e-9, abs=1e-9)


def converters_differ_as_measured(folder: Path) -> None:
    params = loaded(make_sar_lut(), folder).parameters()
    outputs = 40_000
    adc = converter(params, outputs)
    low = params.xbar.adc.mvm.calibrated_range[0]
    # each converter's transitions, found by bisection with all converters at once
    found = []
    for k, volts in enumerate(edges()):
        middle = low + (volts - edges()[0]) / STEP + 0.5
        under, over = np.full(outputs, middle - 1), np.full(outputs, middle + 1)
        for _ in range(24):
            half = (under + over) / 2
            past = adc.convert(half) > low + k + 0.5
            under, over = np.where(past, under, half), np.where(past, half, over)
        found.append(under)
    for k, sigma in enumerate(EDGE_SIGMA):
        assert found[k].std() == pytest.approx(sigma / STEP, rel=0.02, abs=1e-6)
    for k in range(1, 2**BITS - 3):  # the outer two do not move and have no correlation
        assert (found[k + 1] - found[k]).std() == pytest.approx(STEP_SIGMA[k], rel=0.02)
    again = adc.convert(np.full(outputs, found[3]))
    assert (again == adc.convert(np.full(outputs, found[3]))).all()


def column_has_the_statistics(folder: Path) -> None:
    params = loaded(make_ternary_lut(), folder, condition={"extra": 0}).parameters()
    params.xbar.adc.mvm.bits = 0
    outputs = 50_000
    for code in range(-ROWS, ROWS + 1):
        adc = converter(params, outputs)
        first, second = (adc.convert(np.full(outputs, float(code))) for _ in range(2))
        mean = (ternary_mean(code, 0) - ternary_mean(0, 0)) / LSB
        static = math.sqrt(S_0**2 + S_1**2 * abs(code)) / LSB
        temporal = math.sqrt(THERMAL**2 + DISCHARGE**2 * abs(code)) / LSB
        close(first, mean, math.hypot(static, temporal))
        close(second - first, 0.0, math.sqrt(2) * temporal)  # mismatch comes back, noise does not
        adc = converter(params, outputs, temporal=False)
        close(adc.convert(np.full(outputs, float(code))), mean, static)
        adc = converter(params, outputs, static=False)
        close(adc.convert(np.full(outputs, float(code))), mean, temporal)


def column_rounds_to_codes(folder: Path) -> None:
    from simulator import AnalogCore

    for lut, digits in ((make_ternary_lut(), (-1, 0, 1)), (make_column_lut(), (0, 1))):
        module = loaded(lut, folder / lut.name)
        params, mean = module.parameters(), np.rint(module.DATA["mean_lsb"])
        rows = params.core.rows_max
        rng = np.random.default_rng(5)
        weights = rng.choice(digits, (50, rows)).astype(float)
        inputs = rng.choice(digits, (rows, 300)).astype(float)
        read = AnalogCore(weights, params) @ inputs
        assert (read == np.rint(read)).all()
        assert read.shape == (50, 300)
        assert set(np.unique(read)) <= set(range(rows * min(digits), rows + 1))
        assert np.abs(read - weights @ inputs).max() <= 2
        expected = mean[(weights @ inputs).astype(int) - module.DATA["codes"][0]]
        assert np.mean(read == expected) > 0.8
        assert (AnalogCore(np.ones((9, rows)), params) @ np.ones(rows) >= rows - 1).all()


def column_refuses(folder: Path) -> None:
    module = loaded(make_ternary_lut(), folder)
    for change, message in (
        (lambda p: setattr(p.xbar.device.programming_error, "enable", True), "noise of cells besides the column's"),
        (lambda p: setattr(p.xbar.device.read_noise, "enable", True), "noise of cells besides the column's"),
        (lambda p: setattr(p.core, "rows_max", ROWS + 1), f"the column has {ROWS} rows"),
        (lambda p: setattr(p.core, "rows_max", 0), f"the column has {ROWS} rows"),
        (lambda p: setattr(p.core, "style", 3), "core.style must be BALANCED"),
        (lambda p: setattr(p.xbar.device, "infinite_on_off_ratio", False), "infinite_on_off_ratio"),
        (lambda p: setattr(p.xbar.dac.mvm, "input_bitslicing", True), "adc_per_ibit"),
    ):
        params = module.parameters()
        change(params)
        with pytest.raises(ValueError, match=message):
            converter(params, 1)
    adc = converter(module.parameters(), 2)
    with pytest.raises(ValueError, match=f"codes are -{ROWS}..{ROWS}"):
        adc.convert(np.array([0.0, ROWS + 1.0]))
    with pytest.raises(ValueError, match="3 outputs: the matrix has 2"):
        adc.convert(np.zeros(3))


def parameters_make_a_round_trip(folder: Path) -> None:
    from simulator import CrossSimParameters

    for lut in (make_store_lut(), make_ternary_lut(), make_sar_lut()):
        module = loaded(lut, folder / lut.name)
        params = module.parameters()
        params.to_json(folder / "again.json")
        assert CrossSimParameters.from_json(folder / "again.json") == params


def without_the_module_the_model_is_unknown(folder: Path) -> None:
    from simulator.backend import ComputeBackend
    from simulator.devices.device import Device

    ComputeBackend(use_gpu=False)
    crosssim.write(make_store_lut(), folder, name="NeverImported")
    from simulator import CrossSimParameters

    params = CrossSimParameters.from_json(folder / PARAMS)
    with pytest.raises(ValueError, match="Unknown"):
        Device.create_device(params.xbar.device)


def the_check_passes_and_can_fail(folder: Path) -> None:
    from bitline.errors import ExportCheckError

    for lut, said in (
        (make_store_lut(), "3 levels"),
        (make_ternary_lut(), f"{2 * ROWS + 1} codes"),
        (make_column_lut(), "17 codes"),
        (make_sar_lut(), f"{2**BITS - 1} transitions"),
    ):
        crosssim.write(lut, folder / lut.name)
        assert said in crosssim.check(lut, folder / lut.name)
    crosssim.write(make_sar_lut(), folder / "bare", condition={"corner": "tt"}, mismatch=False)
    assert "sigma" not in crosssim.check(make_sar_lut(), folder / "bare")
    # the same file, but the LUT has moved on
    for lut, table, variable, factor in (
        (make_store_lut(), "placement", "ln_sigma", 1.03),
        (make_ternary_lut(), "mismatch", "v_sigma", 1.1),
        (make_ternary_lut(), "noise", "v_thermal", 1.1),
        (make_sar_lut(), "transitions", "v", (1 + 1e-6 * np.arange(2**BITS - 1))),
        (make_sar_lut(), "mismatch", "v_sigma", 1.1),
    ):
        moved = lut.tables[table].copy(deep=True)
        moved[variable] = moved[variable] * factor
        moved[variable].attrs = lut.tables[table][variable].attrs
        other = replace(lut, tables={**lut.tables, table: moved})
        with pytest.raises(ExportCheckError, match="the LUT has"):
            crosssim.check(other, folder / lut.name)


CONTRACT = (
    device_has_the_levels,
    ternary_zero_is_hrs_minus_hrs,
    ternary_balanced_column_adds_up,
    a_wrong_rmin_is_refused,
    every_code_edge,
    converters_differ_as_measured,
    column_has_the_statistics,
    column_rounds_to_codes,
    column_refuses,
    parameters_make_a_round_trip,
    without_the_module_the_model_is_unknown,
    the_check_passes_and_can_fail,
)
