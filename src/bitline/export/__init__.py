"""Exporters: a LUT written for another program.

An exporter is a function ``(lut, folder, **options) -> list[Path]``, in a module that may also have
``check(lut, folder) -> str``: load what was written in the program it is for, and compare. bitline's
own are loaded when asked for; a package adds one through the entry-point group ``bitline.exporters``,
whose names are formats. Which formats a LUT allows is in `applies`.

A module per format, `<format>_check` where its comparison is long. What several formats need of a LUT is
worked out once: `column` (mean and sigmas per code), `operands` (that, averaged over mixes), `levels`
(conductances), `kinds` and `operation` (energy and time of an operation), `macro` (delays).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from bitline.errors import InputError, SetupError, UnknownNameError
from bitline.export.applies import RULES, refusal

if TYPE_CHECKING:
    from bitline.lut.lut import Lut

__all__ = ["Exporter", "checker", "export", "exporter", "formats", "refusal"]

Checker = Callable[["Lut", Path], str]
_BUILT_IN = (*RULES, "csv", "netcdf", "parquet")
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
        return cast(Exporter, _module(format).write)
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
        What the exporter offers: `condition` where it writes one, and others that its `write` documents.

    Raises
    ------
    UnknownNameError
        If the format is not known.
    InputError
        If the LUT cannot be expressed in the format; says why.
    SetupError
        If a library is missing, or the folder cannot be written (`StorageError`).
    """
    reason = refusal(format, lut.kind, lut.tables)
    if reason:
        raise InputError(f"LUT {lut.name} ({lut.kind}) cannot be written for {format}: {reason}")
    return exporter(format)(lut, Path(folder), **options)


def checker(format: str) -> Checker:
    """Return the function that loads an export in the program it is for and compares it with the LUT.

    It takes LUT and folder and returns a line that says what was compared. It raises `SetupError` if the
    program is not installed in this Python, `ExportCheckError` if that one has other numbers than the LUT.

    Raises
    ------
    UnknownNameError
        If the format is not known.
    InputError
        If it has no such check.
    """
    exporter(format)  # an unknown format is told first
    found = getattr(_module(format), "check", None) if format in _BUILT_IN else None
    if found is None:
        raise InputError(f"{format} has no check: no one program reads it, or none that can be installed")
    return cast(Checker, found)


def _module(format: str) -> Any:
    return import_module(f"bitline.export.{format.replace('-', '_')}")


def _plug_ins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=_GROUP)}
