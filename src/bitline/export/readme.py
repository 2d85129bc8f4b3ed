"""The README.md every exporter puts beside its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bitline.lut.lut import Lut
from bitline.lut.table import axes, column

_NO_SCOPE = "not stated in this LUT: do not add these energies to others."


def energy_scope(lut: Lut) -> str:
    """Return in words what the LUT's operation says its energies contain."""
    # a reader must not take silence for "everything"
    if lut.operation is None:
        return _NO_SCOPE
    return "; ".join(f"{name}: {text}" for name, text in lut.operation.energy.scope().items())


def contents(lut: Lut) -> list[str]:
    """Return a line per table: its axes and its variables with units."""
    lines = []
    for name, table in lut.tables.items():
        shape = ", ".join(column(axis, table[axis].attrs["unit"]) for axis in axes(table))
        variables = ", ".join(column(str(v.name), v.attrs["unit"]) for v in table.data_vars.values())
        lines.append(f"`{name}` over {shape or 'nothing'}: {variables}")
    return lines


def listed(condition: Mapping[str, float | str]) -> str:
    """Return a condition in words: ``corner = tt, vdd = 1.8``."""
    return ", ".join(f"{axis} = {value}" for axis, value in condition.items())


def write_readme(
    folder: Path, lut: Lut, *, title: str, holds: Sequence[str], energy: str, load: str, left_out: str
) -> None:
    """Write ``README.md``: contents, energy scope, how to load, what was left out."""
    folder.joinpath("README.md").write_text(
        f"# {title}\n\n"
        f"Made by bitline from the LUT `{lut.name}` (`{lut.kind}`).\n\n"
        "## Contents\n\n" + "".join(f"- {line}\n" for line in holds) + "\n"
        f"## Energy\n\n{energy}\n\n"
        f"## Load\n\n```python\n{load.strip()}\n```\n\n"
        f"## Left out\n\n{left_out.strip()}\n",
        encoding="utf-8",
    )
