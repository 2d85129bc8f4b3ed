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


def strong_arm(s: Sheet, inputs: tuple[str, str]) -> None:
    """Draw the StrongARM comparator of two inputs, its tail below the origin."""
    s.inverter(("Mpclk", "Mnclk"), (-4.5, -0.75), "right", "vcmp")
    s.wire((-5.25, -0.75), (-5.5, -0.75))
    s.port("clkb", (-5.5, -0.75))
    s.wire((-3.75, -0.75), (-1, -0.75))
    s.name("clk", (-2.5, -0.75))
    s.nmos("Mtail", (0, -0.75))
    s.ground((0, -1.5))
    s.wire((-2, 0), (2, 0))
    s.name("tail", (0.7, 0), "top")
    _arm(s, -1, "a", inputs[0], "qp")
    _arm(s, 1, "b", inputs[1], "qn")


def _arm(s: Sheet, side: int, end: str, plus: str, out: str) -> None:
    """Draw one half of the comparator: input, latch, the precharge of both nodes, the inverter at the output."""
    x = side * 2
    outer: Side = "left" if side < 0 else "right"
    inner: Side = "right" if side < 0 else "left"
    s.nmos(f"Min{end}", (x, 0.75), outer)
    s.port(plus, (x + side, 0.75), outer)
    s.wire((x, 1.5), (x, 2.5))
    s.nmos(f"Mln{end}", (x, 3.25), inner)
    s.wire((x, 4), (x, 5))
    s.pmos(f"Mlp{end}", (x, 5.75), inner)
    s.supply("vcmp", (x, 6.5))
    # The gates of one half are the output of the other.
    s.wire((side, 3.25), (side, 5.75))
    s.wire((side, 4.5 - side * 0.25), (-x, 4.5 - side * 0.25))
    for node, y in ((f"d{end}", 2), (f"o{end}", 4.5)):
        s.wire((x, y), (x * 2, y), (x * 2, y + 0.25))
        s.name(node, (x * 1.4, y), "bottom")
        s.pmos(f"Mpc{node}", (x * 2, y + 1), outer)
        s.port("clk", (x * 2 + side, y + 1), outer)
        s.supply("vcmp", (x * 2, y + 1.75))
    s.wire((x * 2, 4.5), (side * 6.25, 4.5))
    s.inverter((f"Mp{out}", f"Mn{out}"), (side * 7, 4.5), outer, "vcmp")
    s.wire((side * 7.75, 4.5), (side * 8, 4.5))
    s.port(out, (side * 8, 4.5), outer)
