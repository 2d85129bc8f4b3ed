"""Column8T: cells with a read port of their own, so that a read cannot disturb what they store."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits import precharged_column as precharged
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class Column8T(PrechargedColumn):
    """Column of 8T cells whose active rows discharge the read bit line during one word-line pulse.

    ``V = VDD - (1/C_line) sum I_j T``: a row contributes if its read word line is pulsed and it stores 1. The
    latch only drives the gate of its read port.
    """

    name: ClassVar[str] = "lab-8t"
    template: ClassVar[str] = "lab/column_8t.cir.j2"

    rows: int = parameter(16, "cells on the read bit line", source="choice", ge=1, le=256)
    active: int = parameter(8, "rows pulsed at once, the longest sum", source="choice", ge=1, le=256)
    w_read: float = parameter(
        0.42e-6, "width of both transistors of a read port", unit="m", source="choice", gt=0, le=1e-5
    )
    t_pulse: float = precharged.t_pulse(0.15e-9, "read word-line")
    v_wl: float = parameter(1.2, "read word-line level", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(60e-15, "sampling capacitance at the line's end", unit="F", source="choice", ge=0)
    columns: int = parameter(64, "cells on each read word line, which load its driver", source="choice", ge=1)
    w_precharge: float = precharged.width(1.26e-6, "the precharge PMOS")
    w_driver_n: float = precharged.width(2e-6, "a word-line driver's NMOS")
    w_driver_p: float = precharged.width(4e-6, "a word-line driver's PMOS")
    length: float = parameter(
        0.15e-6, "channel length of read ports, precharge and drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = precharged.T_EDGE
    t_precharge: float = precharged.T_PRECHARGE
    t_settle: float = precharged.T_SETTLE
    t_restore: float = precharged.T_RESTORE
    cell: SplitPort6T = SplitPort6T()

    def check(self) -> None:
        """Refuse more active rows than there are rows."""
        if self.active > self.rows:
            raise InputError(f"Column8T: active = {self.active}: must be <= rows = {self.rows}")
