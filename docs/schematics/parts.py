"""Parts that several circuits have in common: the 6T cell, a branch of a cluster."""

from __future__ import annotations

from kit import Point, Sheet, Side


def six_t(
    s: Sheet, at: Point, id: str, *, lines: tuple[str, str], words: tuple[str, str], rails: tuple[str, str]
) -> None:
    """Draw a 6T cell around `at`.

    Q is 1.5 to the left and QB to the right, the bit lines 4.75 away; 2.75 away there is room for a wire upwards.
    `rails` are its supply and its ground.
    """
    x, y = at
    _half(s, at, -1, ("l", "q", id), rails)
    _half(s, at, 1, ("r", "qb", id), rails)
    for side, port, line, word in ((-1, "l", lines[0], words[0]), (1, "r", lines[1], words[1])):
        s.nmos(f"Mpg{port}{id}", (x + side * 3.75, y), "top")
        s.wire((x + side * 4.5, y), (x + side * 4.75, y))
        s.port(line, (x + side * 4.75, y), "left" if side < 0 else "right")
        s.port(word, (x + side * 3.75, y + 1), "top")


def _half(s: Sheet, at: Point, side: int, names: tuple[str, str, str], rails: tuple[str, str]) -> None:
    """Draw one inverter of a latch; its gates are joined to the other one's output."""
    x, y = at
    port, node, id = names
    column, gate, level = x + side * 1.5, x + side * 0.5, y - side * 0.25
    inner: Side = "right" if side < 0 else "left"
    s.pmos(f"Mpu{port}{id}", (column, y + 1.25), inner)
    s.nmos(f"Mpd{port}{id}", (column, y - 1.25), inner)
    s.wire((column, y + 0.5), (column, y - 0.5))
    s.supply(rails[0], (column, y + 2))
    if rails[1] == "0":
        s.ground((column, y - 2))
    else:
        s.port(rails[1], (column, y - 2), "bottom")
    s.wire((gate, y + 1.25), (gate, y - 1.25))
    s.wire((gate, level), (x - side * 1.5, level))
    s.wire((column, y), (x + side * 3, y))
    s.name(f"{node}{id}", (x + side * 2.1, y), "top")


def branch(s: Sheet, at: Point, id: str, nodes: tuple[str, str], length: float = 3) -> None:
    """Draw a selector and a ReRAM in series from `at` downwards, with the selector's capacitance across both.

    A negative length goes upwards. `nodes` are the one between the two and the source line.
    """
    x, y = at
    middle, end = (x, y - length / 2), (x, y - length)
    s.resistor(f"rsel{id}", at, middle)
    s.reram(f"rre{id}", middle, end)
    s.name(nodes[0], middle, "right")
    s.wire(at, (x - 0.8, y))
    s.capacitor(f"csel{id}", (x - 0.8, y), (x - 0.8, end[1]), "left")
    port = (x, end[1] - 0.3 * length / abs(length))
    s.wire((x - 0.8, end[1]), end, port)
    s.port(nodes[1], port, "bottom" if length > 0 else "top")
