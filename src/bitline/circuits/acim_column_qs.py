"""AcimColumnQS: charge summing on a precharged bit line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from bitline.circuits import precharged_column as precharged
from bitline.circuits.idle_rows import LINE_SECTIONS, IdleSection, idle_sections
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated

_REPLICA_CELLS = 12


@validated
class AcimColumnQS(PrechargedColumn):
    """Column of split-port 6T cells whose active rows discharge BLB during one word-line pulse.

    ``V = VDD - (1/C_line) sum I_j T``: a row contributes if its word line is pulsed and it stores 1 (QB = 0).
    `active` rows are pulsed at once; the others idle, but their junctions load the line. The array's 64 rows and
    144 columns are those that OSA-HCIM (ASP-DAC 2024) is believed to have. Line and word lines are wires with
    resistance, and the pulse is as wide as its input, or as a replica line takes to fall (docs/qs-column.md).
    """

    name: ClassVar[str] = "acim-column-qs"
    template: ClassVar[str] = "columns/acim_column_qs.cir.j2"
    mismatch_groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "access": ("pgl[0-9]*", "pgr[0-9]*"),
        "latch": ("pul[0-9]*", "pur[0-9]*", "pdl[0-9]*", "pdr[0-9]*"),
        "driver": ("pen[0-9]*", "nen[0-9]*", "up[0-9]*", "pp[0-9]*", "dn[0-9]*"),
        "precharge": ("ppre", "npre", "prel", "prer"),
        # Cells, word-line driver, then what is named `rep` in the timing's template.
        "replica": (
            *("pulr*", "purr*", "pdlr*", "pdrr*", "pglr*", "pgrr*"),
            *("penr", "nenr", "upr", "ppr", "dnr"),
            *("rep*", "prep*", "nrep*"),
        ),
    }

    # Tables and stores of before were simulated so.
    since: ClassVar[Mapping[str, object]] = {"idle_latches": "own"}

    rows: int = parameter(64, "cells on the line", source="assumed", ge=1, le=1024)
    active: int = parameter(16, "rows pulsed at once, the longest sum", source="choice", ge=1, le=1024)
    timing: Literal["fixed", "replica"] = parameter(
        "fixed", "what ends the word-line pulse: its input, or a replica line that has fallen", source="choice"
    )
    t_pulse: float = parameter(
        0.3e-9,
        "word-line pulse width at the driver's input; with replica timing the longest that the replica may take",
        unit="s",
        source="choice",
        gt=0,
        le=1e-6,
    )
    replica_cells: int = parameter(
        _REPLICA_CELLS,
        "cells of the replica row that discharge the replica line, with replica timing",
        source="choice",
        ge=1,
        le=64,
    )
    v_wl: float = parameter(1.2, "word-line level, the drivers' own supply", unit="V", source="choice", gt=0, le=5)
    c_load: float = parameter(
        60e-15, "sampling capacitance at the line's end", unit="F", source="choice", ge=0, le=1e-9
    )
    # One column is simulated, but each row's driver works for all of them: their load shapes the pulse.
    columns: int = parameter(144, "cells on each word line, which load its driver", source="assumed", ge=1, le=4096)
    position: float = parameter(
        0.5,
        "place of the column along the word lines, 0 beside the drivers, 1 at the far end",
        source="choice",
        ge=0,
        le=1,
    )
    # met2, 1.20 um of it 0.14 um wide: 8.6 squares of 0.125 Ohm. The cell's poly hangs from it in every cell.
    r_word_line: float = parameter(
        1.07, "resistance of the word line per cell: 8.6 squares of met2", unit="Ohm", source="assumed", ge=0, le=1e4
    )
    # Half of a line's side wall, 1.58 um of it, sees the other line 0.22 um away.
    c_bl_blb: float = parameter(
        0.074e-15,
        "capacitance from BL to BLB per cell, a part of the wire's whole",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-13,
    )
    # The foundry's cell has a supply rail in met1 between the lines of one column and those of the next.
    c_column: float = parameter(
        0.0,
        "capacitance to the next column's line per cell and side, beside the wire's whole",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-13,
    )
    miller: float = parameter(
        1.0,
        "share of c_column that counts: 1 beside lines at rest, 0 beside lines that fall alike",
        source="choice",
        ge=0,
        le=2,
    )
    line_sections: int = LINE_SECTIONS
    idle_latches: Literal["own", "shared"] = parameter(
        "own", "latches of idle cells: each section's own, or one for all that store the same", source="choice"
    )
    word_line_sections: int = parameter(
        6, "sections of the whole word line, shared out before and beyond the column", source="choice", ge=2, le=128
    )
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

    def reset_level(self, vdd: float) -> float:
        """Return the level [V] that the line is precharged to."""
        return vdd

    @property
    def column(self) -> int:
        """Cells on a word line between its driver and the simulated column."""
        return round(self.position * (self.columns - 1))

    def spans(self) -> list[tuple[int, int]]:
        """Return cells and sections of the word line before the simulated column, and of that beyond it."""
        before, beyond = self.column, self.columns - 1 - self.column
        return [
            (cells, max(1, round(self.word_line_sections * cells / (before + beyond)))) if cells else (0, 0)
            for cells in (before, beyond)
        ]

    def idle_sections(self) -> list[IdleSection]:
        """Return the sections of the idle rows, from the active rows outwards; as even as whole rows allow."""
        return idle_sections(self.active, self.rows - self.active, self.line_sections)

    def idle_cells(self) -> dict[str, int]:
        """Return how many idle cells store 1, and 0, by the names of their shared latches; without those of none."""
        sections = self.idle_sections()
        ones = sum(section.ones for section in sections)
        counts = {"i1": ones, "i0": sum(section.rows for section in sections) - ones}
        return {name: count for name, count in counts.items() if count}

    def check(self) -> None:
        """Refuse more active rows than there are rows, a wire of negative capacitance, and cells of no replica."""
        for name, value, most, limit in (
            ("active", self.active, "rows", self.rows),
            ("c_bl_blb", self.c_bl_blb, "cell.c_wire_bl", self.cell.c_wire_bl),
        ):
            if value > limit:
                raise InputError(f"AcimColumnQS: {name} = {value:g}: must be <= {most} = {limit:g}")
        if self.timing == "fixed" and self.replica_cells != _REPLICA_CELLS:
            raise InputError(f"AcimColumnQS: replica_cells = {self.replica_cells}: only replica timing has them")
        if self.timing == "replica" and self.replica_cells > self.rows:
            raise InputError(f"AcimColumnQS: replica_cells = {self.replica_cells}: must be <= rows = {self.rows}")
