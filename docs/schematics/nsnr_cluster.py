"""Draw the cluster of selector and ReRAM branches: ``python docs/schematics/nsnr_cluster.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import branch


def cluster() -> Sheet:
    """Return the cluster line with the selected branch and the others, which the netlist lumps."""
    s = Sheet()
    s.port("cl", (-4, 0))
    s.wire((-4, 0), (-0.8, 0))
    s.capacitor("ccla", (-3, 0), side="left")
    branch(s, (0, 0), "a_0", ("ma_0", "sl"))
    s.wire((0, 0), (3.2, 0))
    branch(s, (4, 0), "a_1", ("ma_1", "slu"))
    s.write("selected", (0, -4.2), "bottom")
    s.write("the other branches as one", (4, -4.2), "bottom")
    return s


DRAWINGS: Drawings = {"nsnr-cluster": cluster}

if __name__ == "__main__":
    save(DRAWINGS)
