"""Tables that hold one energy and nothing else, over the operands of a column or a converter."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation, uniform_bits, uniform_trits

ROWS = 4
OPERANDS = {
    "ternary": uniform_trits("mac", ROWS, pairs="extra", output="v_diff"),
    "sram": uniform_bits("code", ROWS),
    "reram": uniform_bits("code", ROWS),
    "adc": Choices(("v_diff",)),
    "unit": Choices(("code_seed",)),
}


def make_energy_lut(kind: str, energy: Any, **axes: Any) -> Lut:
    coords = {name: ((name,), list(values), {"unit": "1", "doc": ""}) for name, values in axes.items()}
    grids = {"corner": ["tt"], "vdd": [1.8], "temperature": [27.0]}
    coords |= {name: ((name,), values, {"unit": "1", "doc": ""}) for name, values in grids.items()}
    values = np.asarray(energy, dtype=float)[..., None, None, None]
    variable = ((*axes, *grids), values, {"unit": "J", "doc": ""})
    table = xr.Dataset({"energy_total": variable}, coords)
    energy = Energy("energy_total", "one cycle", (), (), "made up")
    return Lut(kind, kind, {"nominal": table}, {}, Operation("one operation", energy, OPERANDS[kind]))


def make_trit_energy_lut(energy_of_activity: Any, extras: tuple[int, ...] = (0, 1, 2)) -> Lut:
    mac = np.arange(-ROWS, ROWS + 1)
    activity = np.abs(mac)[:, None] + 2 * np.array(extras)
    energy = np.where(activity <= ROWS, energy_of_activity(activity), np.nan)
    return make_energy_lut("ternary", energy, mac=mac, extra=extras)
