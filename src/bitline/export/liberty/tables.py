"""What Liberty gets of a macro: numbers in its units, and sentences about them."""

from __future__ import annotations

import re
from typing import Any

from bitline.export.generated import identifier
from bitline.export.readme import energy_scope
from bitline.lut.lut import Lut
from bitline.system.macro import Macro

NS = 1e9
_PJ, _NW, _UM2, _PF = 1e12, 1e9, 1e12, 1e12


def cell_name(lut: Lut) -> str:
    """Return the LUT's name as an identifier of Liberty and Verilog."""
    return identifier(lut.name)


def values(lut: Lut, macro: Macro, options: dict[str, float]) -> dict[str, Any]:
    """Return what the template of a library names, besides the library's name and its delay."""
    pins, at = macro.pins, macro.condition
    corner = re.sub(r"[^A-Za-z0-9_]", "_", str(at["corner"]))
    leakage = options["leakage"] if macro.leakage is None else macro.leakage
    return {
        "cell": cell_name(lut),
        "conditions": f"{corner}_{_digits(at['vdd'])}V_{_digits(at['temperature'])}C",
        "vdd": float(at["vdd"]),
        "temperature": float(at["temperature"]),
        "width": pins.width,
        "start": pins.start,
        "inputs": pins.inputs,
        "outputs": pins.outputs,
        "analog": pins.analog,
        # 0 is "not characterised": such an attribute is left out
        "area": options["area"] * _UM2 or None,
        "leakage": leakage * _NW or None,
        "capacitance": options["capacitance"] * _PF,
        "energy": macro.energy * _PJ,
        "setup": None if pins.setup is None else pins.setup * NS,
    }


def _digits(value: float | str) -> str:
    """Return a number as a part of an identifier: n for a minus sign, p for the point."""
    return f"{float(value):g}".replace("-", "n").replace(".", "p")


def statements(lut: Lut, macro: Macro, options: dict[str, float]) -> list[str]:
    """Return what both the README and the library say of their numbers."""
    pins = macro.pins
    assert lut.operation is not None
    delay = lut.tables[lut.operation.table][pins.delay]
    lines = [
        f"{pins.start} rises: {pins.edge}. Delay: {delay.attrs['doc']}.",
        f"Delay: {macro.fastest!r} to {macro.slowest!r} s over the operands.",
        f"Energy of one operation: {macro.energy!r} J, mean over operands: {macro.operands}.",
        f"Energy over the operands: {macro.lowest!r} to {macro.highest!r} J.",
    ]
    if pins.setup is not None:
        lines.append(f"Setup of the analog inputs: {pins.setup!r} s, as characterised.")
    if macro.leakage is not None:
        lines.append(f"Leakage while idle: {macro.leakage!r} W, table hold, mean over operands.")
    else:
        lines.append(_option("Leakage", options["leakage"], "W"))
    pin = f"Capacitance of {pins.start}"
    return [*lines, _option("Area", options["area"], "m^2"), _option(pin, options["capacitance"], "F")]


def _option(what: str, value: float, unit: str) -> str:
    if not value:
        return f"{what}: not characterised."
    return f"{what}: {value!r} {unit}, given by whoever exported (assumed)."


def macro_facts(lut: Lut, macro: Macro, options: dict[str, float]) -> dict[str, Any]:
    """Return the same in SI units, for programs."""
    return {
        "lut": lut.name,
        "kind": lut.kind,
        "cell": cell_name(lut),
        "condition": macro.condition,
        "options": options,
        "start": macro.pins.start,
        "delay_slowest_s": macro.slowest,
        "delay_fastest_s": macro.fastest,
        "energy_j": macro.energy,
        "energy_lowest_j": macro.lowest,
        "energy_highest_j": macro.highest,
        "energy_operands": macro.operands,
        "energy_scope": energy_scope(lut),
        "setup_s": macro.pins.setup,
        "leakage_w": macro.leakage,
    }
