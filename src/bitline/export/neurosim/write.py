"""NeuroSim V1.5: ``output_noise.csv`` of a column, or ``mem_states.csv`` of a store; never both.

NeuroSim (branch 2DInferenceV1.5-dev) takes ``--output_noise -1 --output_noise_file F
--adc_precision b``. For every column output it draws N(mean[m], std[m]), m being the exact
MAC value, rounds, and clamps to 0..2^b; the table is looked up by position.

There is one noise field, drawn anew at every evaluation, while a column has static mismatch
*and* temporal noise. ``output_noise.csv`` holds both, sqrt(sigma^2 + thermal^2): they are
independent, so this is the variance of one output over chips and time, and leaving mismatch
out would drop most of the error. What is lost is correlation: a real chip repeats its own
error. To keep the two apart, each is also written alone, in a file of the same form.

The LUT of a memory has no column, but the conductance of its levels: ``--mem_states_file`` takes mean and sigma
[S] of 2^bitcell states from the lowest on, drawn once per cell (static). The step between the first two is its
ADC's LSB, so states must be evenly spaced; of levels with R apart by factors, the outer two are left.
NeuroSim ignores this file as soon as ``--output_noise`` is not 0: one noise level, as it must be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bitline.export.levels import Levels, assumed_of, has_levels, levels_of
from bitline.export.neurosim.tables import code_bits, outer_states, table_text
from bitline.export.readme import listed, write_readme
from bitline.lut.lut import Lut
from bitline.statistics.linearity import Line
from bitline.system.measured_column import Condition, MeasuredColumn, measured_column

_FILES = {
    "output_noise": "static mismatch and temporal noise together, sqrt(static^2 + temporal^2)",
    "output_noise_static": "static mismatch alone",
    "output_noise_temporal": "temporal (thermal) noise alone",
}
_LEFT_OUT = """
- Energy, delay and SNR: NeuroSim has its own models; nothing here feeds them.
- That mismatch is fixed per chip: NeuroSim draws it anew at every evaluation. The spread of one
  output over chips is right; that a chip repeats its error, and chips differ in accuracy, is not shown.
- Quantisation: NeuroSim rounds the drawn output itself, so it is not in `std`.
- Every other corner, supply and temperature of the LUT. Nothing is extrapolated or scaled.
- `mem_states.csv`: one noise level only, and this is the column's. NeuroSim reads one all the same; its own
  will do, for it is not used while `--output_noise` is not 0.
"""
_STATES_LEFT_OUT = """
- The middle level: NeuroSim takes 2^bitcell states, evenly spaced; three levels are not, so these are binary cells.
- `output_noise.csv`: one noise level only, and this is the cell's.
- Temporal noise (`--read_noise`), retention and drift (`--t`, `--v`): the LUT has none.
- The shape: NeuroSim draws a normal conductance. Mean and sigma are those of the lognormal.
- Restore reliability, stuck-at rates, energy, delay.
"""


def write(lut: Lut, folder: Path, *, condition: Condition | None = None, line: Line = "end-point") -> list[Path]:
    """Write ``output_noise.csv``, its static and temporal parts, or ``mem_states.csv``; a ``.json`` and ``README.md``.

    Parameters
    ----------
    lut : Lut
        A column with tables ``mismatch`` (v_mean, v_sigma over the sum) and ``noise`` (v_thermal), or a memory
        with table ``placement``.
    folder : Path
    condition : mapping, optional
        Corner, vdd, temperature; axes on which ``mismatch`` has one value may be left out. ``verify`` of a memory.
    line : {"end-point", "best-fit"}
        The straight line that turns a column's volts into MAC LSB. The end-point line maps the first
        and last code onto themselves, as an ADC calibrated to the column's range does.

    Raises
    ------
    InputError
        If the LUT has no such tables, its codes are not 0..2^b, the condition is not in it
        (`OutsideGridError`), or a value is missing there.
    StorageError
        If the folder cannot be written.
    """
    if has_levels(lut):
        return _write_states(lut, folder, levels_of(lut, condition))
    # refused before the look-ups: a table of other codes cannot be written whatever its values are
    bits = code_bits(lut)
    column = measured_column(lut, condition, line)
    sigmas = (column.total, column.static, column.temporal)
    facts = {
        "lut": lut.name,
        "kind": lut.kind,
        "condition": column.condition,
        "adc_precision": bits,
        "unit": "MAC LSB",
        "line": line,
        "lsb_volt": column.lsb,
        "offset_volt": column.offset,
        "std": _FILES,
    }
    for name, sigma in zip(_FILES, sigmas, strict=True):
        (folder / f"{name}.csv").write_bytes(table_text("output", column.mean, sigma).encode())
    (folder / "output_noise.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    _readme(folder, lut, column, bits, line)
    return [folder / name for name in (*(f"{name}.csv" for name in _FILES), "output_noise.json", "README.md")]


def _write_states(lut: Lut, folder: Path, levels: Levels) -> list[Path]:
    states, mean, sigma = outer_states(levels)
    facts = {
        "lut": lut.name,
        "kind": lut.kind,
        "condition": levels.condition,
        "bitcell": 1,
        "mem_type": "resistive",
        "unit": "S",
        "states": states,
        "mean": "of the lognormal conductance: exp(sigma^2 / 2) / median R",
        "std": "static: placement and spread of devices; temporal noise is --read_noise, not in the LUT",
    }
    (folder / "mem_states.csv").write_bytes(table_text("states", mean, sigma).encode())
    (folder / "mem_states.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    _states_readme(folder, lut, levels, states)
    return [folder / name for name in ("mem_states.csv", "mem_states.json", "README.md")]


def _place(condition: Condition) -> str:
    return listed(condition) or "the one condition"


def _readme(folder: Path, lut: Lut, column: MeasuredColumn, bits: int, line: Line) -> None:
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for NeuroSim V1.5",
        holds=[
            *(f"`{name}.csv`: {what}, at {_place(column.condition)}" for name, what in _FILES.items()),
            f"`mean` and `std`: in MAC LSB through the {line} line of the mean transfer, codes 0..{2**bits}",
            "`output_noise.json`: the same facts for programs",
        ],
        energy="No energy is in these files.",
        load=(
            "# python inference.py --output_noise -1 --adc_precision "
            f"{bits} --output_noise_file output_noise.csv\n"
            'import pandas as pd\n\nnoise = pd.read_csv("output_noise.csv", index_col="output")'
        ),
        left_out=_LEFT_OUT,
    )


def _states_readme(folder: Path, lut: Lut, levels: Levels, states: Sequence[str]) -> None:
    names = ", ".join(f"{state} = {name}" for state, name in enumerate(states))
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for NeuroSim V1.5",
        holds=[
            f"`mem_states.csv`: mean and standard deviation of the conductance in S, {names}; "
            f"at {_place(levels.condition)}",
            "`mem_states.json`: the same facts for programs",
            *assumed_of(lut),
        ],
        energy="No energy is in these files.",
        load=(
            "# python inference.py --mem_type resistive --bitcell 1 --mem_states_file mem_states.csv\n"
            'import pandas as pd\n\nstates = pd.read_csv("mem_states.csv", index_col="states")'
        ),
        left_out=_STATES_LEFT_OUT,
    )
