"""CombinationalCell: one gate or adder of the PDK's library alone, as networks of them are made of."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated
from bitline.system.logic.cells import LogicCell, logic_cell


@validated
class CombinationalCell(Circuit):
    """A standard cell whose pins are driven by ideal sources, with the same load on each output."""

    name: ClassVar[str] = "combinational-cell"
    template: ClassVar[str] = "periphery/combinational_cell.cir.j2"

    cell: Literal["inv_2", "and2_1", "nor2_1", "ha_1", "fa_1"] = parameter(
        "fa_1", "standard cell without the library's prefix", source="choice"
    )
    c_load: float = parameter(0.0, "load of each output", unit="F", source="choice", ge=0, le=1e-12)
    t_edge: float = parameter(
        150e-12, "rise and fall time at the pins, 0 to 100 %", unit="s", source="choice", gt=0, le=1e-8
    )
    t_settle: float = parameter(
        3e-9, "time that a transition is given to settle", unit="s", source="choice", gt=0, le=1e-6
    )

    @property
    def kind(self) -> LogicCell:
        """Pins and function of the cell."""
        return logic_cell(self.cell)
