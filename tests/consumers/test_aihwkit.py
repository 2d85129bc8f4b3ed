"""aihwkit itself: what its tiles do with an export, against the LUT."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from luts.store import AIMED, LN_MEAN, LN_SIGMA, make_store_lut
from luts.ternary import ROWS, make_ternary_lut

from bitline import content
from bitline.errors import ExportCheckError
from bitline.export.aihwkit import EXPORTER as aihwkit
from bitline.export.generated import load_module
from bitline.lut.lut import Lut

EXAMPLES = Path(__file__).parents[2] / "examples"

DRAWS = 400_000


@pytest.fixture(autouse=True)
def torch(consumer: Callable[[str], Any]) -> Any:
    consumer("aihwkit")
    import torch

    torch.manual_seed(11)
    return torch


def loaded(lut: Lut, folder: Path, **options: Any) -> Any:
    return load_module(folder, aihwkit.write(lut, folder, **options)[0].stem)


def layer(config: Any, weights: Any) -> Any:
    from aihwkit.nn import AnalogLinear

    made = AnalogLinear(weights.shape[1], weights.shape[0], bias=False, rpu_config=config).eval()
    made.set_weights(weights)
    return made


def close(drawn: Any, mean: float, sigma: float) -> None:
    drawn = np.asarray(drawn, dtype=float)
    assert abs(drawn.mean() - mean) < 5 * sigma / math.sqrt(drawn.size)
    assert abs(drawn.std() / sigma - 1) < 5 / math.sqrt(2 * drawn.size)


def level(k: int) -> tuple[float, float]:
    """Return mean and sigma [uS] of a level of the made-up LUT, from the moments of a lognormal."""
    m, s = LN_MEAN["on"][k], LN_SIGMA["on"][k]
    mean = 1e6 * math.exp(-m + s**2 / 2) / list(AIMED.values())[k]
    return mean, mean * math.sqrt(math.exp(s**2) - 1)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_each_level_has_the_luts_mean_and_sigma(k: int, torch: Any, tmp_path: Path) -> None:
    model = loaded(make_store_lut(), tmp_path).rpu_config().noise_model
    mean, sigma = level(k)
    assert mean > 4 * sigma
    drawn = model.apply_programming_noise_to_conductance(torch.full((DRAWS,), mean))
    close(drawn.double(), mean, sigma)
    assert drawn.min() > 0


def test_outside_of_the_levels_and_later_is_refused(torch: Any, tmp_path: Path) -> None:
    module = loaded(make_store_lut(), tmp_path)
    model = module.rpu_config().noise_model
    for factor, k in ((1.01, 0), (0.99, 2)):
        with pytest.raises(ValueError, match="uS: levels are"):
            model.apply_programming_noise_to_conductance(torch.full((3,), level(k)[0] * factor))
    made = layer(module.rpu_config(), torch.eye(4))
    made.program_analog_weights()
    made.drift_analog_weights(0.0)
    with pytest.raises(ValueError, match="no drift data"):
        made.drift_analog_weights(3600.0)


def test_a_ternary_layer_with_identity_inputs(torch: Any, tmp_path: Path) -> None:
    size = 512  # one tile: each lays its own largest weight on the highest level
    weights = torch.zeros(size, size)
    weights[:, : size // 4], weights[:, size // 4 : size // 2] = 1.0, -1.0
    made = layer(loaded(make_store_lut(), tmp_path).rpu_config(), weights)
    made.program_analog_weights()
    read = made(torch.eye(size)).detach().numpy().T
    (g_lrs, s_lrs), _, (g_hrs, s_hrs) = (level(k) for k in range(3))
    span = g_lrs - g_hrs
    close(read[:, : size // 4], 1.0, math.hypot(s_lrs, s_hrs) / span)
    close(read[:, size // 4 : size // 2], -1.0, math.hypot(s_lrs, s_hrs) / span)
    close(read[:, size // 2 :], 0.0, math.sqrt(2) * s_hrs / span)  # hrs - hrs, noise in both
    again = made(torch.eye(size)).detach().numpy().T
    assert (again == read).all()  # programming error: the same at every pass


@pytest.mark.parametrize("unit", [(1.0, 1.0), (0.3, 7.0)])
def test_out_noise_range_and_steps(unit: tuple[float, float], torch: Any, tmp_path: Path) -> None:
    weight, logical = unit
    module = loaded(make_ternary_lut(), tmp_path, weight=weight, input=logical)
    sigma = module.DATA["out_noise"]["total"]
    config = module.rpu_config()
    inputs = logical * torch.eye(ROWS).repeat(DRAWS // ROWS, 1)
    read = layer(config, torch.full((1, ROWS), weight))(inputs).detach().double().numpy() / (weight * logical)
    assert np.abs(read - np.rint(read)).max() < 1e-5
    off = 2 * (1 - 0.5 * (1 + math.erf(0.5 / (sigma / (weight * logical)) / math.sqrt(2))))
    assert (np.rint(read) != 1).mean() == pytest.approx(off, rel=0.05, abs=2e-4)
    full = layer(config, torch.full((1, ROWS), weight))(torch.full((1000, ROWS), logical)).detach().numpy()
    assert full.max() == pytest.approx(ROWS * weight * logical, rel=1e-6)
    config.forward.out_res = config.forward.out_bound = -1.0
    read = layer(config, torch.full((1, ROWS), weight))(inputs).detach().double().numpy()
    close(read, weight * logical, sigma)


def test_a_layer_longer_than_the_column_is_split(torch: Any, tmp_path: Path) -> None:
    module = loaded(make_ternary_lut(), tmp_path)
    config = module.rpu_config()
    config.forward.out_res = config.forward.out_bound = -1.0
    made = layer(config, torch.ones(1, 4 * ROWS))
    assert len(list(made.analog_tiles())) == 4
    close(made(torch.ones(DRAWS, 4 * ROWS)).detach().double(), 4 * ROWS, 2 * module.DATA["out_noise"]["total"])


def test_one_level_of_noise_only(torch: Any, tmp_path: Path) -> None:
    from aihwkit.simulator.configs import InferenceRPUConfig, TorchInferenceRPUConfig

    cell = loaded(make_store_lut(), tmp_path / "cell")
    column = loaded(make_ternary_lut(), tmp_path / "column")
    with pytest.raises(ValueError, match="noise of cells besides the column's"):
        column.add_to(cell.rpu_config())
    with pytest.raises(ValueError, match="noise of a column besides that of the cells"):
        cell.add_to(column.rpu_config())
    with pytest.raises(ValueError, match=r"forward.out_noise = 0.06"):
        cell.add_to(TorchInferenceRPUConfig())  # aihwkit's own default has some
    for module in (cell, column):
        with pytest.raises(TypeError, match="must be a TorchInferenceRPUConfig"):
            module.add_to(InferenceRPUConfig())
    weights = torch.eye(ROWS)
    made = layer(column.rpu_config(), weights)
    made.program_analog_weights()
    assert made.get_weights()[0].numpy() == pytest.approx(weights.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    "name", ["nsnr-store", "acim-qs", "acim-qr", "baseline-sram", "baseline-reram", "ternary-column"]
)
def test_shipped_luts(name: str, tmp_path: Path) -> None:
    lut = Lut.load(content.folder("luts") / name)
    lut.export("aihwkit", tmp_path)
    assert "are the LUT's" in aihwkit.check(lut, tmp_path)


@pytest.mark.parametrize(
    ("lut", "table", "variable"),
    [
        (make_store_lut(), "placement", "ln_sigma"),
        (make_store_lut(), "placement", "ln_mean"),
        (make_ternary_lut(), "mismatch", "v_sigma"),
        (make_ternary_lut(), "mismatch", "v_mean"),
    ],
)
def test_the_check_can_fail(lut: Lut, table: str, variable: str, tmp_path: Path) -> None:
    aihwkit.write(lut, tmp_path)
    aihwkit.check(lut, tmp_path)
    moved = lut.tables[table].copy(deep=True)
    moved[variable] = 1.02 * moved[variable]
    moved[variable].attrs = lut.tables[table][variable].attrs
    with pytest.raises(ExportCheckError, match="the LUT has"):
        aihwkit.check(replace(lut, tables={**lut.tables, table: moved}), tmp_path)


def test_the_example(tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLES / "aihwkit_layer.py", "-o", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "rms error of 64 products 0.1" in done.stdout
    assert "4 conversions a sum" in done.stdout
    assert len(list(tmp_path.glob("*/README.md"))) == 2
