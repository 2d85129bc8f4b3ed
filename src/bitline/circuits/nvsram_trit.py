"""NvSramTrit: two split-port 6T latches that a ReRAM cluster restores without a DC path."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.parameters import parameter, validated


@validated
class NvSramTrit(Circuit):
    """A trit in two SRAM cells, with the clusters above them.

    The wiring is a design choice. A switch CS joins each Q node to the cluster line; both QB nodes are held at a
    reference through their own word line.
    Latch 1 decides between low and middle resistance, latch 2 between middle and high; the code
    (QB of 1, Q of 2) is (1, 0), (0, 0), (0, 1) for +1, 0, -1.
    """

    name: ClassVar[str] = "nvsram-trit"
    template: ClassVar[str] = "cells/nvsram_trit.cir.j2"
    # The lines of the template: one gate for both switches, a reference a latch.
    switch_gates: ClassVar[tuple[str, str]] = ("cs", "cs")
    references: ClassVar[tuple[str, str]] = ("ref1", "ref2")

    clustered: bool = parameter(
        True, "whether a switch CS joins latch and cluster; false: its branches lie on its node", source="choice"
    )
    w_foot: float = parameter(
        0.0,
        "width of an NMOS from each latch's pull-downs to ground that is off until LATCH; 0: none",
        unit="m",
        source="choice",
        ge=0,
        le=1e-5,
    )
    # The capacitances are extracted from the deck at the defaults: they set times and references, not the simulation.
    c_latch: float = parameter(
        0.82e-15, "capacitance of a latch's Q node with its switch CS on", unit="F", source="measured", gt=0, le=1e-12
    )
    c_switch: float = parameter(
        0.045e-15,
        "capacitance of a Q node per switch CS of a further cluster",
        unit="F",
        source="measured",
        ge=0,
        le=1e-12,
    )
    c_kick: float = parameter(
        0.052e-15, "coupling of WLL into a Q node as it falls", unit="F", source="measured", ge=0, le=1e-12
    )
    # While CS closes, the cluster line is kicked too and pulls Q along, whereas QB's line is driven.
    c_skew_1: float = parameter(
        0.15e-15,
        "coupling of CS beyond that of WLR into the joined nodes of latch 1",
        unit="F",
        source="measured",
        ge=0,
        le=1e-12,
    )
    c_skew_2: float = parameter(
        0.095e-15,
        "coupling of CS beyond that of WLR into the joined nodes of latch 2",
        unit="F",
        source="measured",
        ge=0,
        le=1e-12,
    )
    # Twice that of one latch NMOS: while the supply ramps the PMOS pair starts the decision, with its mismatch in full,
    # the more so the lower the node: 71 mV at 0.22 V, 57 mV at 0.50 V (docs/restore.md).
    sigma_vos: float = parameter(
        0.074,
        "sigma of a latch's offset at a low node; it sizes the references and predicts the yield",
        unit="V",
        source="measured",
        ge=0,
        le=1,
    )
    cluster: NsnrCluster = NsnrCluster()
    cell: SplitPort6T = SplitPort6T()

    @property
    def grounds(self) -> tuple[str, str]:
        """The lines at the sources of the pull-downs: a common foot would join both references through them."""
        return ("vgnd1", "vgnd2") if self.w_foot else ("0", "0")

    @property
    def _joined(self) -> int:
        """Q nodes on one cluster line: of both latches, or of the latch that has the branches to itself."""
        if self.clustered:
            return 2
        return 1

    @property
    def c_side(self) -> float:
        """Capacitance of a Q or QB node by itself [F]."""
        if not self.clustered:
            return self.c_latch
        # QB has a mirror of each switch, so that both sides of a latch are as heavy.
        return self.c_latch + (self.cluster.n_clusters - 1) * self.c_switch

    @property
    def c_node(self) -> float:
        """Capacitance that the selected ReRAM discharges [F]: both latches and the cluster line, or one latch."""
        return self._joined * self.c_side + self.cluster.c_all

    @property
    def kick(self) -> float:
        """Fall of the discharged node per volt of the word line WLL."""
        return self._joined * self.c_kick / self.c_node

    def skew(self, v_boost: float) -> tuple[float, float]:
        """Return how much further [V] the Q side of latch 1 and 2 falls than the QB side when both are cut off.

        Without a cluster switch only QB falls then, with as much capacitance as the Q side.
        """
        if not self.clustered:
            alone = -self.c_kick * v_boost / self.c_node
            return alone, alone
        return self.c_skew_1 * v_boost / self.c_node, self.c_skew_2 * v_boost / self.c_node
