"""aihwkit 1.1: noise of programmed conductances, or the forward pass of a column."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer


def _write() -> Writer:
    from bitline.export.aihwkit.write import write

    return write


def _check() -> Check:
    from bitline.export.aihwkit.check import check

    return check


EXPORTER = Exporter(
    name="aihwkit",
    doc="noise of programmed conductances, or the forward pass of a column",
    writer=_write,
    checker=_check,
)
