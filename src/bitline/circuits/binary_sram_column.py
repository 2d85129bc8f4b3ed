"""BinarySramColumn: the usual SRAM compute column, one-bit weights and inputs on one line."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class BinarySramColumn(Circuit):
    """Column of 8T cells: a row discharges the line where bit and input are 1; the baseline of `TernaryColumn`.

    Line, stack, precharge and drivers are those of `TernaryColumn`, so that what differs is the
    coding. A trit maps onto two columns (bits p and m) read in two cycles (inputs IP, then IN), or onto
    two rows of two columns read in one; the four sums make the ternary MAC digitally.
    """

    name: ClassVar[str] = "binary-sram-column"
    template: ClassVar[str] = "columns/binary_sram_column.cir.j2"

    active: int = parameter(16, "cells on the line, all computing at once", ge=1, le=64)
    latched: int = parameter(1, "rows with real latches and drivers; the others' bits are ideal", ge=1, le=64)
    r_bit: float = parameter(20e3, "pull-up of a latch that is not real (measured)", unit="Ohm", gt=0, le=1e7)
    c_bit: float = parameter(1e-15, "its storage node (measured)", unit="F", gt=0, le=1e-12)
    order: Literal["bit-at-line", "bit-at-ground"] = parameter("bit-at-ground", "which gate of a stack is at ground")
    device: Literal["latch_n", "pass_n", "nmos", "nmos_lvt"] = parameter("nmos_lvt", "both transistors of a stack")
    w_stack: float = parameter(0.42e-6, "width of both", unit="m", gt=0, le=1e-5)
    l_input: float = parameter(0.6e-6, "channel length of the one gated by the input", unit="m", gt=0, le=1e-5)
    l_bit: float = parameter(1.2e-6, "channel length of the one gated by the bit", unit="m", gt=0, le=1e-5)
    area_line: float = parameter(0.017e-12, "line contact's share of diffusion", unit="m2", ge=0, le=1e-10)
    edge_line: float = parameter(0.24e-6, "its side wall", unit="m", ge=0, le=1e-4)
    area_between: float = parameter(0.02e-12, "half of the diffusion between both (assumed)", unit="m2", ge=0, le=1e-10)
    edge_between: float = parameter(0.2e-6, "its side wall (assumed)", unit="m", ge=0, le=1e-4)
    t_pulse: float = parameter(0.2e-9, "input pulse width at the driver's input", unit="s", gt=0, le=1e-6)
    v_wl: float = parameter(1.5, "input line level, the drivers' own supply", unit="V", gt=0, le=5)
    c_load: float = parameter(60e-15, "sampling capacitance at the line's end", unit="F", ge=0, le=1e-9)
    columns: int = parameter(144, "columns on each input line, loading its driver", ge=1, le=4096)
    c_input: float = parameter(2.4e-15, "input line per column, gate and wire (assumed)", unit="F", ge=0, le=1e-13)
    w_precharge: float = parameter(1.26e-6, "width of the precharge PMOS", unit="m", gt=0, le=1e-4)
    w_driver_n: float = parameter(10e-6, "width of an input driver's NMOS", unit="m", gt=0, le=1e-4)
    w_driver_p: float = parameter(20e-6, "width of an input driver's PMOS", unit="m", gt=0, le=1e-4)
    length: float = parameter(0.15e-6, "channel length of precharge and drivers", unit="m", gt=0, le=1e-5)
    t_edge: float = parameter(20e-12, "edges of the control signals", unit="s", gt=0, le=1e-8)
    t_precharge: float = parameter(0.3e-9, "time before the pulse, precharge on then off", unit="s", gt=0, le=1e-6)
    t_settle: float = parameter(0.4e-9, "from the pulse's end to the sampling instant", unit="s", gt=0, le=1e-6)
    t_restore: float = parameter(3e-9, "precharge at the end of the cycle", unit="s", gt=0, le=1e-6)
    cell: SplitPort6T = SplitPort6T()

    def check(self) -> None:
        """Refuse more latched rows than there are rows."""
        if self.latched > self.active:
            raise InputError(f"BinarySramColumn: latched = {self.latched}: must be <= active = {self.active}")
