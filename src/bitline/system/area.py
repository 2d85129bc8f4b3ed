"""Area and storage density of a trit's site: cells and switches in silicon, clusters above the metal.

A site is what repeats in the array: two split-port 6T cells, the switches of its clusters with their
mirrors, and ``n_per_cluster * n_clusters`` stored trits. Selectors and ReRAMs lie above the metal, so
that a site is as large as the larger of what is below and above. Drivers, sense amplifiers and
references at the rim of an array are left out of every figure, the references' too.
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

    @property
    def cell(self) -> float:
        """Area [m2] of a split-port cell."""
        return self.split * self.pitch_x * self.pitch_y

    def silicon(self, n_clusters: int) -> float:
        """Return what two cells take [m2], with two switches and their two mirrors for each cluster."""
        # A switch per latch and cluster, and on the other side of the latch a mirror that balances its capacitance.
        return 2 * self.cell + 4 * n_clusters * self.switch * self.pitch_x * self.pitch_y

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
