"""CrossSim 3.2: a device, a column's transfer, or a converter."""

from __future__ import annotations

from bitline.export.base import Check, Exporter, Writer
from bitline.export.needs import ANY_PRODUCTS, Need
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
        Need("a column's output", ANY_PRODUCTS, {"mismatch": ("v_mean", "v_sigma"), "noise": ("v_thermal",)}),
        Need("a converter's edges", tables={"transitions": ("transition", "v")}),
        Need("a memory's levels", tables={"placement": ("target", "ln_mean", "ln_sigma")}),
    ),
    refuses=(RESTORE_RELIABILITY,),
    checker=_check,
)
