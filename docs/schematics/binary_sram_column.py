"""Draw the binary SRAM column: ``python docs/schematics/binary_sram_column.py``."""

from __future__ import annotations

from functools import partial

from kit import Drawings, Sheet, save
from parts import IDLE_BIT, row, section, stack


def column() -> Sheet:
    """Return the line with its precharge, the stacks of rows 0 and 1, and the other rows as a frame."""
    s = Sheet()
    s.port("pre", (-5.2, 9))
    s.wire((-5.2, 9), (-4.75, 9))
    s.inverter(("Mppre", "Mnpre"), (-4, 9), "right", "vctl")
    s.wire((-3.25, 9), (-1, 9))
    s.name("preb", (-2, 9))
    s.pmos("Mprel", (0, 9))
    s.supply("vpre", (0, 9.75))
    s.wire((0, 8.25), (0, 7.5))
    s.wire((0, 8), (-1.3, 8))
    s.capacitor("cload", (-1.3, 8), side="left")
    s.wire((0, 8), (1, 8))
    s.port("line", (1, 8), "right")
    for k, (top, bit) in enumerate(((7.5, "q0"), (1.5, "0"))):
        section(s, (0, top), (f"rb{k}", f"cb{k}", f"b{k}"), "left")
        s.wire((0, top - 1.5), (3.5, top - 1.5))
        s.name(f"b{k}", (0.6, top - 1.5))
        stack(s, (3.5, top - 1.5), str(k), (f"wl{k}", bit), "left")
        s.wire((0, top - 1.5), (0, top - 6 if k == 0 else -5))
    s.box((-4.5, -5), (6, -6.4), f"rows 2 to 15, as row 1;\n{IDLE_BIT}", dashed=True)
    return s


DRAWINGS: Drawings = {
    "binary-sram-column": column,
    "binary-sram-column.row": partial(row, "0", "0", "row 0 alone has a latch that is simulated"),
}

if __name__ == "__main__":
    save(DRAWINGS)
