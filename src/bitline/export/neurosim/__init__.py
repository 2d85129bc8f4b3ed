"""NeuroSim V1.5: output noise of a column, or conductances of memory states."""

from __future__ import annotations

from bitline.export.base import Exporter, Writer


def _write() -> Writer:
    from bitline.export.neurosim.write import write

    return write


EXPORTER = Exporter(
    name="neurosim",
    doc="output noise of a column, or conductances of memory states",
    writer=_write,
)
