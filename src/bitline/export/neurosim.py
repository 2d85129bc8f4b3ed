"""NeuroSim V1.5: ``output_noise.csv``, the mean and sigma of the output per MAC code.

NeuroSim (branch 2DInferenceV1.5) takes ``--output_noise -1 --output_noise_file F
--adc_precision b``. For every column output it draws N(mean[m], std[m]), m being the exact
MAC value, rounds, and clamps to 0..2^b; the table is looked up by position.

There is one noise field, drawn anew at every evaluation, while a column has static mismatch
*and* temporal noise. ``output_noise.csv`` holds both, sqrt(sigma^2 + thermal^2): they are
independent, so this is the variance of one output over chips and time, and leaving mismatch
out would drop most of the error. What is lost is correlation: a real chip repeats its own
error. To keep the two apart, each is also written alone, in a file of the same form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.export.readme import write_readme
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut
from bitline.lut.staging import staged
from bitline.lut.table import axes
from bitline.statistics.linearity import Line, straight_line

Array = NDArray[np.float64]
Condition = Mapping[str, float | str]

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
- `mem_states.csv`: one noise level only, and this is the column's.
"""


def write(lut: Lut, folder: Path, *, condition: Condition | None = None, line: Line = "end-point") -> list[Path]:
    """Write ``output_noise.csv``, its static and temporal parts, a ``.json`` and ``README.md``.

    Parameters
    ----------
    lut : Lut
        With tables ``mismatch`` (v_mean, v_sigma over code) and ``noise`` (v_thermal).
    folder : Path
    condition : mapping, optional
        Corner, vdd, temperature; axes on which ``mismatch`` has one value may be left out.
    line : {"end-point", "best-fit"}
        The straight line that turns volts into MAC LSB. The end-point line maps the first
        and last code onto themselves, as an ADC calibrated to the column's range does.

    Raises
    ------
    InputError
        If the LUT has no such tables, its codes are not 0..2^b, the condition is not in it
        (`OutsideGridError`), or a value is missing there.
    StorageError
        If the folder cannot be written.
    """
    at = _condition(lut, condition or {})
    bits = _bits(lut)
    mean, static, temporal, lsb, offset = _in_lsb(lut, at, line)
    sigmas = (np.hypot(static, temporal), static, temporal)
    facts = {
        "lut": lut.name,
        "kind": lut.kind,
        "condition": at,
        "adc_precision": bits,
        "unit": "MAC LSB",
        "line": line,
        "lsb_volt": lsb,
        "offset_volt": offset,
        "std": _FILES,
    }
    with staged(folder) as stage:
        for name, sigma in zip(_FILES, sigmas, strict=True):
            (stage / f"{name}.csv").write_bytes(_table(mean, sigma).encode())
        (stage / "output_noise.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        _readme(stage, lut, at, bits, line)
    return [folder / name for name in (*(f"{name}.csv" for name in _FILES), "output_noise.json", "README.md")]


def _condition(lut: Lut, asked: Condition) -> dict[str, float | str]:
    for name in ("mismatch", "noise"):
        if name not in lut.tables:
            raise InputError(f"LUT {lut.name} has no table {name!r}: NeuroSim's output noise is made from it")
    if "code" in asked:
        raise InputError("condition names code: every code is written")
    grids = axes(lut.tables["mismatch"])
    single = {axis: grid.tolist()[0] for axis, grid in grids.items() if len(grid) == 1 and axis != "code"}
    return {**single, **asked}


def _bits(lut: Lut) -> int:
    """Return b where the codes are 0..2^b, else refuse."""
    codes = axes(lut.tables["mismatch"]).get("code", np.zeros(0))
    n = len(codes)
    bits = max(n - 1, 0).bit_length() - 1
    if bits < 1 or n != 2**bits + 1 or codes.tolist() != list(range(n)):
        have = f"{codes[0]}..{codes[-1]} in {n} points" if n else "none"
        raise InputError(
            f"LUT {lut.name}: codes are {have}; NeuroSim looks up by position and needs each of 0..2^b "
            "(unsigned codes only: a signed column is exported as its two halves)"
        )
    return bits


def _in_lsb(lut: Lut, at: dict[str, float | str], line: Line) -> tuple[Array, Array, Array, float, float]:
    """Return mean, static and temporal sigma in MAC LSB, and the line's slope and offset [V]."""
    mismatch, noise = (Index({t: lut.tables[t]}) for t in ("mismatch", "noise"))
    found = [mismatch.lookup({**at, "code": code}) for code in mismatch.grids["code"][0].tolist()]
    there = noise.lookup({axis: at[axis] for axis in noise.grids if axis in at})
    discharge = there.get("v_discharge", 0.0)
    v = np.array([point["v_mean"] for point in found])
    sigma = np.array([point["v_sigma"] for point in found])
    slope, start = straight_line(v, line)
    lsb, offset = float(slope), float(start)
    if lsb == 0:
        raise InputError(f"LUT {lut.name}: the line does not move with the code at {at}: no LSB")
    mean = (v - offset) / lsb + 0.0  # no "-0.0" at code 0 of a falling line
    # each discharging cell adds its own noise to what the line was precharged with
    temporal = np.sqrt(there["v_thermal"] ** 2 + np.arange(len(v)) * discharge**2) / abs(lsb)
    return mean, sigma / abs(lsb), temporal, lsb, offset


def _table(mean: Array, sigma: Array) -> str:
    rows = zip(mean.tolist(), sigma.tolist(), strict=True)
    return "output,mean,std\n" + "".join(f"{code},{m!r},{s!r}\n" for code, (m, s) in enumerate(rows))


def _readme(stage: Path, lut: Lut, at: dict[str, float | str], bits: int, line: Line) -> None:
    where = ", ".join(f"{axis} = {value}" for axis, value in at.items())
    write_readme(
        stage,
        lut,
        title=f"{lut.name} for NeuroSim V1.5",
        holds=[
            *(f"`{name}.csv`: {what}, at {where}" for name, what in _FILES.items()),
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
