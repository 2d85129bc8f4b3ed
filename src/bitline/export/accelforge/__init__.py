"""AccelForge: energy, throughput, area and leakage of an operation at one condition."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import MEAN_ENERGY


def _write() -> Writer:
    from bitline.export.accelforge.write import write

    return write


def _check() -> Check:
    from bitline.export.accelforge.check import check

    return check


EXPORTER = Exporter(
    name="accelforge",
    doc="energy, throughput, area and leakage of an operation at one condition",
    writer=_write,
    needs=MEAN_ENERGY,
    checker=_check,
)
