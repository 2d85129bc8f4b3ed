"""Small LUTs made from formulas for the exporters to neural-network simulators: store, ternary column, converter.

Import it as ``from neural import make_store_lut``: pytest has ``tests`` on its path. No two numbers in
one of them are equal or a power of ten apart, so that a slip of 10^3 or a swapped column is seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation, uniform_trits

#: Powers of distinct primes: Ohm aimed at, and ln_mean and ln_sigma for verify on and off.
AIMED = {"lrs": 2.0**16, "mrs": 3.0**11, "hrs": 5.0**9}
LN_MEAN = {"on": (-1 / 7, -1 / 11, -1 / 13), "off": (1 / 17, 1 / 19, -1 / 23)}
LN_SIGMA = {"on": (1 / 29, 1 / 31, 1 / 8), "off": (1 / 37, 1 / 41, 1 / 9)}

ROWS = 4
LSB, OFFSET, BEND, TILT = 0.031, 0.0017, 0.0007, 0.0013  # V
S_0, S_1, THERMAL, DISCHARGE = 0.0011, 0.0023, 0.00047, 0.00029  # V
BITS, STEP, FIRST = 3, 0.0371, -0.1129  # of the converter: V
EDGE_ERROR = (0.0, 0.0011, -0.0007, 0.0013, 0.0017, -0.0019, 0.0)  # V
EDGE_SIGMA = (0.0, 0.0023, 0.0029, 0.0031, 0.0037, 0.0041, 0.0)  # V
STEP_SIGMA = (0.053, 0.059, 0.061, 0.067, 0.071, 0.073, np.nan)  # LSB


ENERGY = Energy("energy_total", "one made-up event", ("cell", "made_up_driver"), ("adc",), "made up")
CHOICE_OF_TARGET = Choices(("target",))


def make_store_lut(name: str = "synthetic-store") -> Lut:
    """Return a store LUT: placement of three levels with and without verify."""
    axes = ("verify", "target")
    placement = xr.Dataset(
        {
            "ln_mean": (axes, [LN_MEAN["on"], LN_MEAN["off"]], {"unit": "1"}),
            "ln_sigma": (axes, [LN_SIGMA["on"], LN_SIGMA["off"]], {"unit": "1"}),
        },
        {"verify": ["on", "off"], "target": list(AIMED)},
    )
    reram = {f"r_{level}": value for level, value in AIMED.items()}
    placement.attrs = {"resistance": AIMED}
    nominal = xr.Dataset({"energy": ("target", [2e-12, 3e-12, 5e-12], {"unit": "J"})}, {"target": list(AIMED)})
    tables = {"nominal": nominal, "placement": placement}
    operation = Operation("programming of one branch to a level", replace(ENERGY, variable="energy"), CHOICE_OF_TARGET)
    return Lut(name, "nsnr-cluster", tables, {"parameters": {"reram": reram}}, operation)


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
