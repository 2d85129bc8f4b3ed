"""analog-cim-sim: currents of ReRAM cells and their spread."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import LEVELS, Need
from bitline.export.refusals import RESTORE_RELIABILITY


def _write() -> Writer:
    from bitline.export.analog_cim_sim.write import write

    return write


def _check() -> Check:
    from bitline.export.analog_cim_sim.check import check

    return check


EXPORTER = Exporter(
    name="analog-cim-sim",
    doc="currents of ReRAM cells and their spread",
    writer=_write,
    needs=(
        Need(
            "currents of ReRAM cells in a column",
            ("unsigned products",),
            {"nominal": ("zeros", "i_peak"), "mismatch": ("zeros", "v_mean", "v_sigma")},
        ),
        LEVELS,
    ),
    refuses=(RESTORE_RELIABILITY,),
    checker=_check,
)
