"""Kit: what a worker on another machine needs beside bitline and ngspice, and what it must have in common with us.

A bare worker has no PDK and an empty cache. It gets the library as this machine has read and cut it down, at the
corners of the run, and the standard cells: some megabytes, once. So no file of a PDK is read for a deck on a worker.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bitline.engine.isolation import isolate
from bitline.engine.selftest import Engine
from bitline.errors import SetupError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.library import Library
from bitline.pdk.slim import adopt_library, slim_pdk
from bitline.pdk.standard_cells import StandardCell, adopt_cells, readable_cells
from bitline.sweep.fingerprint import installation
from bitline.sweep.simulate import Context, simulator_of

# Longest time of the self-test with which a simulator begins [s].
_TEST_SECONDS = 30.0


@dataclass(frozen=True)
class Kit:
    """The process as this machine has read it, and how this machine is installed.

    Parameters
    ----------
    pdk : Pdk
    engine : {"shared", "batch"}
    libraries : mapping of Corner to Library
    cells : mapping of str to StandardCell
    installation : mapping of str to str
        See `bitline.sweep.fingerprint.installation`.
    """

    pdk: Pdk
    engine: Engine
    libraries: Mapping[Corner, Library]
    cells: Mapping[str, StandardCell]
    installation: Mapping[str, str]


def kit(context: Context, corners: Iterable[Corner]) -> Kit:
    """Return the kit of a run; raises the `SetupError` of a library that cannot be read, or of a missing ngspice."""
    pdk = context.pdk
    libraries = {corner: slim_pdk(pdk, corner).library for corner in dict.fromkeys(corners)}
    return Kit(pdk, context.engine, libraries, readable_cells(pdk), installation())


def unpack(kit: Kit) -> None:
    """Make a simulating process ready: as on the client's machine, but with the kit instead of the PDK's files."""
    isolate()
    for corner, library in kit.libraries.items():
        adopt_library(kit.pdk, corner, library)
    adopt_cells(kit.pdk, kit.cells)


def check(kit: Kit) -> None:
    """Raise `SetupError` unless this machine gives the results that the client's does; names both versions."""
    here = {**installation(), "ngspice": simulator_of(kit.engine, _TEST_SECONDS).version}
    for name, theirs in kit.installation.items():
        _compare(name, here[name], theirs)
    # A machine whose copy of the PDK is another one would be right by accident only: whoever set it up should know.
    for corner, library in kit.libraries.items():
        for path, theirs in library.files.items():
            file = Path(path)
            if file.is_file():
                ours = hashlib.sha256(file.read_bytes()).hexdigest()
                _compare(f"PDK {kit.pdk.name} at {corner} ({file.name})", ours[:12], theirs[:12])


def _compare(name: str, here: str, client: str) -> None:
    if here != client:
        raise SetupError(
            f"{name}: the worker on {platform.node()} has {here}, this machine {client}: results of both must not be"
            " mixed: install the same on all machines"
        )
