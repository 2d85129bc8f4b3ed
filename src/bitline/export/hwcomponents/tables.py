"""What a component knows besides the LUT: what it contains, its defaults, what is not characterised."""

from __future__ import annotations

from typing import Any

from bitline.errors import InputError
from bitline.export.characterised import cautions
from bitline.export.parts import parts
from bitline.export.readme import energy_scope
from bitline.lut.lookup import span
from bitline.lut.lut import Lut
from bitline.system.measured_operation import HOLD, MeasuredOperation

NODES = {"sky130": 130e-9}
"""Technology node of each PDK [m]."""

_PRIORITY = 0.9  # a simulated table goes before a model by formula of the same name


def node_of(lut: Lut, asked: float | None) -> float:
    """Return the technology node [m] of the LUT's PDK; `asked` is for a PDK that is not in `NODES`."""
    pdk = str(lut.attrs.get("pdk", ""))
    known = NODES.get(pdk, asked)
    if known is None:
        raise InputError(f"tech_node = {asked}: must be given [m] (PDK {pdk or 'not stated'})")
    if asked not in (None, known):
        raise InputError(f"tech_node = {asked}: must be {known}, never scaled (PDK {pdk})")
    if not 0 < known < 1e-3:
        raise InputError(f"tech_node = {known}: must be in metres, for example 130e-9")
    return known


def component_facts(
    op: MeasuredOperation, *, names: list[str], node: float, area: float, leakage: float | None
) -> dict[str, Any]:
    """Return what the component knows besides the LUT: its file ``component.json``."""
    parameters = op.lut.attrs.get("parameters", {})
    # the table of an idle circuit, where the LUT has one, is looked up at the component's conditions
    leaks = leakage is None and op.characterises_leakage
    facts = {
        "lut": op.lut.name,
        "kind": op.lut.kind,
        "names": list(dict.fromkeys(name.lower() for name in names)),
        "priority": _PRIORITY,
        "event": op.event,
        "energy_scope": energy_scope(op.lut),
        "accelforge": parts(op.operation.energy),
        "tech_node": node,
        "rows": int(parameters.get("rows", op.macs)) or None,
        "macs": op.macs or None,
        "operands": list(op.operands),
        "operand_defaults": {axis: 0 for axis in op.operands[1:] if 0 in op.grids[axis] and op.macs},
        "activity": op.activity,
        "statistics": op.statistics,
        "conditions": op.conditions,
        "required": [axis for axis in op.condition_axes if axis not in op.conditions],
        "tables": [op.operation.table, HOLD[0]] if leaks else [op.operation.table],
        "cycle": op.cycle,
        "area": area,
        "leakage": None if leaks else leakage or 0.0,
    }
    return {**facts, "doc": "\n\n".join(_doc(op, facts))}


def _doc(op: MeasuredOperation, facts: dict[str, Any]) -> list[str]:
    """Return the component's documentation, a paragraph each."""
    lines = [
        f"{op.event[0].upper()}{op.event[1:]}, from the bitline LUT {op.lut.name} ({op.lut.kind}).",
        f"Energy scope: {facts['energy_scope']}.",
        f"Of AccelForge's components it {facts['accelforge']}.",
        f"Without operands the mean over {op.statistics}.",
        *cautions(op, facts["area"], facts["leakage"]),
        f"tech_node: {facts['tech_node']} m; any other is refused, nothing is scaled.",
    ]
    if facts["rows"]:
        lines.append(f"rows: {facts['rows']}; any other is refused. A cycle adds up {op.macs} products.")
    return [*lines, *(_axis_doc(op, axis) for axis in op.grids)]


def _axis_doc(op: MeasuredOperation, axis: str) -> str:
    """Return what an axis is, its range and unit, and a condition's default."""
    attrs = op.lut.tables[op.operation.table][axis].attrs
    tail = " (must be given)"
    if axis in op.operands:
        tail = ""
    elif axis in op.conditions:
        tail = f" (default {op.conditions[axis]})"
    words = [f"{axis}:", f"{attrs['doc']}," * bool(attrs["doc"]), span(op.grids[axis])]
    if attrs["unit"] not in ("", "1"):
        words.append(attrs["unit"])
    return " ".join(word for word in words if word) + tail
