"""Exporter to Verilog-A's ``$table_model``: the column's mean output over its sum, as behavioural models read it.

A ``.tbl`` file has one point a line, the inputs first; ``$table_model(code, "column.tbl", "1L")`` interpolates it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bitline.export.base import Exporter
from bitline.export.needs import ANY_PRODUCTS, Need

if TYPE_CHECKING:
    from bitline.lut.lut import Lut


def write(lut: Lut, folder: Path, *, condition: dict[str, float | str] | None = None) -> list[Path]:
    """Write ``<lut>.tbl`` (code, mean output [V], static sigma [V]) and ``README.md``.

    Raises
    ------
    InputError
        If the LUT is not of a column, or the condition is not in it.
    """
    from bitline.export.readme import energy_scope, write_readme
    from bitline.files import staged
    from bitline.system.measured_column import measured_column

    column = measured_column(lut, condition)
    volts = column.offset + column.lsb * column.mean
    sigmas = abs(column.lsb) * column.static
    name = f"{lut.name}.tbl"
    rows = zip(column.codes.tolist(), volts.tolist(), sigmas.tolist(), strict=True)
    with staged(folder) as stage:
        text = "".join(f"{code} {mean!r} {sigma!r}\n" for code, mean, sigma in rows)
        (stage / name).write_text(f"# code, mean [V], static sigma [V]\n{text}")
        write_readme(
            stage,
            lut,
            title=f"{lut.name} for $table_model",
            holds=[f"`{name}`: mean output and static sigma in volts per code, at {column.condition}"],
            energy=energy_scope(lut),
            load=f'# Verilog-A\nV(out) <+ $table_model(code, "{name}", "1L");',
            left_out="Temporal noise, energy and every other condition stay in the LUT.",
        )
    return [Path(folder) / name, Path(folder) / "README.md"]


def check(lut: Lut, folder: Path) -> str:
    """Read the table back and compare it with the LUT."""
    import numpy as np

    from bitline.errors import ExportCheckError
    from bitline.system.measured_column import measured_column

    points = np.loadtxt(Path(folder) / f"{lut.name}.tbl", ndmin=2)
    column = measured_column(lut)
    volts = column.offset + column.lsb * column.mean
    if not np.array_equal(points[:, 1], volts):
        raise ExportCheckError(f"{lut.name}.tbl has other voltages than the LUT")
    return f"{len(points)} points are the LUT's to the last bit"


EXPORTER = Exporter(
    name="table-model",
    doc="Verilog-A $table_model: mean output and static sigma per code",
    writer=lambda: write,
    needs=(Need("a column's output", ANY_PRODUCTS, {"mismatch": ("v_mean", "v_sigma"), "noise": ("v_thermal",)}),),
    checker=lambda: check,
)
