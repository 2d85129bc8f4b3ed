"""CrossSim 3.2: a device, a column's transfer, or a converter."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer


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
    checker=_check,
)
