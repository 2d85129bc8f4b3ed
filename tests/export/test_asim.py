"""ASiM: arguments of a layer by boundary, and a product computed as ASiM does it by the documented equations."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bitline import content
from bitline.errors import ExportCheckError, InputError, LutFileError, SetupError
from bitline.export.asim import EXPORTER as asim
from bitline.export.asim.check import operands_of
from bitline.export.asim.tables import power_below
from bitline.lut.lut import Lut

ARGUMENTS = {
    *("wbit", "xbit", "nrow", "adc_prec", "rand_noise_sigma", "non_linear_sigma"),
    *("act_enc", "signed_act", "hybrid_levels"),
}
"""Of ``ASiMLinear``, as far as they are not the layer's own."""


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(content.folder("luts") / "hybrid-boundary")


def config(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "asim.json").read_text("utf-8"))
    return made


def product(layer: dict[str, Any], weights: np.ndarray, inputs: np.ndarray, seed: int = 1) -> np.ndarray:
    """Return what a bit-serial, unsigned layer computes, each pair of bits apart as a share of rows."""
    rng, rows, top = np.random.default_rng(seed), layer["nrow"], 2.0 ** layer["adc_prec"] - 1
    w, x = weights.astype(int), inputs.astype(int)
    total = np.zeros((len(x), w.shape[1]))
    for i in range(layer["wbit"]):
        for j in range(layer["xbit"]):
            share = (((x >> j) & 1) @ ((w >> i) & 1)) / rows
            if i + j <= layer["wbit"] + layer["xbit"] - layer["hybrid_levels"] - 2:
                share = np.clip(share + rng.standard_normal(share.shape) * layer["rand_noise_sigma"] / 100, 0, 1)
            sign = -1 if i == layer["wbit"] - 1 else 1
            total += sign * 2.0 ** (i + j) * np.rint(share * top) / top * rows
    return total


def test_the_arguments_are_those_of_a_layer(lut: Lut, tmp_path: Path) -> None:
    asim.write(lut, tmp_path)
    made = config(tmp_path)
    assert list(made["boundaries"]) == [str(boundary) for boundary in range(12)]
    for boundary, layer in made["boundaries"].items():
        assert set(layer) == ARGUMENTS
        assert (layer["wbit"], layer["xbit"], layer["nrow"], layer["signed_act"]) == (8, 8, 144, False)
        assert layer["hybrid_levels"] == 15 - int(boundary)
    assert made["boundaries"]["0"]["rand_noise_sigma"] == 0


@pytest.mark.parametrize("boundary", [3, 8, 11])
def test_levels_without_noise_are_the_digital_orders(boundary: int) -> None:
    """A pair of bits has noise in ASiM exactly if its order is below the boundary."""
    levels = 15 - boundary
    pairs = [(i, j) for i in range(8) for j in range(8)]
    noisy = {(i, j) for i, j in pairs if i + j <= 8 + 8 - levels - 2}
    assert noisy == {(i, j) for i, j in pairs if i + j < boundary}
    assert power_below(boundary) == sum(4 ** (i + j) for i, j in noisy)


@pytest.mark.parametrize("boundary", [4, 8, 10])
def test_the_noise_gives_the_error_of_the_table(boundary: int, lut: Lut, tmp_path: Path) -> None:
    asim.write(lut, tmp_path, operands="uniform", adc_range="full")
    layer = config(tmp_path)["boundaries"][str(boundary)]
    weights, inputs = operands_of(np.random.default_rng(3), 144)
    error = product(layer, weights, inputs) - inputs @ weights
    table = lut.tables["accuracy"].sel(boundary=boundary, adc_bits=4, adc_range="full", operands="uniform")
    table = table.sel(corner="tt", vdd=1.8)
    assert error.std() == pytest.approx(float(table["error_sigma"].squeeze()), rel=0.03)


def test_all_levels_digital_are_exact(lut: Lut, tmp_path: Path) -> None:
    asim.write(lut, tmp_path)
    weights, inputs = operands_of(np.random.default_rng(3), 144)
    error = product(config(tmp_path)["boundaries"]["0"], weights, inputs) - inputs @ weights
    assert abs(error).max() < 5


def test_what_the_table_does_not_have_is_refused(lut: Lut, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="adc_bits = 7: must be one of 3, 4, 5, 6"):
        asim.write(lut, tmp_path, adc_bits=7)
    with pytest.raises(InputError, match="operands = cnn: must be one of uniform, half-normal"):
        asim.write(lut, tmp_path, operands="cnn")
    column = Lut.load(content.folder("luts") / "acim-qr")
    with pytest.raises(InputError, match="cannot be written for asim"):
        asim.write(column, tmp_path)


def test_another_corner_has_its_own_noise(lut: Lut, tmp_path: Path) -> None:
    slow = {"corner": "ss", "vdd": 1.62}
    asim.write(lut, tmp_path, condition=slow)
    made = config(tmp_path)
    own = lut.tables["accuracy"]["error_sigma"].sel(
        slow | {"boundary": 9, "adc_bits": 4, "adc_range": "4sigma", "operands": "half-normal"}
    )
    assert made["bitline"]["condition"] == {**slow, "temperature": 27.0}
    assert made["bitline"]["errors"]["9"]["error_sigma"] == float(own.squeeze())
    with pytest.raises(InputError, match=r"condition vdd = 1\.7: must be one of 1\.62, 1\.8, 1\.98"):
        asim.write(lut, tmp_path, condition={"vdd": 1.7})
    with pytest.raises(InputError, match="unknown condition 'reads'"):
        asim.write(lut, tmp_path, condition={"reads": "shared"})


class Tensor:
    """As much of a tensor as the check uses."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def copy_(self, other: Tensor) -> None:
        self.values = other.values

    def numpy(self) -> np.ndarray:
        return self.values


def stub(monkeypatch: pytest.MonkeyPatch, spread: float) -> None:
    """Put a torch and an ASiM into place, whose noise is off by a factor."""

    class Layer:
        def __init__(self, rows: int, outputs: int, bias: bool, mode: str, **layer: Any) -> None:
            self.weight = Tensor(np.zeros((outputs, rows)))
            self.layer = {**layer, "rand_noise_sigma": spread * layer["rand_noise_sigma"]}
            assert (bias, mode) == (False, "Simulation")

        def __call__(self, inputs: Tensor) -> Tensor:
            return Tensor(product(self.layer, self.weight.values.T, inputs.values))

    class Context:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    torch = SimpleNamespace(
        manual_seed=lambda seed: None, no_grad=Context, float32=None, tensor=lambda values, dtype: Tensor(values)
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "module", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "module.asim_linear", SimpleNamespace(ASiMLinear=Layer))


def test_the_check_compares_errors(lut: Lut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asim.write(lut, tmp_path)
    stub(monkeypatch, 1.0)
    assert "within 15% of the LUT" in asim.check(lut, tmp_path)
    stub(monkeypatch, 1.3)
    with pytest.raises(ExportCheckError, match="boundary = 2: ASiM's error has a sigma of"):
        asim.check(lut, tmp_path)


def test_the_check_needs_asim_and_its_file(lut: Lut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LutFileError, match="not what the asim export writes"):
        asim.check(lut, tmp_path)
    asim.write(lut, tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SetupError, match="needs ASiM"):
        asim.check(lut, tmp_path)
