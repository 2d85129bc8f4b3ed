"""ReramColumn: rows of ReRAM whose currents add up on a clamped line."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class ReramColumn(Circuit):
    """Column of 1T1R (or selector + ReRAM) cells, LRS is 1 and HRS 0; the baseline of `TernaryColumn`.

    An ideal virtual ground holds the line at `v_read`; its current is mirrored, ideally, onto `c_int`
    for the pulse. A row with a transistor hangs from the line to ground and its input line is the gate;
    one with a selector hangs from the line to its row line, which falls from `v_read` to ground. A trit
    maps onto two columns (p, m) and two cycles, as for `BinarySramColumn`.
    """

    name: ClassVar[str] = "reram-column"
    template: ClassVar[str] = "columns/reram_column.cir.j2"

    active: int = parameter(16, "cells on the line, all computing at once", ge=1, le=1024)
    access: Literal["transistor", "selector"] = parameter("transistor", "what is in series with a ReRAM")
    w_access: float = parameter(0.42e-6, "width of an access transistor", unit="m", gt=0, le=1e-5)
    v_read: float = parameter(0.2, "level of the line; above v_th with selectors (choice)", unit="V", gt=0, le=2)
    c_int: float = parameter(60e-15, "integration capacitance", unit="F", gt=0, le=1e-9)
    t_pulse: float = parameter(1.2e-9, "input pulse width at the driver's input", unit="s", gt=0, le=1e-6)
    v_wl: float = parameter(1.8, "gate level of the access transistors", unit="V", gt=0, le=5)
    c_wire: float = parameter(0.2e-15, "line wire per cell (assumed)", unit="F", ge=0, le=1e-13)
    r_wire: float = parameter(1.4, "line wire per cell: 11.3 squares of met1", unit="Ohm", gt=0, le=1e4)
    columns: int = parameter(144, "columns on each input line, loading its driver", ge=1, le=4096)
    c_input: float = parameter(0.9e-15, "input line per column, gate and wire (assumed)", unit="F", ge=0, le=1e-13)
    w_driver_n: float = parameter(10e-6, "width of an input driver's NMOS", unit="m", gt=0, le=1e-4)
    w_driver_p: float = parameter(20e-6, "width of an input driver's PMOS", unit="m", gt=0, le=1e-4)
    length: float = parameter(0.15e-6, "channel length of access and drivers", unit="m", gt=0, le=1e-5)
    t_edge: float = parameter(20e-12, "edges of the control signals", unit="s", gt=0, le=1e-8)
    t_before: float = parameter(0.3e-9, "time before the pulse", unit="s", gt=0, le=1e-6)
    t_settle: float = parameter(0.4e-9, "from the pulse's end to the sampling instant", unit="s", gt=0, le=1e-6)
    t_after: float = parameter(1e-9, "from sampling to the end of the cycle", unit="s", gt=0, le=1e-6)
    reram: ReRam = ReRam()
    selector: Selector = Selector()

    def check(self) -> None:
        """Refuse selectors that the read level would not switch on."""
        if self.access == "selector" and self.v_read <= self.selector.v_th:
            raise InputError(f"ReramColumn: v_read = {self.v_read:g}: must be > v_th = {self.selector.v_th:g}")
