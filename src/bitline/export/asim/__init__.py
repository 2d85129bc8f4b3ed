"""ASiM: the arguments of its layers for a hybrid macro, a line for each boundary."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import Need


def _write() -> Writer:
    from bitline.export.asim.write import write

    return write


def _check() -> Check:
    from bitline.export.asim.check import check

    return check


EXPORTER = Exporter(
    name="asim",
    doc="arguments of a layer's hybrid product, for each boundary",
    writer=_write,
    needs=(
        Need(
            "the error of a hybrid dot product",
            tables={"accuracy": ("boundary", "adc_bits", "adc_range", "operands", "error_sigma", "error_mean")},
        ),
    ),
    checker=_check,
)
