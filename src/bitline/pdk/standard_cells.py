"""Standard cells: transistors of a library's own netlists, by the roles of the PDK's descriptor.

The netlists say how wide each transistor is, not how large its junctions are: the descriptor's rule does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bitline.errors import InputError, PdkDamagedError, UnknownNameError
from bitline.pdk.descriptor import Pdk, StandardCells
from bitline.pdk.scope import Scope
from bitline.pdk.statements import assignments, file_statements

# What a net of a cell's netlist may hold that a node of a deck may not.
_STRANGE = re.compile(r"[^a-z0-9_]")


@dataclass(frozen=True)
class CellTransistor:
    """One transistor of a standard cell.

    Parameters
    ----------
    name : str
        Within the cell.
    role : str
        Of the PDK's descriptor.
    drain, gate, source, bulk : str
        Nets of the cell: pins in upper case, others in lower case.
    w, l : float
        Size [m].
    """

    name: str
    role: str
    drain: str
    gate: str
    source: str
    bulk: str
    w: float
    l: float  # noqa: E741 (the name SPICE uses)


@dataclass(frozen=True)
class StandardCell:
    """A standard cell.

    Parameters
    ----------
    name : str
        Without the library's prefix: ``"fa_1"``.
    pins : tuple of str
        Of its signals, in upper case, in the netlist's order.
    transistors : tuple of CellTransistor
    power, ground : frozenset of str
        Its supply pins.
    diffusion : float
        Length of a source or drain for junction areas [m]: each is `w` by this.
    """

    name: str
    pins: tuple[str, ...]
    transistors: tuple[CellTransistor, ...]
    power: frozenset[str]
    ground: frozenset[str]
    diffusion: float


def standard_cell(pdk: Pdk, name: str) -> StandardCell:
    """Read a standard cell.

    Parameters
    ----------
    pdk : Pdk
    name : str
        Without the library's prefix: ``"fa_1"``.

    Raises
    ------
    InputError
        If the process's descriptor has no standard cells.
    UnknownNameError
        If the library has no such cell; names the nearest.
    PdkDamagedError
        If its netlist holds anything but transistors of the descriptor's roles.
    """
    known = pdk.standard_cells
    if known is None:
        raise InputError(f"standard cell {name}: {pdk.name}.toml describes none ([standard_cells])")
    if pdk in _adopted:
        cells = _adopted[pdk]
        if name not in cells:
            raise UnknownNameError("standard cell", name, cells, f"of PDK {pdk.name}")
        return cells[name]
    return _read(pdk, known, name, _netlist(pdk, known, name))


# Those of a process whose files this machine may not have.
_adopted: dict[Pdk, Mapping[str, StandardCell]] = {}


def readable_cells(pdk: Pdk) -> dict[str, StandardCell]:
    """Return every standard cell whose netlist can be read, by name; none if the process has none."""
    known = pdk.standard_cells
    cells: dict[str, StandardCell] = {}
    if known is None:
        return cells
    for name, path in _netlists(pdk, known).items():
        # Some hold more than transistors; no deck is made of these.
        with suppress(PdkDamagedError):
            cells[name] = _read(pdk, known, name, path)
    return cells


def adopt_cells(pdk: Pdk, cells: Mapping[str, StandardCell]) -> None:
    """Take a process's standard cells from another machine, which has read them."""
    _adopted[pdk] = cells


@cache
def _read(pdk: Pdk, known: StandardCells, name: str, path: Path) -> StandardCell:
    roles = {device.name.lower(): role for role, device in pdk.devices.items()}
    head, *lines = file_statements(path, {})
    keyword, subcircuit, *nets = head.split()
    if keyword != ".subckt" or subcircuit != (known.prefix + name).lower() or lines[-1].split()[0] != ".ends":
        raise PdkDamagedError(f"{path}: is not the one subcircuit {known.prefix}{name}")
    pins = {net: net.upper() for net in nets}
    supplies = {*known.power, *known.ground}
    return StandardCell(
        name,
        tuple(pin for pin in pins.values() if pin not in supplies),
        tuple(_transistor(path, line, pins, roles, pdk.unit) for line in lines[:-1]),
        frozenset(known.power),
        frozenset(known.ground),
        known.diffusion,
    )


def cell_netlists(pdk: Pdk) -> tuple[Path, ...]:
    """Return the netlist files of a process's standard cells, sorted; none if it has none."""
    known = pdk.standard_cells
    if known is None:
        return ()
    return tuple(sorted((pdk.root / known.netlists).glob(f"*/{known.prefix}*.spice")))


def _netlists(pdk: Pdk, known: StandardCells) -> dict[str, Path]:
    return {path.stem.removeprefix(known.prefix): path for path in cell_netlists(pdk)}


def _netlist(pdk: Pdk, known: StandardCells, name: str) -> Path:
    found = _netlists(pdk, known)
    if name not in found:
        raise UnknownNameError("standard cell", name, found, f"of PDK {pdk.name}")
    return found[name]


def _transistor(path: Path, line: str, pins: dict[str, str], roles: dict[str, str], unit: float) -> CellTransistor:
    words = line.split()
    if not line.startswith("x") or len(words) < 6 or words[5] not in roles:
        raise PdkDamagedError(f"{path}: {line!r} is no transistor of a known device ({', '.join(roles)})")
    sizes = assignments(" ".join(words[6:]))
    if sizes.keys() != {"w", "l"}:
        raise PdkDamagedError(f"{path}: {line!r}: must give w and l, and nothing else")
    # 420000u of a micrometre is 0.42 um: the last bits of the product are not the size that a model has.
    w, length = (float(f"{Scope({}).evaluate(side, sizes[side]) * unit:.12g}") for side in ("w", "l"))
    drain, gate, source, bulk = (pins.get(net) or _STRANGE.sub("", net) for net in words[1:5])
    return CellTransistor(words[0], roles[words[5]], drain, gate, source, bulk, w, length)
