"""A LUT on disk: ``lut.json`` (manifest) and one ``<table>.csv`` per table.

Readable without bitline, comparable with diff, and exact: the same LUT always gives the
same bytes, and reading them gives back every bit.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitline.errors import InputError, LutFileError, StorageError
from bitline.files import path_of, staged
from bitline.lut.csv_table import parse_table, table_text
from bitline.lut.manifest import MANIFEST, SCHEMA_VERSION, read_bytes, read_manifest
from bitline.lut.operation import parse_operation
from bitline.lut.table import PlainTable, axes

if TYPE_CHECKING:
    import xarray as xr

    from bitline.lut.lut import Lut


def write(lut: Lut, target: str | Path) -> list[Path]:
    """Write the manifest and the tables into a folder, which is made if need be.

    Everything is written beside the old files first and moved over them at the end, the
    manifest last: a write that fails leaves the old LUT readable. Tables of the old LUT
    that the new one does not have are removed.

    Raises
    ------
    InputError
        If `target` is no path.
    StorageError
        If the folder cannot be written.
    """
    folder = path_of("folder", target)
    # All text is ready before a file is touched, so that a LUT with an error in it leaves the old one alone.
    texts = {f"{name}.csv": table_text(table) for name, table in lut.tables.items()}
    texts[MANIFEST] = json.dumps(_manifest(lut, texts), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # The manifest comes last because it holds the hashes of the tables: if the move is broken off between two files,
    # a reader sees a hash that differs and never takes two sweeps for one.
    with staged(folder, last=MANIFEST, obsolete=_tables(folder)) as stage:
        for name, text in texts.items():
            # Bytes are written because a newline translated on the way would change the hash.
            (stage / name).write_bytes(text.encode())
    return [folder / name for name in texts]


def _tables(folder: Path) -> list[str]:
    """Return the names of the tables that the LUT in a folder has; none where no manifest can be read."""
    try:
        return [entry["file"] for entry in read_manifest(folder / MANIFEST)["tables"].values()]
    except (LutFileError, StorageError):
        return []


def read(source: str | Path) -> Lut:
    """Read the LUT in a folder.

    Raises
    ------
    LutFileError
        If a file is missing or damaged, or was written by a newer bitline; names file and field.
    StorageError
        If a file is there but cannot be read.
    """
    from bitline.lut.lut import Lut

    folder = path_of("folder", source)
    path = folder / MANIFEST
    manifest = read_manifest(path)
    tables = {name: _read_table(folder, entry).dataset() for name, entry in manifest["tables"].items()}
    try:
        # A manifest may fit the schema and contradict itself, as by an operation on a table it lacks: Lut sees it.
        operation = None
        if manifest["operation"] is not None:
            operation = parse_operation(f"LUT {manifest['name']}", manifest["operation"])
        return Lut(manifest["name"], manifest["kind"], tables, manifest["attrs"], operation, folder.absolute())
    except InputError as error:
        raise LutFileError(f"{path}: {error}") from None


def read_tables(source: str | Path) -> dict[str, PlainTable]:
    """Read the tables of the LUT in a folder and nothing else, in the form that they have in a `Lut`.

    Takes a fraction of the time of `read`; what else the manifest says is not compared with them. Errors as of `read`.
    """
    folder = path_of("folder", source)
    path = folder / MANIFEST
    tables = {name: _read_table(folder, entry) for name, entry in read_manifest(path)["tables"].items()}
    try:
        return {name: table.normalised(name) for name, table in tables.items()}
    except InputError as error:
        raise LutFileError(f"{path}: {error}") from None


def _manifest(lut: Lut, texts: dict[str, str]) -> dict[str, Any]:
    tables = {}
    for name, table in lut.tables.items():
        file = f"{name}.csv"
        tables[name] = {
            "file": file,
            "sha256": hashlib.sha256(texts[file].encode()).hexdigest(),
            "axes": [{**_field(table[axis]), "values": grid.tolist()} for axis, grid in axes(table).items()],
            "variables": [_field(variable) for variable in table.data_vars.values()],
            "attrs": table.attrs,
        }
    head = {"schema_version": SCHEMA_VERSION, "name": lut.name, "kind": lut.kind}
    operation = None
    if lut.operation is not None:
        operation = lut.operation.as_json()
    return {**head, "operation": operation, "attrs": lut.attrs, "tables": tables}


def _field(array: xr.DataArray) -> dict[str, Any]:
    others = {key: value for key, value in array.attrs.items() if key not in ("unit", "doc")}
    dtype = str(array.dtype)
    if array.dtype.kind == "U":
        # NumPy's name of it, such as <U2, also tells the length of the longest text.
        dtype = "str"
    head = {"name": str(array.name), "unit": array.attrs["unit"], "doc": array.attrs["doc"]}
    return {**head, "dtype": dtype, "attrs": others}


def _read_table(folder: Path, entry: dict[str, Any]) -> PlainTable:
    path = folder / entry["file"]
    raw = read_bytes(path)
    # A table edited by hand may still be a table, but its numbers no longer come from the sweep in the manifest.
    if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
        raise LutFileError(f"{path}: sha256 differs from the one in {MANIFEST}: changed or damaged since")
    return parse_table(path, raw, entry)
