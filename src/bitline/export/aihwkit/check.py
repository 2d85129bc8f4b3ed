"""What `bitline export --check` does for aihwkit: layers with the exported configuration, against the LUT."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from bitline.errors import SetupError
from bitline.export.aihwkit.tables import sigmas
from bitline.export.generated import compare, compare_draws, load_module, module_name, read_data
from bitline.export.levels import levels_of
from bitline.lut.lut import Lut
from bitline.system.measured_column import measured_column

_DRAWS = 400_000


def check(lut: Lut, folder: Path) -> str:
    """Load what `bitline.export.aihwkit.write` wrote in aihwkit, draw from it, and compare with the LUT.

    Raises
    ------
    SetupError
        If aihwkit cannot be imported.
    ExportCheckError
        If the module does not run, or its statistics are not the LUT's within five standard errors.
    """
    try:
        import torch
        from aihwkit import version
    except ImportError as error:
        raise SetupError(
            f"aihwkit cannot be imported ({error}): pip install torch==2.13.0, pip install --no-deps aihwkit==1.1.0, "
            "then numpy scipy requests tqdm"
        ) from error
    name = module_name("aihwkit", lut)
    data, module = read_data(folder, name), load_module(folder, name)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        if data["noise_level"] == "cell":
            return f"aihwkit {version.__version__}: {_check_cell(lut, data, module)}"
        return f"aihwkit {version.__version__}: {_check_column(lut, data, module)}"


def _check_cell(lut: Lut, data: dict[str, Any], module: Any) -> str:
    import torch
    from aihwkit.nn import AnalogLinear

    levels = levels_of(lut, data["condition"])
    config = module.rpu_config()
    for name, mean, sigma in zip(levels.names, levels.conductance * 1e6, levels.sigma * 1e6, strict=True):
        compare(f"{name} [uS]", data["g_mean_us"][levels.names.index(name)], float(mean), 1e-9 * float(mean))
        # programming noise is drawn per conductance: one tensor holds as many programmings as it has elements
        target = torch.full((_DRAWS,), float(mean), dtype=torch.float64)
        draws = config.noise_model.apply_programming_noise_to_conductance(target).numpy()
        compare_draws(f"{name} [uS]", draws, float(mean), float(sigma))
    layer = AnalogLinear(512, 512, bias=False, rpu_config=config).eval()
    weights = torch.zeros(512, 512)
    weights[0, 0] = 1.0  # one weight of 1 sets the scale, all others are lowest level minus lowest
    layer.set_weights(weights)
    layer.program_analog_weights()
    zeros = layer(torch.eye(512)).numpy().astype(float).ravel()[1:]
    span = (levels.conductance[0] - levels.conductance[-1]) / levels.sigma[-1]
    compare_draws("a weight of 0 in a layer", zeros, 0.0, float(math.sqrt(2) / span))
    what = f"{len(levels.names)} levels and the ternary zero of a layer, {_DRAWS} draws each,"
    return f"{what} are the LUT's within 5 standard errors"


def _check_column(lut: Lut, data: dict[str, Any], module: Any) -> str:
    import torch
    from aihwkit.nn import AnalogLinear

    column = measured_column(lut, data["condition"], data["line"])
    rows, one, logical = column.rows, data["weight"], data["input"]
    sigma = column.rms(sigmas(column)[data["noise"]]) * one * logical
    config = module.rpu_config()
    layer = AnalogLinear(rows, 1, bias=False, rpu_config=config).eval()
    layer.set_weights(torch.full((1, rows), one))
    steps = layer(torch.full((_DRAWS // 100, rows), logical)).numpy().astype(float) / (one * logical)
    compare("largest output [MAC LSB]", float(steps.max()), float(rows), 1e-5 * rows)
    # rounding to the output's steps is part of what was exported
    compare("off the output's grid [MAC LSB]", float(np.abs(steps - steps.round()).max()), 0.0, 1e-5 * rows)
    # without rounding and range (-1 in aihwkit) the noise is seen as it is drawn
    config.forward.out_res = config.forward.out_bound = -1.0
    layer = AnalogLinear(rows, 1, bias=False, rpu_config=config).eval()
    layer.set_weights(torch.full((1, rows), one))
    for active in (0, 1, rows):
        inputs = torch.zeros(_DRAWS, rows)
        inputs[:, :active] = logical
        draws = layer(inputs).numpy().astype(float).ravel()
        compare_draws(f"output of {active} active cells", draws, active * one * logical, sigma)
    return f"range, steps and out_noise = {sigma:.6g} of {_DRAWS} outputs are the LUT's within 5 standard errors"
