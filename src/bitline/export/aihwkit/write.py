"""aihwkit 1.1: a noise model of programmed conductances, or the forward pass of a column.

A memory's placement of levels becomes a ``BaseNoiseModel`` in uS: the levels' mean conductances and
their lognormal spread. A column becomes ``forward.out_noise``, ``out_bound`` and ``out_res`` of
``IOParameters``. One of them, never both: a column's sigma holds that of its cells.

aihwkit's output is ``W x + out_noise N(0, 1)``, rounded to ``2 out_bound out_res`` and clamped to
``+-out_bound`` (`aihwkit.simulator.tiles.analog_mvm`). One product of a cell that stores 1 and an
input of 1 is `weight` times `input` there, and one MAC LSB here: every sigma is multiplied by that.

The torch tile is meant: it rejects ``out_nonlinearity``, ``ir_drop``, ``r_series`` and ``v_offset``,
so the curvature of the mean transfer has no field; it is stated beside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitline.export.aihwkit import tables
from bitline.export.generated import class_name, module_name, only_for, write_module
from bitline.export.levels import has_levels, levels_of
from bitline.export.readme import energy_scope, listed, write_readme
from bitline.lut.lut import Lut
from bitline.statistics.linearity import Line
from bitline.system.measured_column import Condition, measured_column

_NO_ENERGY = "No energy is in these files: aihwkit has no field for it. The LUT's energies: "
_CELL_LEFT_OUT = """
- Drift: the LUT has none, so `drift_analog_weights(t)` with t > 0 is refused, not answered with "no drift".
- Noise from one read to the next: the LUT has none.
- Conductances between the levels were not programmed; their sigma of ln g is linear in ln g (assumed). Outside
  of the levels a target is refused. The lowest level is not 0: a weight of 0 is lowest minus lowest, noise in both.
- aihwkit lays the largest weight of each tile on the highest level. A tile of zeros only has no scale, and no noise.
- Means are those after programming, so what placement misses on average is in them. Energy, time and disturb of a
  store stay in the LUT, as does every other condition. Nothing is extrapolated or scaled.
- Noise of a column: use one level of noise, this one or the column's; `add_to` refuses both.
"""
_COLUMN_LEFT_OUT = """
- One sigma for all codes: the rms over the operands named above. Mean and sigma of each code are in the `.json`.
- That mismatch is fixed per chip: aihwkit has one noise field for a column and draws it at every pass, so with
  `noise=total` the spread of one output over chips is right, but not that a chip repeats its error.
- The curvature of the mean transfer (`inl_rms_lsb` in the `.json`): the torch tile rejects `out_nonlinearity`.
- aihwkit's range is symmetric about 0: noise may take an unsigned column below code 0.
- Noise of cells: use one level of noise, this one or the cells'; `add_to` refuses both.
- Energy, delay, every other corner, supply and temperature of the LUT. Nothing is extrapolated or scaled.
"""


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    name: str = "",
    line: Line = "end-point",
    noise: tables.Noise = "total",
    weight: float = 1.0,
    input: float = 1.0,
) -> list[Path]:
    """Write ``aihwkit_<lut>.py`` (code), ``aihwkit_<lut>.json`` (its data) and ``README.md``.

    Parameters
    ----------
    lut : Lut
        A memory (table ``placement``) or a column (``mismatch`` and ``noise``).
    folder : Path
    condition : mapping, optional
        Of a memory: `verify`. Of a column: corner, vdd, temperature; the pairs that cancel in a signed sum are
        averaged over the operands where it does not name them.
    name : str
        Name of the noise model's class; made from the LUT's name if empty.
    line : {"end-point", "best-fit"}
        Columns: what turns volts into MAC LSB.
    noise : {"total", "static", "temporal"}
        Columns: which sigma ``out_noise`` gets.
    weight, input : float
        Columns: the tile's weight of a cell that stores 1, and the input value of a logical 1.

    Raises
    ------
    InputError
        If the LUT is neither, an option is not allowed, or a value is missing.
    StorageError
        If the folder cannot be written.
    """
    # the check reads the LUT again at what was asked for, with the same defaults
    asked = dict(condition or {})
    module = module_name("aihwkit", lut)
    cells = has_levels(lut)
    cls = class_name(lut, "Noise", name)
    if cells:
        only_for(lut, "columns", line=line != "end-point", noise=noise != "total", weight=weight != 1, input=input != 1)
        data = tables.cell(lut, levels_of(lut, condition))
    else:
        data = tables.column(measured_column(lut, condition, line), line, noise, weight, input)
    data = {**data, "condition": asked, "energy_scope": energy_scope(lut), "class": cls}
    write_module(folder, module, f"aihwkit/{data['noise_level']}.py.j2", data, lut=lut.name, class_name=cls)
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for aihwkit 1.1",
        holds=[
            *_holds(module, data),
            f"`{module}.py`: class `{cls}`, functions `rpu_config` and `add_to`; needs torch tiles",
        ],
        energy=_NO_ENERGY + energy_scope(lut),
        load=f"from {module} import rpu_config\n\nconfig = rpu_config()  # of an AnalogLinear, say",
        left_out=_CELL_LEFT_OUT if cells else _COLUMN_LEFT_OUT,
    )
    return [folder / file for file in (f"{module}.py", f"{module}.json", "README.md")]


def _holds(module: str, data: dict[str, Any]) -> list[str]:
    place = listed(data["at"])
    if data["noise_level"] == "cell":
        return [
            f"`{module}.json`: mean and sigma of the conductance in uS, and sigma of ln g, of the levels "
            f"{', '.join(data['levels'])}, at {place}",
            "Programming noise only, drawn once per programming: a lognormal about the target, never negative",
        ]
    return [
        f"`{module}.json`: mean, static and temporal sigma of every code in MAC LSB, at {place}; `io` for aihwkit",
        f"One MAC LSB is weight x input = {data['weight']!r} x {data['input']!r}; give weights and inputs in these "
        f"(0 and 1, or -1, 0 and 1, times them) and at most {data['rows']} inputs a tile (`rpu_config` splits layers)",
        f"`out_noise`: {data['noise']} sigma, rms over {data['operands']}",
    ]
