"""What `bitline export --check` does for Liberty: OpenSTA times the macro, and is compared with the LUT."""

from __future__ import annotations

import json
from pathlib import Path

from bitline.errors import LutFileError
from bitline.export.liberty import sta
from bitline.export.liberty.tables import cell_name
from bitline.export.liberty.write import library_text
from bitline.lut.lut import Lut
from bitline.system.macro import macro_at
from bitline.system.measured_operation import Condition


def check(lut: Lut, folder: Path) -> str:
    """Let OpenSTA time the macro and compare delays, setup, energy and leakage with the LUT.

    Returns
    -------
    str
        One line: what was equal, and to what.

    Raises
    ------
    LutFileError
        If ``<cell>.json`` is missing or damaged.
    SetupError
        If OpenSTA is not installed.
    ExportCheckError
        If it finds other numbers than the LUT has.
    """
    condition, leakage = _read(folder / f"{cell_name(lut)}.json")
    macro = macro_at(lut, condition)
    # what the LUT has goes before the option
    if macro.leakage is not None:
        leakage = macro.leakage
    return sta.compare(folder, cell_name(lut), macro, leakage, _reference())


def _reference() -> str:
    """Return a library with a cell whose start edge takes 1 pJ: so it shows how often an OpenSTA counts it."""
    return library_text(
        "a cell of known energy",
        [],
        library="reference",
        cell="reference",
        conditions="nominal",
        vdd=1.0,
        temperature=25.0,
        width=0,
        start="START",
        inputs=(),
        outputs=(),
        analog=False,
        area=None,
        leakage=None,
        capacitance=0.0,
        energy=1.0,
        setup=None,
        delay=0.0,
    )


def _read(path: Path) -> tuple[Condition, float]:
    """Return the condition that was written, and the leakage [W] that was asked for."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        return dict(facts["condition"]), float(facts["options"]["leakage"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LutFileError(f"{path}: not what the liberty export writes beside its .lib: {error}") from None
