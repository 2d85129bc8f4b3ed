"""Plug-ins: what installed packages add to bitline, by entry points. Its own exporters are declared so, too.

=====================  =================================================================================
group                  what an entry point names
=====================  =================================================================================
``bitline.circuits``   a `Circuit` class
``bitline.benches``    a `Bench`
``bitline.exporters``  an `Exporter`; the entry point's name is the format
``bitline.content``    a package whose folders ``templates/``, ``characterize/`` and ``luts/`` are searched too
=====================  =================================================================================

A plug-in that cannot be loaded is named in a warning, and everything else goes on without it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bitline.errors import BitlineError, PlugInWarning, SetupError, UnknownNameError


def plugged(group: str, refuse: Callable[[Any, Collection[Any]], str] | None = None) -> dict[str, Any]:
    """Load every entry point of a group; return the objects by the entry points' names.

    Parameters
    ----------
    group : str
        Such as ``"bitline.circuits"``.
    refuse : callable, optional
        Given an object and those before it, returns why it cannot be used, such as a name that is taken; "" if it can.

    Warns
    -----
    PlugInWarning
        For each that cannot be loaded or is refused; it is left out.
    """
    objects: dict[str, Any] = {}
    # A broken package need not concern this run: it is named in a warning and left out.
    for entry in _entries(group).values():
        try:
            loaded = entry.load()
        # SystemExit, too: a plug-in's import may fail in any way, and must not end ours.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            _warn(entry, f"it cannot be loaded: {_reason(error)}")
            continue
        try:
            reason = "" if refuse is None else refuse(loaded, objects.values())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what is asked of it may be a plug-in's code
            reason = _reason(error)
        if reason:
            _warn(entry, reason)
            continue
        objects[entry.name] = loaded
    return objects


def plug_in_names(group: str) -> tuple[str, ...]:
    """Return the names of a group's entry points, sorted; none is loaded."""
    return tuple(sorted(_entries(group)))


def plug_in_packages(group: str) -> frozenset[str]:
    """Return the outermost packages or modules that a group's entry points name, bitline's own left out."""
    return frozenset(entry.module.partition(".")[0] for entry in _entries(group).values()) - {"bitline"}


def plug_in(group: str, name: str, noun: str) -> Any:
    """Load one entry point of a group, and no other.

    Parameters
    ----------
    group, name : str
    noun : str
        What its name is the name of, for messages: "export format".

    Raises
    ------
    UnknownNameError
        If the group has none of that name.
    SetupError
        If it cannot be loaded.
    """
    entries = _entries(group)
    if name not in entries:
        raise UnknownNameError(noun, name, entries)
    try:
        return entries[name].load()
    except (Exception, SystemExit) as error:
        # The user asked for this one by name: a warning would not do.
        raise SetupError(f"{noun} {name} ({entries[name].value}) cannot be loaded: {_reason(error)}") from error


def _entries(group: str) -> dict[str, EntryPoint]:
    """Return a group's entry points by name; of two with one name bitline's own is kept, or else one is named."""
    # By value, because the order in which packages are found is that of folders.
    found = sorted(entry_points(group=group), key=lambda entry: (not entry.value.startswith("bitline."), entry.value))
    entries: dict[str, EntryPoint] = {}
    for entry in found:
        kept = entries.setdefault(entry.name, entry)
        if kept.value != entry.value:
            _warn(entry, f"{kept.value} has that name already")
    return entries


def content_folders(name: str) -> tuple[Path, ...]:
    """Return the folders called `name` in the packages registered under ``bitline.content``.

    The packages are looked up, not imported: listing templates must not run a plug-in's code.
    """
    folders: list[Path] = []
    for entry in entry_points(group="bitline.content"):
        try:
            spec = find_spec(entry.value)
        # The package around a named one is imported, and may fail in any way.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            _warn(entry, f"it cannot be loaded: {_reason(error)}")
            continue
        # A single module has no folder that could hold templates.
        if spec is None or not spec.submodule_search_locations:
            _warn(entry, f"there is no package {entry.value}")
            continue
        folders += [Path(place) / name for place in spec.submodule_search_locations]
    return tuple(folder for folder in folders if folder.is_dir())


def left_out(what: str, reason: object) -> None:
    """Say in a `PlugInWarning` that a file or package is left out, and why."""
    warnings.warn(f"{what} is left out: {reason}", PlugInWarning, stacklevel=3)


def _warn(entry: EntryPoint, reason: str) -> None:
    left_out(f"plug-in {entry.name} ({entry.group}: {entry.value})", reason)


def _reason(error: BaseException) -> str:
    """Return what was raised in one line."""
    # An import error may bring a paragraph, and every message of bitline is one line.
    if isinstance(error, BitlineError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())
