"""Liberty: a macro's timing, internal power, leakage and area for OpenSTA, OpenROAD and LibreLane.

One cell at one condition, in two files: ``<cell>.lib`` with the slowest delay over the operands, for setup, and
``<cell>_fast.lib`` with the fastest, for hold (``read_liberty -max`` and ``-min``). Energy is internal power of
the rising start edge, one operation each, so a clock of period T makes it E/T. Liberty has no field for what a
simulator of accuracy needs: no code, no sigma, no SNR.

OpenSTA before 2020-05 (Debian 12 ships 2.0.17 of 2019) charges ``rise_power`` + ``fall_power`` at *every* edge of a
clock, twice what Liberty means; `check` measures that with a cell of known energy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitline.errors import InputError
from bitline.export.liberty.tables import NS, cell_name, macro_facts, statements, values
from bitline.export.readme import energy_scope, listed, write_readme
from bitline.lut.lut import Lut
from bitline.system.macro import Macro, macro_at
from bitline.system.measured_operation import Condition
from bitline.templates import environment

_TEMPLATE = "exports/liberty/library.lib.j2"
_LEFT_OUT = """
- **Accuracy**: Liberty has no field for a code, a sigma or an SNR. Mean and sigma per code are in the LUT and in
  its other exports; failures of a restore too.
- Slews and loads: delays are those of the circuit as it was characterised, its loads in it. Slew at the outputs
  and input capacitance are 0, the thresholds 20, 50 and 80 %: assumed, not characterised.
- Every other corner, supply and temperature of the LUT, one export each. Nothing is extrapolated or scaled.
- Which operand is computed: delays are the slowest and the fastest, energy a mean.
- Logic: no function; the cell is a black box with a start edge.
"""


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    area: float = 0.0,
    leakage: float = 0.0,
    capacitance: float = 0.0,
) -> list[Path]:
    """Write ``<cell>.lib`` (slowest), ``<cell>_fast.lib``, ``<cell>.json`` (the same in SI) and ``README.md``.

    Parameters
    ----------
    lut : Lut
        Whose operation has pins.
    folder : Path
    condition : mapping, optional
        Value of every axis of the operation's table; see `bitline.system.macro.macro_at`.
    area : float
        Of the macro [m^2]: no LUT has it. 0: not characterised, left out.
    leakage : float
        Power while idle [W], where the LUT has none. 0: not characterised, left out.
    capacitance : float
        Of the start pin [F] (assumed).

    Raises
    ------
    InputError
        If the LUT has no latency, the condition is not in it (`OutsideGridError`), a value is missing there, or
        an option is out of range.
    StorageError
        If the folder cannot be written.
    """
    options = {"area": area, "leakage": leakage, "capacitance": capacitance}
    for name, value in options.items():
        if not 0 <= value < 1:
            raise InputError(f"{name} = {value}: must be in SI units, 0 or more and below 1")
    macro = macro_at(lut, condition)
    if leakage and macro.leakage is not None:
        raise InputError(f"leakage = {leakage}: LUT {lut.name} has its own, {macro.leakage!r} W")
    cell = cell_name(lut)
    # setup is checked with the slowest delay, hold with the fastest: a library each
    for suffix, delay in (("", macro.slowest), ("_fast", macro.fastest)):
        (folder / f"{cell}{suffix}.lib").write_text(_library(lut, macro, cell + suffix, delay, options), "utf-8")
    facts = json.dumps(macro_facts(lut, macro, options), indent=2, ensure_ascii=False)
    (folder / f"{cell}.json").write_text(facts + "\n", "utf-8")
    _readme(folder, lut, macro, options)
    return [folder / name for name in (f"{cell}.lib", f"{cell}_fast.lib", f"{cell}.json", "README.md")]


def library_text(title: str, notes: list[str], **values: Any) -> str:
    """Return a library with one cell; `notes` are its comments, `values` what the template names."""
    # text of a LUT must not end the comment that it stands in
    safe = [line.replace("*/", "* /") for line in (title, *notes)]
    return environment().get_template(_TEMPLATE).render(title=safe[0], notes=safe[1:], **values)


def _library(lut: Lut, macro: Macro, library: str, delay: float, options: dict[str, float]) -> str:
    which = "slowest, for setup (-max)"
    if library.endswith("_fast"):
        which = "fastest, for hold (-min)"
    return library_text(
        f"{lut.name} ({lut.kind}) by bitline; {listed(macro.condition)}; delay: the {which}",
        [
            *statements(lut, macro, options),
            f"Energy scope: {energy_scope(lut)}",
            "Slews of 0, thresholds and capacitances: assumed, not characterised.",
        ],
        library=library,
        delay=delay * NS,
        **values(lut, macro, options),
    )


def _readme(folder: Path, lut: Lut, macro: Macro, options: dict[str, float]) -> None:
    cell, place = cell_name(lut), listed(macro.condition)
    write_readme(
        folder,
        lut,
        title=f"{lut.name} as Liberty",
        holds=[
            f"`{cell}.lib`: cell `{cell}` at {place}, the slowest delay; `{cell}_fast.lib`: the fastest",
            f"`{cell}.json`: the same facts in SI units for programs",
            *statements(lut, macro, options),
        ],
        energy=f"{energy_scope(lut)}\n\nInternal power of the rising edge of `{macro.pins.start}`, one operation each. "
        "OpenSTA before 2020-05 (Debian 12: 2.0.17) counts it twice.",
        load=f'import json\nfrom pathlib import Path\n\nmacro = json.loads(Path("{cell}.json").read_text("utf-8"))\n'
        f"# OpenSTA: read_liberty -max {cell}.lib\n#          read_liberty -min {cell}_fast.lib",
        left_out=_LEFT_OUT,
    )
