"""A LUT as one xarray object, for analysis and plots that bitline does not have.

It is a tree with a node per table. One Dataset would not do: tables share axes but not grids (mismatch is sampled at
one supply only), and joined they would be filled up with NaN. A dict of Datasets would do, but a tree also carries
what the tables have in common, and is selected from, mapped over and written to a file as a whole.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import xarray as xr

if TYPE_CHECKING:
    from bitline.lut.lut import Lut


def data_tree(lut: Lut) -> xr.DataTree:
    """Return a LUT's tables as nodes by name.

    Returns
    -------
    DataTree
        The root's ``attrs`` hold ``name``, ``kind``, and as JSON text ``operation`` and ``provenance``. Variables and
        axes carry ``units`` (the name that xarray's plots read) beside bitline's ``unit`` and ``doc``. Attributes
        that are lists or tables are JSON text, so that the tree can be written as netCDF.
    """
    operation = None
    if lut.operation is not None:
        operation = lut.operation.as_json()
    root = xr.Dataset(
        attrs={
            "name": lut.name,
            "kind": lut.kind,
            "operation": json.dumps(operation, ensure_ascii=False),
            "provenance": json.dumps(lut.attrs, ensure_ascii=False),
        }
    )
    return xr.DataTree.from_dict({"/": root, **{f"/{name}": _node(table) for name, table in lut.tables.items()}})


def _node(table: xr.Dataset) -> xr.Dataset:
    # A copy of its own: the LUT's tables keep their attributes.
    node = table.copy()
    node.attrs = {key: _attribute(value) for key, value in table.attrs.items()}
    for name in node.variables:
        attrs = {key: _attribute(value) for key, value in table[name].attrs.items()}
        node[name].attrs = {"units": attrs["unit"], **attrs}
    return node


def _attribute(value: Any) -> str | int | float:
    # netCDF has numbers and text; it has no booleans, lists or tables.
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False)
