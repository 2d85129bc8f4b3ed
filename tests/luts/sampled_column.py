"""A column with the shipped ones' axes, whose spread is drawn: what plots of sampled numbers are tested by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, Products

ROWS = 64
SAMPLES = 200
SIGMA_CELL = 1.1e-3
CORNER_LSB = {"tt": 14e-3, "ss": 9e-3, "ff": 19e-3}


def variable(dims: tuple[str, ...], values: Any, unit: str) -> tuple[tuple[str, ...], Any, dict[str, str]]:
    return dims, values, {"unit": unit, "doc": "made up"}


def coordinates(**grids: Any) -> dict[str, Any]:
    units = {"vdd": "V", "temperature": "degC"}
    return {name: ((name,), grid, {"unit": units.get(name, ""), "doc": name}) for name, grid in grids.items()}


def make_nominal(codes: np.ndarray) -> xr.Dataset:
    """A compressive discharge: V = VDD - lsb m / (1 + alpha m)."""
    dims = ("code", "corner", "vdd", "temperature")
    corners, vdds, temperatures = list(CORNER_LSB), [1.62, 1.8, 1.98], [-40.0, 27.0, 125.0]
    m, lsb, vdd, temp = np.meshgrid(codes, list(CORNER_LSB.values()), vdds, temperatures, indexing="ij")
    swing = lsb * (vdd / 1.8) * (1 - 1e-3 * (temp - 27)) * m / (1 + 0.004 * m)
    step = (swing[-1:] - swing[:1]) / (codes[-1] - codes[0])
    inl = (swing - swing[:1] - step * m) / step
    dnl = np.concatenate([np.diff(swing, axis=0) / step / np.diff(codes)[:, None, None, None] - 1, step * np.nan])
    parts = {
        "array": 0.2e-12 * swing * vdd + 20e-15,
        "precharge": 0.3e-12 * swing * vdd + 35e-15,
        "wordline": 1.1e-15 * m * vdd**2,
        "control": 0 * m + 8e-15,
    }
    variables = {
        "v_line": (vdd - swing, "V"),
        "swing": (swing, "V"),
        "inl": (inl, "LSB"),
        "dnl": (dnl, "LSB"),
    }
    variables |= {f"energy_{name}": (part, "J") for name, part in parts.items()}
    variables |= {"energy_total": (sum(parts.values()), "J"), "n_ok": (np.ones_like(m, dtype=int), "")}
    return xr.Dataset(
        {name: variable(dims, values, unit) for name, (values, unit) in variables.items()},
        coords=coordinates(code=codes, corner=corners, vdd=vdds, temperature=temperatures),
    )


def make_mismatch(nominal: xr.Dataset, codes: np.ndarray, law: Callable[[np.ndarray], np.ndarray]) -> xr.Dataset:
    """Sample `SAMPLES` line voltages per code and reduce them, at tt, 1.8 V, 27 degC."""
    at = nominal.sel(corner="tt", vdd=1.8, temperature=27.0)["v_line"].values
    rng = np.random.default_rng(7)
    voltages = at[:, None] + law(codes.astype(float))[:, None] * rng.standard_normal((len(codes), SAMPLES))
    sigma = voltages.std(axis=1, ddof=1)
    half = 1.96 / np.sqrt(2 * (SAMPLES - 1))
    values = {
        "v_mean": (voltages.mean(axis=1), "V"),
        "v_sigma": (sigma, "V"),
        "v_sigma_low": (sigma * (1 - half), "V"),
        "v_sigma_high": (sigma * (1 + half), "V"),
        "n_ok": (np.full(len(codes), SAMPLES), ""),
    }
    dims = ("code", "corner", "vdd", "temperature")
    return xr.Dataset(
        {name: variable(dims, v[:, None, None, None], unit) for name, (v, unit) in values.items()},
        coords=coordinates(code=codes, corner=["tt"], vdd=[1.8], temperature=[27.0]),
    )


def make_snr(corners: list[str], vdds: list[float]) -> xr.Dataset:
    dims = ("corner", "vdd", "temperature")
    offset = {"tt": 0.0, "ss": -2.2, "ff": 1.4}
    snr = np.array([[[24 + offset[c] + 6 * (v - 1.8) / 0.18 * 0.4] for v in vdds] for c in corners])
    values = {"snr_a": snr, "snr_a_low": snr - 0.5, "snr_a_high": snr + 0.6}
    return xr.Dataset(
        {name: variable(dims, v, "dB") for name, v in values.items()},
        coords=coordinates(corner=corners, vdd=vdds, temperature=[27.0]),
    )


def make_sampled_column_lut(kind: str = "acim-column-qs", *, sampled_snr: bool = True) -> Lut:
    codes = np.arange(0, ROWS + 1, 4)
    nominal = make_nominal(codes)

    def law(m: np.ndarray) -> np.ndarray:
        return SIGMA_CELL * np.sqrt(m * (1 - m / ROWS) if kind.endswith("-qr") else m)

    noise_dims = ("corner", "vdd", "temperature")
    noise = xr.Dataset(
        {"v_thermal": variable(noise_dims, np.full((3, 3, 3), 0.42e-3), "V")},
        coords={name: nominal[name] for name in noise_dims},
    )
    snr = make_snr(["tt", "ss", "ff"], [1.62, 1.8, 1.98]) if sampled_snr else make_snr(["tt"], [1.8])
    operation = Operation(
        event="one MAC cycle",
        energy=Energy("energy_total", "one MAC cycle", (), (), "made up"),
        operands=Products("code", ROWS, plus=0.25, sharing=kind.endswith("-qr")),
    )
    tables = {"nominal": nominal, "mismatch": make_mismatch(nominal, codes, law), "noise": noise, "snr": snr}
    return Lut(kind.replace("column-", ""), kind, tables, {"seed": 1}, operation)
