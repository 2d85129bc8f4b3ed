"""ReramColumn: rows of ReRAM whose currents add up on a clamped line."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.circuits.idle_rows import IDLE, LINE_SECTIONS, IdleSection, idle_sections
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class ReramColumn(Circuit):
    """Column of 1T1R (or selector + ReRAM) cells, LRS is 1 and HRS 0; the baseline of `TernaryColumn`.

    An ideal virtual ground holds the line at `v_read`, and an ideal mirror integrates its current on `c_int`
    during the pulse. A row with a transistor lies between the line and ground, and its input line is the gate. A
    row with a selector lies between the line and its row line, which falls from `v_read` to ground. A trit maps
    onto two columns (p, m) and two cycles, as for `BinarySramColumn`.
    """

    name: ClassVar[str] = "reram-column"
    template: ClassVar[str] = "columns/reram_column.cir.j2"

    active: int = parameter(16, "cells on the line, all computing at once", source="choice", ge=1, le=1024)
    idle: int = IDLE
    line_sections: int = LINE_SECTIONS
    access: Literal["transistor", "selector"] = parameter(
        "transistor", "device in series with each ReRAM", source="choice"
    )
    w_access: float = parameter(0.42e-6, "width of an access transistor", unit="m", source="choice", gt=0, le=1e-5)
    v_read: float = parameter(
        0.2, "level at which the line is clamped; above v_th with selectors", unit="V", source="choice", gt=0, le=2
    )
    # As much as the other columns' lines are loaded with, so that what is sampled compares.
    c_int: float = parameter(
        60e-15, "capacitance that integrates the line's current", unit="F", source="choice", gt=0, le=1e-9
    )
    t_pulse: float = parameter(
        1.2e-9, "input pulse width at the driver's input", unit="s", source="choice", gt=0, le=1e-6
    )
    v_wl: float = parameter(1.8, "gate level of the access transistors", unit="V", source="choice", gt=0, le=5)
    c_wire: float = parameter(0.2e-15, "line wire per cell", unit="F", source="assumed", ge=0, le=1e-13)
    r_wire: float = parameter(
        1.4, "resistance of the line's wire per cell: 11.3 squares of met1", unit="Ohm", source="foundry", gt=0, le=1e4
    )
    columns: int = parameter(144, "columns on each input line, which load its driver", source="choice", ge=1, le=4096)
    c_input: float = parameter(
        0.9e-15, "input line per column, gate and wire", unit="F", source="assumed", ge=0, le=1e-13
    )
    # Those of `TernaryColumn`, so that the energies compare.
    w_driver_n: float = parameter(10e-6, "width of an input driver's NMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_driver_p: float = parameter(20e-6, "width of an input driver's PMOS", unit="m", source="choice", gt=0, le=1e-4)
    length: float = parameter(
        0.15e-6, "channel length of access transistors and drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        20e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_before: float = parameter(0.3e-9, "time before the pulse", unit="s", source="choice", gt=0, le=1e-6)
    t_settle: float = parameter(
        0.4e-9, "time from the pulse's end to the sampling instant", unit="s", source="choice", gt=0, le=1e-6
    )
    t_after: float = parameter(
        1e-9, "time from the sampling instant to the end of the cycle", unit="s", source="choice", gt=0, le=1e-6
    )
    reram: ReRam = ReRam()
    selector: Selector = Selector()

    def idle_sections(self) -> list[IdleSection]:
        """Return the sections of the idle rows, from the active rows outwards."""
        return idle_sections(self.active, self.idle, self.line_sections)

    def check(self) -> None:
        """Refuse selectors that the read level would not switch on."""
        if self.access == "selector" and self.v_read <= self.selector.v_th:
            raise InputError(f"ReramColumn: v_read = {self.v_read:g}: must be > v_th = {self.selector.v_th:g}")
