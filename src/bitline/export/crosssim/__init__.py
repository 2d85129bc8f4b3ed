"""CrossSim 3.2: a device, a column's transfer, or a converter."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import COLUMN, LEVELS, Need
from bitline.export.refusals import RESTORE_RELIABILITY


def _write() -> Writer:
    from bitline.export.crosssim.write import write

    return write


def _check() -> Check:
    from bitline.export.crosssim.check import check

    return check


EXPORTER = Exporter(
    name="crosssim",
    doc="a device, a column's transfer, or a converter",
    writer=_write,
    needs=(
        COLUMN,
        Need("a converter's edges", tables={"transitions": ("transition", "v")}),
        LEVELS,
    ),
    refuses=(RESTORE_RELIABILITY,),
    checker=_check,
)
