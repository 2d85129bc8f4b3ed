"""Draw the StrongARM comparator: ``python docs/schematics/strongarm.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import strong_arm


def comparator() -> Sheet:
    """Return the latch with its precharge, its tail's clock inverter and its output inverters."""
    s = Sheet()
    strong_arm(s, ("ip", "in"))
    return s


DRAWINGS: Drawings = {"strongarm": comparator}

if __name__ == "__main__":
    save(DRAWINGS)
