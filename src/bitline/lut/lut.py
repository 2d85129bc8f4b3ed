"""Lut: what remains of a sweep.

Tables of numbers over named axes, with units and provenance. In memory each table is an
`xarray.Dataset`; on disk (see `files`) it is a CSV beside one JSON manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bitline.errors import InputError, SetupError
from bitline.lut.lookup import Index, Lookup
from bitline.lut.names import check_lut_name
from bitline.lut.operation import Operation
from bitline.lut.table import json_able, normalised
from bitline.plugins import plug_in

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Lut:
    """A lookup table: named tables over named axes, with units and provenance.

    Parameters
    ----------
    name : str
        Name of the LUT and of its folder: letters, digits, ``.``, ``_`` and ``-``.
    kind : str
        Which tables and units to expect, for example ``"acim-column-qs"``.
    tables : mapping of str to Dataset
        Every variable has all axes of its table; variables and coordinates carry ``unit`` and
        ``doc``. Floats become float64, counts int64, text coordinates str; numeric axes are sorted.
    attrs : mapping
        Provenance, JSON-able: PDK, ngspice, sweep, seed, parameters and their sources.
    operation : Operation, optional
        What one use of the circuit is; None where its tables do not describe one.
    folder : Path, optional
        Where it was read from, which no export of it may overwrite; None if it was made.

    Raises
    ------
    InputError
        If a table is not of that form.
    """

    name: str
    kind: str
    tables: Mapping[str, xr.Dataset]
    attrs: Mapping[str, Any]
    operation: Operation | None = None
    folder: Path | None = None

    def __post_init__(self) -> None:
        for field, text in (("name", self.name), ("kind", self.kind)):
            check_lut_name(field, text)
        for field, table in (("tables", self.tables), ("attrs", self.attrs)):
            if not isinstance(table, Mapping):
                raise InputError(f"LUT {self.name}: {field} = {table!r}: must be a table of names")
        if self.operation is not None and not isinstance(self.operation, Operation):
            raise InputError(f"LUT {self.name}: operation = {self.operation!r}: must be an Operation")
        # The class is frozen, and only here replaces what was passed: all readers rely on the one form of a table.
        tables = {name: normalised(name, table) for name, table in self.tables.items()}
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "attrs", json_able("attrs", self.attrs))
        self._check_operation()

    def _check_operation(self) -> None:
        """Refuse an operation whose table, axes or variables the LUT does not have."""
        if self.operation is None:
            return
        table = self.tables.get(self.operation.table)
        if table is None:
            raise InputError(f"LUT {self.name}: operation: table = {self.operation.table}: must be one of its tables")
        for name in self.operation.variables:
            if name not in table.data_vars:
                raise InputError(f"LUT {self.name}: operation: {name} is no variable of table {self.operation.table}")

    def lookup(self, **coords: Any) -> Lookup:
        """Return every variable at one point: `lookup(code=12, corner="tt", vdd=1.7)`.

        With arrays, at many: `lookup(code=range(17), corner="tt", vdd=1.7)["v_line"]` is an array; see
        `bitline.lut.lookup.Index.lookup_arrays`.

        Multilinear between grid points, exact on text axes, never outside the grid; see
        `bitline.lut.lookup.Index.lookup` for the rules and the errors.
        """
        if any(np.ndim(value) for value in coords.values()):
            return self._index.lookup_arrays(coords)
        return self._index.lookup(coords)

    # The index is built at the first look-up, because files, tables and most figures do without.
    @cached_property
    def _index(self) -> Index:
        return Index(self.tables)

    def to_xarray(self) -> xr.DataTree:
        """Return the tables as one tree, a node per table; see `bitline.lut.tree`."""
        # Here and below, modules that build on Lut are imported when they are needed.
        from bitline.lut.tree import data_tree

        return data_tree(self)

    def _repr_html_(self) -> str:
        """Show the LUT in a notebook: its tables with axes and variables, and where it comes from."""
        from bitline.lut.html import page

        return page(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write ``lut.json`` and one CSV per table into `folder`; raises `StorageError`."""
        from bitline.lut import files

        return files.write(self, folder)

    @classmethod
    def load(cls, source: str | Path) -> Lut:
        """Read a LUT by its folder, its manifest or the name of a shipped one, as the command line does.

        Raises
        ------
        UnknownNameError
            If there is no such LUT; names the nearest.
        LutFileError
            If it is damaged or of a newer schema.
        """
        from bitline.lut import files
        from bitline.lut.shipped import lut_folder

        return files.read(lut_folder(source))

    def export(self, format: str, folder: str | Path, **options: Any) -> list[Path]:
        """Write the LUT for another program.

        Parameters
        ----------
        format : str
            An export format: the name of an entry point of the group ``bitline.exporters``, bitline's own or
            another package's.
        folder : path
            Made if need be.
        options
            What the format offers: ``condition`` where it writes one, and others.

        Returns
        -------
        list of Path
            The files, ``README.md`` among them.

        Raises
        ------
        UnknownNameError
            If there is no such format or option.
        InputError
            If the LUT cannot be expressed in the format; says why.
        SetupError
            If a library is missing, the exporter cannot be loaded, or the folder cannot be written.
        """
        # All formats are entry points, bitline's own too: a LUT knows none, and a laboratory's has the same rights.
        exporter = plug_in("bitline.exporters", format, "export format")
        if not callable(getattr(exporter, "write", None)):
            raise SetupError(f"export format {format}: {exporter!r} is no bitline.export.Exporter")
        paths: list[Path] = exporter.write(self, folder, **options)
        return paths
