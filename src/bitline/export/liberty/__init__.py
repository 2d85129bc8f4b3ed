"""Liberty: timing, internal power and leakage of a macro."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Refusal, Writer
from bitline.export.needs import ANYTHING, Need


def _write() -> Writer:
    from bitline.export.liberty.write import write

    return write


def _check() -> Check:
    from bitline.export.liberty.check import check

    return check


EXPORTER = Exporter(
    name="liberty",
    doc="timing, internal power and leakage of a macro",
    writer=_write,
    needs=(Need("an operation with pins and a delay", pins=True),),
    refuses=(Refusal(ANYTHING, "this LUT has no latency, and a cell without timing is of no use to a timer"),),
    checker=_check,
)
