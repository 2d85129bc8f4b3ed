"""Refusals that several formats share."""

from __future__ import annotations

from bitline.export.base import Refusal
from bitline.export.needs import Need

RESTORE_RELIABILITY = Refusal(
    Need("how reliably a memory is read back", tables={"yield": ()}),
    "restore reliability has no field there, and stuck-at faults are something else; it stays in the LUT",
)
