"""Draw the latches that decide by contention: ``python docs/schematics/nvsram_contention.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import branch, six_t


def two_resistances() -> Sheet:
    """Return the latch between two ReRAMs that hold the bit complementarily."""
    s = _latch()
    for x, name, node in ((-2.75, "rrel", "left"), (2.75, "rrer", "right")):
        s.wire((x, 4.5), (x, 5.3))
        s.reram(name, (x, 5.3), (x, 6.8))
        s.name(node, (x, 5), "right")
    s.wire((-2.75, 6.8), (2.75, 6.8))
    s.wire((0, 6.8), (0, 7.1))
    s.port("sl", (0, 7.1), "top")
    return s


def single_level() -> Sheet:
    """Return the latch between a cluster of single-level branches and a reference resistor."""
    s = _latch()
    s.wire((-2.75, 4.5), (-2.75, 5.5))
    s.wire((-7, 5.5), (-6.3, 5.5))
    s.capacitor("cclc", (-7, 5.5), side="left")
    s.wire((-6.3, 5.5), (-5.8, 5.5))
    branch(s, (-5, 5.5), "c_0", ("mc_0", "sl"), -2.8)
    s.wire((-5, 5.5), (-2.3, 5.5))
    s.name("left", (-2.75, 5), "left")
    branch(s, (-1.5, 5.5), "c_1", ("mc_1", "slu"), -2.8)
    s.write("selected", (-5, 9.1), "top")
    s.write("all others as one", (-1.5, 9.1), "top")
    s.wire((2.75, 4.5), (2.75, 5.5), (5.5, 5.5))
    s.name("right", (2.75, 5), "left")
    s.capacitor("cref", (5.5, 5.5))
    s.resistor("rref", (2.75, 5.5), (2.75, 8.3))
    s.wire((2.75, 8.3), (2.75, 8.6))
    s.port("sl", (2.75, 8.6), "top")
    return s


def _latch() -> Sheet:
    """Draw the latch and the switches from its nodes upwards."""
    s = Sheet()
    six_t(s, (0, 0), "", lines=("bl", "blb"), words=("wl", "wl"), rails=("vddc", "0"))
    for x, name in ((-2.75, "Mswl"), (2.75, "Mswr")):
        s.wire((x, 0), (x, 3))
        s.nmos(name, (x, 3.75), "left" if x < 0 else "right")
        s.port("rsw", (x - 1 if x < 0 else x + 1, 3.75), "left" if x < 0 else "right")
    return s


DRAWINGS: Drawings = {"nvsram-8t2r": two_resistances, "nvsram-slc": single_level}

if __name__ == "__main__":
    save(DRAWINGS)
