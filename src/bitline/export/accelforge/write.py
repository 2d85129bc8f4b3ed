"""AccelForge: ``arch.yaml``, literal energy, throughput, area and leakage at one condition.

What is counted: a ``!Compute`` once per MAC, so a column's is a cycle's energy over its products; a
``!Toll`` once per value that passes, which is a conversion for each output of a column, and a restore for
each trit that is brought into the latches. For the whole grid in one component there is `hwcomponents`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitline.export.accelforge.tables import MATMUL, breakdown, depth, family, per_instance, rows
from bitline.export.characterised import cautions, sizes
from bitline.export.generated import identifier, module_name
from bitline.export.parts import parts
from bitline.export.readme import energy_scope, listed, write_readme
from bitline.lut.lut import Lut
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation
from bitline.templates import environment

FACTS = "accelforge.json"
ARCH, WORKLOAD = "arch.yaml", "workload.yaml"
_LEFT_OUT = """
- Every other condition, and how energy depends on operands: the `hwcomponents` export has the whole grid.
- Accuracy: AccelForge has no field for it.
- How reliable a restore is: it stays in the LUT.
- Memories and the rest of the system: they are free placeholders here, for you to replace.
"""


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    activity: float | None = None,
    area: float = 0.0,
    leakage: float | None = None,
) -> list[Path]:
    """Write ``arch.yaml``, a small ``workload.yaml``, ``accelforge.json`` (the same facts) and ``README.md``.

    Parameters
    ----------
    lut : Lut
        Whose operation states its operands.
    folder : Path
    condition : mapping, optional
        Value of each axis but the operands'; see `measured_operation` for what may be left out.
    activity : float, optional
        Probability that a product is not 0, see `measured_operation`.
    area : float
        Of the whole circuit, a column with all its rows [m2]: no LUT has it.
    leakage : float, optional
        Leakage power of the whole circuit [W]. By default that of table ``hold`` where there is one, else 0.

    Raises
    ------
    InputError
        If the LUT has no such operation, a condition is missing, outside the grid or without a value, or an
        option is wrong.
    StorageError
        If the folder cannot be written.
    """
    sizes(area, leakage)
    op = measured_operation(lut, condition, activity)
    # literals hold at one condition: every axis must have a value
    op.complete()
    facts = _facts(op, area, leakage)
    values = {
        **facts,
        "place": listed(op.conditions) or "the LUT's only condition",
        "cautions": cautions(op, area, leakage),
    }
    ranks = {"m": MATMUL["M"], "n": MATMUL["N"], "k": depth(op)}
    (folder / ARCH).write_text(_render(f"{ARCH}.j2", {k: _plain(v) for k, v in values.items()}), encoding="utf-8")
    (folder / WORKLOAD).write_text(_render(f"{WORKLOAD}.j2", ranks), encoding="utf-8")
    text = json.dumps({**facts, "throughput": _finite(facts["throughput"])}, indent=2, ensure_ascii=False)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")
    _readme(folder, op, facts, values)
    return [folder / name for name in (ARCH, WORKLOAD, FACTS, "README.md")]


def _facts(op: MeasuredOperation, area: float, leakage: float | None) -> dict[str, Any]:
    return {
        "title": op.event[0].upper() + op.event[1:],
        "lut": op.lut.name,
        "kind": op.lut.kind,
        "node": identifier(module_name("", op.lut).removeprefix("_")),
        "family": family(op),
        "condition": op.conditions,
        "activity": op.activity,
        "statistics": op.statistics,
        "macs": op.macs,
        "rows": rows(op),
        "breakdown": breakdown(op),
        **per_instance(op, area, leakage),
        "options": {"area": area, "leakage": leakage},
        "energy_scope": energy_scope(op.lut),
        "parts": parts(op.operation.energy),
    }


def _render(template: str, values: dict[str, Any]) -> str:
    return environment().get_template(f"exports/accelforge/{template}").render(values)


def _plain(value: Any) -> Any:
    """Return text that stays a comment: one line, and nothing that AccelForge's Jinja would read."""
    if isinstance(value, str):
        return " ".join(value.split()).replace("{", "(").replace("}", ")")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _finite(value)


def _finite(value: Any) -> Any:
    """Return "inf", which both YAML and JSON readers take, for an infinite number."""
    if value == float("inf"):
        return "inf"
    return value


def _readme(folder: Path, op: MeasuredOperation, facts: dict[str, Any], values: dict[str, Any]) -> None:
    action, cycle = op.event, []
    if op.macs:
        action, cycle = "a MAC", [f"A cycle of the column, {op.macs} products, takes {facts['operation']!r} J"]
    write_readme(
        folder,
        op.lut,
        title=f"{op.lut.name} for AccelForge",
        holds=[
            f"`{ARCH}`: node `{facts['node']}`, {facts['energy']!r} J for {action}, at {values['place']}",
            *cycle,
            f"Mean over {op.statistics}",
            *values["cautions"],
            f"`{WORKLOAD}`: a small matmul to try it with; `{FACTS}`: the same facts for programs",
        ],
        energy=f"{facts['energy_scope']}. Of AccelForge's components it {facts['parts']}: count nothing twice.",
        load=(
            f'import accelforge as af\n\nspec = af.Spec.from_yaml("{ARCH}", "{WORKLOAD}")\n'
            "spec.map_workload_to_arch().energy(per_component=True, per_action=True)  # J; action leak: leakage"
        ),
        left_out=_LEFT_OUT,
    )
