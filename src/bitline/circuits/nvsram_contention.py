"""The baselines of the restore: latches that decide by contention, with their supply up and a DC path.

In both circuits each side of one latch is pulled down through a resistance while the supply ramps, and the side
with the higher resistance wins. Until the switches open, current flows from the supply through the winning side's
ReRAM to ground.
"""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.devices.reram import ReRam
from bitline.parameters import parameter, validated


@validated
class NvSram8T2R(Circuit):
    """2R-type nonvolatile cell: 6T, and a switch and a ReRAM on each side that hold the bit complementarily."""

    name: ClassVar[str] = "nvsram-8t2r"
    template: ClassVar[str] = "cells/nvsram_contention.cir.j2"

    reram: ReRam = ReRam()
    cell: SplitPort6T = SplitPort6T()

    @property
    def memory(self) -> ReRam:
        """The memory device that holds the bit."""
        return self.reram


@validated
class NvSramSlc(Circuit):
    """Cluster of single-level branches whose current the latch compares with that of a reference resistor."""

    name: ClassVar[str] = "nvsram-slc"
    template: ClassVar[str] = "cells/nvsram_contention.cir.j2"

    # The latch decides by the ratio of two resistances: sqrt(80 k x 1 M) is as far from either level.
    r_reference: float = parameter(
        283e3, "reference resistance, geometric mean of low and high level", unit="Ohm", source="choice", gt=0, le=1e12
    )
    cluster: NsnrCluster = NsnrCluster()
    cell: SplitPort6T = SplitPort6T()

    @property
    def memory(self) -> ReRam:
        """The memory device that holds the bit."""
        return self.cluster.reram
