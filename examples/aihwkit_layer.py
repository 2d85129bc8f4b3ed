"""A ternary layer in IBM's aihwkit: with our memory's programming noise, and with our column's output noise.

python examples/aihwkit_layer.py [-o DIR]      (needs aihwkit; docs/export.md says how to install it)
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from aihwkit.nn import AnalogLinear

from bitline import content
from bitline.lut.lut import Lut

INPUTS, OUTPUTS, VECTORS = 64, 32, 2000


def exported(name: str, folder: Path) -> Any:
    """Export a shipped LUT and import the module that was written, as a user of the files would."""
    Lut.load(content.folder("luts") / name).export("aihwkit", folder / name)
    sys.path.insert(0, str(folder / name))
    return import_module(f"aihwkit_{name.replace('-', '_')}")


def trits(*shape: int) -> torch.Tensor:
    return torch.randint(-1, 2, shape).float()


def error(layer: AnalogLinear, weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return layer(x) - x @ weights.T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, help="keep the exports here")
    torch.manual_seed(1)
    weights, x = trits(OUTPUTS, INPUTS), trits(VECTORS, INPUTS)
    with tempfile.TemporaryDirectory() as scratch:
        folder = parser.parse_args().o or Path(scratch)
        cells, column = exported("nsnr-store", folder), exported("ternary-column", folder)

    layer = AnalogLinear(INPUTS, OUTPUTS, bias=False, rpu_config=cells.rpu_config()).eval()
    layer.set_weights(weights)
    layer.program_analog_weights()
    print(f"memory cells, programmed once: rms error of {INPUTS} products {error(layer, weights, x).std():.3f}")

    layer = AnalogLinear(INPUTS, OUTPUTS, bias=False, rpu_config=column.rpu_config()).eval()
    layer.set_weights(weights)
    tiles = len(list(layer.analog_tiles()))
    wrong = (error(layer, weights, x).abs() > 0.5).float().mean()
    print(f"column of {column.DATA['rows']} rows, {tiles} conversions a sum: {wrong:.1e} of the sums are wrong")
    noise = column.DATA["out_noise"]["total"]
    print(f"out_noise {noise:.4f} of one product, in steps of one: it is rounded away nearly always")


if __name__ == "__main__":
    main()
