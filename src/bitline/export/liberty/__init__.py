"""Liberty: timing, internal power and leakage of a macro."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer


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
    checker=_check,
)
