"""Draw the QR column's schematic and its cycle: ``python docs/schematics/qr_column.py``."""

from __future__ import annotations

from pathlib import Path

import schemdraw
from kit import Drawings, Sheet, save
from parts import reset_switch
from schemdraw import logic


def column() -> Sheet:
    """Return the accumulate line with its switch and dummy, and the plates of two products with their drivers."""
    s = Sheet()
    s.wire((0, 0), (13.4, 0))
    s.name("line", (4.6, 0))
    reset_switch(s, (0, 0), "vcm")
    s.capacitor("cpar", (5.4, 0))
    for k, x in enumerate((7.4, 11)):
        s.capacitor(f"cu{k}", (x, 0), (x, -1.5))
        s.wire((x, -1.5), (x, -2.2))
        s.name(f"plate{k}", (x, -1.75), "left")
        s.wire((x, -1.75), (x + 1.2, -1.75))
        s.capacitor(f"cp{k}", (x + 1.2, -1.75))
        s.inverter((f"Mpd{k}", f"Mnd{k}"), (x, -2.95), "top", "vin", "left")
        s.wire((x, -3.7), (x, -4))
        s.port(f"in{k}", (x, -4), "bottom")
    s.box((13.4, -0.7), (16.8, 0.7), "products 2 to 15,\nas these", dashed=True)
    return s


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


DRAWINGS: Drawings = {"acim-column-qr": column}

if __name__ == "__main__":
    save(DRAWINGS)
    cycle().save(str(Path(__file__).with_name("acim-column-qr.cycle.svg")))
