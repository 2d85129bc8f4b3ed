"""Draw both topologies of the column DAC: ``python docs/schematics/column_dac.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import reset_switch


def capacitive() -> Sheet:
    """Return the binary array: reset switch, closing unit, groups with their drivers, load."""
    s = Sheet()
    s.wire((0, 0), (17.4, 0))
    reset_switch(s, (0, 0), "0")
    s.capacitor("cpar", (5, 0))
    s.capacitor("cend", (6.6, 0))
    for k in range(4):
        x = 8.4 + 2.3 * k
        s.capacitor(f"cb{k}", (x, 0), (x, -1.5))
        s.wire((x, -1.5), (x, -2.2))
        s.name(f"b{k}", (x, -1.75), "left")
        s.wire((x, -1.75), (x + 0.9, -1.75))
        s.capacitor(f"cp{k}", (x + 0.9, -1.75))
        s.inverter((f"Mpd{k}", f"Mnd{k}"), (x, -4.3), "top", "vref")
        s.wire((x, -2.2), (x, -3.55))
        s.wire((x, -5.05), (x, -5.3))
        s.port(f"g{k}", (x, -5.3), "bottom")
    s.capacitor("cload", (17.4, 0))
    s.wire((17.4, 0), (18.6, 0))
    s.port("out", (18.6, 0), "right")
    return s


def string() -> Sheet:
    """Return the string of resistors, with the gate of tap 1 and the drivers of its two transistors."""
    s = Sheet()
    s.supply("vref", (0, 6))
    s.resistor("rs15", (0, 6), (0, 4.5), "left")
    s.name("tap15", (0, 4.2), "left")
    s.wire((0, 4.5), (0, 3.6))
    s.box((-1.8, 2.2), (2.6, 3.6), "taps 2 to 15,\nas tap 1", dashed=True)
    s.wire((2.6, 2.9), (9.2, 2.9))
    s.wire((0, 2.2), (0, 1.5))
    s.name("tap2", (0, 1.7), "left")
    s.resistor("rs1", (0, 1.5), (0, 0), "left")
    s.resistor("rs0", (0, 0), (0, -1.5), "left")
    s.ground((0, -1.5))
    s.wire((0, 0), (4.6, 0))
    s.name("tap1", (2, 0))
    s.nmos("Mtn1", (5.75, 0.9), "top")
    s.pmos("Mtp1", (5.75, -0.9), "bottom")
    for shift in (0.9, -0.9):
        s.wire((4.6, 0), (4.6, shift), (5, shift))
        s.wire((6.5, shift), (6.9, shift), (6.9, 0))
    s.port("s1", (5.75, 1.9), "top")
    s.port("sb1", (5.75, -1.9), "bottom")
    s.wire((6.9, 0), (9.2, 0))
    s.wire((9.2, 2.9), (9.2, 0), (11, 0))
    s.capacitor("cload", (10, 0))
    s.port("out", (11, 0), "right")
    s.wire((9.2, 0), (9.2, -3.5), (8, -3.5))
    s.box((4, -4.2), (8, -2.8), "tap 0, the ground:\nits gate as that of 1", dashed=True)
    s.port("g1", (-1.7, -5.7))
    s.wire((-1.7, -5.7), (-1.35, -5.7))
    s.inverter(("Mpsa1", "Mnsa1"), (-0.6, -5.7), "right", "vctl")
    s.wire((0.15, -5.7), (1.65, -5.7))
    s.name("s1", (0.9, -5.7), "bottom")
    s.inverter(("Mpsb1", "Mnsb1"), (2.4, -5.7), "right", "vctl")
    s.wire((3.15, -5.7), (3.5, -5.7))
    s.port("sb1", (3.5, -5.7), "right")
    return s


DRAWINGS: Drawings = {"column-dac.capacitive": capacitive, "column-dac.string": string}

if __name__ == "__main__":
    save(DRAWINGS)
