"""Where a point lies on the axes of a table, and whether the LUT was measured there at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from bitline.errors import InputError

if TYPE_CHECKING:
    from bitline.lut.lut import Lut


def place_of(lut: Lut, grids: Mapping[str, NDArray[Any]], point: Mapping[str, float | str]) -> dict[str, float | str]:
    """Return the values of a point on axes that have them; what is no axis must be as the LUT states it.

    Raises
    ------
    InputError
        If a value is not on its grid, or a table without that axis was measured elsewhere or does not say where.
    """
    place = {}
    for axis, value in point.items():
        if axis in grids:
            # A ratio of an interpolated and a measured energy would compare methods, not circuits.
            if value not in grids[axis].tolist():
                raise InputError(f"LUT {lut.name}: {axis} = {value} is not on its grid")
            place[axis] = value
            continue
        # What is no axis is stated beside the tables: a whole sweep may have been run at another corner.
        stated = lut.attrs.get("conditions", {}).get(axis)
        if stated != value:
            raise InputError(f"LUT {lut.name}: {axis} = {stated}: must be {value}, as of the other tables")
    return place
