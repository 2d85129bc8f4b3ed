"""Parts that several circuits have in common: the 6T cell, a branch of a cluster."""

from __future__ import annotations

from collections.abc import Sequence

from kit import Point, Sheet, Side

# Of a row without a latch that is simulated.
IDLE_BIT = "a stored 1 is a resistance to a source, a 0 is ground"
IDLE_DRIVER = "the driver of a row that does not pulse is its pull-down alone"


def six_t(
    s: Sheet,
    at: Point,
    id: str,
    *,
    lines: tuple[str, str] | None,
    words: tuple[str, str],
    rails: tuple[str, str],
) -> None:
    """Draw a 6T cell around `at`.

    Q is 1.5 to the left and QB to the right, the bit lines 4.75 away; 2.75 away there is room for a wire upwards.
    `rails` are its supply and its ground. Without `lines` the access devices end where the caller's bit lines are.
    """
    x, y = at
    _half(s, at, -1, ("l", "q", id), rails)
    _half(s, at, 1, ("r", "qb", id), rails)
    for k, (side, port) in enumerate(((-1, "l"), (1, "r"))):
        s.nmos(f"Mpg{port}{id}", (x + side * 3.75, y), "top")
        s.wire((x + side * 4.5, y), (x + side * 4.75, y))
        s.port(words[k], (x + side * 3.75, y + 1), "top")
        if lines:
            s.port(lines[k], (x + side * 4.75, y), "left" if side < 0 else "right")


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
        beside = side * 4.6
        s.wire((x, y), (beside, y), (beside, y + 0.25))
        s.name(node, (x * 1.4, y), "bottom")
        s.pmos(f"Mpc{node}", (beside, y + 1), outer)
        s.port("clk", (beside + side, y + 1), outer)
        s.supply("vcmp", (beside, y + 1.75))
    s.wire((beside, 4.5), (side * 6.75, 4.5))
    s.inverter((f"Mp{out}", f"Mn{out}"), (side * 7.5, 4.5), outer, "vcmp")
    s.wire((side * 8.25, 4.5), (side * 8.5, 4.5))
    s.port(out, (side * 8.5, 4.5), outer)


def row_driver(s: Sheet, at: Point, id: str, supplies: tuple[str, str]) -> None:
    """Draw a driver whose pull-up is an NMOS and a PMOS, from its input 6.6 left of `at` to 2.4 right of it.

    `supplies` are that of the pull-up and that of the inverter before it.
    """
    x, y = at
    s.wire((x - 6.6, y), (x - 6.1, y))
    s.wire((x - 5.6, y + 1.25), (x - 6.1, y + 1.25), (x - 6.1, y - 1.25), (x - 1, y - 1.25), (x - 1, y + 1.25))
    s.inverter((f"Mpen{id}", f"Mnen{id}"), (x - 4.85, y + 1.25), "right", supplies[1])
    s.wire((x - 4.1, y + 1.25), (x - 3.6, y + 1.25))
    s.name(f"en{id}", (x - 3.85, y + 1.25), "bottom")
    s.nmos(f"Mup{id}", (x - 2.6, y + 1.25))
    s.pmos(f"Mpp{id}", (x, y + 1.25))
    s.nmos(f"Mdn{id}", (x, y - 1.25))
    for top in (x - 2.6, x):
        s.supply(supplies[0], (top, y + 2))
    s.ground((x, y - 2))
    s.wire((x - 2.6, y + 0.5), (x - 2.6, y), (x + 2.4, y))
    s.wire((x, y + 0.5), (x, y), (x, y - 0.5))


def reset_switch(s: Sheet, at: Point, level: str) -> None:
    """Draw the switch from a line at `at` down to a level, and its dummy on the opposite phase.

    The line has to reach 4 to the right.
    """
    x, y = at
    s.port("rst", (x - 5.6, y - 2.6))
    s.wire((x - 5.6, y - 2.6), (x - 5.25, y - 2.6))
    s.inverter(("Mpra", "Mnra"), (x - 4.5, y - 2.6), "right", "vctl")
    s.wire((x - 3.75, y - 2.6), (x - 3.25, y - 2.6))
    s.inverter(("Mprb", "Mnrb"), (x - 2.5, y - 2.6), "right", "vctl")
    s.wire((x - 1.75, y - 2.6), (x - 1.3, y - 2.6), (x - 1.3, y - 0.75), (x - 1, y - 0.75))
    s.name("rsti", (x - 1.3, y - 0.9), "left")
    s.nmos("Msw", (x, y - 0.75))
    if level == "0":
        s.ground((x, y - 1.5))
    else:
        s.port(level, (x, y - 1.5), "bottom")
    s.wire((x - 3.5, y - 2.6), (x - 3.5, y - 3.4), (x + 3, y - 3.4), (x + 3, y - 1.8))
    s.name("rstb", (x + 1.5, y - 3.4))
    s.nmos("Mdummy", (x + 3, y - 0.8), "bottom")
    s.wire((x + 2.25, y - 0.8), (x + 2.25, y))
    s.wire((x + 3.75, y - 0.8), (x + 3.75, y))


def row(driver: str, latch: str, others: str) -> Sheet:
    """Return what a row has beside its place in the column: the driver of an input line, and a latch."""
    s = Sheet()
    s.port(f"in{driver}", (-6.6, 0))
    row_driver(s, (0, 0), driver, ("vwl", "vwd"))
    s.capacitor(f"cwl{driver}", (1.6, 0))
    s.port(f"wl{driver}", (2.4, 0), "right")
    six_t(s, (9.8, 0), latch, lines=("vdd", "vdd"), words=("0", "0"), rails=("vdd", "0"))
    s.write(f"{others}\n{IDLE_DRIVER}", (3.3, -3), "bottom")
    return s


def stack(s: Sheet, at: Point, id: str, gates: tuple[str, str], side: Side) -> None:
    """Draw two stacked NMOS from a line at `at` down to ground, their gates to one side."""
    x, y = at
    out = -1 if side == "left" else 1
    s.wire(at, (x, y - 0.25))
    for name, gate, level in ((f"Mt{id}", gates[0], y - 1), (f"Mb{id}", gates[1], y - 3)):
        s.nmos(name, (x, level), side)
        s.port(gate, (x + out, level), side)
    s.wire((x, y - 1.75), (x, y - 2.25))
    s.name(f"x{id}", (x, y - 2), "right" if side == "left" else "left")
    s.ground((x, y - 3.75))


def precharge_driver(s: Sheet, reach: float) -> None:
    """Draw the driver of the precharge transistors of two lines, whose gates are so far from the middle."""
    s.port("pre", (0, 9.4), "top")
    s.wire((0, 9.4), (0, 9.25))
    s.inverter(("Mppre", "Mnpre"), (0, 8.5), "bottom", "vctl")
    s.wire((0, 7.75), (0, 7))
    s.wire((-reach, 7), (reach, 7))
    s.name("preb", (-0.6, 7))


def section(s: Sheet, at: Point, names: tuple[str, str, str], side: Side, length: float = 1.5) -> None:
    """Draw one row's section of a line from `at` downwards: its resistance, and its capacitance to one side.

    `names` are resistor, capacitor and the node at the section's end.
    """
    x, y = at[0], at[1] - length
    out = -1.3 if side == "left" else 1.3
    s.resistor(names[0], at, (x, y), side)
    s.wire((x, y), (x + out, y))
    s.capacitor(names[1], (x + out, y), side=side)


def gate(s: Sheet, at: Point, name: str, kind: str, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Draw a standard cell around `at`, 1.6 wide, with the names of its nodes 1.2 to the left and to the right."""
    x, y = at
    half = 0.25 + 0.25 * max(len(inputs), len(outputs), 2)
    pins: dict[str, Point] = {}
    for side, nodes in ((-1, inputs), (1, outputs)):
        for k, node in enumerate(nodes):
            level = y + 0.25 * (len(nodes) - 1) - 0.5 * k
            pins[f"{side}{k}"] = (x + side * 0.8, level)
            s.wire((x + side * 0.8, level), (x + side * 1.1, level))
            s.name(node, (x + side * 1.1, level), "left" if side < 0 else "right")
    s.cell(name, kind, (x - 0.8, y - half), (x + 0.8, y + half), pins)
