"""HybridSlice: an array read on both ports in one cycle, with the adder tree and the QR column behind them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.circuits.idle_rows import IdleSection, idle_sections
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError
from bitline.parameters import parameter, validated
from bitline.system.logic.network import Network
from bitline.system.logic.popcount import Multiplier, Structure, popcount_network


@validated
class HybridSlice(Circuit):
    """Split-port cells, an adder tree on their bit lines BL and a QR column on their bit lines BLB.

    One row is read through BL into one-bit products, which the tree counts. Another row, or the same, is read through
    BLB: where its bit is 1 the unit capacitor of the column goes to the level of its DAC word. Every line has a sense
    inverter and, with `w_keeper`, a half latch. Each line has a neighbour on either side at `c_couple`: the other
    port's line of its column, and that of the next column. The last column lies beside the first, as in an array
    without ends.
    """

    name: ClassVar[str] = "hybrid-slice"
    template: ClassVar[str] = "columns/hybrid_slice.cir.j2"

    columns: int = parameter(16, "cells of a row, products of either part", source="choice", ge=16, le=64)
    active: int = parameter(8, "rows of real cells, of which two are read", source="choice", ge=1, le=64)
    rows: int = parameter(
        64, "cells on each bit line; those beyond the real ones are one lumped section", source="assumed", ge=1, le=1024
    )
    # The hand decks' 0.04 fF a side; half a side wall of met1, 1.58 um of it 0.22 um away, would be 0.074 fF.
    c_couple: float = parameter(
        0.04e-15,
        "capacitance per cell from a bit line to each of its neighbours, a part of the wire's whole",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-13,
    )
    neighbours: Literal["both", "column"] = parameter(
        "both",
        "lines that a bit line couples to: also the next column's, or with a shield between columns its own port pair",
        source="assumed",
    )
    w_keeper: float = parameter(
        0.42e-6, "width of the keeper PMOS of each bit line; 0 is no keeper", unit="m", source="choice", ge=0, le=1e-5
    )
    l_keeper: float = parameter(0.5e-6, "channel length of the keeper PMOS", unit="m", source="choice", gt=0, le=1e-5)
    w_sense_n: float = parameter(
        0.42e-6, "width of the NMOS of the inverter on each bit line", unit="m", source="choice", gt=0, le=1e-5
    )
    w_sense_p: float = parameter(
        0.84e-6, "width of the PMOS of the inverter on each bit line", unit="m", source="choice", gt=0, le=1e-5
    )
    structure: Structure = parameter(
        "compressor", "3:2 compressors in a queue, or by arrival, or a tree of ripple-carry adders", source="choice"
    )
    multiplier: Multiplier = parameter(
        "and2", "cell of a digital product: and2 senses BL itself, nor2 the output of its inverter", source="choice"
    )
    c_net: float = parameter(2e-15, "wire of each net between logic cells", unit="F", source="assumed", ge=0, le=1e-12)
    capacitor: str = parameter("mim", "the process's capacitor, of which the units are", source="choice")
    c_unit: float = parameter(2.645e-15, "capacitance of a unit capacitor", unit="F", source="foundry", gt=0, le=1e-12)
    c_par_fixed: float = parameter(
        2.04e-15,
        "parasitic of the accumulate line beside its units: the wire to what reads it",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-12,
    )
    dac_bits: int = parameter(4, "bits of a DAC word", source="choice", ge=1, le=4)
    v_in: float = parameter(1.2, "level of the highest DAC word", unit="V", source="choice", gt=0, le=5)
    v_cm: float = parameter(0.2, "reset level of the accumulate line", unit="V", source="choice", ge=0, le=5)
    w_switch: float = parameter(0.84e-6, "width of the reset switch", unit="m", source="choice", gt=0, le=1e-4)
    dummy_ratio: float = parameter(
        0.5, "width of the dummy over that of the reset switch; 0 is no dummy", source="choice", ge=0, le=4
    )
    w_reset: float = parameter(
        0.42e-6, "width of all transistors of both reset drivers", unit="m", source="choice", gt=0, le=1e-4
    )
    w_plate: float = parameter(
        0.42e-6,
        "width of a plate driver's pull-ups; its pull-down has twice that",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    w_precharge: float = parameter(
        1.26e-6, "width of each line's precharge PMOS", unit="m", source="choice", gt=0, le=1e-4
    )
    w_word_n: float = parameter(2e-6, "width of a word-line driver's NMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_word_p: float = parameter(4e-6, "width of a word-line driver's PMOS", unit="m", source="choice", gt=0, le=1e-4)
    c_word: float = parameter(
        0.25e-15, "wire of a word line per cell, beside the cells' gates", unit="F", source="assumed", ge=0, le=1e-13
    )
    length: float = parameter(
        0.15e-6, "channel length of all but cells and keepers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_reset: float = parameter(
        0.5e-9,
        "time before precharge and reset are let go, and half of it before the word lines rise",
        unit="s",
        source="choice",
        gt=0,
        le=1e-6,
    )
    t_read: float = parameter(
        2e-9, "pulse width of the word lines, after which the inputs come", unit="s", source="choice", gt=0, le=1e-6
    )
    t_count: float = parameter(
        4e-9, "time from the inputs' edge to the sampling instant", unit="s", source="choice", gt=0, le=1e-6
    )
    # Energies are integrals over whole cycles, so that the lines must be back where the cycle began.
    t_restore: float = parameter(
        4e-9, "time of precharge and reset at the end of the cycle", unit="s", source="choice", gt=0, le=1e-6
    )
    cell: SplitPort6T = SplitPort6T()

    def check(self) -> None:
        """Refuse more real rows than rows, and a wire of negative capacitance."""
        if self.active > self.rows:
            raise InputError(f"HybridSlice: active = {self.active}: must be <= rows = {self.rows}")
        limit = self.cell.c_wire_bl / self.sides
        if self.c_couple > limit:
            raise InputError(
                f"HybridSlice: c_couple = {self.c_couple:g}: must be <= cell.c_wire_bl by sides = {limit:g}"
            )

    @property
    def sides(self) -> int:
        """Lines that each bit line couples to."""
        return 2 if self.neighbours == "both" else 1

    @property
    def width(self) -> int:
        """One-bit products that the tree counts."""
        return self.columns

    @cached_property
    def network(self) -> Network:
        """Cells and nets of the digital part; its weights are the bit lines, or the outputs of their inverters."""
        plain = popcount_network(self.columns, self.structure, self.multiplier)
        prefix = "bl" if self.multiplier == "and2" else "sl"
        weights = {f"w{k}": f"{prefix}{k}" for k in range(self.columns)}
        gates = tuple(
            replace(gate, nets={pin: weights.get(net, net) for pin, net in gate.nets.items()}) for gate in plain.gates
        )
        return Network(tuple(weights.get(net, net) for net in plain.inputs), gates, plain.result)

    @property
    def c_ground(self) -> float:
        """Capacitance per cell [F] from a bit line to ground: its wire's whole less what its neighbours have of it."""
        return self.cell.c_wire_bl - self.sides * self.c_couple

    def idle(self) -> IdleSection:
        """Return the rows beyond the real ones as one section; of no rows if there are none."""
        sections = idle_sections(self.active, self.rows - self.active, 1)
        return sections[0] if sections else IdleSection(0, 0, 0.0)

    def drive_level(self, word: int) -> float:
        """Return the voltage [V] of a driven plate at a DAC word, 0 to 2^dac_bits - 1."""
        return self.v_in * word / float(2**self.dac_bits - 1)

    @property
    def capacitors(self) -> tuple[str, ...]:
        """The process's capacitors that it is made of."""
        return (self.capacitor,)
