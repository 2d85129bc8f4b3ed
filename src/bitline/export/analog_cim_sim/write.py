"""analog-cim-sim (the back end of CIM-Explorer): a configuration with cell currents and their spread.

The simulator computes a crossbar's column from two levels, currents in uA: a cell is ``HRS`` or ``LRS`` plus a
normal deviate of ``HRS_NOISE`` or ``LRS_NOISE``, drawn when the matrix is written and kept (device to device). A
weight is two cells, LRS - HRS for +1, HRS - LRS for -1, and **HRS - HRS for 0** in the mappings allowed here.

Two sorts of LUT have such currents. A memory's placement has resistances; its currents are conductance times the
read voltage. A column of resistive cells has currents of its cells with access device and line (``i_peak``), and
the spread of their sum: for n equal, independent cells sigma_cell / I_cell = sqrt(n) sigma_V / V.

As of 2026-08 (commit 68e3bdc): `INF_ADC` does not round, and its result is cut towards zero to an integer, so
this exporter never writes it; `c2c_var` draws from the same two sigmas at every product on top of the static
draw, and `d2d_var = false` is read but not heeded; `verbose = true` ends the process for ternary mappings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitline.errors import InputError
from bitline.export.analog_cim_sim.tables import Currents, currents_of
from bitline.export.levels import assumed_of
from bitline.export.readme import listed, write_readme
from bitline.lut.lut import Lut
from bitline.system.measured_column import Condition

CONFIG = "analog_cim_sim.json"
MAPPINGS = ("TNN_I", "TNN_II", "TNN_III", "BNN_I", "BNN_II", "BNN_VI")
"""Mappings with a weight of two cells: their zero is HRS - HRS, and they need ``SYM_RANGE_ADC``."""

UA = 1e6
_LEFT_OUT = """
- The middle level: a cell of this simulator has two. The trit 0 is HRS - HRS there.
- Temporal noise: `c2c_var` would draw the same two sigmas again at every product, so it is off. Static
  spread is in `HRS_NOISE` and `LRS_NOISE`.
- The shape: the simulator draws a normal current, cut at 0. Mean and sigma are those of the LUT's distribution.
- The converter's own errors: `resolution` bits over +-N (LRS - HRS), ideal. Its transitions are in a LUT of its own.
- Wire resistance (`parasitics`) and read disturb: off. `V_read` is there, negative as the simulator wants it,
  for whoever turns them on.
- Selectors of a cluster: currents are of the memory devices alone.
- Energy, delay, restore reliability: no field.
"""


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
        With table ``placement``, or a column with currents (tables ``nominal`` with ``i_peak``, ``mismatch``).
    folder : Path
    condition : mapping, optional
        ``verify`` of a memory; corner, vdd, temperature of a column.
    mapping : str
        One of `MAPPINGS` (choice).
    rows, columns : int
        Inputs and outputs of the crossbar (choice); a column LUT knows no more rows than its own.
    bits : int
        Of the converter (choice), 2 to 20.
    v_read : float
        Across a cell [V] (choice for a memory; a column has its own, which it must equal).

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
        "HRS": currents.hrs * UA,
        "LRS": currents.lrs * UA,
        "HRS_NOISE": currents.hrs_sigma * UA,
        "LRS_NOISE": currents.lrs_sigma * UA,
        "adc_type": "SYM_RANGE_ADC",
        "resolution": bits,
        "adc_calib_mode": "MAX",
        "m_mode": mapping,
        "d2d_var": True,
        # it would draw the same spread a second time, at every product
        "c2c_var": False,
        "read_disturb": False,
        "parasitics": False,
        "V_read": -currents.v_read,
        "verbose": False,
        "bitline": _facts(lut, currents),
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", "utf-8")
    _readme(folder, lut, currents, config)
    return [folder / name for name in (CONFIG, "README.md")]


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


def _readme(folder: Path, lut: Lut, currents: Currents, config: dict[str, Any]) -> None:
    place = listed(currents.condition)
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for analog-cim-sim",
        holds=[
            f"`{CONFIG}`: a configuration, at {place}; mapping {config['m_mode']}, {config['N']} inputs, "
            f"{config['M']} outputs, {config['resolution']} bits (choices)",
            f"`HRS`, `LRS`: mean current of a cell at {currents.v_read!r} V in uA: {currents.source}",
            "`HRS_NOISE`, `LRS_NOISE`: standard deviation over devices in uA, drawn once per write of the matrix",
            *config["bitline"]["assumed"],
        ],
        energy="No energy is in this file.",
        load=f'import json\nfrom pathlib import Path\n\nconfig = json.loads(Path("{CONFIG}").read_text("utf-8"))\n'
        f'# import acs_py; acs_py.set_config("{CONFIG}")',
        left_out=_LEFT_OUT,
    )
