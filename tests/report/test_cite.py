"""References hold by what a table says of itself, and are whole BibTeX."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.shipped import shipped
from bitline.report.cite import CONDITIONS, bibtex, cited, references

BASE = {"bitline", "ngspice", "sky130"}


def made_up(variable: str = "v", doc: str = "", **attrs: Any) -> Lut:
    table = xr.Dataset({variable: ("k", [1.0], {"unit": "V", "doc": doc})}, {"k": [1]})
    return Lut("x", "made-up", {"t": table}, attrs)


@pytest.mark.parametrize(
    ("lut", "keys"),
    [
        (made_up(), set()),
        (made_up(pdk="gf180mcu"), {"gf180mcu"}),
        (made_up(pdk="own65", ngspice="42", bitline="0.1.0"), {"bitline", "ngspice"}),
        (made_up(samples=10), {"pelgrom1989"}),
        (made_up(samples=0, doc="end of the 95 % Clopper-Pearson interval"), set()),
        (made_up(samples=9, doc="end of the 95 % Clopper-Pearson interval"), {"pelgrom1989", "clopper1934"}),
        (made_up(sampling="sobol"), {"sobol1967"}),
        (made_up(parameter_sources={"a.filament.t_ox": "foundry"}), {"sky130_reram"}),
        (made_up(benches={"restore": 1}), set()),
        (made_up("snr_a"), {"gonugondla2021"}),
        (made_up(benches="none", parameter_sources=3, samples="many"), {"pelgrom1989"}),
    ],
)
def test_a_reference_holds_by_what_the_table_says(lut: Lut, keys: set[str]) -> None:
    assert set(cited(lut)) == keys


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("acim-qs", {"pelgrom1989", "clopper1934", "gonugondla2021", "asim"}),
        ("sram-cell", {"pelgrom1989", "clopper1934", "seevinck1987", "grossar2006"}),
        ("nsnr-half-rail-yield", {"pelgrom1989", "clopper1934", "sky130_reram", "wang2023"}),
        ("shift-adder", set()),
    ],
)
def test_references_of_shipped_tables(name: str, keys: set[str]) -> None:
    assert set(cited(Lut.load(name))) == BASE | keys


def test_the_boundary_cites_the_paper_that_it_follows() -> None:
    assert set(cited(Lut.load("hybrid-boundary"))) == {"sky130", "chen2024"}


def test_every_reference_is_used_by_a_table_or_by_a_case_above() -> None:
    used = {key for name in shipped() for key in cited(Lut.load(name))}
    assert set(references()) - used == {"gf180mcu", "mckay1979", "sobol1967"}


def test_the_data_file_has_only_known_conditions_and_whole_entries() -> None:
    for key, entry in references().items():
        assert set(entry.get("when", {})) <= set(CONDITIONS), key
        assert {"type", "why", "fields"} <= set(entry), key
        assert {"author", "title"} <= set(entry["fields"]), key


def test_bibtex_has_the_versions_and_balanced_braces() -> None:
    lut = replace(Lut.load("acim-qs"), attrs={**Lut.load("acim-qs").attrs, "ngspice": "41"})
    text = bibtex(lut)
    assert "note = {Version 41}" in text
    assert "$" not in text
    entries = re.findall(r"^@\w+\{(\w+),\n((?:  \w+ = \{.*\},\n)+)\}$", text, re.MULTILINE)
    assert [key for key, _ in entries] == list(cited(lut))
    assert all(body.count("{") == body.count("}") for _, body in entries)
