"""LUTs with one thing changed: tables exchanged or left out, another event."""

from __future__ import annotations

from dataclasses import replace

import xarray as xr

from bitline.lut.lut import Lut


def changed(lut: Lut, **tables: xr.Dataset | None) -> Lut:
    """Return the LUT with other tables; None leaves one out, and with the operation's goes the operation."""
    merged = {name: table for name, table in {**lut.tables, **tables}.items() if table is not None}
    operation = lut.operation
    if operation is not None and operation.table not in merged:
        operation = None
    return replace(lut, tables=merged, operation=operation)


def with_event(lut: Lut, event: str) -> Lut:
    """Return the LUT with another event of its energy, such as a hostile one."""
    assert lut.operation is not None
    return replace(lut, operation=replace(lut.operation, energy=replace(lut.operation.energy, event=event)))
