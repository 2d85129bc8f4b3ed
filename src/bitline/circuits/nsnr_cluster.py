"""NsnrCluster: n branches of selector and ReRAM on one line."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector
from bitline.parameters import parameter, validated


@validated
class NsnrCluster(Circuit):
    """Cluster of `n_per_cluster` selector + ReRAM branches that share a cluster line.

    The wiring is a design choice: each branch has an outer line of its own, and only the selected one turns on.
    """

    name: ClassVar[str] = "nsnr-cluster"
    template: ClassVar[str] = "clusters/nsnr_cluster.cir.j2"

    n_per_cluster: int = parameter(16, "branches on a cluster line", source="choice", ge=1, le=128)
    n_clusters: int = parameter(4, "clusters on a cell; one is used at a time", source="transcribed", ge=1, le=16)
    c_fixed: float = parameter(0.5e-15, "cluster line without branches", unit="F", source="assumed", gt=0, le=1e-12)
    c_branch: float = parameter(0.05e-15, "cluster line per branch", unit="F", source="assumed", ge=0, le=1e-13)
    reram: ReRam = ReRam()
    selector: Selector = Selector()

    @property
    def c_line(self) -> float:
        """Wire capacitance of a cluster line [F]; the selectors' own comes on top."""
        return self.c_fixed + self.n_per_cluster * self.c_branch

    @property
    def c_all(self) -> float:
        """Capacitance of a cluster line with all its selectors [F]."""
        # A selector that is off couples to a line that stands still: all of its capacitance loads the cluster line.
        return self.c_line + self.n_per_cluster * self.selector.c_off
