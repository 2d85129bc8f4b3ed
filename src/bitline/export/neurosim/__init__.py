"""NeuroSim V1.5: output noise of a column, or conductances of memory states."""

from __future__ import annotations

from dataclasses import replace

from bitline.export.base import Exporter, Refusal, Writer
from bitline.export.needs import COLUMN, LEVELS, Need
from bitline.export.refusals import RESTORE_RELIABILITY


def _write() -> Writer:
    from bitline.export.neurosim.write import write

    return write


EXPORTER = Exporter(
    name="neurosim",
    doc="output noise of a column, or conductances of memory states",
    writer=_write,
    needs=(
        replace(COLUMN, operands=("unsigned products",)),
        LEVELS,
    ),
    refuses=(
        Refusal(
            Need("a signed column", ("signed products",)),
            "NeuroSim's codes are unsigned, 0..2^b; a signed column has no place in its table",
        ),
        RESTORE_RELIABILITY,
    ),
)
