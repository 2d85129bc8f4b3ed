"""Exporters: a LUT written for another program.

A folder per consumer, which ends in its `EXPORTER`: ``write``, ``tables`` (what it computes of a LUT) and ``check``
(load what was written in the program it is for, and compare). A package adds an exporter through the entry-point
group ``bitline.exporters``, whose names are formats. Which formats a LUT allows is in `applies`.

What several formats need of a LUT is worked out once: `column` (mean and sigmas per code), `operands` (that,
averaged over mixes), `levels` (conductances), `kinds` and `operation` (energy and time of an operation), `macro`
(delays).
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bitline.errors import InputError, SetupError, UnknownNameError
from bitline.export import accelforge, aihwkit, analog_cim_sim, crosssim, hwcomponents, liberty, neurosim, plain
from bitline.export.applies import refusal
from bitline.export.base import Check, Exporter

if TYPE_CHECKING:
    from bitline.lut.lut import Lut

__all__ = ["Exporter", "checker", "export", "exporter", "formats", "refusal"]

_BUILT_IN = {
    made.name: made
    for made in (
        accelforge.EXPORTER,
        aihwkit.EXPORTER,
        analog_cim_sim.EXPORTER,
        crosssim.EXPORTER,
        hwcomponents.EXPORTER,
        liberty.EXPORTER,
        neurosim.EXPORTER,
        plain.CSV,
        plain.NETCDF,
        plain.PARQUET,
    )
}
_GROUP = "bitline.exporters"


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
        return _BUILT_IN[format]
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
    return exporter(format).write(lut, Path(folder), **options)


def checker(format: str) -> Check:
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
    made = exporter(format)
    if made.checker is None:
        raise InputError(f"{format} has no check: no one program reads it, or none that can be installed")
    return made.check


def _plug_ins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=_GROUP)}
