"""What `bitline export --check` does for ASiM: the error of its linear layer, against the LUT."""

from __future__ import annotations

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import ExportCheckError, LutFileError, SetupError
from bitline.export.asim.tables import layers, place
from bitline.export.asim.write import CONFIG
from bitline.lut.lut import Lut

OUTPUTS, VECTORS = 64, 256
FIRST = 2
"""Lowest boundary compared: below it the error is that of ASiM's single precision, about 1 of the product."""
WITHIN = 0.15
"""Clipping at no product, which takes noise away from small sums, is ASiM's own."""


def check(lut: Lut, folder: Path) -> str:
    """Compute a product at each boundary from 2 on in ASiM, and compare its error's spread with the LUT.

    Raises
    ------
    LutFileError
        If the file is missing or damaged.
    SetupError
        If ASiM's modules cannot be imported.
    ExportCheckError
        If a spread differs by more than 15 %.
    """
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text("utf-8"))
        facts, boundaries = config["bitline"], config["boundaries"]
        expected = layers(lut, facts["adc_bits"], facts["adc_range"], facts["operands"], place(lut, facts["condition"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LutFileError(f"{path}: not what the asim export writes: {error}") from None
    try:
        torch, module = import_module("torch"), import_module("module.asim_linear")
    except ImportError as error:
        raise SetupError(
            f"the check of an asim export needs ASiM (Keio-CSG/ASiM) and torch on the path ({error})"
        ) from None
    rng = np.random.default_rng(1)
    weights, inputs = operands_of(rng, boundaries["1"]["nrow"])
    for boundary, layer in boundaries.items():
        if int(boundary) < FIRST:
            continue
        excess = _product(torch, module, layer, weights, inputs) - inputs @ weights
        sigma = expected[int(boundary)].error_sigma
        if not math.isclose(float(excess.std()), sigma, rel_tol=WITHIN):
            raise ExportCheckError(
                f"boundary = {boundary}: ASiM's error has a sigma of {excess.std():g}, the LUT {sigma:g}"
            )
    return f"ASiM: spread of {OUTPUTS * VECTORS} products within {WITHIN:.0%} of the LUT at boundaries from {FIRST} on"


def operands_of(rng: np.random.Generator, rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights -127..127 and activations 0..255, both with their largest value, so that ASiM scales by 1."""
    weights = rng.integers(-127, 128, (rows, OUTPUTS)).astype(float)
    inputs = rng.integers(0, 256, (VECTORS, rows)).astype(float)
    weights[0, 0], inputs[0, 0] = 127, 255
    return weights, inputs


def _product(torch: Any, module: Any, layer: dict[str, Any], weights: Any, inputs: Any) -> NDArray[np.float64]:
    """Return the product of an ASiM layer, its scales taken out."""
    torch.manual_seed(1)
    made = module.ASiMLinear(len(weights), OUTPUTS, bias=False, mode="Simulation", **layer)
    with torch.no_grad():
        made.weight.copy_(torch.tensor(weights.T, dtype=torch.float32))
        # It divides by the largest weight and input, and multiplies by them again.
        output = made(torch.tensor(inputs, dtype=torch.float32))
    return np.asarray(output.numpy(), dtype=float)
