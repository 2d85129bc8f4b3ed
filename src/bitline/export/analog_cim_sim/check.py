"""What `bitline export --check` does for analog-cim-sim: the cells that it draws, against the LUT."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import ExportCheckError, LutFileError, SetupError
from bitline.export.analog_cim_sim.tables import currents_of
from bitline.export.analog_cim_sim.write import CONFIG, UA
from bitline.lut.lut import Lut


def check(lut: Lut, folder: Path) -> str:
    """Load the configuration in analog-cim-sim, write a matrix, and compare the cells' currents with the LUT.

    Raises
    ------
    LutFileError
        If the configuration is missing or damaged.
    SetupError
        If the simulator's Python module ``acs_py`` cannot be imported.
    ExportCheckError
        If its cells have another mean or sigma than the LUT, by more than five standard errors.
    """
    try:
        acs_py = import_module("acs_py")
    except ImportError as error:
        raise SetupError(
            f"the check of an analog-cim-sim export needs its module acs_py, which is on no index: build it ({error})"
        ) from None
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text("utf-8"))
        facts, rows, columns = config["bitline"], int(config["N"]), int(config["M"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LutFileError(f"{path}: not what the analog-cim-sim export writes: {error}") from None
    currents = currents_of(lut, facts["condition"], rows, facts["v_read_volt"])
    # a weight of +1 puts LRS into the positive crossbar, -1 into the negative one: both levels in both
    signs = np.where(np.arange(rows * columns) % 2, -1, 1).astype(np.int32)
    cells: dict[str, list[Any]] = {"lrs": [], "hrs": []}
    acs_py.set_config(str(path))
    # each write draws the cells anew
    for _ in range(math.ceil(20_000 / signs.size)):
        acs_py.cpy(signs, columns, rows)
        plus, minus = (_currents(crossbar, rows, columns) for crossbar in (acs_py.ia_p, acs_py.ia_m))
        cells["lrs"].append(np.where(signs > 0, plus, minus))
        cells["hrs"].append(np.where(signs > 0, minus, plus))
    n = len(cells["lrs"]) * signs.size
    _compare("LRS", np.concatenate(cells["lrs"]), currents.lrs, currents.lrs_sigma)
    _compare("HRS", np.concatenate(cells["hrs"]), currents.hrs, currents.hrs_sigma)
    return f"analog-cim-sim: mean and sigma of {n} cells in each level as in the LUT, within 5 standard errors"


def _currents(crossbar: Callable[[], Any], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the currents [uA] of a crossbar's cells that are in use; shape (columns * rows,)."""
    return np.array(crossbar(), dtype=float)[:columns, :rows].ravel()


def _compare(level: str, cells: NDArray[np.float64], mean: float, sigma: float) -> None:
    n, f32 = len(cells), 1e-6 * mean * UA  # the simulator computes in single precision
    if abs(cells.mean() - mean * UA) > 5 * sigma * UA / math.sqrt(n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a mean of {cells.mean():g} uA, the LUT {mean * UA:g}")
    if abs(cells.std() - sigma * UA) > 5 * sigma * UA / math.sqrt(2 * n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a sigma of {cells.std():g} uA, the LUT {sigma * UA:g}")
