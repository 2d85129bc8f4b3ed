"""One netCDF-4 file with a group per table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xarray as xr

from bitline.errors import SetupError
from bitline.export.readme import contents, energy_scope, write_readme
from bitline.files import staged
from bitline.lut.lut import Lut

_LEFT_OUT = "Checksums of the tables. Attributes that netCDF cannot hold (lists, tables) are JSON text."


def write(lut: Lut, folder: Path) -> list[Path]:
    """Write ``<name>.nc`` with a group per table, and ``README.md``.

    Units are in the attribute ``units`` (the CF convention's name) as well as ``unit``;
    provenance is the JSON text of the file's attribute ``provenance``.

    Raises
    ------
    SetupError
        If the library is missing.
    StorageError
        If the folder cannot be written.
    """
    try:
        import netCDF4  # noqa: F401  (xarray's engine; asked for here to name the extra)
    except ImportError as error:
        raise SetupError("netCDF export needs the netCDF4 library: pip install bitline[netcdf]") from error
    first = next(iter(lut.tables), "table")
    file = f"{lut.name}.nc"
    with staged(folder) as stage:
        tree, encoding = _tree(lut)
        tree.to_netcdf(stage / file, engine="netcdf4", encoding=encoding)
        write_readme(
            stage,
            lut,
            title=f"{lut.name} as netCDF",
            holds=[f"{line}, group of `{file}`" for line in contents(lut)],
            energy=energy_scope(lut),
            load=f'import xarray as xr\n\n{first} = xr.open_datatree("{file}")["{first}"].to_dataset()',
            left_out=_LEFT_OUT,
        )
    return [folder / file, folder / "README.md"]


def _tree(lut: Lut) -> tuple[xr.DataTree, dict[str, Any]]:
    root = xr.Dataset(
        attrs={
            "name": lut.name,
            "kind": lut.kind,
            "energy_scope": energy_scope(lut),
            "provenance": json.dumps(lut.attrs, ensure_ascii=False),
        }
    )
    groups = {"/": root, **{f"/{name}": _plain(table) for name, table in lut.tables.items()}}
    # NaN is a value here: without this, xarray declares it the fill value of every float.
    no_fill = {
        f"/{name}": {str(key): {"_FillValue": None} for key in table.variables if table[key].dtype.kind != "U"}
        for name, table in lut.tables.items()
    }
    return xr.DataTree.from_dict(groups), no_fill


def _plain(table: xr.Dataset) -> xr.Dataset:
    """Return a copy with only attributes that netCDF can hold, and CF's ``units``."""
    copy = table.copy()
    copy.attrs = {key: _attribute(value) for key, value in table.attrs.items()}
    for variable in copy.variables:
        attrs = {key: _attribute(value) for key, value in table[variable].attrs.items()}
        copy[variable].attrs = {"units": attrs["unit"], **attrs}
    return copy


def _attribute(value: Any) -> str | int | float:
    simple = isinstance(value, str | int | float) and not isinstance(value, bool)
    return value if simple else json.dumps(value, ensure_ascii=False)
