"""Draw the ternary encoder: ``python docs/schematics/ternary_encoder.py``."""

from __future__ import annotations

from kit import Drawings, Point, Sheet, save

_NEG, _OUT, _BELOW = "ep_a_27_413", ("ep_a_207_413", "em_a_59_75"), ("ep_a_297_47", "em_a_145_75")


def encoder() -> Sheet:
    """Return the transistors of the two gates: and2b_1, which inverts its input neg, and and2_1."""
    s = Sheet()
    s.write("ep, and2b_1", (-3.8, 7.6), "right")
    s.port("neg", (-3.8, 5.5))
    s.wire((-3.8, 5.5), (-3.45, 5.5))
    s.inverter(("Mep_x4", "Mep_x6"), (-2.7, 5.5), "right", "vdd")
    s.wire((-1.95, 5.5), (-0.7, 5.5))
    s.port(_NEG, (-0.7, 5.5), "bottom")
    _nand(s, (3, 5.5), ("Mep_x5", "Mep_x0", "Mep_x3", "Mep_x7"), _NEG, (_OUT[0], _BELOW[0]))
    _output(s, (5.6, 5.5), ("Mep_x1", "Mep_x2"), "plus")
    s.write("em, and2_1", (-3.8, 1), "right")
    _nand(s, (3, -1), ("Mem_x1", "Mem_x3", "Mem_x2", "Mem_x4"), "neg", (_OUT[1], _BELOW[1]))
    _output(s, (5.6, -1), ("Mem_x5", "Mem_x0"), "minus")
    return s


def _nand(s: Sheet, at: Point, names: tuple[str, str, str, str], sign: str, nodes: tuple[str, str]) -> None:
    """Draw a NAND of `sign` and mag around its output at `at`, which reaches 2.6 to the right.

    `names` are the two PMOS and the two NMOS, each the one of `sign` first; `nodes` the output and the one below.
    """
    x, y = at
    s.wire((x, y + 0.25), (x, y), (x, y - 0.25))
    s.wire((x, y), (x + 2.6, y), (x + 2.6, y + 0.25))
    s.name(nodes[0], (x + 2.6, y), "bottom")
    for place, name, node in ((x, names[0], sign), (x + 2.6, names[1], "mag")):
        s.pmos(name, (place, y + 1))
        s.supply("vdd", (place, y + 1.75))
        s.port(node, (place - 1, y + 1), "left" if place == x else "bottom")
    for level, name, node in ((y - 1, names[2], sign), (y - 2.75, names[3], "mag")):
        s.nmos(name, (x, level))
        s.port(node, (x - 1, level))
    s.wire((x, y - 1.75), (x, y - 2))
    s.name(nodes[1], (x, y - 1.9), "right")
    s.ground((x, y - 3.5))


def _output(s: Sheet, at: Point, names: tuple[str, str], node: str) -> None:
    """Draw the inverter behind a NAND, and its load."""
    x, y = at
    s.wire(at, (x + 1.75, y))
    s.inverter(names, (x + 2.5, y), "right", "vdd")
    s.wire((x + 3.25, y), (x + 4.7, y))
    s.capacitor(f"c{node}", (x + 3.9, y))
    s.port(node, (x + 4.7, y), "right")


DRAWINGS: Drawings = {"ternary-encoder": encoder}

if __name__ == "__main__":
    save(DRAWINGS)
