"""hwcomponents and AccelForge: an installable package ``hwcomponents_<name>`` with a component model.

The package is code without data, the LUT itself beside it, hashes checked when it is imported. It looks up
as `Lut.lookup` does and needs neither bitline nor numpy, so it can be installed where AccelForge is.

An AccelForge ``!Compute`` counts one ``compute`` per point of the iteration space, that is per MAC, while a
column's energy is that of a whole cycle with `macs` products. So ``compute`` is a cycle's energy over its
products, right for columns in full use, and ``read`` is a whole cycle: as a ``!Toll`` on the outputs it is
counted once per column output, however many rows are in use. One of them, never both.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bitline.errors import InputError
from bitline.export.characterised import cautions, sizes
from bitline.export.generated import class_name, module_name
from bitline.export.parts import parts
from bitline.export.readme import energy_scope, write_readme
from bitline.files import staged
from bitline.lut.lookup import span
from bitline.lut.lut import Lut
from bitline.system.measured_operation import HOLD, Condition, MeasuredOperation, measured_operation
from bitline.templates import environment

NODES = {"sky130": 130e-9}
"""Technology node of each PDK [m]."""

_PRIORITY = 0.9  # a simulated table goes before a model by formula of the same name


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    activity: float | None = None,
    area: float = 0.0,
    leakage: float | None = None,
    tech_node: float | None = None,
) -> list[Path]:
    """Write ``pyproject.toml``, the package and ``README.md``.

    Parameters
    ----------
    lut : Lut
        Whose operation states its operands.
    folder : Path
    condition : mapping, optional
        Defaults of condition axes; the component takes any value inside the grid.
    activity : float, optional
        Default probability that a product is not 0, see `measured_operation`.
    area : float
        Of one component [m2]: no LUT has it.
    leakage : float, optional
        Leakage power of one component [W]. By default that of table ``hold`` where there is one, else 0.
    tech_node : float, optional
        Node [m] of a PDK that is not in `NODES`. Any other is refused by the component.

    Raises
    ------
    InputError
        If the LUT has no such operation, or an option is wrong.
    StorageError
        If the folder cannot be written.
    """
    sizes(area, leakage)
    op = measured_operation(lut, condition, activity)
    package, component = module_name("hwcomponents", lut), class_name(lut, "")
    names = [component, lut.name, package.removeprefix("hwcomponents_")]
    facts = _facts(op, names=names, node=_node(lut, tech_node), area=area, leakage=leakage)
    if not facts["required"]:
        op.mean_energy()  # a value that is missing is an error now, not in the consumer
    data = [Path(package, "lut", path.name) for path in lut.save(folder / package / "lut")]
    facts["lut_json_sha256"] = _sha256((folder / package / "lut" / "lut.json").read_bytes())
    text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    values = _template_values(op, facts, package, component, text)
    with staged(folder / package, last="component.json") as stage:
        for file, template in (("__init__.py", "init.py.j2"), ("component.py", "component.py.j2")):
            (stage / file).write_text(_render(template, values), encoding="utf-8")
        (stage / "component.json").write_text(text, encoding="utf-8")
    with staged(folder) as stage:
        (stage / "pyproject.toml").write_text(_render("pyproject.toml.j2", values), encoding="utf-8")
        _readme(stage, op, facts, package, component)
    code = [Path(package, file) for file in ("__init__.py", "component.py", "component.json")]
    return [folder / path for path in (Path("pyproject.toml"), *code, *data, Path("README.md"))]


def _node(lut: Lut, asked: float | None) -> float:
    pdk = str(lut.attrs.get("pdk", ""))
    known = NODES.get(pdk, asked)
    if known is None or asked not in (None, known):
        allowed = f"must be {known}, never scaled" if known else "must be given [m]"
        raise InputError(f"tech_node = {asked}: {allowed} (PDK {pdk or 'not stated'})")
    if not 0 < known < 1e-3:
        raise InputError(f"tech_node = {known}: must be in metres, for example 130e-9")
    return known


def _facts(
    op: MeasuredOperation, *, names: list[str], node: float, area: float, leakage: float | None
) -> dict[str, Any]:
    """Return what the component knows besides the LUT: its file ``component.json``."""
    parameters = op.lut.attrs.get("parameters", {})
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
        "tables": [op.operation.table, *([HOLD[0]] if leaks else [])],
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
    about = f" {attrs['doc']}," if attrs["doc"] else ""
    unit = "" if attrs["unit"] in ("", "1") else f" {attrs['unit']}"
    return f"{axis}:{about} {span(op.grids[axis])}{unit}{tail}"


def _template_values(
    op: MeasuredOperation, facts: dict[str, Any], package: str, component: str, text: str
) -> dict[str, Any]:
    return {
        "package": package,
        "class_name": component,
        "lut": op.lut.name,
        "kind": op.lut.kind,
        "event": op.event,
        "sha256": _sha256(text.encode()),
        "version": facts["lut_json_sha256"][:8],
        "required": facts["required"],
        "optional": list(op.conditions),
        "operands": facts["operands"],
        "products": op.activity is not None,
        "rows": facts["rows"] or 0,
        "table": op.operation.table,
        "energy": op.operation.energy.variable,
        "latency": op.operation.latency,
        "leakage": facts["leakage"] is None,
    }


def _render(template: str, values: dict[str, Any]) -> str:
    return environment().get_template(f"exports/hwcomponents/{template}").render(values)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _readme(stage: Path, op: MeasuredOperation, facts: dict[str, Any], package: str, component: str) -> None:
    action = "compute" if op.macs else "read"
    needed = "".join(f", {axis}={op.grids[axis].tolist()[0]!r}" for axis in facts["required"])
    use = [f"`read`: {op.event}; for a `!Toll`" + (" on the outputs" if op.macs else "")]
    if op.macs:
        use.append(f"`compute`: a MAC, 1/{op.macs} of that, for a `!Compute` and columns in full use. Never both")
        operands = ", ".join(f"`{name}`" for name in op.operands)
        use.append(f"Both take {operands}, or `activity`, the probability that a product is not 0")
    write_readme(
        stage,
        op.lut,
        title=f"{op.lut.name} for hwcomponents and AccelForge",
        holds=[
            f"`{package}/`: component `{component}`, also found as {', '.join(f'`{n}`' for n in facts['names'])}",
            *use,
            *facts["doc"].split("\n\n")[3:],
            f"`{package}/lut/`: the LUT; `component.json`: the defaults above. SHA-256 are checked at import",
        ],
        energy=f"{facts['energy_scope']}. Of AccelForge's components it {facts['accelforge']}: count nothing twice.",
        load=(
            f"# pip install .\nfrom {package} import {component}\n\n"
            f"{component}(tech_node={facts['tech_node']!r}{needed}).{action}().energy  # J"
        ),
        left_out=_LEFT_OUT,
    )


_LEFT_OUT = """
- Accuracy: mean, mismatch and noise are in the LUT but have no field in hwcomponents.
- Anything outside the grid: the component raises, and hwcomponents reports that it cannot estimate.
- Attributes that the component does not have: hwcomponents drops them without an error, so spell the
  axes as above (`vdd`, not `voltage`). AccelForge evaluates what is not quoted: `corner: "ss"`.
- How reliable a restore is: it stays in the LUT.
"""
