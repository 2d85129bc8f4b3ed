"""A resistive column that adds the currents of independent cells, two levels of them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, uniform_bits

ABOUT = {"unit": "1", "doc": "made up"}
I_LRS, I_HRS, N = 2.3e-6, 0.17e-6, 8
S_LRS, S_HRS, V_PER_A = 0.19e-6, 0.013e-6, 2.9e4


def make_current_lut() -> Lut:
    """Return a column of N independent cells; at vdd 1.62 all currents are 0.7 of those at 1.8."""
    on = {"mixed": N // 2, "weight": N, "input": 0}  # cells in HRS whose input is on, at code 0
    codes, supplies = np.arange(N + 1), {1.62: 0.7, 1.8: 1.0}
    nominal = np.array(
        [
            [[scale * (m * I_LRS + k * (N - m) / N * I_HRS) for m in codes] for k in on.values()]
            for scale in supplies.values()
        ]
    )
    var = codes * S_LRS**2 + on["mixed"] * (N - codes) / N * S_HRS**2
    grid = {
        "vdd": ("vdd", list(supplies), {"unit": "V", "doc": ""}),
        "zeros": ("zeros", list(on), ABOUT),
        "code": ("code", codes, ABOUT),
    }
    drawn = {**grid, "vdd": ("vdd", [1.8], ABOUT), "zeros": ("zeros", ["mixed"], ABOUT)}
    mean = nominal[1, 0] * V_PER_A
    tables = {
        "nominal": xr.Dataset(
            {
                "i_peak": (tuple(grid), nominal, {"unit": "A", "doc": ""}),
                "v_line": (tuple(grid), nominal * V_PER_A, {"unit": "V", "doc": ""}),
                "energy_total": (tuple(grid), nominal * 1e-9, {"unit": "J", "doc": ""}),
            },
            grid,
        ),
        "mismatch": xr.Dataset(
            {
                "v_mean": (tuple(grid), mean[None, None], {"unit": "V", "doc": ""}),
                "v_sigma": (tuple(grid), np.sqrt(var)[None, None] * V_PER_A, {"unit": "V", "doc": ""}),
            },
            drawn,
        ),
    }
    energy = Energy("energy_total", "a cycle", ("cell",), ("adc",), "made up")
    operation = Operation("a cycle", energy, uniform_bits("code", N))
    return Lut("made-column", "reram-column", tables, {"parameters": {"v_read": 0.2}}, operation)
