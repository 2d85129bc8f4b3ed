"""Draw the QR column's schematic and its cycle: ``python docs/schematics/qr_column.py``."""

from __future__ import annotations

from pathlib import Path

import schemdraw
from schemdraw import elements as e
from schemdraw import logic

HERE = Path(__file__).parent


def column() -> schemdraw.Drawing:
    """Return the schematic: reset switch, dummy, line, units with their drivers."""
    d = schemdraw.Drawing(show=False)
    d.config(unit=2, fontsize=11)
    d += e.Dot(open=True).at((0, 0)).label("V_CM", "left")
    d += e.Line().right(0.5)
    d += e.Switch().right(2).label("reset switch\nw_switch", "top")
    d += e.Line().right(0.8)
    d += e.Dot()
    d.push()
    d += e.Capacitor().down(2).label("dummy\n(dummy_ratio)", "bottom")
    d += e.Dot(open=True).label("rst, inverted", "bottom")
    d.pop()
    d += e.Line().right(3.4).label("line", "top")
    d += e.Dot()
    d.push()
    d += e.Capacitor().down(2).label("C_par", "bottom")
    d += e.Ground()
    d.pop()
    for name in ("0", "1", "N-1"):
        d += e.Line().right(2.6)
        d += e.Dot()
        d.push()
        d += e.Capacitor().down(2).label("C_u", "bottom")
        d += e.Dot().label(f"plate{name}", "right")
        d += (driver := logic.Not().down().reverse())
        d += e.Label().at((driver.center[0] + 0.5, driver.center[1])).label("V_in", "right")
        d += e.Dot(open=True).label(f"in{name}", "bottom")
        d.pop()
    d += e.Line().right(1.5)
    d += e.Dot(open=True).label("to the converter", "right")
    return d


def cycle() -> schemdraw.Drawing:
    """Return the timing diagram of one evaluation."""
    d = schemdraw.Drawing(show=False)
    d += logic.TimingDiagram(
        {
            "signal": [
                {"name": "rst", "wave": "1.0......1.."},
                {"name": "in (product 1)", "wave": "1...0..1...."},
                {"name": "plate", "wave": "0...1..0...."},
                {"name": "line", "wave": "3.4.5..4.3..", "data": ["V_CM", "injection", "sum", "", "V_CM"]},
                {"name": "phase", "wave": "2...6..7....", "data": ["reset", "evaluate", "restore"]},
            ]
        }
    )
    return d


if __name__ == "__main__":
    schemdraw.use("svg")
    column().save(str(HERE / "acim-column-qr.svg"))
    cycle().save(str(HERE / "acim-column-qr.cycle.svg"))
