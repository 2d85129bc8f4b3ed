"""Area and storage density of a trit's site: cells and switches in silicon, clusters above the metal.

A site is what repeats in the array: two split-port 6T cells, the switches of its clusters with their
mirrors, and ``n_per_cluster * n_clusters`` stored trits. Selectors and ReRAMs lie above the metal, so
that a site is as large as the larger of what is below and above. Drivers, sense amplifiers and
references at the rim of an array are left out of every figure, the references' too.

`LAYOUT_RULE` is the half-rail trit by SKY130's own rules (SkyWater PDK, periphery rules; the rule's name stands beside
each constant). Nothing was laid out: a rule gives the least area that a part can have.
"""

from __future__ import annotations

import math

from bitline.parameters import Parameters, parameter, validated

BITS_PER_TRIT = math.log2(3)
"""What a trit is worth in bits."""

SITE_28NM = 6.35e-12
"""Site [m2] of 240 trits in the 28 nm macro (transcribed, circuits.md section 2)."""
TRITS_28NM = 240
"""Trits above that site (transcribed): 60 in each of 4 clusters."""
DENSITY_GAIN = 7.8
"""Storage density over the state of the art, by the abstract of arXiv 2307.02717 (paper)."""


# Widths and distances [m] by the rules' names.
_GATE = 0.15e-6  # poly.1a
_CONTACT = 0.17e-6  # licon.1
_CONTACT_TO_GATE = 0.055e-6  # licon.11
_CHANNEL = 0.42e-6  # difftap.2, the least width of a transistor outside the foundry's own cells
_ENDCAP = 0.13e-6  # poly.8
_BETWEEN_GATES = 0.21e-6  # poly.2

GATE_PITCH = _GATE + 2 * _CONTACT_TO_GATE + _CONTACT
"""From a gate to the next with a contact between them [m], 0.43 um."""
SWITCH_AREA = GATE_PITCH * (_CHANNEL + 2 * _ENDCAP + _BETWEEN_GATES)
"""Least area of a switch with a gate line of its own [m2], 0.38 um2."""
_BETWEEN_DIFFUSIONS = 0.27e-6  # difftap.3
STACK_LENGTHS = (0.6e-6, 1.2e-6)
"""Channel lengths of the two transistors of a compute stack [m] (choice, that of the ternary column)."""
STACK_AREA = (sum(STACK_LENGTHS) + _BETWEEN_GATES + 2 * _CONTACT_TO_GATE + _CONTACT) * (_CHANNEL + _BETWEEN_DIFFUSIONS)
"""Least area of a stack [m2], whose contact to the line is shared with the next row's; a trit has four of them."""
RAIL_WIDTH = 30e-6
"""Width of all drivers of a row's rails VDDC and VGND [m]: 10 + 5 + 5 + 2 x 5 um (choice, that of the circuit)."""
RAIL_TRITS = 160
"""Trits that those drivers feed (choice)."""
PITCH_LOW = 0.14e-6 + 0.14e-6
"""Least pitch of lines in met1 and met2 [m]: m1.1 and m1.2, m2.1 and m2.2. Bit and word lines of the cell are here."""
PITCH_HIGH = 0.30e-6 + 0.30e-6
"""Least pitch of lines in met3 and met4 [m]: m3.1 and m3.2, m4.1 and m4.2. They lie above the cell's own lines."""


def density(trits: float, area: float) -> float:
    """Return the storage density in bits per m2, a trit counted as log2(3) bits; 1e12 of them are 1 Mb/mm2.

    Parameters
    ----------
    trits : float
        Stored trits.
    area : float
        Area they take [m2].
    """
    return trits * BITS_PER_TRIT / area


def reference_28nm() -> float:
    """Return the density [b/m2] that the 28 nm macro claims to beat by 7.8; which one it is is not known."""
    # By the abstract's own gain: the paper's comparison is known only through it.
    return density(TRITS_28NM, SITE_28NM) / DENSITY_GAIN


@validated
class AreaModel(Parameters):
    """What the parts of a site take; SKY130's cell, and the ReRAM pitch that 28 nm implies.

    The 28 nm site itself needs no model: it is `SITE_28NM`. Its area per ReRAM, 6.35 um2 / 240, is the
    default here too, for nothing is known of a ReRAM pitch above SKY130's own metal.
    """

    pitch_x: float = parameter(1.20e-6, "width of the foundry's 6T cell", unit="m", source="foundry", gt=0, le=1e-3)
    pitch_y: float = parameter(1.58e-6, "height of the foundry's 6T cell", unit="m", source="foundry", gt=0, le=1e-3)
    # A second word line in the foundry's cell: nobody has laid it out.
    split: float = parameter(1.10, "area of the split-port cell over the 6T cell", source="assumed", ge=1, le=10)
    switch: float = parameter(1 / 6, "area of a switch over that of the 6T cell", source="assumed", ge=0, le=10)
    branch: float = parameter(
        0.0265e-12,
        "area of a selector and its ReRAM, 6.35 um2 / 240 at 28 nm",
        unit="m2",
        source="transcribed",
        gt=0,
        le=1e-9,
    )

    foot: float = parameter(
        0.0, "share of a trit in the drivers of its row's rails", unit="m2", source="choice", ge=0, le=1e-9
    )

    compute: float = parameter(
        0.0, "area of a trit's compute stacks; a store alone has none", unit="m2", source="choice", ge=0, le=1e-9
    )

    @property
    def plain(self) -> float:
        """Area [m2] of the foundry's 6T cell."""
        return self.pitch_x * self.pitch_y

    @property
    def cell(self) -> float:
        """Area [m2] of a split-port cell."""
        return self.split * self.plain

    def silicon(self, n_clusters: int) -> float:
        """Return what lies in silicon [m2]: two cells, for each cluster two switches and two mirrors, foot, stacks."""
        # A switch per latch and cluster, and on the other side of the latch a mirror that balances its capacitance.
        return 2 * self.cell + 4 * n_clusters * self.switch * self.plain + self.foot + self.compute

    def site(self, n_per_cluster: int, n_clusters: int) -> float:
        """Return the area of a site [m2]: silicon, or the clusters above it where they are larger."""
        # ReRAM lies above the transistors, so that the two areas do not add up.
        return max(self.silicon(n_clusters), n_per_cluster * n_clusters * self.branch)

    def density(self, n_per_cluster: int, n_clusters: int) -> float:
        """Return the storage density [b/m2] of the ReRAM, a trit counted as log2(3) bits."""
        return density(n_per_cluster * n_clusters, self.site(n_per_cluster, n_clusters))

    def reference_sram(self) -> float:
        """Return the density [b/m2] of the same two cells without ReRAM: one trit in the SRAM itself."""
        return density(1, 2 * self.cell)

    def reference_single(self) -> float:
        """Return the density [b/m2] of a nonvolatile trit with a ReRAM of its own: one branch, one cluster."""
        return self.density(1, 1)

    def reference_6t(self) -> float:
        """Return the density [b/m2] of the foundry's 6T cells alone, one bit each."""
        return 1 / self.plain

    def reference_8t2r(self) -> float:
        """Return the density [b/m2] of the usual nonvolatile SRAM: a 6T cell with two switches and two ReRAMs a bit."""
        return 1 / max((1 + 2 * self.switch) * self.plain, 2 * self.branch)

    def reference_binary(self, n_per_cluster: int, n_clusters: int) -> float:
        """Return the density [b/m2] of clusters of two levels: one cell, a switch and its mirror for each cluster."""
        silicon = self.cell + 2 * n_clusters * self.switch * self.plain
        bits = n_per_cluster * n_clusters
        return bits / max(silicon, bits * self.branch)


LAYOUT_RULE = AreaModel(
    switch=SWITCH_AREA / AreaModel().plain,
    foot=RAIL_WIDTH * GATE_PITCH / RAIL_TRITS,
    compute=4 * STACK_AREA,
    branch=PITCH_HIGH**2,
)
"""The half-rail trit by SKY130's rules, its cross-points in the first two layers that the cell leaves free."""
