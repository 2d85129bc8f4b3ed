"""NvSramTritHalfRail: the trit of `NvSramTrit`, its latches released from half-rail as a DRAM's sense amplifier."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.row_rails import RowRails
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.devices.selector import Selector
from bitline.parameters import parameter, validated


@validated
class NvSramTritHalfRail(Circuit):
    """A trit in two SRAM cells whose latches rest at one reference, and close at two times.

    The sources of the pull-downs are a rail VGND, not ground: while it and VDDC lie at the reference, no device of a
    latch that is on has a voltage across it. Each latch has a switch of its own, CS1 and CS2. The slower the node
    falls the later it passes the reference, so that latch 1 closes first, latch 2 later, both against one reference.
    The transistors of the cell are those of `NvSramTrit`, and so is its code.
    """

    name: ClassVar[str] = "nvsram-trit-half-rail"
    template: ClassVar[str] = "cells/nvsram_trit.cir.j2"
    switch_gates: ClassVar[tuple[str, str]] = ("cs1", "cs2")
    references: ClassVar[tuple[str, str]] = ("ref", "ref")
    grounds: ClassVar[tuple[str, str]] = ("vgnd", "vgnd")
    clustered: ClassVar[bool] = True
    w_foot: ClassVar[float] = 0.0

    # The capacitances are extracted from the deck at the defaults: they set the times, not the simulation.
    c_latch: float = parameter(
        0.652e-15, "capacitance of a latch's Q node with its switch on", unit="F", source="measured", gt=0, le=1e-12
    )
    c_switch: float = parameter(
        0.053e-15,
        "capacitance of a Q node per switch of a further cluster",
        unit="F",
        source="measured",
        ge=0,
        le=1e-12,
    )
    c_kick: float = parameter(
        0.043e-15, "coupling of WLL into a Q node as it falls", unit="F", source="measured", ge=0, le=1e-12
    )
    c_close: float = parameter(
        0.071e-15, "coupling of CS1 into the cluster line as it falls", unit="F", source="measured", ge=0, le=1e-12
    )
    c_skew_1: float = parameter(
        0.013e-15, "coupling of CS1 beyond that of WLR into latch 1", unit="F", source="measured", ge=-1e-12, le=1e-12
    )
    c_skew_2: float = parameter(
        0.0, "coupling of CS2 beyond that of WLR into latch 2", unit="F", source="measured", ge=-1e-12, le=1e-12
    )
    r_pass: float = parameter(
        17e3,
        "resistance from the bit line to the cluster line while word line and switches are boosted",
        unit="Ohm",
        source="measured",
        gt=0,
        le=1e9,
    )
    # Of latch 1 42 mV, of latch 2 32 mV (40 chips each): both pairs share the decision at a node near 0.75 V.
    sigma_vos: float = parameter(
        0.042,
        "sigma of a latch's offset; it sizes the times and predicts the yield",
        unit="V",
        source="measured",
        ge=0,
        le=1,
    )
    # The line swings from the start level to the low level of the select line, 1.15 V at the defaults of bench restore:
    # a selector has to hold off more than half of that. In INIT the n - 1 others lie between the start level and their
    # select lines: at 50 fA each, 128 branches leak less than a latch that holds. Published selectors of silver in
    # hafnia carry 10 fA and have a nonlinearity of 1e10 (Midya et al., Advanced Materials 29, 1604457, 2017).
    cluster: NsnrCluster = NsnrCluster(selector=Selector(v_on=1.15, v_th=0.7, i_off=5e-14, on_off=2e9))
    cell: SplitPort6T = SplitPort6T()
    row: RowRails = RowRails()

    @property
    def c_side(self) -> float:
        """Capacitance of a Q or QB node by itself [F]."""
        return self.c_latch + (self.cluster.n_clusters - 1) * self.c_switch

    @property
    def c_both(self) -> float:
        """Capacitance that the selected ReRAM discharges while both switches are on [F]."""
        return self.c_one + self.c_side

    @property
    def c_one(self) -> float:
        """Capacitance that it discharges once latch 1 is closed [F]."""
        return self.c_side + self.cluster.c_all
