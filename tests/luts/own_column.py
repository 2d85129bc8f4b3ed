"""A laboratory's own columns: names of circuit, axis, output and energy that bitline does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, Pins, uniform_bits

ROWS = 8
AT = {"corner": "tt", "vdd": 0.9, "temperature": 25.0}
ENERGY = Energy(
    "energy_mac",
    "one MAC cycle of the laboratory's column",
    ("word lines", "cells"),
    ("sense amplifier",),
    "supply integral",
    components={"row_drivers": "read word lines", "cells": "8T"},
    beyond=("the ADC",),
)


def table(variables: dict[str, tuple[tuple[str, ...], Any, str]], **more: list[Any]) -> xr.Dataset:
    """Return variables over these axes and one condition."""
    coords = {**{axis: [value] for axis, value in AT.items()}, **more}
    sizes = tuple(map(len, coords.values()))
    fields: dict[str, Any] = {}
    for name, (axes, values, unit) in variables.items():
        shape = [size if axis in axes else 1 for axis, size in zip(coords, sizes, strict=True)]
        array = np.broadcast_to(np.asarray(values, float).reshape(shape), sizes)
        fields[name] = (tuple(coords), array.copy(), {"unit": unit, "doc": f"the {name}"})
    return xr.Dataset(fields, coords)


def make_own_column_lut(**operation: Any) -> Lut:
    """Return an 8T column whose sum, output and energy have names of its own."""
    ones = np.arange(ROWS + 1)
    over = ("ones",)
    tables = {
        "nominal": table(
            {
                "v_rbl": (over, 0.9 - 0.03 * ones, "V"),
                "energy_mac": (over, 1e-15 * (7 + 3 * ones), "J"),
                "t_read": (over, 1e-9 + 1e-11 * ones, "s"),
            },
            ones=ones.tolist(),
        ),
        "mismatch": table(
            {"v_mean": (over, 0.9 - 0.03 * ones, "V"), "v_sigma": (over, 1e-3 * np.sqrt(ones), "V")},
            ones=ones.tolist(),
        ),
        "noise": table({"v_thermal": ((), 3e-4, "V")}),
    }
    pins = Pins("RWL", "rise of the read word lines", ("RBL",), "t_read", analog=True)
    own = Operation(
        "one MAC cycle of an 8T column",
        ENERGY,
        replace(uniform_bits("ones", ROWS), output="v_rbl"),
        cycle=4e-9,
        latency="t_read",
        pins=pins,
    )
    return Lut("lab", "lab-8t-column", tables, {"pdk": "sky130"}, replace(own, **operation))


def make_own_resistive_lut() -> Lut:
    """Return the same with the currents of its cells, 2 uA and 0.1 uA."""
    lut = make_own_column_lut()
    ones = np.arange(ROWS + 1)
    on = {"mixed": ROWS // 2, "weight": ROWS}
    currents = [[2e-6 * m + 1e-7 * cells * (ROWS - m) / ROWS for m in ones] for cells in on.values()]
    both, mixed = list(on), ["mixed"]
    nominal = {name: lut.tables["nominal"][name].values.ravel() for name in ("v_rbl", "energy_mac", "t_read")}
    units = {"v_rbl": "V", "energy_mac": "J", "t_read": "s"}
    tables = {
        **lut.tables,
        "nominal": table(
            {
                **{name: (("ones",), values, units[name]) for name, values in nominal.items()},
                "i_peak": (("zeros", "ones"), currents, "A"),
            },
            zeros=both,
            ones=ones.tolist(),
        ),
        "mismatch": table(
            {"v_mean": (("ones",), 0.01 + 0.03 * ones, "V"), "v_sigma": (("ones",), 1e-3 * np.sqrt(1 + ones), "V")},
            zeros=mixed,
            ones=ones.tolist(),
        ),
    }
    return replace(
        lut, kind="lab-resistive-column", tables=tables, attrs={"pdk": "sky130", "parameters": {"v_read": 0.1}}
    )
