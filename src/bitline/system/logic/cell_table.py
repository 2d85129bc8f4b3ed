"""CellTable: energy, pin capacitance and delay of a standard cell, from the table of its transitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.place import place_of
from bitline.lut.table import axes
from bitline.system.logic.cells import PLACES, LogicCell, logic_cell

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellTable:
    """What a cell's transitions cost and how long they take.

    Parameters
    ----------
    cell : LogicCell
    edges : ndarray, shape (edges,)
        Length of the inputs' edges, 0 to 100 %, ascending [s].
    loads : ndarray, shape (loads,)
        Load of each output, ascending from 0 [F].
    energy : ndarray, shape (edges, loads, states, states)
        Of the supply from one settled state of the inputs to another, without leakage and without ``C V^2`` of each
        load that rises [J]. What is left of the load is current through both transistors, which it prolongs.
    leakage : ndarray, shape (states,)
        Power at rest [W].
    pins : ndarray, shape (inputs,)
        Capacitance of each input [F].
    delay, slew : ndarray, shape (edges, loads, outputs, states, states)
        From the middle of the last input's edge to that of the output's, and the length of the output's [s]; 0 where
        the output does not switch.
    """

    cell: LogicCell
    edges: Array
    loads: Array
    energy: Array
    leakage: Array
    pins: Array
    delay: Array
    slew: Array

    def __post_init__(self) -> None:
        grid, states, outputs = (len(self.edges), len(self.loads)), self.cell.states, len(self.cell.outputs)
        shapes = {
            "energy": (*grid, states, states),
            "leakage": (states,),
            "pins": (len(self.cell.inputs),),
            "delay": (*grid, outputs, states, states),
            "slew": (*grid, outputs, states, states),
        }
        for name, shape in shapes.items():
            if (actual := getattr(self, name).shape) != shape:
                raise InputError(f"CellTable of {self.cell.name}: {name} has the shape {actual}: must be {shape}")

    @property
    def mean_delay(self) -> float:
        """Mean delay over all transitions that switch an output, by the shortest edge and without load [s]."""
        delays = self.delay[0, 0]
        return float(delays[delays > 0].mean())

    def loaded(self, loads: Sequence[float]) -> LoadedCell:
        """Return the cell with a load on each of its outputs [F]; raises `InputError` if the table ends below one."""
        for load in loads:
            if not 0 <= load <= self.loads[-1]:
                raise InputError(f"cell table of {self.cell.name}: load = {load:g} F: must be 0..{self.loads[-1]:g}")
        # Both outputs of an adder switch within one transition, whose energy has no part of either.
        energy = between(self.loads, self.energy.swapaxes(0, 1), float(np.mean(loads)))
        delay, slew = (
            [between(self.loads, values[:, :, output].swapaxes(0, 1), load) for output, load in enumerate(loads)]
            for values in (self.delay, self.slew)
        )
        return LoadedCell(self.edges, energy, delay, slew)


@dataclass(frozen=True, eq=False)
class LoadedCell:
    """A cell whose outputs have their loads: its transitions over the edge of the input that makes them.

    Edges that are shorter or longer than the table's count as its first or last.

    Parameters
    ----------
    edges : ndarray, shape (edges,)
    energies : ndarray, shape (edges, states, states)
    delays, slews : list of ndarray, shape (edges, states, states)
        Of each output.
    """

    edges: Array
    energies: Array
    delays: list[Array]
    slews: list[Array]

    def energy(self, old: int, new: int, edge: float) -> float:
        """Return the energy of a transition [J]."""
        return float(np.interp(edge, self.edges, self.energies[:, old, new]))

    def delay(self, output: int, old: int, new: int, edge: float) -> float:
        """Return the delay of an output [s]."""
        return float(np.interp(edge, self.edges, self.delays[output][:, old, new]))

    def slew(self, output: int, old: int, new: int, edge: float) -> float:
        """Return the length of an output's edge [s]."""
        return float(np.interp(edge, self.edges, self.slews[output][:, old, new]))


def between(axis: Array, values: Array, x: float) -> Array:
    """Interpolate along the first axis of values, within it."""
    above = max(1, int(np.searchsorted(axis, x)))
    low, high = axis[above - 1 : above + 1]
    share = (x - low) / (high - low)
    return np.asarray((1 - share) * values[above - 1] + share * values[above])


def load_cells(
    luts: Iterable[str | Path], *, corner: str = "tt", vdd: float = 1.8, temperature: float = 27.0
) -> dict[str, CellTable]:
    """Load tables of cells, shipped ones by name or others by folder.

    Returns
    -------
    dict of str to CellTable
        By the name of the cell: ``"fa_1"``.

    Raises
    ------
    InputError
        If a table was not measured at that condition; also as of `cell_table` and `Lut.load`.
    """
    point: dict[str, float | str] = {"corner": corner, "vdd": vdd, "temperature": temperature}
    tables = {}
    for lut in map(Lut.load, luts):
        nominal, cell = lut.tables["nominal"], lut.attrs["parameters"]["cell"]
        here = nominal.sel(place_of(lut, axes(nominal), point))
        tables[cell] = cell_table(cell, here, vdd=vdd, settle=lut.attrs["parameters"]["t_settle"])
    return tables


def cell_table(name: str, table: xr.Dataset, *, vdd: float, settle: float) -> CellTable:
    """Make a cell's table of what the bench ``logic-cell`` measured.

    The capacitance of a pin is what its driver gives when it rises alone, over V^2, the mean over the states of the
    other pins; so it holds the charge that the outputs couple back.

    Parameters
    ----------
    name : str
        Of the cell: ``"fa_1"``.
    table : Dataset
        Over ``before``, ``after`` (every state), ``c_load`` (0 and at least one more) and ``t_edge``.
    vdd : float
        Supply at which it was measured [V].
    settle : float
        Time over which the energies were integrated, beside the edge [s]. A transition from a state to itself is
        leakage alone.

    Raises
    ------
    InputError
        If states or loads are missing, or a transition was not right.
    """
    cell = logic_cell(name)
    states = list(range(cell.states))
    for axis in ("before", "after"):
        if table[axis].to_numpy().astype(int).tolist() != states:
            raise InputError(f"cell table of {name}: {axis} = {table[axis].to_numpy()}: must be 0..{states[-1]}")
    edges, loads = (table[axis].to_numpy().astype(float) for axis in ("t_edge", "c_load"))
    if len(loads) < 2 or loads[0] != 0:
        raise InputError(f"cell table of {name}: c_load = {loads}: must be 0 and at least one load more")
    ordered = table.transpose("t_edge", "c_load", "before", "after", ...)
    shape = (len(edges), len(loads), len(states), len(states))
    values = {key: ordered[key].to_numpy().reshape(shape) for key in ordered.data_vars}
    if not (values["right"] == 1).all():
        raise InputError(f"cell table of {name}: a transition did not end at the level of the cell's function")
    leakage = np.diag(values["energy_cell"][0, 0]) / (edges[0] + settle)
    leaked = leakage * (edges[:, None, None, None] + settle)
    charge = loads[:, None, None] * _rises(cell) * vdd**2
    delay, slew = (
        np.stack([values[f"{kind}_{place}"] for place in PLACES[: len(cell.outputs)]], axis=2)
        for kind in ("delay", "slew")
    )
    return CellTable(
        cell,
        edges=edges,
        loads=loads,
        energy=values["energy_cell"] - leaked - charge,
        leakage=leakage,
        pins=_pins(cell, values["energy_pins"][0, 0]) / vdd**2,
        delay=delay,
        slew=slew,
    )


def _rises(cell: LogicCell) -> Array:
    """Return how many outputs rise in each transition, shape (states, states)."""
    bits = np.array([cell.at(state) for state in range(cell.states)])
    return np.asarray((bits[None] > bits[:, None]).sum(axis=-1).astype(float))


def _pins(cell: LogicCell, energy: Array) -> Array:
    """Return the mean energy of each pin's rise alone [J]."""
    alone = [
        [energy[state, state | 1 << pin] for state in range(cell.states) if not state >> pin & 1]
        for pin in range(len(cell.inputs))
    ]
    return np.array([np.mean(rises) for rises in alone])
