"""analog-cim-sim (the back end of CIM-Explorer): a configuration with cell currents and their spread.

The simulator computes a crossbar's column from two levels, currents in uA: a cell is ``HRS`` or ``LRS`` plus a
normal deviate of ``HRS_NOISE`` or ``LRS_NOISE``, drawn when the matrix is written and kept (device to device). A
weight is two cells, LRS - HRS for +1, HRS - LRS for -1, and **HRS - HRS for 0** in the mappings allowed here.

Two LUTs have such currents. A store (``nsnr-cluster``) has resistances as placed; its currents are conductance
times the read voltage. A ReRAM column (``reram-column``) has currents of its cells with access device and line,
and the spread of their sum: for n equal, independent cells sigma_cell / I_cell = sqrt(n) sigma_V / V.

As of 2026-08 (commit 68e3bdc): `INF_ADC` does not round, and its result is cut towards zero to an integer, so
this exporter never writes it; `c2c_var` draws from the same two sigmas at every product on top of the static
draw, and `d2d_var = false` is read but not heeded; `verbose = true` ends the process for ternary mappings.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bitline.errors import ExportCheckError, InputError, LutFileError, SetupError
from bitline.export.column import Condition
from bitline.export.levels import assumed_of, levels_of
from bitline.export.readme import listed, write_readme
from bitline.files import staged
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut

CONFIG = "analog_cim_sim.json"
MAPPINGS = ("TNN_I", "TNN_II", "TNN_III", "BNN_I", "BNN_II", "BNN_VI")
"""Mappings with a weight of two cells: their zero is HRS - HRS, and they need ``SYM_RANGE_ADC``."""

_UA = 1e6
_LEFT_OUT = """
- The middle level: a cell of this simulator has two. The trit 0 is HRS - HRS there.
- Temporal noise: `c2c_var` would draw the same two sigmas again at every product, so it is off. Static
  spread is in `HRS_NOISE` and `LRS_NOISE`.
- The shape: the simulator draws a normal current, cut at 0. Mean and sigma are those of the LUT's distribution.
- The converter's own errors: `resolution` bits over +-N (LRS - HRS), ideal. Its transitions are in the LUT `sar-adc`.
- Wire resistance (`parasitics`) and read disturb: off. `V_read` is there, negative as the simulator wants it,
  for whoever turns them on.
- Selectors of a cluster: currents are of the memory devices alone.
- Energy, delay, restore reliability: no field.
"""


@dataclass(frozen=True)
class Currents:
    """Currents of a cell at the read voltage [A]: means and standard deviations over devices."""

    hrs: float
    lrs: float
    hrs_sigma: float
    lrs_sigma: float
    v_read: float
    source: str
    condition: dict[str, float | str]


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    mapping: str = "TNN_I",
    rows: int = 16,
    columns: int = 16,
    bits: int = 8,
    v_read: float = 0.2,
) -> list[Path]:
    """Write ``analog_cim_sim.json``, a configuration the simulator loads, and ``README.md``.

    Parameters
    ----------
    lut : Lut
        Of kind ``nsnr-cluster`` (table ``placement``) or ``reram-column`` (tables ``nominal``, ``mismatch``).
    folder : Path
    condition : mapping, optional
        ``verify`` of a store; corner, vdd, temperature of a column.
    mapping : str
        One of `MAPPINGS` (choice).
    rows, columns : int
        Inputs and outputs of the crossbar (choice); a column LUT knows no more rows than its own.
    bits : int
        Of the converter (choice), 2 to 20.
    v_read : float
        Across a cell [V] (choice for a store; a column has its own, which it must equal).

    Raises
    ------
    InputError
        If the LUT has no such tables, the condition is not in it (`OutsideGridError`), a value is missing
        there, or an option is out of range.
    StorageError
        If the folder cannot be written.
    """
    _check_options(mapping, rows, columns, bits, v_read)
    currents = currents_of(lut, condition, rows, v_read)
    config = {
        "M": columns,
        "N": rows,
        "digital_only": False,
        "HRS": currents.hrs * _UA,
        "LRS": currents.lrs * _UA,
        "HRS_NOISE": currents.hrs_sigma * _UA,
        "LRS_NOISE": currents.lrs_sigma * _UA,
        "adc_type": "SYM_RANGE_ADC",
        "resolution": bits,
        "adc_calib_mode": "MAX",
        "m_mode": mapping,
        "d2d_var": True,
        "c2c_var": False,
        "read_disturb": False,
        "parasitics": False,
        "V_read": -currents.v_read,
        "verbose": False,
        "bitline": _facts(lut, currents),
    }
    with staged(folder) as stage:
        (stage / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", "utf-8")
        _readme(stage, lut, currents, config)
    return [folder / name for name in (CONFIG, "README.md")]


def currents_of(lut: Lut, condition: Condition | None = None, rows: int = 1, v_read: float = 0.2) -> Currents:
    """Return the currents of a cell in both levels; parameters and errors as of `write`."""
    if lut.kind == "nsnr-cluster":
        return _of_store(lut, condition, v_read)
    return _of_column(lut, condition or {}, rows, v_read)


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
    n, f32 = len(found), 1e-6 * mean * _UA  # the simulator computes in single precision
    if abs(found.mean() - mean * _UA) > 5 * sigma * _UA / math.sqrt(n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a mean of {found.mean():g} uA, the LUT {mean * _UA:g}")
    if abs(found.std() - sigma * _UA) > 5 * sigma * _UA / math.sqrt(2 * n) + f32:
        raise ExportCheckError(f"{level}: analog-cim-sim has a sigma of {found.std():g} uA, the LUT {sigma * _UA:g}")


def _check_options(mapping: str, rows: int, columns: int, bits: int, v_read: float) -> None:
    if mapping not in MAPPINGS:
        raise InputError(f"mapping = {mapping!r}: must be one of {', '.join(MAPPINGS)} (zero is HRS - HRS in them)")
    for name, value, most in (("rows", rows, 65536), ("columns", columns, 65536)):
        if not 1 <= value <= most:
            raise InputError(f"{name} = {value}: must be within 1..{most}")
    if not 2 <= bits <= 20:
        raise InputError(f"bits = {bits}: must be within 2..20")
    if not 0 < v_read <= 2:
        raise InputError(f"v_read = {v_read}: must be above 0 V, and at most 2 V")


def _of_store(lut: Lut, condition: Condition | None, v_read: float) -> Currents:
    levels = levels_of(lut, condition)
    if lut.attrs["parameters"]["reram"].get("v_sinh", 0.0):
        raise InputError(f"LUT {lut.name}: v_sinh is not 0: its currents are not conductance times voltage")
    lrs, hrs = (levels.names.index(name) for name in ("lrs", "hrs"))
    mean, sigma = (levels.conductance * v_read).tolist(), (levels.sigma * v_read).tolist()
    source = "conductance of the levels as placed (table placement) times the read voltage"
    return Currents(mean[hrs], mean[lrs], sigma[hrs], sigma[lrs], v_read, source, dict(levels.condition))


def _of_column(lut: Lut, asked: Condition, rows: int, v_read: float) -> Currents:
    for name in ("nominal", "mismatch"):
        if name not in lut.tables:
            raise InputError(f"LUT {lut.name} has no table {name!r}: cell currents are made from it")
    nominal, mismatch = (Index({name: lut.tables[name]}) for name in ("nominal", "mismatch"))
    for axis in ("code", "zeros"):
        if axis in asked:
            raise InputError(f"condition names {axis}: both levels are written")
    at = {**{axis: v for axis, v in mismatch.defaults.items() if axis not in ("code", "zeros")}, **asked}
    n = int(mismatch.grids["code"][0][-1])
    own = float(lut.attrs["parameters"]["v_read"])
    if rows > n:
        raise InputError(f"rows = {rows}: the column of LUT {lut.name} has {n}, and bitline never extrapolates")
    if v_read != own:
        raise InputError(f"v_read = {v_read}: LUT {lut.name} was read at {own!r} V")
    # every input on: n cells conduct, all in LRS or all in HRS; of "mixed" zeros some inputs are off
    lrs = nominal.lookup({**at, "code": n, "zeros": "mixed"})["i_peak"] / n
    hrs = nominal.lookup({**at, "code": 0, "zeros": "weight"})["i_peak"] / n
    conducting = round(nominal.lookup({**at, "code": 0, "zeros": "mixed"})["i_peak"] / hrs)
    ones, zeros = (mismatch.lookup({**at, "code": code, "zeros": "mixed"}) for code in (n, 0))
    return Currents(
        hrs,
        lrs,
        hrs * math.sqrt(conducting) * zeros["v_sigma"] / zeros["v_mean"],
        lrs * math.sqrt(n) * ones["v_sigma"] / ones["v_mean"],
        own,
        f"line current over {n} cells (table nominal); spread of their sum (table mismatch), {conducting} cells in HRS",
        at,
    )


def _facts(lut: Lut, currents: Currents) -> dict[str, Any]:
    return {
        "lut": lut.name,
        "kind": lut.kind,
        "condition": currents.condition,
        "unit": "uA",
        "v_read_volt": currents.v_read,
        "source": currents.source,
        "assumed": assumed_of(lut),
        "energy": "no energy is in this file",
    }


def _readme(stage: Path, lut: Lut, currents: Currents, config: dict[str, Any]) -> None:
    where = listed(currents.condition)
    write_readme(
        stage,
        lut,
        title=f"{lut.name} for analog-cim-sim",
        holds=[
            f"`{CONFIG}`: a configuration, at {where}; mapping {config['m_mode']}, {config['N']} inputs, "
            f"{config['M']} outputs, {config['resolution']} bits (choices)",
            f"`HRS`, `LRS`: mean current of a cell at {currents.v_read!r} V in uA: {currents.source}",
            "`HRS_NOISE`, `LRS_NOISE`: standard deviation over devices in uA, drawn once per write of the matrix",
            *(f"{text}" for text in config["bitline"]["assumed"]),
        ],
        energy="No energy is in this file.",
        load=f'import json\nfrom pathlib import Path\n\nconfig = json.loads(Path("{CONFIG}").read_text("utf-8"))\n'
        f'# import acs_py; acs_py.set_config("{CONFIG}")',
        left_out=_LEFT_OUT,
    )
