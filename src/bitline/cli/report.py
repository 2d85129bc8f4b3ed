"""``bitline show``, ``report`` and ``cite``: what a LUT says of itself, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bitline.cli import options, output
from bitline.cli.lut import open_lut
from bitline.lut.names import joined

if TYPE_CHECKING:
    from bitline.report import Datasheet, KeyFigure

