"""Small LUTs of circuits with pins, by which a timer's files are tested."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation, Pins, Products, Success, uniform_bits, uniform_trits

OPERANDS: dict[str, dict[str, list[Any]]] = {
    "binary-sram-column": {"code": [0, 1, 2, 3, 4]},
    "ternary-column": {"extra": [0, 1, 2], "mac": [-4, -3, -2, -1, 0, 1, 2, 3, 4]},
    "sar-adc": {"v_diff": [-0.4, 0.0, 0.4]},
    "strongarm": {"v_diff": [1e-3], "v_common": [1.4]},
    "nvsram-trit": {"level": ["lrs", "mrs", "hrs"]},
}
ENERGY = Energy("energy_total", "one thing", ("cell",), ("adc */ } evil",), "made up")
DECISION = Energy("energy_decision", "one thing", ("cell",), ("adc */ } evil",), "made up")


def operation(
    pins: Pins, good: tuple[str, float], operands: Products | Choices | None, energy: Energy = ENERGY
) -> Operation:
    return Operation("one thing", energy, operands, success=Success(*good), pins=pins)


#: By the names of the made-up LUTs: what each shows to a timer.
OPERATIONS = {
    "binary-sram-column": operation(
        Pins("MAC", "begin of the input pulse", ("LINE",), "latency", analog=True),
        ("flips", 0.0),
        uniform_bits("code", 4),
    ),
    "ternary-column": operation(
        Pins("MAC", "begin of the input pulse", ("CBL", "CBLB"), "latency", analog=True),
        ("flips", 0.0),
        uniform_trits("mac", 4, pairs="extra", output="v_diff"),
    ),
    "sar-adc": operation(
        Pins("CONVERT", "end of sampling", ("D",), "t_conversion", ("INP", "INN"), width=5, setup=1.3e-9),
        ("resolved", 5.0),
        Choices(("v_diff",)),
    ),
    "strongarm": operation(
        Pins("CLK", "clock up", ("QP", "QN"), "latency", ("INP", "INN")), ("decision", 1.0), None, DECISION
    ),
    "nvsram-trit": operation(
        Pins("RESTORE", "begin of INIT", ("T",), "latency", width=2), ("correct", 1.0), Choices(("level",))
    ),
}
CONDITIONS = {"corner": ["tt", "ss"], "vdd": [1.62, 1.8], "temperature": [-40.0, 27.0]}
AT = {"corner": "ss", "vdd": 1.62, "temperature": -40.0}


def possible(kind: str, **operand: Any) -> bool:
    return kind != "ternary-column" or abs(operand["mac"]) + 2 * operand["extra"] <= 4


def made(kind: str, good: float | None = None, axes: dict[str, list[Any]] | None = None) -> Lut:
    """Return a LUT in which no two delays or energies are equal, far from one another in scale."""
    operation, grid = OPERATIONS[kind], {**OPERANDS[kind], **(axes or CONDITIONS)}
    assert operation.pins is not None
    assert operation.success is not None
    delay, total, success = operation.pins.delay, operation.energy.variable, operation.success
    shape = tuple(map(len, grid.values()))
    size = math.prod(shape)
    latency = (3.7e-10 * 1.013 ** np.arange(size)).reshape(shape)
    energy = (5.3e-14 * 1.0171 ** np.arange(size)).reshape(shape)
    for place, point in zip(np.ndindex(*shape), product(*grid.values()), strict=True):
        if not possible(kind, **dict(zip(grid, point, strict=True))):
            latency[place] = energy[place] = np.nan
    units = {delay: "s", total: "J", success.variable: "1"}
    values = {
        delay: latency,
        total: energy,
        success.variable: np.full(shape, success.value if good is None else good),
    }
    variables = {
        name: (tuple(grid), value, {"unit": units[name], "doc": f"the {name}"}) for name, value in values.items()
    }
    coords = {axis: (axis, values, {"unit": "1", "doc": ""}) for axis, values in grid.items()}
    tables = {"nominal": xr.Dataset(variables, coords)}
    if kind == "nvsram-trit":
        leak = (1.1e-11 * 1.07 ** np.arange(size)).reshape(shape)
        tables["hold"] = xr.Dataset({"p_leak": (tuple(grid), leak, {"unit": "W", "doc": ""})}, coords)
    return Lut(f"made-{kind}", kind, tables, {}, operation)


def numbers(lut: Lut, variable: str, at: dict[str, Any]) -> Any:
    """Return a variable at a condition over the operands that exist."""
    return lut.tables["nominal"][variable].sel(**at).to_series().dropna()


def mean_energy(lut: Lut, at: dict[str, Any]) -> float:
    """Return the mean by the definition: each operand with its probability."""
    energy = numbers(lut, OPERATIONS[lut.kind].energy.variable, at)
    if lut.kind == "binary-sram-column":
        return float(sum(math.comb(4, m) * 0.25**m * 0.75 ** (4 - m) * e for m, e in energy.items()))
    if lut.kind == "ternary-column":  # k of 4 products of uniform trits are not 0, with probability 4/9 each
        of = {k: [e for (extra, mac), e in energy.items() if abs(mac) + 2 * extra == k] for k in range(5)}
        return float(sum(math.comb(4, k) * (4 / 9) ** k * (5 / 9) ** (4 - k) * np.mean(e) for k, e in of.items()))
    return float(energy.mean())
