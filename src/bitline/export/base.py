"""Exporter: what writes a LUT for another program, and may compare what that program reads with the LUT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitline.errors import InputError

if TYPE_CHECKING:
    from bitline.lut.lut import Lut


Writer = Callable[..., list[Path]]
"""Writes a LUT into a folder with options by name, and returns the paths."""

Check = Callable[["Lut", Path], str]
"""Compares an export with its LUT, and says in a line what was compared."""


@dataclass(frozen=True)
class Exporter:
    """Writes LUTs for one consumer.

    Parameters
    ----------
    name : str
        The format's name.
    doc : str
        What it writes, in a line.
    writer : callable
        Returns the function that writes. It is called when a LUT is written and not before, so that whoever
        lists formats does not wait for numpy.
    checker : callable, optional
        Returns the function that loads an export in the program it is for and compares it with the LUT.
    """

    name: str
    doc: str
    writer: Callable[[], Writer]
    checker: Callable[[], Check] | None = None

    def write(self, lut: Lut, folder: Path, **options: Any) -> list[Path]:
        """Write `lut` into `folder` and return the paths; errors as of the format."""
        return self.writer()(lut, folder, **options)

    def check(self, lut: Lut, folder: Path) -> str:
        """Compare what the program reads from `folder` with `lut`, and say in a line what was compared.

        Raises
        ------
        InputError
            If there is no such check.
        SetupError
            If the program is not installed in this Python.
        ExportCheckError
            If it has other numbers than the LUT.
        """
        if self.checker is None:
            raise InputError(f"{self.name} has no check: no one program reads it, or none that can be installed")
        return self.checker()(lut, folder)
