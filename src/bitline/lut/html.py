"""How a LUT shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from bitline.lut.interpolation import refusal
from bitline.lut.lookup import span
from bitline.lut.table import axes, column

if TYPE_CHECKING:
    import xarray as xr

    from bitline.lut.lut import Lut

_PROVENANCE = ("description", "pdk", "ngspice", "bitline", "accuracy", "seed", "samples", "points", "status")


def page(lut: Lut) -> str:
    """Return name, operation, tables and key provenance of a LUT as HTML; all its text is escaped."""
    operation = "no operation declared"
    if lut.operation is not None:
        operation = lut.operation.event
    rows = [(name, _axes(table), _variables(table)) for name, table in lut.tables.items()]
    provenance = [(name, _text(lut.attrs[name])) for name in _PROVENANCE if name in lut.attrs]
    return (
        f"<div><p><b>{escape(lut.name)}</b> ({escape(lut.kind)}): {escape(operation)}</p>"
        f"{_table(('table', 'axes', 'variables'), rows)}{_table((), provenance)}</div>"
    )


def _axes(table: xr.Dataset) -> str:
    """Return each axis with its range: ``vdd [V] = 1.62..1.98 (3)``."""
    units = {str(name): str(table[name].attrs["unit"]) for name in table.coords}
    counts = {axis: str(len(grid)) for axis, grid in axes(table).items()}
    counts |= {axis: f"{counts[axis]}, not interpolated" for axis in counts if refusal(table[axis])}
    return ", ".join(
        f"{column(axis, units[axis])} = {span(grid)} ({counts[axis]})" for axis, grid in axes(table).items()
    )


def _variables(table: xr.Dataset) -> str:
    return ", ".join(column(str(name), str(array.attrs["unit"])) for name, array in table.data_vars.items())


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {entry}" for name, entry in value.items())
    return str(value)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    # All text is escaped, because a LUT may come from anybody and a notebook runs the markup in it.
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if head:
        head = f"<tr>{head}</tr>"
    return f"<table>{head}{body}</table>"
