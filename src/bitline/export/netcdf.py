"""One netCDF-4 file with a group per table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitline.errors import SetupError
from bitline.export.readme import contents, energy_scope, write_readme
from bitline.files import netcdf_on_disk
from bitline.lut.lut import Lut
from bitline.lut.tree import data_tree

_LEFT_OUT = "Checksums of the tables. Attributes that netCDF cannot hold (lists, tables) are JSON text."


def write(lut: Lut, folder: Path) -> list[Path]:
    """Write ``<name>.nc`` with a group per table, and ``README.md``.

    Units are in the attribute ``units`` (the CF convention's name) as well as ``unit``;
    the operation and the provenance are the JSON text of the file's attributes ``operation`` and ``provenance``.

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
    # as `Lut.to_xarray()` gives it, with the energy scope in words
    tree = data_tree(lut)
    tree.attrs["energy_scope"] = energy_scope(lut)
    with netcdf_on_disk():
        tree.to_netcdf(folder / file, engine="netcdf4", encoding=_no_fill(lut))
    write_readme(
        folder,
        lut,
        title=f"{lut.name} as netCDF",
        holds=[f"{line}, group of `{file}`" for line in contents(lut)],
        energy=energy_scope(lut),
        load=f'import xarray as xr\n\n{first} = xr.open_datatree("{file}")["{first}"].to_dataset()',
        left_out=_LEFT_OUT,
    )
    return [folder / file, folder / "README.md"]


def _no_fill(lut: Lut) -> dict[str, Any]:
    """Return the encoding in which NaN is a value; else xarray declares it the fill value of every float."""
    return {
        f"/{name}": {str(key): {"_FillValue": None} for key in table.variables if table[key].dtype.kind != "U"}
        for name, table in lut.tables.items()
    }
