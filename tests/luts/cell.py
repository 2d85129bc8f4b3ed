"""A cell's LUT made from formulas, shaped as its benches reduce it."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from luts.restore import dataset

CORNERS = ("tt", "ss", "ff")
PLACE: dict[str, Any] = {"corner": CORNERS, "vdd": (1.62, 1.8, 1.98), "temperature": (-40.0, 27.0, 125.0)}
PATHS = ("i_leak", "i_access_blb", "i_pull_down", "i_pull_up", "i_junction")


def table(outputs: dict[str, str], **axes: tuple[Any, ...]) -> xr.Dataset:
    """Return a table whose values differ everywhere: the place's number in steps of a hundredth."""
    shape = tuple(map(len, axes.values()))
    values = 1 + np.arange(np.prod(shape)).reshape(shape) / 100
    return dataset({name: ((k + 1) * values, unit) for k, (name, unit) in enumerate(outputs.items())}, **axes)


def make_cell_lut() -> Lut:
    bits = {"stored": (0, 1)}
    loads = {"c_line": (1e-14, 1e-13), "t_pulse": (3e-10, 2e-9)}
    cycle: dict[str, Any] = {"ports": ("digital", "analog", "both"), "rows": ("same", "different")}
    cycle |= {"stored_a": (0, 1), "stored_b": (0, 1)}
    two_port = table({"energy_total": "J", "disturb_a": "V"}, **cycle, **loads, **PLACE)
    mean = table({"disturb_a_mean": "V", "disturb_a_mean_se": "V"}, **cycle)
    tables = {
        "snm": table({"snm": "V"}, access=("none", "digital", "analog", "both"), **PLACE),
        "write_margin": table(
            {"write_margin": "V"}, method=("bit-line", "word-line"), ports=cycle["ports"], **bits, **PLACE
        ),
        "leakage": table(dict.fromkeys(PATHS, "A"), lines=("high", "low"), **bits, **PLACE),
        "retention": table({"drv": "V"}, lines=("high", "low"), **PLACE),
        "read": table({"t_read": "s", "disturb": "V"}, port=("left", "right"), **bits, **loads, **PLACE),
        "write": table({"t_flip": "s"}, ports=cycle["ports"], **bits, **loads, **PLACE),
        "two_port": two_port,
        "two_port_mismatch": mean,
    }
    return Lut("sram-cell", "my-cell", tables, {})
