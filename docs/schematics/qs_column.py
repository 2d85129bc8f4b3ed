"""Draw the QS column: ``python docs/schematics/qs_column.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, Side, save
from parts import precharge_driver, row_driver, section, six_t


def column() -> Sheet:
    """Return both bit lines with their precharge, the cell of row 0, and the other rows as frames."""
    s = Sheet()
    precharge_driver(s, 3.75)
    for out, name in ((-1, "Mprer"), (1, "Mprel")):
        inner: Side = "right" if out < 0 else "left"
        s.pmos(name, (out * 4.75, 7), inner)
        s.supply("vpre", (out * 4.75, 7.75))
    s.wire((-4.75, 6.25), (-4.75, -6))
    s.wire((-4.75, 5.9), (-6.05, 5.9))
    s.name("bl", (-4.75, 5.2), "right")
    s.capacitor("cbl", (-6.05, 5.9), side="left")
    s.wire((4.75, 6.25), (4.75, 5.5))
    s.wire((4.75, 5.9), (6.05, 5.9))
    s.name("line", (4.75, 5.7), "left")
    s.capacitor("cload", (6.05, 5.9))
    section(s, (4.75, 5.5), ("rb0", "cb0", "b0"), "right")
    s.wire((4.75, 4), (4.75, -6))
    s.name("b0", (4.75, 3.7), "left")
    s.capacitor("cc0", (-4.75, 3.2), (4.75, 3.2), "top")
    six_t(s, (0, 0), "0", lines=None, words=("0", "wl0"), rails=("vdd", "0"))
    for y, text in (
        (-3.6, "rows 1 to 15, as row 0"),
        (-6, "48 idle rows in 4 sections: in each a\ncell for those that store 1, one for 0"),
    ):
        s.box((-4, y - 0.7), (4, y + 0.7), text, dashed=True)
        s.wire((-4.75, y), (-4, y))
        s.wire((4, y), (4.75, y))
    return s


def word_line() -> Sheet:
    """Return the driver of row 0 and its word line as a ladder, past the cell to the row's end."""
    s = Sheet()
    s.port("in0", (-6.6, 0))
    row_driver(s, (0, 0), "0", ("vwl", "vwd"))
    s.name("wd0", (2.2, 0))
    s.capacitor("cwn0_0a", (1.4, 0))
    s.wire((2.4, 0), (3, 0))
    s.resistor("rwn0_0", (3, 0), (4.6, 0), "top")
    s.wire((4.6, 0), (6.9, 0))
    s.name("wn0_1", (5.4, 0))
    s.capacitor("cwn0_0b", (5, 0))
    s.box((6.9, -0.7), (9.5, 0.7), "2 sections\nas this one", dashed=True)
    s.wire((9.5, 0), (11, 0))
    s.name("wl0", (10.2, 0))
    s.box((11, -0.7), (14.2, 0.7), "3 sections to\nthe row's end", dashed=True)
    return s


DRAWINGS: Drawings = {"acim-column-qs": column, "acim-column-qs.word-line": word_line}

if __name__ == "__main__":
    save(DRAWINGS)
