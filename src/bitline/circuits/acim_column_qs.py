"""AcimColumnQS: charge summing on a precharged bit line."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits import precharged_column as precharged
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class AcimColumnQS(PrechargedColumn):
    """Column of split-port 6T cells whose active rows discharge BLB during one word-line pulse.

    ``V = VDD - (1/C_line) sum I_j T``: a row contributes if its word line is pulsed and it stores 1 (QB = 0).
    `active` rows are pulsed at once; the others idle, but their junctions load the line. The array's 64 rows and
    144 columns are those that OSA-HCIM (ASP-DAC 2024) is believed to have.
    """

    name: ClassVar[str] = "acim-column-qs"
    template: ClassVar[str] = "columns/acim_column_qs.cir.j2"

    rows: int = parameter(64, "cells on the line", source="assumed", ge=1, le=1024)
    active: int = parameter(16, "rows pulsed at once, the longest sum", source="choice", ge=1, le=1024)
    t_pulse: float = precharged.t_pulse(0.3e-9, "word-line")
    v_wl: float = parameter(1.2, "word-line level, the drivers' own supply", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(
        60e-15, "sampling capacitance at the line's end", unit="F", source="choice", ge=0, le=1e-9
    )
    # One column is simulated, but each row's driver works for all of them: their load shapes the pulse.
    columns: int = parameter(144, "cells on each word line, which load its driver", source="assumed", ge=1, le=4096)
    w_precharge: float = precharged.width(1.26e-6, "the precharge PMOS")
    # Wide enough that 144 cells do not round the pulse off, whose width sets the current of every row.
    w_driver_n: float = precharged.width(2e-6, "a word-line driver's NMOS")
    w_driver_p: float = precharged.width(4e-6, "a word-line driver's PMOS")
    length: float = parameter(
        0.15e-6, "channel length of precharge and word-line drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = precharged.T_EDGE
    t_precharge: float = precharged.T_PRECHARGE
    t_settle: float = precharged.T_SETTLE
    t_restore: float = precharged.T_RESTORE
    cell: SplitPort6T = SplitPort6T()

    def check(self) -> None:
        """Refuse more active rows than there are rows."""
        if self.active > self.rows:
            raise InputError(f"AcimColumnQS: active = {self.active}: must be <= rows = {self.rows}")
