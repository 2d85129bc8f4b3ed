"""Draw the SAR converter: ``python docs/schematics/sar_adc.py``."""

from __future__ import annotations

from kit import Drawings, Point, Sheet, save
from parts import strong_arm


def converter() -> Sheet:
    """Return the clocks of the sampling switches, and both sides with their capacitors."""
    s = Sheet()
    s.port("smp", (-5.6, 4))
    s.wire((-5.6, 4), (-5.25, 4))
    s.inverter(("Mpsb", "Mnsb"), (-4.5, 4), "right", "vdac")
    s.wire((-3.75, 4), (-2.25, 4))
    s.name("smpb", (-3, 4), "bottom")
    s.inverter(("Mpsi", "Mnsi"), (-1.5, 4), "right", "vdac")
    s.wire((-0.75, 4), (0, 4))
    s.port("smpi", (0, 4), "right")
    _side(s, 0, "p")
    _side(s, -6, "n")
    s.write(
        "tp and tn: the inputs of the comparator; p0 to p3 and n0 to n3: the plates, driven by the sequencer",
        (-6, -9.2),
    )
    return s


def _side(s: Sheet, y: float, side: str) -> None:
    """Draw one side: the sampling switch, the capacitors to the plates, those to ground."""
    top = f"t{side}"
    s.port(f"in{side}", (-6, y))
    s.wire((-6, y), (-5, y))
    s.wire((-2.3, y), (9.5, y))
    s.name(top, (-1.6, y))
    s.nmos(f"Msn{side}", (-3.6, y + 0.9), "top")
    s.pmos(f"Msp{side}", (-3.6, y - 0.9), "bottom")
    for shift in (0.9, -0.9):
        s.wire((-5, y), (-5, y + shift), (-4.35, y + shift))
        s.wire((-2.85, y + shift), (-2.3, y + shift), (-2.3, y))
    s.port("smpi", (-3.6, y + 1.9), "top")
    s.port("smpb", (-3.6, y - 1.9), "bottom")
    for k in range(4):
        x = -0.6 + 1.8 * k
        s.capacitor(f"c{side}{k}", (x, y), (x, y - 1.3))
        s.port(f"{side}{k}", (x, y - 1.3), "bottom")
    s.capacitor(f"c{side}d", (7.2, y))
    s.capacitor(f"cpar{side}", (9.5, y))


def comparator() -> Sheet:
    """Return the comparator between the top plates."""
    s = Sheet()
    strong_arm(s, ("tp", "tn"))
    return s


def bit() -> Sheet:
    """Return what the self-timed sequencer has for bit 1: its cell, its enable, the driver of the plate p1."""
    s = Sheet()
    _cell_side(s, -1, ("p", "n", "qp"))
    _cell_side(s, 1, ("n", "p", "qn"))
    s.wire((-2.2, -2.65), (2.2, -2.65))
    s.name("z1", (0.6, -2.65))
    s.nmos("Mxt1", (0, -3.4))
    s.wire((-2.2, -2.4), (-2.2, -2.65))
    s.port("e1", (-1, -3.4))
    s.ground((0, -4.15))
    _enable(s, (10.5, 3.5))
    _plate(s, (-6, -8))
    return s


def _cell_side(s: Sheet, out: int, names: tuple[str, str, str]) -> None:
    """Draw one half of the cell: two PMOS on its node, the NMOS of the other node and of the comparator below."""


def _enable(s: Sheet, at: Point) -> None:
    """Draw the stack that enables the cell once the one before has fired, and what resets it."""


def _plate(s: Sheet, at: Point) -> None:
    """Draw the driver of a plate behind a node of the cell."""


DRAWINGS: Drawings = {"sar-adc": converter, "sar-adc.comparator": comparator}

if __name__ == "__main__":
    save(DRAWINGS)
