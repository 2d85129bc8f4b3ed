"""A ternary layer in Sandia's CrossSim: on our column, on our memory cells, and on our converter.

python examples/crosssim_column.py [-o DIR]      (needs CrossSim; docs/export.md says how to install it)
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from simulator import AnalogCore

from bitline import content
from bitline.lut.lut import Lut

INPUTS, OUTPUTS, VECTORS = 64, 32, 2000


def exported(name: str, folder: Path) -> Any:
    """Export a shipped LUT and import the module that was written: CrossSim then knows its class."""
    Lut.load(content.folder("luts") / name).export("crosssim", folder / name)
    sys.path.insert(0, str(folder / name))
    return import_module(f"crosssim_{name.replace('-', '_')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, help="keep the exports here")
    np.random.seed(1)  # noqa: NPY002 - CrossSim draws from numpy's global generator
    rng = np.random.default_rng(1)
    weights = rng.integers(-1, 2, (OUTPUTS, INPUTS)).astype(float)
    x = rng.integers(-1, 2, (INPUTS, VECTORS)).astype(float)
    exact = weights @ x
    with tempfile.TemporaryDirectory() as scratch:
        folder = parser.parse_args().o or Path(scratch)
        column, cells, adc = (exported(name, folder) for name in ("ternary-column", "nsnr-store", "sar-adc"))
        on_column, on_cells, on_adc = column.parameters(), cells.parameters(), adc.parameters()

    core = AnalogCore(weights, on_column)
    print(f"column: {core.Ncores} conversions a sum, {np.mean(core @ x != exact):.1e} of the sums are wrong")
    on_column.xbar.adc.mvm.bits = 0
    analog = (AnalogCore(weights, on_column) @ x) - exact
    print(f"        rms error before rounding {analog.std():.3f} of one product")
    print(f"cells:  rms error {((AnalogCore(weights, on_cells) @ x) - exact).std():.3f} of one product, no converter")
    on_adc.core.rows_max = 16
    read = AnalogCore(weights, on_adc) @ x
    print(f"ADC:    {np.mean(read != exact):.1e} of the sums are wrong with ideal columns and measured transitions")


if __name__ == "__main__":
    main()
