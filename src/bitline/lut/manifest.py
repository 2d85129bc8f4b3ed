"""The manifest of a LUT on disk, ``lut.json``: read and checked without its tables, in an instant."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from bitline.errors import LutFileError, StorageError
from bitline.lut.version1 import upgraded

SCHEMA_VERSION = 2
MANIFEST = "lut.json"


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest at `path`; one of schema version 1 as version 2.

    Raises
    ------
    LutFileError
        If it is missing or damaged, or was written by a newer bitline; names file and field.
    StorageError
        If it is there but cannot be read.
    """
    try:
        # Python reads NaN and Infinity, which are no JSON: other programs would refuse what bitline accepts.
        # A file of nothing but brackets raises RecursionError.
        manifest = json.loads(read_bytes(path).decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise LutFileError(f"{path}: not valid JSON: {error}") from None
    version = None
    if isinstance(manifest, dict):
        version = manifest.get("schema_version")
    # This comes before the schema, which would complain about some field and not say what to do.
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise LutFileError(
            f"{path}: schema_version = {version}: this bitline reads up to {SCHEMA_VERSION}; upgrade bitline"
        )
    # One schema serves both versions, and finds what is damaged in either.
    if version == 1:
        manifest = upgraded(manifest)
    if not _compiled().is_valid(manifest) and (problem := _problem(manifest)):
        raise LutFileError(f"{path}: {problem}")
    checked: dict[str, Any] = manifest
    return checked


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of a LUT; errors as of `read_manifest`."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise LutFileError(f"{path}: no such file; a LUT is a folder with {MANIFEST} and its tables") from None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(package_files("bitline.lut").joinpath("lut.schema.json").read_text("utf-8"))
    return schema


# In one hundredth of jsonschema's time it says that a manifest is right.
@cache
def _compiled() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema())


def _problem(manifest: Any) -> str:
    """Return where a manifest is wrong and why, or "": jsonschema tells it best, and decides where the two differ."""
    import jsonschema
    from jsonschema.exceptions import best_match

    problem = best_match(jsonschema.Draft202012Validator(_schema()).iter_errors(manifest))
    if problem is None:
        return ""
    return f"{problem.json_path}: {_shortened(problem.message)}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _shortened(message: str, length: int = 160) -> str:
    # jsonschema quotes the whole value, which may be a table.
    if len(message) <= length:
        return message
    return f"{message[:length]} ..."
