"""Exporters: a LUT written for another program.

An exporter is a function ``(lut, folder, **options) -> list[Path]``. bitline's own are
loaded when asked for; a package adds one through the entry-point group
``bitline.exporters``, whose names are formats.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from bitline.errors import SetupError, UnknownNameError
from bitline.lut.lut import Lut

__all__ = ["Exporter", "export", "exporter", "formats"]

_BUILT_IN = ("csv", "netcdf", "neurosim", "parquet")
_GROUP = "bitline.exporters"


class Exporter(Protocol):
    """Writes a LUT into a folder and returns the paths, README included."""

    def __call__(self, lut: Lut, folder: Path, **options: Any) -> list[Path]:
        """Write, or raise `InputError` where the format cannot express the LUT."""


def formats() -> tuple[str, ...]:
    """Return the names of all formats, plug-ins included."""
    return tuple(sorted({*_BUILT_IN, *_plug_ins()}))


def exporter(format: str) -> Exporter:
    """Return the exporter of that format.

    Raises
    ------
    UnknownNameError
        If there is none.
    SetupError
        If a plug-in cannot be imported.
    """
    if format in _BUILT_IN:
        return cast(Exporter, import_module(f"bitline.export.{format}").write)
    plug_ins = _plug_ins()
    if format not in plug_ins:
        raise UnknownNameError("export format", format, formats())
    try:
        return cast(Exporter, plug_ins[format].load())
    except (ImportError, AttributeError) as error:
        raise SetupError(f"exporter {format} ({plug_ins[format].value}) cannot be loaded: {error}") from error


def export(lut: Lut, format: str, folder: str | Path, **options: Any) -> list[Path]:
    """Write `lut` in `format` into `folder` and return the paths.

    Parameters
    ----------
    lut : Lut
    format : str
        One of `formats()`.
    folder : path
        Made if need be.
    options
        What the exporter offers; `bitline.export.neurosim.write` has some.

    Raises
    ------
    UnknownNameError
        If the format is not known.
    InputError
        If the LUT cannot be expressed in the format; says why.
    SetupError
        If a library is missing, or the folder cannot be written (`StorageError`).
    """
    return exporter(format)(lut, Path(folder), **options)


def _plug_ins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=_GROUP)}
