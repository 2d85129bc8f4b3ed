"""Draw the SAR converter: ``python docs/schematics/sar_adc.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, Side, save
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
        "tp and tn: the inputs of the comparator;\np0 to p3 and n0 to n3: the plates, driven by the sequencer",
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
    for out, one, other in ((-1, "p", "n"), (1, "n", "p")):
        _cell_side(s, out, one)
        # The gates of one half are the node of the other.
        s.wire((out * 1.2, 1.25), (out * 1.2, -1.25))
        s.wire((out * 1.2, -out * 0.25), (-out * 2.2, -out * 0.25))
        s.name(f"x{other}1", (-out * 8.2, 0), "right" if out < 0 else "left")
    s.wire((-2.2, -4), (2.2, -4))
    s.name("z1", (0.6, -4))
    s.nmos("Mxt1", (0, -4.75))
    s.port("e1", (-1, -4.75))
    s.ground((0, -5.5))
    _enable(s, 12.4)
    _plate(s, -8.5)
    s.write("n1 as p1, driven by xn1", (3.6, -10), "right")
    s.write("bits 2 and 3 as bit 1; bit 0 is enabled by smpb, bit 4 has no plate", (-6.4, -11.6), "right")
    return s


def _cell_side(s: Sheet, out: int, one: str) -> None:
    """Draw one half of a bit's cell: two PMOS on its node, the NMOS of the other node and of the comparator below."""
    x = out * 2.2
    inner: Side = "right" if out < 0 else "left"
    outer: Side = "left" if out < 0 else "right"
    s.pmos(f"Mkp{one}1", (x, 1.25), inner)
    s.nmos(f"Mxc{one}1", (x, -1.25), inner)
    s.nmos(f"Mxi{one}1", (x, -3.25), outer)
    s.port(f"q{one}", (x + out, -3.25), outer)
    s.wire((x, 0.5), (x, -0.5))
    s.wire((x, -2), (x, -2.5))
    s.name(f"y{one}1", (x, -2.25), outer)
    s.pmos(f"Mpc{one}1", (x + out * 3.2, 1.25), outer)
    s.port("smpb", (x + out * 4.2, 1.25), outer)
    s.supply("vlog", (x, 2))
    s.supply("vlog", (x + out * 3.2, 2))
    s.wire((x, 0), (x + out * 3.2, 0), (x + out * 3.2, 0.5))
    s.wire((x + out * 3.2, 0), (out * 8.2, 0))
    s.capacitor(f"cx{one}1", (x + out * 4.6, 0), side=inner)


def _enable(s: Sheet, x: float) -> None:
    """Draw the stack that enables the cell once the one before has fired, and what resets it."""
    for place, name, gate in ((x, "Mep1", "xp0"), (x + 3, "Men1", "xn0")):
        s.pmos(name, (place, 1.25))
        s.supply("vlog", (place, 2))
        s.port(gate, (place - 1, 1.25))
    s.wire((x, 0.5), (x, 0))
    s.wire((x, 0.25), (x + 3, 0.25), (x + 3, 0.5))
    s.name("w1", (x + 1.5, 0.25), "bottom")
    s.pmos("Mec1", (x, -0.75))
    s.port("clk", (x - 1, -0.75))
    s.wire((x, -1.5), (x, -1.75))
    s.name("u1", (x, -1.6), "right")
    s.pmos("Mev1", (x, -2.5))
    s.port("valid", (x - 1, -2.5))
    s.wire((x, -3.25), (x, -3.75))
    s.wire((x, -3.5), (x + 3.6, -3.5))
    s.capacitor("ce1", (x + 2.4, -3.5))
    s.port("e1", (x + 3.6, -3.5), "right")
    s.nmos("Mer1", (x, -4.5))
    s.port("smpi", (x - 1, -4.5))
    s.ground((x, -5.25))


def _plate(s: Sheet, y: float) -> None:
    """Draw the driver of a plate behind a node of the cell."""
    s.port("xp1", (-6.4, y))
    s.wire((-6.4, y), (-5.8, y))
    s.wire((0, y + 1), (-5.8, y + 1), (-5.8, y - 1), (-5.25, y - 1))
    s.inverter(("Mpip1", "Mnip1"), (-4.5, y - 1), "right", "vdac")
    s.wire((-3.75, y - 1), (0, y - 1))
    s.name("gp1", (-0.9, y - 1))
    s.capacitor("cgp1", (-2.4, y - 1))
    s.nmos("Mupp1", (1, y + 1))
    s.nmos("Mdnp1", (1, y - 1))
    s.supply("vref", (1, y + 1.75))
    s.ground((1, y - 1.75))
    s.wire((1, y + 0.25), (1, y - 0.25))
    s.wire((1, y), (3, y))
    s.port("p1", (3, y), "right")


def clock() -> Sheet:
    """Return the loop by which the comparator clocks itself: valid, a slow inverter, and what lets it decide again."""
    s = Sheet()
    s.pmos("Mvb", (0, 3.25))
    s.port("qn", (-1, 3.25))
    s.supply("vlog", (0, 4))
    s.wire((0, 2.5), (0, 2))
    s.name("vs", (0, 2.25), "right")
    s.pmos("Mva", (0, 1.25))
    s.port("qp", (-1, 1.25))
    s.wire((0, 0.5), (0, -0.5))
    for x, name, gate in ((0, "Mvc", "qp"), (3, "Mvd", "qn")):
        s.nmos(name, (x, -1.25))
        s.port(gate, (x - 1, -1.25))
        s.ground((x, -2))
    s.wire((3, -0.5), (3, 0))
    s.wire((0, 0), (5.8, 0))
    s.name("nor", (1.2, 0))
    s.capacitor("cnor", (4.4, 0))
    s.inverter(("Mpv", "Mnv"), (6.55, 0), "right", "vlog")
    s.wire((7.3, 0), (9.8, 0))
    s.name("valid", (8, 0))
    s.capacitor("cvalid", (8.2, 0))
    s.inverter(("Mdp", "Mdn"), (10.55, 0), "right", "vlog")
    s.wire((11.3, 0), (13.2, 0))
    s.capacitor("cready", (12, 0))
    s.port("ready", (13.2, 0), "right")
    _last_gate(s, -5.5)
    return s


def _last_gate(s: Sheet, y: float) -> None:
    """Draw the gate of four inputs that makes the comparator's clock; its inputs' stack lies below."""
    gates = ("ready", "smpb", "xp4", "xn4")
    for k, gate in enumerate(gates):
        x = 3.2 * k
        s.pmos(f"Mlp{k + 1}", (x, y))
        s.supply("vlog", (x, y + 0.75))
        s.port(gate, (x - 1, y))
        s.wire((x, y - 0.75), (x, y - 1.1))
    s.wire((0, y - 1.1), (11.6, y - 1.1))
    s.capacitor("cclkb", (10.6, y - 1.1))
    s.port("clkb", (11.6, y - 1.1), "right")
    for k, gate in enumerate(gates):
        level = y - 2.1 - 1.9 * k
        s.nmos(f"Mln{k + 1}", (0, level))
        s.port(gate, (-1, level))
        s.wire((0, level + 1 if k == 0 else level + 1.15), (0, level + 0.75))
        if k < 3:
            s.name(f"ls{k + 1}", (0, level - 0.95), "right")
    s.ground((0, y - 2.1 - 1.9 * 3 - 0.75))


DRAWINGS: Drawings = {
    "sar-adc": converter,
    "sar-adc.comparator": comparator,
    "sar-adc.sequencer-bit": bit,
    "sar-adc.sequencer-clock": clock,
}

if __name__ == "__main__":
    save(DRAWINGS)
