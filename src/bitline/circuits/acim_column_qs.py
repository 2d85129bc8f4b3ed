"""AcimColumnQS: charge summing on a precharged bit line."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class AcimColumnQS(Circuit):
    """Column of split-port 6T cells whose active rows discharge BLB during one word-line pulse.

    ``V = VDD - (1/C_line) sum I_j T``: a row contributes if its word line is pulsed and it stores 1 (QB = 0).
    `active` rows are pulsed at once; the others idle, but their junctions load the line. The array's 64 rows and
    144 columns are those that OSA-HCIM (ASP-DAC 2024) is believed to have.
    """

    name: ClassVar[str] = "acim-column-qs"
    template: ClassVar[str] = "columns/acim_column_qs.cir.j2"

    rows: int = parameter(64, "cells on the line", source="assumed", ge=1, le=1024)
    active: int = parameter(16, "rows pulsed at once, the longest sum", source="choice", ge=1, le=1024)
    t_pulse: float = parameter(
        0.3e-9, "word-line pulse width at the driver's input", unit="s", source="choice", gt=0, le=1e-6
    )
    v_wl: float = parameter(1.2, "word-line level, the drivers' own supply", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(
        60e-15, "sampling capacitance at the line's end", unit="F", source="choice", ge=0, le=1e-9
    )
    columns: int = parameter(144, "cells on each word line, which load its driver", source="assumed", ge=1, le=4096)
    w_precharge: float = parameter(1.26e-6, "width of the precharge PMOS", unit="m", source="choice", gt=0, le=1e-4)
    # Wide enough that 144 cells do not round the pulse off, whose width sets the current of every row.
    w_driver_n: float = parameter(2e-6, "width of a word-line driver's NMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_driver_p: float = parameter(4e-6, "width of a word-line driver's PMOS", unit="m", source="choice", gt=0, le=1e-4)
    length: float = parameter(
        0.15e-6, "channel length of precharge and word-line drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        20e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_precharge: float = parameter(
        0.3e-9, "time before the pulse, precharge on then off", unit="s", source="choice", gt=0, le=1e-6
    )
    t_settle: float = parameter(
        0.4e-9, "time from the pulse's end to the sampling instant", unit="s", source="choice", gt=0, le=1e-6
    )
    t_restore: float = parameter(
        3e-9, "time of the precharge at the end of the cycle", unit="s", source="choice", gt=0, le=1e-6
    )
    cell: SplitPort6T = SplitPort6T()

    def check(self) -> None:
        """Refuse more active rows than there are rows."""
        if self.active > self.rows:
            raise InputError(f"AcimColumnQS: active = {self.active}: must be <= rows = {self.rows}")
