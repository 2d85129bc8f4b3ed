"""The nominal condition: where a table is read when nobody names a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.table import axes

_CORNER, _TEMPERATURE = "tt", 27.0
_ALL = "all"
"""On an axis of texts, such as the group of devices that vary: all of them."""

_UNITS = {"vdd": "V", "temperature": "degC"}
"""Units of conditions that no axis of a table has."""


def nominal(lut: Lut) -> dict[str, str | float]:
    """Return the nominal condition: corner tt, 27 degC and the supply that the PDK's descriptor names [V].

    A LUT without a descriptor has no nominal supply.
    """
    condition: dict[str, str | float] = {"corner": _CORNER, "temperature": _TEMPERATURE}
    descriptor = lut.attrs.get("pdk_descriptor")
    if isinstance(descriptor, Mapping) and isinstance(descriptor.get("vdd"), int | float):
        condition["vdd"] = float(descriptor["vdd"])
    return condition


def at_nominal(table: xr.Dataset, condition: Mapping[str, str | float]) -> xr.Dataset:
    """Return the part of a table at the nominal condition; the axes stay, with one value each.

    An axis that lacks the nominal value stays whole: no other value stands for it.
    """
    for axis, grid in axes(table).items():
        value = condition.get(axis, _ALL)
        if value in grid.tolist():
            table = table.sel({axis: [value]})
    return table


def place(table: xr.Dataset, coordinates: Mapping[str, Any]) -> str:
    """Write coordinates with the units of a table's axes: ``corner = tt, vdd = 1.8 V, code = 8``."""
    units = {**_UNITS, **{str(axis): str(table[axis].attrs.get("unit", "")) for axis in table.coords}}
    return ", ".join(f"{axis} = {_text(value, units.get(axis, ''))}" for axis, value in coordinates.items())


def _text(value: Any, unit: str) -> str:
    if not isinstance(value, int | float):
        return str(value)
    text = f"{value:.6g}"
    if unit in ("", "1"):
        return text
    return f"{text} {unit}"
