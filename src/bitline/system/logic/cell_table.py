"""CellTable: energy, pin capacitance and delay of a standard cell, from the table of its transitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.logic.cells import LogicCell, logic_cell

Array = NDArray[np.float64]

CELL_TABLES = ("logic-cell-inv", "logic-cell-and2", "logic-cell-nor2", "logic-cell-ha", "logic-cell-fa")
"""The shipped tables of cells: tt, 1.8 V, 27 degC."""
_DELAYS = ("delay_first", "delay_second")


@dataclass(frozen=True, eq=False)
class CellTable:
    """What a cell's transitions cost and how long they take.

    Parameters
    ----------
    cell : LogicCell
    energy : ndarray, shape (states, states)
        Of the supply from one settled state of the inputs to another, without load and leakage [J].
    leakage : ndarray, shape (states,)
        Power at rest [W].
    pins : ndarray, shape (inputs,)
        Capacitance of each input [F].
    delay : ndarray, shape (outputs, states, states)
        From the last input's edge to the output's, without load [s]; 0 where the output does not switch.
    slope : ndarray, shape (outputs, states, states)
        Of the delay over the load [s/F].
    """

    cell: LogicCell
    energy: Array
    leakage: Array
    pins: Array
    delay: Array
    slope: Array

    def __post_init__(self) -> None:
        states, outputs = self.cell.states, len(self.cell.outputs)
        shapes = {
            "energy": (states, states),
            "leakage": (states,),
            "pins": (len(self.cell.inputs),),
            "delay": (outputs, states, states),
            "slope": (outputs, states, states),
        }
        for name, shape in shapes.items():
            if (actual := getattr(self, name).shape) != shape:
                raise InputError(f"CellTable of {self.cell.name}: {name} has the shape {actual}: must be {shape}")


def load_cells(luts: Iterable[str | Path] = CELL_TABLES) -> dict[str, CellTable]:
    """Load tables of cells, shipped ones by name or others by folder; errors as of `cell_table` and `Lut.load`.

    Returns
    -------
    dict of str to CellTable
        By the name of the cell: ``"fa_1"``.
    """
    tables = {}
    for lut in map(Lut.load, luts):
        parameters = lut.attrs["parameters"]
        window = parameters["t_edge"] + parameters["t_settle"]
        vdd = float(lut.tables["nominal"]["vdd"].item())
        tables[parameters["cell"]] = cell_table(parameters["cell"], lut.tables["nominal"], vdd=vdd, window=window)
    return tables


def cell_table(name: str, table: xr.Dataset, *, vdd: float, window: float) -> CellTable:
    """Make a cell's table of what the bench ``logic-cell`` measured.

    The capacitance of a pin is what its driver gives when it rises alone, over V^2, the mean over the states of the
    other pins; so it holds the charge that the outputs couple back.

    Parameters
    ----------
    name : str
        Of the cell: ``"fa_1"``.
    table : Dataset
        Over ``before``, ``after`` (every state) and ``c_load`` (0 and at least one more).
    vdd : float
        Supply at which it was measured [V].
    window : float
        Time over which the energies were integrated [s]. A transition from a state to itself is leakage alone.

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
    loads = table["c_load"].to_numpy().astype(float)
    if len(loads) < 2 or loads[0] != 0:
        raise InputError(f"cell table of {name}: c_load = {loads}: must be 0 and at least one load more")
    ordered = table.transpose("before", "after", "c_load", ...)
    values = {key: ordered[key].to_numpy().reshape(len(states), len(states), len(loads)) for key in ordered.data_vars}
    if not (values["right"] == 1).all():
        raise InputError(f"cell table of {name}: a transition did not end at the level of the cell's function")
    delays = np.array([values[key] for key in _DELAYS[: len(cell.outputs)]])
    idle = np.diag(values["energy_cell"][:, :, 0])
    return CellTable(
        cell,
        energy=values["energy_cell"][:, :, 0] - idle,
        leakage=idle / window,
        pins=_pins(cell, values["energy_pins"][:, :, 0]) / vdd**2,
        delay=delays[..., 0],
        slope=(delays[..., -1] - delays[..., 0]) / (loads[-1] - loads[0]),
    )


def _pins(cell: LogicCell, energy: Array) -> Array:
    """Return the mean energy of each pin's rise alone [J]."""
    alone = [
        [energy[state, state | 1 << pin] for state in range(cell.states) if not state >> pin & 1]
        for pin in range(len(cell.inputs))
    ]
    return np.array([np.mean(rises) for rises in alone])
