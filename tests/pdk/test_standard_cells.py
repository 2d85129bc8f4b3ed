"""Standard cells are read whole, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from nearness import near

from bitline.errors import InputError, PdkDamagedError, UnknownNameError
from bitline.pdk.descriptor import Pdk, StandardCells
from bitline.pdk.standard_cells import standard_cell

INVERTER = """* a comment
.subckt lib__inv_1 A GND VDD Y
X0 Y A GND GND nch w=420000u l=150000u
X1 Y A n#1 VDD pch w=1e+06u l=150000u
X2 n#1 A VDD VDD pch w=1e+06u l=150000u
.ends
"""
DEVICES = {
    role: {"name": name, "kind": role, "w_min": 0.4e-6, "l_min": 0.15e-6, "diffusion": 0.29e-6}
    for role, name in (("nmos", "nch"), ("pmos", "pch"))
}
CELLS = StandardCells(
    netlists="cells", prefix="lib__", power=("VDD",), ground=("GND",), diffusion=0.1e-6, source="made up"
)


def process(folder: Path, text: str) -> Pdk:
    """Return a process whose only standard cell is inv_1."""
    family = folder / "cells/inv"
    family.mkdir(parents=True)
    (family / "lib__inv_1.spice").write_text(text)
    return Pdk(
        name="own", vdd=1.8, unit=1e-6, library="l.lib", sections={"tt": "tt"}, devices=DEVICES, standard_cells=CELLS,
        root=folder,
    )  # fmt: skip


def test_a_cell_is_its_transistors(tmp_path: Path) -> None:
    cell = standard_cell(process(tmp_path, INVERTER), "inv_1")
    assert (cell.pins, cell.power, cell.ground) == (("A", "Y"), {"VDD"}, {"GND"})
    first, second, _ = cell.transistors
    assert (first.role, first.drain, first.gate, first.source, first.bulk) == ("nmos", "Y", "A", "GND", "GND")
    assert (first.w, first.l) == (near(0.42e-6), near(0.15e-6))
    assert (second.role, second.source, second.w) == ("pmos", "n1", near(1e-6))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("C1 Y GND 1f", "is no transistor of a known device"),
        ("X3 Y A GND GND other w=420000u l=150000u", r"is no transistor of a known device \(nch, pch\)"),
        ("X3 Y A GND GND nch w=420000u l=150000u m=2", "must give w and l, and nothing else"),
    ],
)
def test_what_else_stands_in_it_is_refused(line: str, said: str, tmp_path: Path) -> None:
    pdk = process(tmp_path, INVERTER.replace(".ends", f"{line}\n.ends"))
    with pytest.raises(PdkDamagedError, match=said):
        standard_cell(pdk, "inv_1")


def test_unknown_cells_and_processes_without_any(tmp_path: Path) -> None:
    pdk = process(tmp_path, INVERTER)
    with pytest.raises(UnknownNameError, match=r"standard cell 'inv_2' of PDK own.*inv_1"):
        standard_cell(pdk, "inv_2")
    with pytest.raises(InputError, match=r"own\.toml describes none \(\[standard_cells\]\)"):
        standard_cell(pdk.model_copy(update={"standard_cells": None}), "inv_1")


@pytest.mark.pdk
def test_cells_of_sky130(sky130: Pdk) -> None:
    """Counted by hand in the library's schematics; flip-flops hold the narrow NMOS."""
    counts = {"fa_1": 28, "ha_1": 14, "and2_1": 6, "dfxtp_1": 24, "inv_1": 2}
    assert {name: len(standard_cell(sky130, name).transistors) for name in counts} == counts
    narrow = {t.w for t in standard_cell(sky130, "dfxtp_1").transistors if t.role == "cell_n"}
    assert narrow == {0.36e-6}
