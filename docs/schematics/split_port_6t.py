"""Draw the split-port cell: ``python docs/schematics/split_port_6t.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import six_t


def cell() -> Sheet:
    """Return the cell with a word line for either side."""
    s = Sheet()
    six_t(s, (0, 0), "", lines=("bl", "blb"), words=("wll", "wlr"), rails=("vdd", "0"))
    return s


DRAWINGS: Drawings = {"split-port-6t": cell}

if __name__ == "__main__":
    save(DRAWINGS)
