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

from bitline.export.characterised import sizes
from bitline.export.generated import class_name, module_name
from bitline.export.hwcomponents.tables import component_facts, node_of
from bitline.export.readme import write_readme
from bitline.lut.lut import Lut
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation
from bitline.templates import environment


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
        Node [m] of a PDK of which `tables.NODES` does not have one. Any other is refused by the component.

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
    facts = component_facts(op, names=names, node=node_of(lut, tech_node), area=area, leakage=leakage)
    if not facts["required"]:
        op.mean_energy()  # a value that is missing is an error now, not in the consumer
    data = [Path(package, "lut", path.name) for path in lut.save(folder / package / "lut")]
    # component.json holds the hash of lut.json, and that the hashes of the tables
    facts["lut_json_sha256"] = _sha256((folder / package / "lut" / "lut.json").read_bytes())
    text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    values = _template_values(op, facts, package, component, text)
    for file, template in (("__init__.py", "init.py.j2"), ("component.py", "component.py.j2")):
        (folder / package / file).write_text(_render(template, values), encoding="utf-8")
    (folder / package / "component.json").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(_render("pyproject.toml.j2", values), encoding="utf-8")
    _readme(folder, op, facts, package, component)
    code = [Path(package, file) for file in ("__init__.py", "component.py", "component.json")]
    return [folder / path for path in (Path("pyproject.toml"), *code, *data, Path("README.md"))]


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


def _readme(folder: Path, op: MeasuredOperation, facts: dict[str, Any], package: str, component: str) -> None:
    needed = "".join(f", {axis}={op.grids[axis].tolist()[0]!r}" for axis in facts["required"])
    action, use = "read", [f"`read`: {op.event}; for a `!Toll`"]
    if op.macs:
        action, use = "compute", [f"{use[0]} on the outputs"]
        use.append(f"`compute`: a MAC, 1/{op.macs} of that, for a `!Compute` and columns in full use. Never both")
        operands = ", ".join(f"`{name}`" for name in op.operands)
        use.append(f"Both take {operands}, or `activity`, the probability that a product is not 0")
    write_readme(
        folder,
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
