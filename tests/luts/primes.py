"""Small LUTs of every kind that has an operation, whose numbers are distinct primes: a slip of any factor shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation, Pins, uniform_bits, uniform_trits

OPERANDS: dict[str, dict[str, list[Any]]] = {
    "acim-column-qs": {"code": [0, 1, 2, 3, 4]},
    "ternary-column": {"extra": [0, 1, 2], "mac": [-4, -3, -2, -1, 0, 1, 2, 3, 4]},
    "sar-adc": {"v_diff": [-0.2, 0.0, 0.3]},
    "nvsram-trit": {"level": ["lrs", "mrs", "hrs"]},
}
CONDITIONS: dict[str, list[Any]] = {"corner": ["tt", "ss"], "vdd": [1.62, 1.8, 1.98]}
ATTRS = {
    "pdk": "sky130",
}
TIMING = {
    "rows": 4,
    **dict.fromkeys(("t_precharge", "t_pulse", "t_settle", "t_restore"), 1e-09),
    **{"t_edge": 2e-10, "bits": 3, "t_sample": 1e-9, "t_hold": 1e-9, "t_evaluate": 1e-9},
}


_COLUMN = {"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"}


def _energy(components: dict[str, str], *beyond: str) -> Energy:
    return Energy("energy_total", "one made-up event", ("cell",), ("adc",), "made up", components, beyond)


def _pins(start: str, outputs: tuple[str, ...], delay: str = "latency", **others: Any) -> Pins:
    return Pins(start, "made-up edge", outputs, delay, **others)


#: An operation of each sort, with the kind that a LUT of it is called here.
OPERATIONS: dict[str, Operation] = {
    "acim-column-qs": Operation(
        "one MAC cycle of a column", _energy(_COLUMN, "the ADC"), uniform_bits("code", 4), cycle=4.6e-9
    ),
    "ternary-column": Operation(
        "one MAC cycle of a pair of lines",
        _energy(_COLUMN, "the ADC"),
        uniform_trits("mac", 4, pairs="extra", output="v_diff"),
        cycle=4.6e-9,
        pins=_pins("MAC", ("CBL", "CBLB"), analog=True),
    ),
    "sar-adc": Operation(
        "one conversion",
        _energy({"adc": "its sequencing estimated"}, "the reference buffer"),
        Choices(("v_diff",)),
        cycle=9.1e-9,
        latency="t_conversion",
        pins=_pins("CONVERT", ("D",), "t_conversion", inputs=("INP", "INN"), width=3, setup=1e-9),
    ),
    "nvsram-trit": Operation(
        "one restore of a trit from ReRAM into its latches",
        _energy({}),
        Choices(("level",)),
        latency="latency",
        pins=_pins("RESTORE", ("T",), width=2),
    ),
}


def prime_numbers() -> Iterator[int]:
    """Return 2, 3, 5, 7, ..."""
    primes: list[int] = []
    for n in count(2):
        if all(n % p for p in primes):
            primes.append(n)
            yield n


def prime_lut(kind: str, name: str = "prime-lut", **attrs: Any) -> Lut:
    """Return a LUT of that kind whose energies [J], times [s] and powers [W] are distinct primes.

    What a ternary column's rows do not allow is NaN. Monte Carlo ran at tt and 1.8 V.
    """
    grid = {**CONDITIONS, **OPERANDS[kind]}
    numbers = prime_numbers()

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
    return Lut(name, kind, tables, {**ATTRS, "parameters": TIMING, **attrs}, OPERATIONS[kind])
