"""What `bitline export --check` does for analog-cim-sim: the cells that it draws, against the LUT."""

from __future__ import annotations

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

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
    signs = np.where(np.arange(rows * columns) % 2, -1, 1).astype(np.int32)
    drawn: dict[str, list[Any]] = {"lrs": [], "hrs": []}
    acs_py.set_config(str(path))
    for _ in range(math.ceil(20_000 / signs.size)):
        acs_py.cpy(signs, columns, rows)
        plus, minus = (np.array(cells(), dtype=float)[:columns, :rows].ravel() for cells in (acs_py.ia_p, acs_py.ia_m))
        drawn["lrs"].append(np.where(signs > 0, plus, minus))
        drawn["hrs"].append(np.where(signs > 0, minus, plus))
    n = len(drawn["lrs"]) * signs.size
    _compare("LRS", np.concatenate(drawn["lrs"]), currents.lrs, currents.lrs_sigma)
    _compare("HRS", np.concatenate(drawn["hrs"]), currents.hrs, currents.hrs_sigma)
    return f"analog-cim-sim: mean and sigma of {n} cells in each level as in the LUT, within 5 standard errors"


def _compare(level: str, found: Any, mean: float, sigma: float) -> None:
    n, f32 = len(found), 1e-6 * mean * UA  # the simulator computes in single precision
    if abs(found.mean() - mean * UA) > 5 * sigma * UA / math.sqrt(n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a mean of {found.mean():g} uA, the LUT {mean * UA:g}")
    if abs(found.std() - sigma * UA) > 5 * sigma * UA / math.sqrt(2 * n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a sigma of {found.std():g} uA, the LUT {sigma * UA:g}")
