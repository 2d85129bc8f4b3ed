"""Draw both topologies of the column DAC: ``python docs/schematics/column_dac.py``."""

from __future__ import annotations

from pathlib import Path

import schemdraw
from schemdraw import elements as e
from schemdraw import logic

HERE = Path(__file__).parent


def capacitive() -> schemdraw.Drawing:
    """Return the binary array: reset switch, closing unit, groups with their drivers, load."""
    d = schemdraw.Drawing(show=False)
    d.config(unit=2, fontsize=11)
    d += e.Ground().at((0, 0))
    d += e.Switch().right(2).label("reset, with dummy", "top")
    for name, value in (("end", "C_u"), ("0", "C_u"), ("1", "2 C_u"), ("n-1", "2^(n-1) C_u")):
        d += e.Line().right(2.4)
        d += e.Dot()
        d.push()
        d += e.Capacitor().down(2).label(value, "bottom")
        if name == "end":
            d += e.Ground()
        else:
            d += (driver := logic.Not().down().reverse())
            d += e.Label().at((driver.center[0] + 0.5, driver.center[1])).label("V_ref", "right")
            d += e.Dot(open=True).label(f"g{name}", "bottom")
        d.pop()
    d += e.Line().right(3.2).label("out", "top")
    d += e.Dot()
    d += e.Capacitor().down(2).label("C_load", "bottom")
    d += e.Ground()
    return d


def string() -> schemdraw.Drawing:
    """Return the string of resistors with a gate per tap."""
    d = schemdraw.Drawing(show=False)
    d.config(unit=2, fontsize=11)
    d += e.Ground().at((0, 0))
    taps = []
    for name in ("0", "1", "2", "2^n-1"):
        d += (dot := e.Dot())
        taps.append((name, dot))
        d += e.Resistor().up(2).label("R_u", "bottom")
    d += e.Dot(open=True).label("V_ref", "top")
    for name, dot in taps:
        d += e.Switch().right(3).at(dot.center).label(f"s{name}", "top")
    d += e.Line().at((3, 0)).up(6)
    d += e.Line().right(1.5).label("out", "top")
    d += e.Capacitor().down(2).label("C_load", "bottom")
    d += e.Ground()
    return d


if __name__ == "__main__":
    schemdraw.use("svg")
    capacitive().save(str(HERE / "column-dac.capacitive.svg"))
    string().save(str(HERE / "column-dac.string.svg"))
