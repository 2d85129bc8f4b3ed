"""aihwkit 1.1: noise of programmed conductances, or the forward pass of a column."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Refusal, Writer
from bitline.export.needs import COLUMN, LEVELS, Need
from bitline.export.refusals import RESTORE_RELIABILITY


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
    needs=(
        COLUMN,
        LEVELS,
    ),
    refuses=(
        Refusal(
            Need("a converter's edges", tables={"transitions": ()}),
            "aihwkit has no ADC transfer, only a number of steps",
        ),
        RESTORE_RELIABILITY,
    ),
    checker=_check,
)
