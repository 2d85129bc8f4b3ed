"""What `bitline export --check` does for CrossSim: the classes as CrossSim makes them, against the LUT."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import SetupError
from bitline.export.generated import compare, compare_draws, load_module, module_name, read_data
from bitline.export.levels import levels_of
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut
from bitline.system.measured_column import measured_column

_DRAWS = 200_000


def check(lut: Lut, folder: Path) -> str:
    """Load what `bitline.export.crosssim.write` wrote in CrossSim, and compare with the LUT.

    Raises
    ------
    SetupError
        If CrossSim cannot be imported.
    ExportCheckError
        If the module does not run, or CrossSim finds other numbers: exactly for transitions, within
        five standard errors for what is drawn.
    """
    try:
        from simulator.backend import ComputeBackend
    except ImportError as error:
        raise SetupError(
            f"CrossSim cannot be imported ({error}): it is in no index; pip install a clone of sandialabs/cross-sim"
        ) from error
    ComputeBackend(use_gpu=False)  # comes first where devices are built without a core
    name = module_name("crosssim", lut)
    data, module = read_data(folder, name), load_module(folder, name)
    params = module.parameters()
    state = np.random.get_state()  # noqa: NPY002 - CrossSim draws from numpy's global generator
    np.random.seed(1)  # noqa: NPY002
    try:
        answer = {"device": _device, "column": _column, "adc": _adc}[data["what"]](lut, data, params)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return f"CrossSim: {answer}"


def _device(lut: Lut, data: dict[str, Any], params: Any) -> str:
    from simulator.devices.device import Device

    levels = levels_of(lut, data["condition"])
    siemens = 1 / params.xbar.device.Rmin
    compare("1/Rmin [S]", siemens, float(levels.conductance[0]), 1e-9 * siemens)
    device = Device.create_device(params.xbar.device)
    for name, mean, sigma in zip(levels.names, levels.conductance, levels.sigma, strict=True):
        draws = device.programming_error(np.full(_DRAWS, mean / siemens)) * siemens
        compare_draws(f"{name} [S]", draws, float(mean), float(sigma))
    return f"{len(levels.names)} levels, {_DRAWS} draws each, are the LUT's within 5 standard errors"


def _column(lut: Lut, data: dict[str, Any], params: Any) -> str:
    column = measured_column(lut, data["condition"], data["line"])
    params.xbar.adc.mvm.bits = 0
    for code, mean, static, temporal in zip(
        column.codes.tolist(), column.mean.tolist(), column.static.tolist(), column.temporal.tolist(), strict=True
    ):
        outputs = _DRAWS // 10
        adc = _made(params, outputs)
        each = [adc.convert(np.full(outputs, float(code))) for _ in range(2)]
        compare_draws(f"output at code {code}", each[0], mean, math.hypot(static, temporal))
        # what is left when the same outputs are read twice is temporal, and twice its variance
        compare_draws(f"change from read to read at code {code}", each[1] - each[0], 0.0, math.sqrt(2) * temporal)
    return f"mean, static and temporal sigma of {len(column.codes)} codes are the LUT's within 5 standard errors"


def _adc(lut: Lut, data: dict[str, Any], params: Any) -> str:
    index = Index({"transitions": lut.tables["transitions"]})
    v = np.array([index.lookup({**data["at"], "transition": k + 1})["v"] for k in range(2 ** data["bits"] - 1)])
    low, high = params.xbar.adc.mvm.calibrated_range
    step = (high - low) / len(v)
    edges = low + step * ((v - v[0]) / (v[-1] - v[0]) * (len(v) - 1) + 0.5)
    nominal = _made(params, 1, static=False)
    for k, edge in enumerate(edges.tolist()):
        for side, distance, code in (("below", -1e-9, k), ("above", 1e-9, k + 1)):
            (output,) = nominal.convert(np.array([edge + distance * step]))
            compare(f"code {side} transition {k + 1}", (output - low) / step, code, 1e-6)
    if not data["sigma_lsb"]:
        return f"{len(v)} transitions are the LUT's to 1e-9 LSB"
    converters, beyond = _DRAWS // 10, 0.8413447460685429  # of a normal, below one sigma over its mean
    sample = _made(params, converters)
    for k, (edge, sigma) in enumerate(zip(edges.tolist(), _sigma_lsb(lut, data, v), strict=True)):
        if sigma == 0:  # it does not move, and where it is was looked at above
            continue
        passed = (sample.convert(np.full(converters, edge + sigma * step)) - low) / step > k + 0.5
        tolerance = 5 * math.sqrt(beyond * (1 - beyond) / converters)
        compare(f"converters past transition {k + 1} one sigma above it", float(passed.mean()), beyond, tolerance)
    return f"{len(v)} transitions are the LUT's to 1e-9 LSB, sigmas of {converters} converters within 5 standard errors"


def _sigma_lsb(lut: Lut, data: dict[str, Any], v: NDArray[np.float64]) -> list[float]:
    index = Index({"mismatch": lut.tables["mismatch"]})
    lsb = (v[-1] - v[0]) / (len(v) - 1)
    return [index.lookup({**data["at"], "transition": k + 1})["v_sigma"] / lsb for k in range(len(v))]


def _made(params: Any, outputs: int, **settings: bool) -> Any:
    """Return the converter of that many outputs as CrossSim makes it."""
    from simulator.circuits.adc.adc import ADC

    made = ADC(params.xbar.adc, params.xbar.dac, params.core, params.simulation).mvm
    for name, value in settings.items():
        setattr(made, name, value)
    made.set_limits(np.zeros((outputs, 1)))
    return made
