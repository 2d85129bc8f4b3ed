"""hwcomponents and AccelForge: an installable component with the whole table."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import MEAN_ENERGY


def _write() -> Writer:
    from bitline.export.hwcomponents.write import write

    return write


def _check() -> Check:
    from bitline.export.hwcomponents.check import check

    return check


EXPORTER = Exporter(
    name="hwcomponents",
    doc="an installable component with the whole table",
    writer=_write,
    needs=MEAN_ENERGY,
    checker=_check,
)
