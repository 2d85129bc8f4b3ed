"""TernaryColumn: rows of trits that discharge a pair of precharged lines."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits import precharged_column as precharged
from bitline.circuits import stack
from bitline.circuits.idle_rows import IDLE, LINE_SECTIONS, IdleSection, idle_sections
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class TernaryColumn(PrechargedColumn):
    """Column of trits in two cells each; a product +1 discharges CBL, -1 CBLB, 0 neither.

    ``V_CBLB - V_CBL = (n+ - n-) dV``. Bit p and bit m of a trit (+1 is (1, 0), 0 is (0, 0), -1 is
    (0, 1)) gate four stacks of two NMOS with the input lines IP and IN: (p, IP) and (m, IN) on CBL,
    (p, IN) and (m, IP) on CBLB. A storage node only drives gates, so that a low line cannot write it. Line,
    wires and precharge are those of `AcimColumnQS`; docs/ternary.md gives the reason for each size.
    """

    name: ClassVar[str] = "ternary-column"
    template: ClassVar[str] = "columns/ternary_column.cir.j2"

    rows: int = parameter(16, "trits on the pair of lines, all computing at once", source="transcribed", ge=1, le=64)
    latched: int = parameter(
        1, "rows with real latches and all drivers; the bits of the others are ideal", source="choice", ge=1, le=64
    )
    idle: int = IDLE
    line_sections: int = LINE_SECTIONS
    r_bit: float = stack.R_BIT
    c_bit: float = stack.C_BIT
    order: Literal["bit-at-line", "bit-at-ground"] = parameter(
        "bit-at-ground", "which gate of a stack is at ground (docs/ternary.md)", source="choice"
    )
    device: Literal["latch_n", "pass_n", "nmos", "nmos_lvt"] = stack.DEVICE
    w_stack: float = stack.W_STACK
    l_input: float = stack.L_INPUT
    l_bit: float = stack.L_BIT
    area_line: float = stack.AREA_LINE
    edge_line: float = stack.EDGE_LINE
    area_between: float = stack.AREA_BETWEEN
    edge_between: float = stack.EDGE_BETWEEN
    t_pulse: float = precharged.t_pulse(0.28e-9, "input")
    # A higher level matches better, at its square in energy.
    v_wl: float = parameter(1.5, "input line level, the drivers' own supply", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(
        60e-15, "sampling capacitance at each line's end", unit="F", source="choice", ge=0, le=1e-9
    )
    columns: int = parameter(144, "columns on each input line, which load its driver", source="choice", ge=1, le=4096)
    # Two gates of 0.42/0.6 um at 8.3 fF/um2, and 0.3 fF of wire.
    c_input: float = parameter(
        4.5e-15, "input line per column, two gates and wire", unit="F", source="assumed", ge=0, le=1e-13
    )
    w_precharge: float = precharged.width(1.26e-6, "each precharge PMOS")
    # Five times those of `AcimColumnQS`: an input line is two gates per column, and a rounded pulse costs matching.
    w_driver_n: float = precharged.width(10e-6, "an input driver's NMOS")
    w_driver_p: float = precharged.width(20e-6, "an input driver's PMOS")
    length: float = parameter(
        0.15e-6, "channel length of precharge and input drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    # At the default's swing a keeper's gate never turns on: it is for lines that fall by more than a PMOS threshold.
    keeper: Literal["none", "cross"] = parameter(
        "none", "cross: a pair of PMOS keepers, each with its gate on the other line", source="choice"
    )
    w_keeper: float = parameter(0.42e-6, "width of a keeper PMOS", unit="m", source="choice", gt=0, le=1e-4)
    l_keeper: float = parameter(0.5e-6, "channel length of a keeper PMOS", unit="m", source="choice", gt=0, le=1e-4)
    t_edge: float = precharged.T_EDGE
    t_precharge: float = precharged.T_PRECHARGE
    t_settle: float = precharged.T_SETTLE
    t_restore: float = precharged.T_RESTORE
    cell: SplitPort6T = SplitPort6T()

    def idle_sections(self) -> list[IdleSection]:
        """Return the sections of the idle rows, from the active rows outwards."""
        return idle_sections(self.rows, self.idle, self.line_sections)

    def check(self) -> None:
        """Refuse more latched rows than there are rows."""
        if self.latched > self.rows:
            raise InputError(f"TernaryColumn: latched = {self.latched}: must be <= rows = {self.rows}")
