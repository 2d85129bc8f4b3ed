"""CellLibrary: what the event model knows of the cells of a network, at one condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.logic.cell_table import CellTable, load_cells
from bitline.system.logic.pairs import CellPairs, cell_pairs

Luts = Iterable[str | Path]


@dataclass(frozen=True, eq=False)
class CellLibrary:
    """Tables of cells, by name, and of their pairs of changes.

    Parameters
    ----------
    vdd : float
        Supply at which they hold [V].
    cells : mapping of str to CellTable
    pairs : mapping of str to CellPairs
        Of the cells whose inputs change again before their outputs have settled; others need none.
    """

    vdd: float
    cells: Mapping[str, CellTable]
    pairs: Mapping[str, CellPairs]


def load_library(
    cells: Luts, pairs: Luts, *, corner: str = "tt", vdd: float = 1.8, temperature: float = 27.0
) -> CellLibrary:
    """Load the tables of the benches ``logic-cell`` and ``logic-pair``, shipped ones by name or others by folder.

    Pairs are measured at one condition. At another one their times are assumed to be as much longer as the cell's mean
    delay is, and their energies to go with the square of the supply.

    Raises
    ------
    InputError
        If a table of cells has not this condition, or not that of the pairs; also as of `cell_pairs` and `Lut.load`.
    """
    luts = list(cells)
    here = load_cells(luts, corner=corner, vdd=vdd, temperature=temperature)
    scaled = {}
    for lut in map(Lut.load, pairs):
        name, table = lut.attrs["parameters"]["cell"], lut.tables["nominal"]
        if name not in here:
            raise InputError(f"pairs of {name}: there is no table of that cell; there are {', '.join(sorted(here))}")
        measured = cell_pairs(name, table.squeeze(), t_edge=lut.attrs["parameters"]["t_edge"])
        there = {axis: table[axis].item() for axis in ("corner", "vdd", "temperature")}
        if there == {"corner": corner, "vdd": vdd, "temperature": temperature}:
            scaled[name] = measured
            continue
        slower = here[name].mean_delay / load_cells(luts, **there)[name].mean_delay
        scaled[name] = _scaled(measured, slower, (vdd / there["vdd"]) ** 2)
    return CellLibrary(vdd, here, scaled)


def _scaled(pairs: CellPairs, slower: float, energy: float) -> CellPairs:
    return replace(
        pairs,
        gaps=slower * pairs.gaps,
        shift=slower * pairs.shift,
        width=slower * pairs.width,
        energy=energy * pairs.energy,
    )
