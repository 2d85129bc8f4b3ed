"""Draw the ReRAM column: ``python docs/schematics/reram_column.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import IDLE_DRIVER, row_driver, section


def column() -> Sheet:
    """Return the line with the cell and the driver of row 0, and the other rows as a frame."""
    s = Sheet()
    s.port("line", (8, 6.2), "top")
    s.wire((8, 6.2), (8, 6))
    section(s, (8, 6), ("rw0", "cw0", "b0"), "right")
    s.wire((8, 4.5), (4.4, 4.5))
    s.name("b0", (6.2, 4.5))
    s.reram("rre0", (4.4, 4.5), (4.4, 3))
    s.wire((4.4, 3), (4.4, 0.75))
    s.name("m0", (4.4, 1.5), "right")
    s.nmos("Ma0", (4.4, 0))
    s.ground((4.4, -0.75))
    s.port("in0", (-6.6, 0))
    row_driver(s, (0, 0), "0", ("vwl", "vwd"))
    s.capacitor("cwl0", (1.6, 0))
    s.wire((2.4, 0), (3.4, 0))
    s.name("wl0", (2.4, 0))
    s.wire((8, 4.5), (8, -3))
    s.box((-6, -3), (9, -4.4), f"rows 1 to 15, as row 0;\n{IDLE_DRIVER}", dashed=True)
    return s


DRAWINGS: Drawings = {"reram-column": column}

if __name__ == "__main__":
    save(DRAWINGS)
