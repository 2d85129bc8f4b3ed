"""CrossSim itself, where a clone is installed (it is in no index): the contract that the stub has to keep as well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crosssim_contract import CONTRACT, loaded

from bitline import content
from bitline.export.crosssim import EXPORTER as crosssim
from bitline.lut.lut import Lut

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def crosssim_or_skip(consumer: Callable[[str], Any]) -> None:
    consumer("simulator")
    np.random.seed(7)  # noqa: NPY002 - CrossSim draws from numpy's global generator


@pytest.mark.parametrize("holds", CONTRACT, ids=lambda holds: holds.__name__)
def test_contract(holds: Callable[[Path], None], tmp_path: Path) -> None:
    holds(tmp_path)


@pytest.mark.parametrize(
    "name", ["nsnr-store", "acim-qs", "acim-qr", "baseline-sram", "baseline-reram", "ternary-column", "sar-adc"]
)
def test_shipped_luts(name: str, tmp_path: Path) -> None:
    lut = Lut.load(content.folder("luts") / name)
    lut.export("crosssim", tmp_path)
    assert "the LUT's" in crosssim.check(lut, tmp_path)


def test_a_layer_is_split_into_columns(tmp_path: Path) -> None:
    from simulator import AnalogCore

    lut = Lut.load(content.folder("luts") / "ternary-column")
    params = loaded(lut, tmp_path).parameters()
    rng = np.random.default_rng(2)
    weights, inputs = rng.integers(-1, 2, (40, 64)).astype(float), rng.integers(-1, 2, (64, 500)).astype(float)
    core = AnalogCore(weights, params)
    assert core.Ncores == 4
    assert (core @ inputs == weights @ inputs).mean() > 0.99
    assert (core.matvec(inputs[:, 0]) == weights @ inputs[:, 0]).all()
    params.xbar.adc.mvm.bits = 0
    error = (AnalogCore(weights, params) @ inputs) - weights @ inputs
    assert 0.1 < error.std() < 0.3  # four columns of some 0.08 LSB


def test_input_bits_one_at_a_time(tmp_path: Path) -> None:
    from simulator import AnalogCore

    lut = Lut.load(content.folder("luts") / "acim-qr")
    params = loaded(lut, tmp_path).parameters()
    dac = {"model": "QuantizerDAC", "bits": 4, "signed": False, "input_bitslicing": True, "slice_size": 1}
    for side in ("mvm", "vmm"):
        getattr(params.xbar.dac, side).update(dac)
    params.xbar.adc.mvm.adc_per_ibit = True
    rng = np.random.default_rng(4)
    weights = rng.integers(0, 2, (30, 16)).astype(float)
    inputs = rng.integers(0, 16, (16, 200)) / 15
    read = AnalogCore(weights, params) @ inputs
    # 4 bits, one conversion each: sigma of 0.08 LSB is rounded away nearly always
    assert np.mean(np.abs(read - weights @ inputs) < 1e-5) > 0.99


def test_the_example(tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLES / "crosssim_column.py", "-o", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "4 conversions a sum" in done.stdout
    assert done.stdout.count("of the sums are wrong") == 2
    assert len(list(tmp_path.glob("*/README.md"))) == 3
