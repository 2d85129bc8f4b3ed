"""CrossSim 3.2: a device, a column's transfer, or a converter; module, data and parameters in one folder.

- A memory's placement of levels becomes an ``EmptyDevice`` with ``programming_error``: conductances
  over the largest level's mean, 1/Rmin.
- A column of charge or voltage has no conductance: it becomes an ``IADC`` that turns an exact MAC value
  into the one read: mean transfer, static mismatch (drawn when a matrix is set), temporal noise
  (drawn at each conversion), rounding.
- A converter becomes an ``IADC`` with the measured transitions.

Cell or column, never both: a column's sigma holds that of its cells, and the class refuses it.
CrossSim finds models by class name among imported subclasses, and its parameters hold the name only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitline.export.crosssim import tables
from bitline.export.generated import class_name, module_name, only_for, write_module
from bitline.export.levels import has_levels
from bitline.export.readme import energy_scope, listed, write_readme
from bitline.lut.lut import Lut
from bitline.statistics.linearity import Line
from bitline.system.measured_column import Condition

PARAMS = "params.json"
_SUFFIX = {"device": "Device", "adc": "Transitions", "column": "Output"}
"""What a class's name ends in where no name is asked for."""

_NO_ENERGY = "No energy is in these files: CrossSim has no field for it. The LUT's energies: "
_LEFT_OUT = {
    "device": """
- Drift and noise from one read to the next: the LUT has none; leave `drift_error` and `read_noise` off.
- Conductances between the levels were not programmed; their sigma of ln g is linear in ln g (assumed). Outside of
  the levels a target is refused. The lowest level is not 0: a weight of 0 is lowest minus lowest, noise in both.
- `cell_bits`: CrossSim's levels are equidistant, these are not. Program the two outer ones, or stay with 0.
- Means are those after programming, so what placement misses on average is in them. Energy, time and disturb of a
  store stay in the LUT, as does every other condition. Nothing is extrapolated or scaled.
- Noise of a column: use one level of noise, this one or the column's.
""",
    "column": """
- Which cells make up a MAC value: mismatch is drawn for each output and code, independently (assumed).
- The product with the transposed matrix (`vmm`): not characterised, ideal in `params.json`.
- Noise of cells: use one level of noise, this one or the cells'; the class refuses both.
- Energy, delay, every other corner, supply and temperature of the LUT. Nothing is extrapolated or scaled.
""",
    "adc": """
- Offset and noise of the comparator: in LUTs of its own. The range is laid on the transitions' own end-point line,
  so gain and offset are those of a calibrated converter; volts are in the `.json`.
- How transitions move together beyond what neighbours do: the LUT has sigma and the sigma of steps only.
- The product with the transposed matrix (`vmm`) is ideal in `params.json`.
- Energy, time, every other corner, supply and temperature of the LUT. Nothing is extrapolated or scaled.
""",
}


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    name: str = "",
    line: Line = "end-point",
    low: float | None = None,
    high: float | None = None,
    mismatch: bool = True,
) -> list[Path]:
    """Write ``crosssim_<lut>.py`` (code), ``crosssim_<lut>.json`` (its data), ``params.json`` and ``README.md``.

    Parameters
    ----------
    lut : Lut
        A memory (table ``placement``), a column (``mismatch`` and ``noise``) or a converter (``transitions``, and
        ``mismatch`` unless left out).
    folder : Path
    condition : mapping, optional
        Of a memory: `verify`. Else corner, vdd, temperature; the pairs that cancel in a signed sum are averaged
        over the operands where it does not name them.
    name : str
        Name of the class; made from the LUT's name if empty. CrossSim knows one class of a name.
    line : {"end-point", "best-fit"}
        Columns: what turns volts into MAC LSB.
    low, high : float, optional
        Converters: ``calibrated_range``, middle of the first and the last code in CrossSim's output
        units; by default -2^(bits-1) and 2^(bits-1) - 1, a step for each MAC value.
    mismatch : bool
        Converters: whether to write the transitions' spread, which the LUT has at fewer conditions.

    Raises
    ------
    InputError
        If the LUT is none of these, an option is not allowed, or a value is missing.
    StorageError
        If the folder cannot be written.
    """
    what = _content(lut)
    if what == "device":
        data, params = tables.device(lut, condition)
    elif what == "adc":
        data, params = tables.converter(lut, condition, low, high, mismatch)
    else:
        data, params = tables.column(lut, condition, line)
    if what != "column":
        only_for(lut, "columns", line=line != "end-point")
    if what != "adc":
        only_for(lut, "converters", low=low is not None, high=high is not None, mismatch=not mismatch)
    module, cls = module_name("crosssim", lut), class_name(lut, _SUFFIX[what], name)
    xbar = params["xbar"]
    slot = xbar["device"]["programming_error"] if what == "device" else xbar["adc"]["mvm"]
    slot["model"] = cls  # CrossSim finds it by this name among the subclasses that were imported
    scope = energy_scope(lut)
    head = {"lut": lut.name, "kind": lut.kind, "what": what, "class": cls, "condition": dict(condition or {})}
    values = {"lut": lut.name, "class_name": cls, "params_file": PARAMS}
    write_module(folder, module, f"crosssim/{what}.py.j2", {**head, **data, "energy_scope": scope}, **values)
    (folder / PARAMS).write_text(json.dumps(params, indent=2) + "\n", encoding="utf-8")
    _readme(folder, lut, what, module, cls, data)
    return [folder / file for file in (f"{module}.py", f"{module}.json", PARAMS, "README.md")]


def _content(lut: Lut) -> str:
    """Return what a LUT is to CrossSim."""
    if has_levels(lut):
        return "device"
    if "transitions" in lut.tables:
        return "adc"
    return "column"


def _readme(folder: Path, lut: Lut, what: str, module: str, cls: str, data: dict[str, Any]) -> None:
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for CrossSim 3.2",
        holds=[
            f"`{module}.json`: {_holds(what, data)}",
            f"`{module}.py`: class `{cls}`, function `parameters`. `{PARAMS}` holds the name only: CrossSim says "
            f'"unknown" or "invalid" model until the module is imported',
            f"`{PARAMS}`: the settings it needs; CrossSim's defaults for all others",
        ],
        energy=_NO_ENERGY + energy_scope(lut),
        load=f"from {module} import parameters\n\nparams = parameters()  # for AnalogCore(matrix, params)",
        left_out=_LEFT_OUT[what],
    )


def _holds(what: str, data: dict[str, Any]) -> str:
    place = listed(data["at"])
    if what == "device":
        levels = ", ".join(data["levels"])
        return (
            f"mean conductance over 1/Rmin and sigma of ln g of the levels {levels}, at {place}; "
            "static: drawn when a matrix is set"
        )
    if what == "column":
        return (
            f"mean, static and temporal sigma of every code in MAC LSB, at {place}; over "
            f"{data['operands']}. One MAC LSB is weight x input = 1 x 1"
        )
    return f"transitions in LSB of their end-point line, their static sigma, at {place}"
