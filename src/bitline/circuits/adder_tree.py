"""AdderTree: one-bit products and the tree that counts them, the digital path of a hybrid MAC unit."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated
from bitline.system.logic.network import Network
from bitline.system.logic.popcount import Multiplier, Structure, popcount_network


@validated
class AdderTree(Circuit):
    """Popcount of ``IN AND w`` over `width` pairs of bits, from the PDK's standard cells.

    Behind each ideal source is an inverter ``inv_2`` that drives one multiplier, on a supply of its own. Weights are
    static. What is counted comes out as a binary number. Structure and multiplier are choices: what the paper's digital
    path is made of is not known.
    """

    name: ClassVar[str] = "adder-tree"
    template: ClassVar[str] = "periphery/adder_tree.cir.j2"

    width: int = parameter(16, "one-bit products that are counted", source="choice", ge=16, le=256)
    structure: Structure = parameter(
        "compressor", "3:2 compressors in a queue, or by arrival, or a tree of ripple-carry adders", source="choice"
    )
    multiplier: Multiplier = parameter("and2", "cell of a product; nor2 takes inverted bits", source="choice")
    c_net: float = parameter(2e-15, "wire of each net between cells", unit="F", source="assumed", ge=0, le=1e-12)
    t_operation: float = parameter(
        6e-9, "time from one operation to the next", unit="s", source="choice", gt=0, le=1e-6
    )
    t_edge: float = parameter(
        50e-12, "rise and fall time of the inputs' sources", unit="s", source="choice", gt=0, le=1e-8
    )

    @cached_property
    def network(self) -> Network:
        """Its cells and nets."""
        return popcount_network(self.width, self.structure, self.multiplier)
