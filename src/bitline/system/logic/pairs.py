"""CellPairs: what a cell makes of two changes of its inputs that come close together, from the table of such pairs.

Two changes far apart cost the energies of both transitions, and each has its delay. Close together they have less, or
more: an output's pulse is partial or does not form, and transistors that open together drive harder. Both are measured
over the time between the changes (the gap), so that no inertial time has to be fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.system.logic.cell_table import between
from bitline.system.logic.cells import PLACES, LogicCell, logic_cell

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

NEGLIGIBLE = 0.01
"""Part of a cell's largest difference of energies below which a pair counts as two transitions apart."""


@dataclass(frozen=True)
class Pair:
    """Two changes of a cell's inputs with the gap between them.

    Parameters
    ----------
    energy : float
        Beyond that of both transitions apart, with the charge of their loads [J].
    share : float
        How much of the state between them there was: 0 of changes at once, 1 of changes far apart.
    shift : tuple of float
        Of each output that ends at the other level: how much later it comes than after its own change alone [s].
    swing : tuple of float
        Of each output that makes a pulse: how far it goes, over the supply.
    width : tuple of float
        Of that pulse, at half the supply [s].
    """

    energy: float
    share: float
    shift: tuple[float, ...]
    swing: tuple[float, ...]
    width: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class CellPairs:
    """Pairs of changes of a cell's inputs.

    Parameters
    ----------
    cell : LogicCell
    gaps : ndarray, shape (gaps,)
        Time between the changes, ascending from 0 [s]; by the last one they are apart.
    loads : ndarray, shape (loads,)
        Load of each output, ascending from 0 [F].
    t_edge : float
        Length of the inputs' edges [s].
    energy : ndarray, shape (loads, states, inputs, inputs, gaps)
        Over the state before, the input that changes first and that which changes then; as of `Pair`.
    shift, swing, width : ndarray, shape (loads, outputs, states, inputs, inputs, gaps)
    """

    cell: LogicCell
    gaps: Array
    loads: Array
    t_edge: float
    energy: Array
    shift: Array
    swing: Array
    width: Array

    def loaded(self, loads: Sequence[float]) -> LoadedPairs:
        """Return the pairs with a load on each output [F]; raises `InputError` if the table ends below one."""
        for load in loads:
            if not 0 <= load <= self.loads[-1]:
                raise InputError(f"pairs of {self.cell.name}: load = {load:g} F: must be 0..{self.loads[-1]:g}")
        each = [
            between(self.loads, values[:, output], load)
            for values in (self.shift, self.swing, self.width)
            for output, load in enumerate(loads)
        ]
        energy = between(self.loads, self.energy, float(np.mean(loads)))
        return LoadedPairs(self.cell, self.gaps, self.t_edge, np.stack([energy, *each], axis=-1))


@dataclass(frozen=True, eq=False)
class LoadedPairs:
    """Pairs of a cell whose outputs have their loads.

    Parameters
    ----------
    cell : LogicCell
    gaps : ndarray, shape (gaps,)
    t_edge : float
    values : ndarray, shape (states, inputs, inputs, gaps, 1 + 3 outputs)
        Energy, then shift, swing and width of the outputs.
    """

    cell: LogicCell
    gaps: Array
    t_edge: float
    values: Array

    def at(self, before: int, between: int, after: int, gap: float) -> Pair | None:
        """Return the pair of changes through these states; None if it is apart, or one is of several inputs."""
        first, second = before ^ between, between ^ after
        if gap >= self.gaps[-1] or first.bit_count() != 1 or second.bit_count() != 1:
            return None
        course = self.values[before, first.bit_length() - 1, second.bit_length() - 1]
        above = max(1, int(np.searchsorted(self.gaps, gap)))
        low, high = self.gaps[above - 1 : above + 1]
        part = max(0.0, (gap - low) / (high - low))
        energy, *rest = ((1 - part) * course[above - 1] + part * course[above]).tolist()
        outputs = len(self.cell.outputs)
        shift, swing, width = (tuple(rest[k : k + outputs]) for k in range(0, 3 * outputs, outputs))
        return Pair(energy, self._share(energy, float(course[0, 0])), shift, swing, width)

    def _share(self, energy: float, at_once: float) -> float:
        if abs(at_once) < NEGLIGIBLE * float(np.abs(self.values[..., 0, 0]).max()):
            return 1.0
        return min(1.0, max(0.0, 1 - energy / at_once))


def cell_pairs(name: str, table: xr.Dataset, *, t_edge: float) -> CellPairs:
    """Make a cell's pairs of what the bench ``logic-pair`` measured.

    Parameters
    ----------
    name : str
        Of the cell: ``"fa_1"``.
    table : Dataset
        Over ``before`` (every state), ``first``, ``second`` (every input), ``t_gap`` and ``c_load`` (each 0 and at
        least one more).
    t_edge : float
        Length of the inputs' edges [s].

    Raises
    ------
    InputError
        If states, inputs, gaps or loads are missing, or an output did not end at its level.
    """
    cell = logic_cell(name)
    inputs = range(len(cell.inputs))
    for axis, wanted in (("before", range(cell.states)), ("first", inputs), ("second", inputs)):
        if table[axis].to_numpy().astype(int).tolist() != list(wanted):
            raise InputError(f"pairs of {name}: {axis} = {table[axis].to_numpy()}: must be 0..{len(wanted) - 1}")
    gaps, loads = (table[axis].to_numpy().astype(float) for axis in ("t_gap", "c_load"))
    for axis, values in (("t_gap", gaps), ("c_load", loads)):
        if len(values) < 2 or values[0] != 0:
            raise InputError(f"pairs of {name}: {axis} = {values}: must be 0 and at least one more")
    ordered = table.transpose("c_load", "before", "first", "second", "t_gap", ...)
    shape = (len(loads), cell.states, len(inputs), len(inputs), len(gaps))
    measured = {key: ordered[key].to_numpy().reshape(shape) for key in ordered.data_vars}
    if not (measured["right"] == 1).all():
        raise InputError(f"pairs of {name}: an output did not end at the level of the cell's function")
    energy = measured["energy_cell"]
    swing, width, delay = (
        np.stack([measured[f"{kind}_{place}"] for place in PLACES[: len(cell.outputs)]], axis=1)
        for kind in ("swing", "width", "delay")
    )
    return CellPairs(
        cell,
        gaps=gaps,
        loads=loads,
        t_edge=t_edge,
        energy=energy - energy[..., -1:],
        shift=_shift(cell, delay, gaps),
        swing=swing,
        width=width,
    )


def _shift(cell: LogicCell, delay: Array, gaps: Array) -> Array:
    """Return how much later than after its own change alone an output comes that ends at the other level [s]."""
    shift = np.zeros_like(delay)
    for before, first, second in np.ndindex(cell.states, len(cell.inputs), len(cell.inputs)):
        between = before ^ 1 << first
        levels = (cell.at(state) for state in (before, between, between ^ 1 << second))
        for output, (start, middle, end) in enumerate(zip(*levels, strict=True)):
            if start != end:
                # From the change that it answers to: the second, or the first, which was a gap sooner.
                own = delay[:, output, before, first, second] + (middle == end) * gaps
                shift[:, output, before, first, second] = own - own[:, -1:]
    return shift
