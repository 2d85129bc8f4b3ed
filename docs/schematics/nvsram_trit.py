"""Draw the nonvolatile trit and the one that rests at half a rail: ``python docs/schematics/nvsram_trit.py``."""

from __future__ import annotations

from functools import partial

from kit import Drawings, Sheet, save
from parts import branch, six_t

_SELECTED, _OTHER = 7.5, 5.5  # the height of the lines of the selected cluster and of another one
_SWITCH = 3.75


def trit(gates: tuple[str, str], references: tuple[str, str], ground: str) -> Sheet:
    """Return the selected cluster, one of the others, latch 1, and latch 2 as a frame.

    Parameters
    ----------
    gates
        Nodes that open the switches of the selected cluster, of either latch.
    references
        Nodes that the word line WLR joins to QB of either latch.
    ground
        Node at the sources of the pull-downs.
    """
    s = Sheet()
    _clusters(s)
    _switches(s, gates[0])
    six_t(s, (0, 0), "1", lines=("bl", references[0]), words=("wll", "wlr"), rails=("vddc", ground))
    _second(s, gates[1], references[1])
    return s


def _second(s: Sheet, gate: str, reference: str) -> None:
    """Draw the frame of latch 2 with the lines that enter it."""
    s.box((8.5, 3), (13.6, -2), "latch 2 and its switches,\nas those of latch 1", dashed=True)
    for node, x, y in (("cl", 9.5, _SELECTED), ("cl1", 11.5, _OTHER)):
        s.wire((x, y), (x, 3))
        s.name(node, (x, 3.3), "right")
    for node, y in ((gate, 2), (reference, 0)):
        s.wire((8.5, y), (8.2, y))
        s.port(node, (8.2, y))


def _clusters(s: Sheet) -> None:
    """Draw the selected cluster with its branches, and the line of another one."""
    s.wire((-5, _SELECTED), (-1.3, _SELECTED))
    s.name("cl", (-4, _SELECTED))
    s.capacitor("cclc", (-5, _SELECTED), side="left")
    branch(s, (-0.5, _SELECTED), "c_0", ("mc_0", "sl"), -2.8)
    s.wire((-0.5, _SELECTED), (3.2, _SELECTED))
    branch(s, (4, _SELECTED), "c_1", ("mc_1", "slu"), -2.8)
    s.wire((4, _SELECTED), (9.5, _SELECTED))
    s.write("selected", (-0.5, 11.1), "top")
    s.write("all others as one", (4, 11.1), "top")
    s.wire((-7.75, _OTHER), (11.5, _OTHER))
    s.name("cl1", (-6.6, _OTHER))
    s.capacitor("ccl1", (-7.75, _OTHER), side="left")
    s.write("clusters 2 and 3 as 1", (3, _OTHER), "top")


def _switches(s: Sheet, gate: str) -> None:
    """Draw the switches on Q of latch 1, and on QB their mirrors that are always off."""
    s.wire((-2.75, 0), (-2.75, 3), (-5.75, 3))
    s.nmos("Mcs01", (-2.75, _SWITCH))
    s.wire((-2.75, _SWITCH + 0.75), (-2.75, _SELECTED))
    s.port(gate, (-3.75, _SWITCH), "left")
    s.nmos("Mcs11", (-5.75, _SWITCH))
    s.wire((-5.75, _SWITCH + 0.75), (-5.75, _OTHER))
    s.ground((-6.75, _SWITCH))
    s.wire((2.75, 0), (2.75, 3), (5.25, 3))
    for name, x in (("01", 2.75), ("11", 5.25)):
        s.nmos(f"Mds{name}", (x, _SWITCH), "right")
        s.ground((x + 1, _SWITCH))
        s.name(f"ds{name}", (x, _SWITCH + 0.75))


DRAWINGS: Drawings = {
    "nvsram-trit": partial(trit, ("cs", "cs"), ("ref1", "ref2"), "0"),
    "nvsram-trit-half-rail": partial(trit, ("cs1", "cs2"), ("ref", "ref"), "vgnd"),
}

if __name__ == "__main__":
    save(DRAWINGS)
