"""Ternary columns that are linear in each variable, so that gaps in their tables close exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, uniform_trits

ROWS = 8
MAC, EXTRA = np.arange(-ROWS, ROWS + 1), np.arange(ROWS // 2 + 1)
S0, S1, THERMAL = 0.2e-3, 0.9e-3, 0.4e-3
ENERGY = Energy("energy_total", "one cycle", (), (), "made up")
OPERATION = Operation("one MAC cycle", ENERGY, uniform_trits("mac", ROWS, pairs="extra", output="v_diff"))
THREE_ROWS, EXTRAS_OF_THREE = 3, (0, 1)


def v_diff(mac: np.ndarray, extra: np.ndarray, corner: str) -> np.ndarray:
    """A column whose steps shrink with the common fall, linear in each variable so that gaps close exactly."""
    return (12e-3 if corner == "ff" else 10e-3) * mac * (1 - 0.02 * extra)


def make_linear_ternary_lut(step: int = 1, extras: np.ndarray = EXTRA) -> Lut:
    corners = ["tt", "ff"]
    mac = np.arange(-ROWS, ROWS + 1, step)
    voltages = np.full((len(mac), len(extras), len(corners), 1), np.nan)
    for k, corner in enumerate(corners):
        voltages[..., k, 0] = v_diff(mac[:, None], extras, corner)
    n = np.abs(mac)[:, None] + 2 * extras
    voltages[n > ROWS] = np.nan
    coords = {"mac": mac, "extra": extras, "corner": corners, "vdd": [1.8]}
    sigma = np.sqrt(S0**2 + S1**2 * n)[..., None, None]
    sigma[n > ROWS] = np.nan
    few = {**coords, "corner": ["tt"], "mac": mac}
    tables = {
        "nominal": xr.Dataset(
            {"v_diff": (tuple(coords), voltages), "energy_total": (tuple(coords), 0 * voltages)}, coords
        ),
        "mismatch": xr.Dataset({"v_sigma": (tuple(coords), sigma)}, few),
        "noise": xr.Dataset(
            {"v_thermal": (("corner", "vdd"), [[THERMAL], [2 * THERMAL]])}, {"corner": corners, "vdd": [1.8]}
        ),
    }
    return Lut("ternary", "lab-ternary", tables, {}, OPERATION)


def make_three_row_lut() -> Lut:
    """Return a signed column: 10 mV a step and 0.5 mV at 0; each unlike number is another value."""
    mac = np.arange(-THREE_ROWS, THREE_ROWS + 1)
    extra = np.array(EXTRAS_OF_THREE)[:, None]
    axes = {"extra": ("extra", list(EXTRAS_OF_THREE), about("1")), "mac": ("mac", mac, about("1"))}
    mean = 10e-3 * mac + 0.5e-3 + 0 * extra
    sigma = 1e-3 * np.sqrt(1 + np.abs(mac) + 2 * extra)
    energy = 1e-15 * (np.abs(mac) + 2 * extra + 1)
    tables = {
        "mismatch": dataset(axes, v_mean=(mean, "V"), v_sigma=(sigma, "V")),
        "nominal": dataset(axes, energy_total=(energy, "J")),
        "noise": xr.Dataset({"v_thermal": ((), 0.3e-3, about("V")), "v_discharge": ((), 0.2e-3, about("V"))}),
    }
    products = uniform_trits("mac", THREE_ROWS, pairs="extra", output="v_diff")
    energy = Energy("energy_total", "one cycle", (), (), "made up")
    return Lut("made", "lab-ternary", tables, {}, Operation("one MAC cycle", energy, products))


def dataset(axes: dict[str, Any], **variables: Any) -> xr.Dataset:
    return xr.Dataset({n: (tuple(axes), v, about(unit)) for n, (v, unit) in variables.items()}, axes)


def about(unit: str) -> dict[str, str]:
    return {"unit": unit, "doc": "made up"}
