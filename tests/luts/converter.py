"""A converter by formulas: transitions with errors, their spread and that of the steps.

No two numbers are equal or a power of ten apart, so that a slip of 10^3 or a swapped column is seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation

BITS, STEP, FIRST = 3, 0.0371, -0.1129  # of the converter: V
EDGE_ERROR = (0.0, 0.0011, -0.0007, 0.0013, 0.0017, -0.0019, 0.0)  # V
EDGE_SIGMA = (0.0, 0.0023, 0.0029, 0.0031, 0.0037, 0.0041, 0.0)  # V
STEP_SIGMA = (0.053, 0.059, 0.061, 0.067, 0.071, 0.073, np.nan)  # LSB
ENERGY = Energy("energy_total", "one made-up event", ("cell", "made_up_driver"), ("adc",), "made up")


def edges(corner: str = "tt") -> Any:
    """Return the transitions [V] of the made-up converter."""
    return FIRST + STEP * np.arange(2**BITS - 1) + np.array(EDGE_ERROR) * (1 if corner == "tt" else 2)


def make_sar_lut(name: str = "synthetic-sar") -> Lut:
    """Return a converter of three bits; transitions at two corners, their spread at one."""
    axes = ("corner", "transition")
    number = np.arange(1, 2**BITS)
    transitions = xr.Dataset(
        {"v": (axes, [edges("tt"), edges("ss")], {"unit": "V"})}, {"corner": ["tt", "ss"], "transition": number}
    )
    mismatch = xr.Dataset(
        {"v_sigma": (axes, [EDGE_SIGMA], {"unit": "V"}), "dnl_sigma": (axes, [STEP_SIGMA], {"unit": "LSB"})},
        {"corner": ["tt"], "transition": number},
    )
    energy = {"energy_total": ("v_diff", [2e-12, 3e-12], {"unit": "J"})}
    tables = {
        "nominal": xr.Dataset(energy, {"v_diff": [-0.1, 0.1]}),
        "transitions": transitions,
        "mismatch": mismatch,
    }
    return Lut(name, "sar-adc", tables, {}, Operation("one conversion", ENERGY, Choices(("v_diff",))))
