"""Draw the ternary column: ``python docs/schematics/ternary_column.py``."""

from __future__ import annotations

from functools import partial

from kit import Drawings, Sheet, Side, save
from parts import IDLE_BIT, precharge_driver, row, section, stack


def column() -> Sheet:
    """Return both lines with their precharge, the four stacks of row 0, and the other rows as a frame."""
    s = Sheet()
    precharge_driver(s, 7.5)
    _line(s, -1, ("Mprel", "cbl", "a"), (("pp0", "wlp0", "qp0"), ("mn0", "wln0", "qm0")))
    _line(s, 1, ("Mprer", "cblb", "b"), (("mp0", "wlp0", "qm0"), ("pn0", "wln0", "qp0")))
    s.box((-9, -1), (9, -2.4), f"rows 1 to 15, as row 0;\n{IDLE_BIT}", dashed=True)
    return s


def _line(s: Sheet, out: int, names: tuple[str, str, str], stacks: tuple[tuple[str, str, str], ...]) -> None:
    """Draw one line: precharge, load, the section of row 0, its two stacks."""
    side: Side = "left" if out < 0 else "right"
    x = out * 8.5
    precharge, line, part = names
    s.pmos(precharge, (x, 7), "right" if out < 0 else "left")
    s.supply("vpre", (x, 7.75))
    s.wire((x, 6.25), (x, 5.5))
    s.wire((x, 5.9), (x + out * 1.3, 5.9))
    s.name(line, (x, 5.7), "right" if out < 0 else "left")
    s.capacitor(f"c{line}", (x + out * 1.3, 5.9), side=side)
    section(s, (x, 5.5), (f"r{part}0", f"c{part}0", f"{part}0"), side)
    s.wire((x, 4), (x, -1))
    s.wire((x, 4), (out * 2.6, 4))
    s.name(f"{part}0", (out * 7.3, 4))
    for place, (id, *gates) in zip((out * 6, out * 2.6), stacks, strict=True):
        stack(s, (place, 4), id, (gates[0], gates[1]), side)


DRAWINGS: Drawings = {
    "ternary-column": column,
    "ternary-column.row": partial(row, "p0", "p0", "likewise wln0 behind inn0, and the latch of qm0"),
}

if __name__ == "__main__":
    save(DRAWINGS)
