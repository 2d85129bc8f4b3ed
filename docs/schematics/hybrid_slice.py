"""Draw the hybrid slice: ``python docs/schematics/hybrid_slice.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, Side, save
from parts import reset_switch, row_driver, six_t


def column() -> Sheet:
    """Return column 0: both lines with their ends, the cell of the row on BL, the product, the word lines."""
    s = Sheet()
    _line(s, -1, "l", ("bl0", "vbl", "vpcl"))
    _line(s, 1, "r", ("blb0", "vblb", "vpcr"))
    six_t(s, (0, 0), "0x0", lines=None, words=("wll", "0"), rails=("vcell", "0"))
    s.capacitor("cc0", (-4.75, 3.3), (4.75, 3.3), "top")
    s.box((-3.5, -3), (3.5, -4.4), "row 1, as row 0 with\nthe word lines 0 and wlr", dashed=True)
    s.box((-3.5, -4.9), (3.5, -6.6), "6 rows more, and 56 idle rows\nas two cells: word lines at 0", dashed=True)
    for y in (-3.7, -5.75):
        s.wire((-4.75, y), (-3.5, y))
        s.wire((3.5, y), (4.75, y))
    s.wire((4.75, -2.6), (6.6, -2.6))
    s.capacitor("cn0", (6.6, -2.6), (8.4, -2.6), "bottom")
    s.port("bl1", (8.4, -2.6), "right")
    _product(s)
    _word_line(s, -4, ("Mpwll", "Mnwll"), ("inl", "wll", "vwll"))
    _word_line(s, 4.5, ("Mpwlr", "Mnwlr"), ("inr", "wlr", "vwlr"))
    return s


def _line(s: Sheet, out: int, port: str, names: tuple[str, str, str]) -> None:
    """Draw one line of the column: precharge, sense inverter, keeper and wire on the outer side."""
    line, supply, control = names
    outer: Side = "left" if out < 0 else "right"
    x = out * 4.75
    s.pmos(f"Mpre{port}0", (x, 5.5), outer)
    s.supply(supply, (x, 6.25))
    s.wire((x, 4.75), (x, -5.75))
    s.name(line, (x, 4.2), "right" if out < 0 else "left")
    s.wire((x + out, 5.5), (x + out * 1.6, 5.5))
    s.name(f"pb{port}0", (x + out * 1.3, 5.5), "bottom")
    s.inverter((f"Mppc{port}0", f"Mnpc{port}0"), (x + out * 2.35, 5.5), "right" if out < 0 else "left", control)
    s.wire((x + out * 3.1, 5.5), (x + out * 3.4, 5.5))
    s.port(f"p{port}", (x + out * 3.4, 5.5), outer)
    # The keeper closes the loop of the sense inverter.
    s.wire((x, 1.9), (x + out * 1.7, 1.9), (x + out * 1.7, 2.15))
    s.pmos(f"Mkeep{port}0", (x + out * 1.7, 2.9), outer)
    s.supply(supply, (x + out * 1.7, 3.65))
    s.wire((x, 0.6), (x + out * 2.05, 0.6))
    s.inverter((f"Mps{port}0", f"Mns{port}0"), (x + out * 2.8, 0.6), outer, supply)
    s.wire((x + out * 3.55, 0.6), (x + out * 4.3, 0.6))
    s.wire((x + out * 3.9, 0.6), (x + out * 3.9, 2.9), (x + out * 2.7, 2.9))
    s.port(f"s{port}0", (x + out * 4.3, 0.6), outer)
    s.wire((x, -0.6), (x + out * 1.3, -0.6))
    s.capacitor(f"c{line}", (x + out * 1.3, -0.6), side=outer)


def _product(s: Sheet) -> None:
    """Draw the first product of the adder tree, which has its weight on BL."""
    s.cell("m0", "and2_1", (-7.6, -4.4), (-6, -3), {"a": (-6, -3.7), "b": (-7.6, -3.4), "x": (-7.6, -4)})
    s.wire((-6, -3.7), (-4.75, -3.7))
    s.cell("d0", "inv_2", (-10.1, -3.9), (-8.5, -2.9), {"a": (-10.1, -3.4), "y": (-8.5, -3.4)})
    s.wire((-8.5, -3.4), (-7.6, -3.4))
    s.name("x0", (-8.05, -3.4))
    s.wire((-10.1, -3.4), (-10.4, -3.4))
    s.port("i0", (-10.4, -3.4))
    s.wire((-7.6, -4), (-8, -4), (-8, -4.7))
    s.port("p0", (-8, -4.7), "bottom")


def _word_line(s: Sheet, x: float, transistors: tuple[str, str], nodes: tuple[str, str, str]) -> None:
    """Draw the driver of a word line and its wire."""
    source, word, supply = nodes
    y = -8.5
    s.port(source, (x - 1.2, y))
    s.wire((x - 1.2, y), (x - 0.75, y))
    s.inverter(transistors, (x, y), "right", supply)
    s.wire((x + 0.75, y), (x + 2.4, y))
    s.capacitor(f"c{word}", (x + 1.6, y))
    s.port(word, (x + 2.4, y), "right")


def accumulate() -> Sheet:
    """Return the accumulate line with its switch, and the plate of column 0."""
    s = Sheet()
    s.wire((0, 6), (11, 6))
    s.name("line", (6.5, 6))
    reset_switch(s, (0, 6), "vcm")
    s.capacitor("cpar", (5.2, 6))
    s.port("sr0", (-2.4, -0.8))
    s.wire((-2.4, -0.8), (-1.95, -0.8))
    s.inverter(("Mpb0", "Mnb0"), (-1.2, -0.8), "right", "vctl")
    s.wire((-0.45, -0.8), (0.4, -0.8))
    s.name("in0", (0, -0.8), "bottom")
    row_driver(s, (7, -0.8), "0", ("dac0", "vctl"))
    s.name("plate0", (9.2, -0.8))
    s.wire((8.6, -0.8), (8.6, 3))
    s.capacitor("cu0", (8.6, 6), (8.6, 3))
    s.capacitor("cp0", (9.4, -0.8))
    s.box((11, 5.3), (14.2, 6.7), "columns 1 to 15,\nas column 0", dashed=True)
    return s


DRAWINGS: Drawings = {"hybrid-slice": column, "hybrid-slice.accumulate": accumulate}

if __name__ == "__main__":
    save(DRAWINGS)
