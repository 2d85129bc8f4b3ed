"""A ternary column by formulas: a bent and tilted mean, a spread and a noise that grow with activity.

No two numbers are equal or a power of ten apart, so that a slip of 10^3 or a swapped column is seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, uniform_trits

ROWS = 4
LSB, OFFSET, BEND, TILT = 0.031, 0.0017, 0.0007, 0.0013  # V
S_0, S_1, THERMAL, DISCHARGE = 0.0011, 0.0023, 0.00047, 0.00029  # V
ENERGY = Energy("energy_total", "one made-up event", ("cell", "made_up_driver"), ("adc",), "made up")


def ternary_mean(mac: Any, extra: Any) -> Any:
    """Return the mean output [V]: a cubic bend that the end-point line does not take out, and a tilt by extra."""
    return OFFSET + LSB * mac + BEND * mac * (mac**2 - ROWS**2) / ROWS**2 + TILT * extra * mac / ROWS


def make_ternary_lut(name: str = "synthetic-ternary") -> Lut:
    """Return a ternary column of four rows: v_mean, v_sigma over mac and extra, noise that grows with activity."""
    mac, extra = np.arange(-ROWS, ROWS + 1), np.arange(ROWS // 2 + 1)
    active = np.abs(mac)[:, None] + 2 * extra
    here = {"corner": ["tt"], "vdd": [1.8]}
    mean = np.where(active <= ROWS, ternary_mean(mac[:, None], extra), np.nan)
    sigma = np.where(active <= ROWS, np.sqrt(S_0**2 + S_1**2 * active), np.nan)
    axes = ("corner", "vdd", "mac", "extra")
    coords = {**here, "mac": mac, "extra": extra}
    fields = {"v_mean": (axes, mean[None, None], {"unit": "V"}), "v_sigma": (axes, sigma[None, None], {"unit": "V"})}
    values = {"v_thermal": THERMAL, "v_discharge": DISCHARGE}
    noise = {key: (("corner", "vdd"), [[value]], {"unit": "V"}) for key, value in values.items()}
    energy = {"energy_total": (axes, 1e-15 * (7.0 + active[None, None]), {"unit": "J"})}
    tables = {
        "nominal": xr.Dataset(energy, coords),
        "mismatch": xr.Dataset(fields, coords),
        "noise": xr.Dataset(noise, here),
    }
    products = uniform_trits("mac", ROWS, pairs="extra", output="v_diff")
    return Lut(name, "ternary-column", tables, {}, Operation("one MAC cycle of a pair of lines", ENERGY, products))
