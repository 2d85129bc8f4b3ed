"""Small LUTs of every kind that has an operation, whose numbers are distinct primes: a slip of any factor shows.

Import it as ``from operation_luts import prime_lut``: pytest has ``tests`` on its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut

OPERANDS: dict[str, dict[str, list[Any]]] = {
    "acim-column-qs": {"code": [0, 1, 2, 3, 4]},
    "ternary-column": {"extra": [0, 1, 2], "mac": [-4, -3, -2, -1, 0, 1, 2, 3, 4]},
    "sar-adc": {"v_diff": [-0.2, 0.0, 0.3]},
    "nvsram-trit": {"level": ["lrs", "mrs", "hrs"]},
}
CONDITIONS: dict[str, list[Any]] = {"corner": ["tt", "ss"], "vdd": [1.62, 1.8, 1.98]}
ATTRS = {
    "pdk": "sky130",
    "operand_statistics": "code ~ Binomial(4, 0.25)",
    "energy_event": "one made-up event",
    "energy_includes": ["cell"],
    "energy_excludes": ["adc"],
}
TIMING = {
    "rows": 4,
    **dict.fromkeys(("t_precharge", "t_pulse", "t_settle", "t_restore"), 1e-09),
    **{"t_edge": 2e-10, "bits": 3, "t_sample": 1e-9, "t_hold": 1e-9, "t_evaluate": 1e-9},
}


def primes() -> Iterator[int]:
    """Return 2, 3, 5, 7, ..."""
    found: list[int] = []
    for n in count(2):
        if all(n % p for p in found):
            found.append(n)
            yield n


def prime_lut(kind: str, name: str = "prime-lut", **attrs: Any) -> Lut:
    """Return a LUT of that kind whose energies [J], times [s] and powers [W] are distinct primes.

    What a ternary column's rows do not allow is NaN. Monte Carlo ran at tt and 1.8 V.
    """
    grid = {**CONDITIONS, **OPERANDS[kind]}
    numbers = primes()

    def table(names: dict[str, str], axes: dict[str, list[Any]]) -> xr.Dataset:
        shape = [len(values) for values in axes.values()]
        variables = {
            key: (tuple(axes), np.array([next(numbers) for _ in range(np.prod(shape))], float).reshape(shape))
            for key in names
        }
        made = xr.Dataset(variables, axes)
        for key, unit in {**names, "vdd": "V"}.items():
            made[key].attrs = {"unit": unit, "doc": f"made-up {key}"}
        return made

    nominal = table({"energy_total": "J", "latency": "s", "t_conversion": "s"}, grid)
    if "extra" in grid:
        nominal = nominal.where(abs(nominal["mac"]) + 2 * nominal["extra"] <= 4)
    tables = {"nominal": nominal, "mismatch": table({"v_sigma": "V"}, {"corner": ["tt"], "vdd": [1.8]})}
    if kind == "nvsram-trit":
        tables["hold"] = table({"p_leak": "W"}, grid)
    return Lut(name, kind, tables, {**ATTRS, "parameters": TIMING, **attrs})
