"""A column of unsigned products by formulas, with exactly the tables of the ACIM columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, uniform_bits
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.linearity import dnl, inl, straight_line
from bitline.statistics.snr import snr_a, to_db

CONDITIONS = {
    "corner": ("", "process corner"),
    "vdd": ("V", "supply voltage"),
    "temperature": ("degC", "temperature"),
}
SAMPLES = 200
UNITS = {
    "nominal": {
        "v_line": "V",
        "swing": "V",
        "inl": "LSB",
        "dnl": "LSB",
        "energy_array": "J",
        "energy_precharge": "J",
        "energy_wordline": "J",
        "energy_control": "J",
        "energy_total": "J",
        "disturb": "V",
        "flips": "",
        "n_ok": "",
        "n_failed": "",
    },
    "line": {"lsb": "V", "gain": "V", "alpha": "", "fit_rmse": "V"},
    "mismatch": {
        "v_mean": "V",
        "v_mean_se": "V",
        "v_sigma": "V",
        "v_sigma_low": "V",
        "v_sigma_high": "V",
        "flips": "",
        "n_ok": "",
        "n_failed": "",
    },
    "noise": {"v_thermal": "V"},
    "snr": {"snr_a": "dB", "snr_a_low": "dB", "snr_a_high": "dB"},
}
ATTRS = {"pdk": "sky130", "seed": 1}


ENERGY = Energy(
    "energy_total",
    event="one MAC cycle of one column",
    includes=("wl_driver", "precharge", "cell", "control"),
    excludes=("dac", "sense", "adc"),
    convention="supply integral over the whole cycle, state restored at its end",
    components={"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"},
    beyond=("the ADC",),
)
OPERATION = Operation("one MAC cycle of a column", ENERGY)


def make_column_lut(
    name: str = "synthetic-qs",
    codes: int = 17,
    corners: Sequence[str] = ("tt", "ss", "ff"),
    vdds: Sequence[float] = (1.62, 1.8, 1.98),
    temperatures: Sequence[float] = (-40.0, 27.0, 125.0),
) -> Lut:
    """Return a charge-summing column of compressive transfer; mismatch and SNR at one condition.

    V = vdd - gain m / (1 + alpha m), sigma^2 = (0.2 mV)^2 + m (1 mV)^2, thermal noise of 20 fF.
    """
    grid = {"corner": list(corners), "vdd": list(vdds), "temperature": list(temperatures)}
    middle = {"corner": grid["corner"][:1], "vdd": [vdds[len(vdds) // 2]]}
    middle["temperature"] = [temperatures[len(temperatures) // 2]]
    code = {"code": list(range(codes))}
    tables = {
        "nominal": _table("nominal", {**code, **grid}, _nominal),
        "line": _table("line", grid, _line, codes),
        "mismatch": _table("mismatch", {**code, **middle}, _mismatch),
        "noise": _table("noise", grid, _noise),
        "snr": _table("snr", middle, _snr, codes),
    }
    return Lut(name, "acim-column-qs", tables, ATTRS, replace(OPERATION, operands=uniform_bits("code", codes - 1)))


def transfer(m: Any, corner: str, vdd: float, temperature: float) -> Any:
    """Return the line voltage [V] at code m."""
    gain, alpha = _shape(corner, vdd, temperature)
    return vdd - gain * m / (1 + alpha * m)


def _shape(corner: str, vdd: float, temperature: float) -> tuple[float, float]:
    strength = {"ss": 0.8, "ff": 1.2}.get(corner, 1.0)
    return 0.04 * strength * (vdd / 1.8) ** 1.3 * (1 - 5e-4 * (temperature - 27)), 0.02 * strength


def _table(name: str, axes: dict[str, Any], rows: Any, *arguments: Any) -> xr.Dataset:
    """Evaluate `rows` at every condition; it returns one value or one array over code each."""
    outer = {axis: values for axis, values in axes.items() if axis != "code"}
    inner = len(axes["code"]) if "code" in axes else None
    shape = tuple(map(len, outer.values()))
    arrays: dict[str, Any] = {}
    for index, point in zip(np.ndindex(*shape), product(*outer.values()), strict=True):
        for key, value in rows(*((inner,) if inner else arguments), *point).items():
            cells = np.asarray(value)
            full = (*cells.shape, *shape)
            arrays.setdefault(key, np.zeros(full, cells.dtype))[(..., *index)] = cells
    docs = {"code": ("", "MAC code"), **CONDITIONS}
    return xr.Dataset(
        {
            key: (tuple(axes), array, {"unit": UNITS[name][key], "doc": f"synthetic {key}"})
            for key, array in arrays.items()
        },
        {axis: (axis, values, dict(zip(("unit", "doc"), docs[axis], strict=True))) for axis, values in axes.items()},
    )


def _nominal(n: int, corner: str, vdd: float, temperature: float) -> dict[str, Any]:
    m = np.arange(n)
    v = transfer(m, corner, vdd, temperature)
    array, precharge = 20e-15 * vdd * (vdd - v), 5e-15 * vdd**2 * np.ones(n)
    wordline, control = 2e-15 * vdd**2 * m, 1e-15 * vdd**2 * np.ones(n)
    return {
        "v_line": v,
        "swing": vdd - v,
        "inl": inl(v),
        "dnl": np.append(dnl(v), np.nan),
        "energy_array": array,
        "energy_precharge": precharge,
        "energy_wordline": wordline,
        "energy_control": control,
        "energy_total": array + precharge + wordline + control,
        "disturb": 0.001 * (m + 1.0),
        "flips": np.zeros(n, int),
        "n_ok": np.ones(n, int),
        "n_failed": np.zeros(n, int),
    }


def _line(n: int, corner: str, vdd: float, temperature: float) -> dict[str, Any]:
    gain, alpha = _shape(corner, vdd, temperature)
    lsb, _ = straight_line(transfer(np.arange(n), corner, vdd, temperature))
    return {"lsb": lsb, "gain": gain, "alpha": alpha, "fit_rmse": 1e-6}


def _sigma(n: int) -> Any:
    return np.sqrt(0.2e-3**2 + np.arange(n) * 1e-3**2)


def _mismatch(n: int, corner: str, vdd: float, temperature: float) -> dict[str, Any]:
    sigma = _sigma(n)
    return {
        "v_mean": transfer(np.arange(n), corner, vdd, temperature) + 0.1e-3,
        "v_mean_se": sigma / np.sqrt(SAMPLES),
        "v_sigma": sigma,
        "v_sigma_low": 0.911 * sigma,
        "v_sigma_high": 1.109 * sigma,
        "flips": np.zeros(n, int),
        "n_ok": np.full(n, SAMPLES),
        "n_failed": np.zeros(n, int),
    }


def _noise(corner: str, vdd: float, temperature: float) -> dict[str, Any]:
    return {"v_thermal": np.sqrt(1.380649e-23 * (temperature + 273.15) / 20e-15)}


def _snr(n: int, corner: str, vdd: float, temperature: float) -> dict[str, Any]:
    m, pmf = np.arange(n), binomial_pmf(n - 1, 0.25)
    v, sigma = transfer(m, corner, vdd, temperature), _sigma(n)
    thermal = float(_noise(corner, vdd, temperature)["v_thermal"])
    low, mid, high = (to_db(snr_a(m, v, k * sigma, thermal, pmf)) for k in (1.109, 1.0, 0.911))
    return {"snr_a": mid, "snr_a_low": low, "snr_a_high": high}
