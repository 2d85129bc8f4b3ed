"""Exporters: a LUT written for another program.

A folder per consumer, which ends in its `EXPORTER`: ``write``, ``tables`` (what it computes of a LUT) and ``check``
(load what was written in the program it is for, and compare). All are entry points of the group
``bitline.exporters``, whose names are formats, bitline's own in ``pyproject.toml`` as those of any other package.
Each declares what a LUT must hold (`needs`), in terms of its tables and of its operation.
"""

from __future__ import annotations

import warnings

from bitline.errors import PlugInWarning, SetupError
from bitline.export.base import Exporter, Refusal
from bitline.export.needs import Need, Outline
from bitline.plugins import plug_in, plug_in_names, plugged

__all__ = ["Exporter", "Need", "Outline", "Refusal", "exporter", "exporters", "formats"]

_GROUP = "bitline.exporters"


def formats() -> tuple[str, ...]:
    """Return the names of all formats; no exporter is loaded."""
    return plug_in_names(_GROUP)


def exporter(format: str) -> Exporter:
    """Return the exporter of that format.

    Raises
    ------
    UnknownNameError
        If there is none.
    SetupError
        If it cannot be loaded, or is no `Exporter`.
    """
    # only this one: another package's mistake must not stop the export
    loaded = plug_in(_GROUP, format, "export format")
    if not isinstance(loaded, Exporter):
        raise SetupError(f"export format {format}: {loaded!r} is no bitline.export.Exporter")
    return loaded


def exporters() -> dict[str, Exporter]:
    """Return all exporters by format; one that cannot be loaded is named in a `PlugInWarning` and left out."""
    loaded = {}
    for name, candidate in sorted(plugged(_GROUP).items()):
        if isinstance(candidate, Exporter):
            loaded[name] = candidate
        else:
            warnings.warn(
                f"plug-in {name} ({_GROUP}) is left out: {candidate!r} is no bitline.export.Exporter",
                PlugInWarning,
                stacklevel=2,
            )
    return loaded
