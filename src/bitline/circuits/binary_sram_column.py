"""BinarySramColumn: the usual SRAM compute column, one-bit weights and inputs on one line."""

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
class BinarySramColumn(PrechargedColumn):
    """Column of 8T cells: a row discharges the line if bit and input are 1; the baseline of `TernaryColumn`.

    Line, stack, precharge and drivers are those of `TernaryColumn`, so that only the coding differs. A trit maps
    onto two columns (bits p and m) that are read in two cycles (inputs IP, then IN), or onto two rows of two
    columns that are read in one. Either way four sums are combined digitally into the ternary MAC.
    """

    name: ClassVar[str] = "binary-sram-column"
    template: ClassVar[str] = "columns/binary_sram_column.cir.j2"

    active: int = parameter(16, "cells on the line, all computing at once", source="choice", ge=1, le=64)
    latched: int = parameter(
        1, "rows with real latches and drivers; the bits of the others are ideal", source="choice", ge=1, le=64
    )
    idle: int = IDLE
    line_sections: int = LINE_SECTIONS
    r_bit: float = stack.R_BIT
    c_bit: float = stack.C_BIT
    order: Literal["bit-at-line", "bit-at-ground"] = parameter(
        "bit-at-ground", "which gate of a stack is at ground", source="choice"
    )
    device: Literal["latch_n", "pass_n", "nmos", "nmos_lvt"] = stack.DEVICE
    w_stack: float = stack.W_STACK
    l_input: float = stack.L_INPUT
    l_bit: float = stack.L_BIT
    area_line: float = stack.AREA_LINE
    edge_line: float = stack.EDGE_LINE
    area_between: float = stack.AREA_BETWEEN
    edge_between: float = stack.EDGE_BETWEEN
    # For the same swing as the ternary column's: line and input line carry half the stacks.
    t_pulse: float = precharged.t_pulse(0.2e-9, "input")
    v_wl: float = parameter(1.5, "input line level, the drivers' own supply", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(
        60e-15, "sampling capacitance at the line's end", unit="F", source="choice", ge=0, le=1e-9
    )
    columns: int = parameter(144, "columns on each input line, which load its driver", source="choice", ge=1, le=4096)
    # One gate of 0.42/0.6 um at 8.3 fF/um2, and 0.3 fF of wire.
    c_input: float = parameter(
        2.4e-15, "input line per column, gate and wire", unit="F", source="assumed", ge=0, le=1e-13
    )
    w_precharge: float = precharged.width(1.26e-6, "the precharge PMOS")
    # As wide as in `TernaryColumn`, so that the energies compare.
    w_driver_n: float = precharged.width(10e-6, "an input driver's NMOS")
    w_driver_p: float = precharged.width(20e-6, "an input driver's PMOS")
    length: float = parameter(
        0.15e-6, "channel length of precharge and input drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = precharged.T_EDGE
    t_precharge: float = precharged.T_PRECHARGE
    t_settle: float = precharged.T_SETTLE
    t_restore: float = precharged.T_RESTORE
    cell: SplitPort6T = SplitPort6T()

    def idle_sections(self) -> list[IdleSection]:
        """Return the sections of the idle rows, from the active rows outwards."""
        return idle_sections(self.active, self.idle, self.line_sections)

    def check(self) -> None:
        """Refuse more latched rows than there are rows."""
        if self.latched > self.active:
            raise InputError(f"BinarySramColumn: latched = {self.latched}: must be <= active = {self.active}")
