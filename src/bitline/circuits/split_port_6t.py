"""Split-port 6T: an ordinary 6T cell whose two access devices have word lines of their own."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class SplitPort6T(Circuit):
    """SRAM cell with a digital port (WLL, BL from Q) and an analog port (WLR, BLB from QB).

    Sizes and junctions are those of the foundry's own cell, read from its netlist and layout (SkyWater
    `sram_sp_cell_opt1`); splitting its word line is the only change. The wire capacitance per cell is assumed: the
    metal's plate and fringe figures give 0.13 to 0.3 fF.
    """

    name: ClassVar[str] = "split-port-6t"
    template: ClassVar[str] = "cells/split_port_6t.cir.j2"

    # The foundry's SRAM devices have models at exactly these sizes, and at no others.
    w_pass: float = parameter(0.14e-6, "width of the access devices", unit="m", source="foundry", gt=0, le=1e-5)
    w_pull_down: float = parameter(0.21e-6, "width of the latch NMOS", unit="m", source="foundry", gt=0, le=1e-5)
    w_pull_up: float = parameter(0.14e-6, "width of the latch PMOS", unit="m", source="foundry", gt=0, le=1e-5)
    length: float = parameter(
        0.15e-6, "channel length of all six transistors", unit="m", source="foundry", gt=0, le=1e-5
    )
    # The PDK takes areas that are left out as 0; a line of overlap and wire alone would be far too light.
    area_bl: float = parameter(
        0.017e-12, "diffusion area of a cell's half of a bit-line contact", unit="m2", source="foundry", ge=0, le=1e-10
    )
    edge_bl: float = parameter(
        0.24e-6, "diffusion side wall of a cell's half of a bit-line contact", unit="m", source="foundry", ge=0, le=1e-4
    )
    # Pull-down and access device share this diffusion: it is counted at the pull-down, and the access device has none.
    area_n: float = parameter(
        0.04e-12, "n diffusion area of a storage node", unit="m2", source="foundry", ge=0, le=1e-10
    )
    edge_n: float = parameter(
        0.6e-6, "side wall of the n diffusion of a storage node", unit="m", source="foundry", ge=0, le=1e-4
    )
    area_p: float = parameter(
        0.03e-12, "p diffusion area of a storage node", unit="m2", source="foundry", ge=0, le=1e-10
    )
    edge_p: float = parameter(
        0.5e-6, "side wall of the p diffusion of a storage node", unit="m", source="foundry", ge=0, le=1e-4
    )
    # The wire is the only part of the line that no device model knows.
    c_wire_bl: float = parameter(0.2e-15, "bit-line wire per cell", unit="F", source="assumed", ge=0, le=1e-13)
    r_wire_bl: float = parameter(
        1.4,
        "resistance of the bit-line wire per cell: 11.3 squares of met1",
        unit="Ohm",
        source="foundry",
        gt=0,
        le=1e4,
    )
    c_wl: float = parameter(0.45e-15, "word line per cell, gate and wire", unit="F", source="assumed", ge=0, le=1e-13)
    # Logic devices have models at other sizes.
    pull_down_device: Literal["latch_n", "nmos", "nmos_lvt"] = parameter(
        "latch_n", "role of the latch NMOS: the SRAM device, or a logic one of any width", source="foundry"
    )
    pull_up_device: Literal["latch_p", "pmos", "pmos_hvt"] = parameter(
        "latch_p", "role of the latch PMOS, likewise", source="foundry"
    )
    access_device: Literal["pass_n", "nmos", "nmos_lvt"] = parameter(
        "pass_n", "role of the access devices, likewise", source="foundry"
    )
