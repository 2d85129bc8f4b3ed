"""Draw fa_1, the combinational cell's default: ``python docs/schematics/combinational_cell.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save

_STEP = 4.4  # from one stack to the next
Stack = tuple[tuple[str, str], ...]  # transistor and gate of each level, from the output outwards


def carry() -> Sheet:
    """Return the stage that makes the inverted carry, and the inverter behind it."""
    s = Sheet()
    _stage(
        s,
        "g_a_76_199",
        up=((("x3", "pin_b"), ("x23", "pin_a")), (("x6", "pin_cin"), ("x4", "pin_a")), (("", ""), ("x9", "pin_b"))),
        down=((("x26", "pin_b"), ("x0", "pin_a")), (("x17", "pin_cin"), ("x1", "pin_b")), (("", ""), ("x12", "pin_a"))),
        between={(0, 2): "g_a_208", (1, 2): "g_a_382"},
    )
    _output(s, 2, ("Mg_x25", "Mg_x24"), "pin_cout")
    return s


def total() -> Sheet:
    """Return the stage that makes the inverted sum, from the inverted carry too, and the inverter behind it."""
    s = Sheet()
    _stage(
        s,
        "g_a_995_47",
        up=(
            (("x8", "pin_cin"), ("x10", "pin_b"), ("x2", "pin_a")),
            (("x19", "g_a_76_199"), ("x5", "pin_a")),
            (("", ""), ("x7", "pin_cin")),
            (("", ""), ("x21", "pin_b")),
        ),
        down=(
            (("x27", "pin_cin"), ("x18", "pin_b"), ("x22", "pin_a")),
            (("x16", "g_a_76_199"), ("x11", "pin_a")),
            (("", ""), ("x13", "pin_b")),
            (("", ""), ("x15", "pin_cin")),
        ),
        between={(0, 2): "g_a_1091", (0, 4): "g_a_1163", (1, 2): "g_a_738"},
    )
    _output(s, 3, ("Mg_x14", "Mg_x20"), "pin_sum")
    return s


def _stage(
    s: Sheet, node: str, up: tuple[Stack, ...], down: tuple[Stack, ...], between: dict[tuple[int, int], str]
) -> None:
    """Draw the pull-ups and the pull-downs of a node at height 0.

    A stack that begins with nothing is beside the one before it, from its second level on. `between` begins the names
    of the nodes of a stack at a height.
    """
    for way, stacks, end in ((1, up, "_413"), (-1, down, "_47")):
        for place, stack in enumerate(stacks):
            _stack(s, place * _STEP, way, stack)
            if not stack[0][0]:
                s.wire((place * _STEP - _STEP, way * 2), (place * _STEP, way * 2))
        for (place, height), name in between.items():
            s.name(name + end, (place * _STEP, way * height), "left")
    s.name(node, (_STEP / 2, 0))


def _stack(s: Sheet, x: float, way: int, stack: Stack) -> None:
    """Draw one stack upwards from height 0 to the supply, or downwards to ground."""
    for level, (name, gate) in enumerate(stack):
        if not name:
            continue
        start = way * 2 * level
        (s.pmos if way > 0 else s.nmos)(f"Mg_{name}", (x, start + way))
        s.port(gate, (x - 1, start + way))
        s.wire((x, start), (x, start + way * 0.25))
        s.wire((x, start + way * 1.75), (x, start + way * 2))
    if way > 0:
        s.supply("vdd", (x, 2 * len(stack)))
    else:
        s.ground((x, -2 * len(stack)))


def _output(s: Sheet, last: int, transistors: tuple[str, str], pin: str) -> None:
    """Draw the node through all stacks, and the inverter to the pin."""
    x = last * _STEP + 1.4
    s.wire((0, 0), (x, 0))
    s.inverter(transistors, (x + 0.75, 0), "right", "vdd")
    s.wire((x + 1.5, 0), (x + 1.8, 0))
    s.port(pin, (x + 1.8, 0), "right")


DRAWINGS: Drawings = {"combinational-cell.carry": carry, "combinational-cell.sum": total}

if __name__ == "__main__":
    save(DRAWINGS)
