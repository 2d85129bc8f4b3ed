"""Numbers in the docs that come from the committed tables."""

from __future__ import annotations

import re
from pathlib import Path

import doc_tables
import pytest

from bitline import content
from bitline.lut.lut import Lut
from bitline.statistics.intervals import clopper_pearson
from bitline.system.account import gain
from bitline.system.efficiency import BINARY_8, TERNARY_5
from bitline.system.ratios import measured_account

DOCS = Path(__file__).parents[2] / "docs"
LEVELS = ("lrs", "mrs", "hrs")


def test_the_yields_in_the_docs_are_those_of_the_table() -> None:
    table = Lut.load(content.folder("luts") / "nsnr-restore").tables["yield"].squeeze(["corner", "vdd", "temperature"])
    rows = re.findall(r"^\| (0\.\d) \| (.*) \|$", (DOCS / "restore.md").read_text(), re.MULTILINE)
    assert [float(sigma) for sigma, _ in rows] == table["sigma_lnr"].values.tolist()
    columns = [(mismatch, level) for mismatch in ("memory", "all") for level in LEVELS]
    for sigma, cells in rows:
        for (mismatch, level), cell in zip(columns, cells.split(" | "), strict=True):
            at = table.sel(sigma_lnr=float(sigma), mismatch=mismatch, level=level, n_per_cluster=16)
            told = [float(number) / 100 for number in re.findall(r"\d+\.\d", cell)]
            assert told == pytest.approx([float(at[name]) for name in ("yield", "yield_low", "predicted")], abs=5.1e-4)


def test_the_half_rail_latch_s_yields_in_the_docs_are_those_of_its_tables() -> None:
    page = (DOCS / "restore.md").read_text()
    corners = Lut.load("nsnr-half-rail-corners").tables["yield"].squeeze()
    for corner in corners["corner"].values.tolist():
        cells = re.search(rf"^\| {corner} \| (.* %) \|$", page, re.MULTILINE)
        assert cells
        for temperature, cell in zip(corners["temperature"].values, cells[1].split(" | "), strict=True):
            at = corners.sel(corner=corner, temperature=temperature)
            wrong, count = at["wrong"].sel(level=list(LEVELS)).values.astype(int), int(at["n_ok"].sum())
            share = clopper_pearson(int(wrong.sum()), count)
            told = [float(number) for number in re.findall(r"[\d.]+", cell)]
            assert told[:3] == wrong.tolist()
            assert told[3:] == pytest.approx([100 * (1 - wrong.sum() / count), 100 * (1 - share.high)], abs=5.1e-3)
    at_tt = Lut.load("nsnr-half-rail-yield").tables["yield"]
    assert int(at_tt["wrong"].sum()) == 0
    assert 100 * at_tt["yield_low"].values == pytest.approx(99.925, abs=1e-3)


def test_the_ratios_in_the_docs_are_those_of_the_tables() -> None:
    ternary, sram, reram, *converters = (
        Lut.load(content.folder("luts") / name)
        for name in ("ternary-column", "baseline-sram", "baseline-reram", "sar-adc", "sar-adc-4")
    )
    units = {bits: Lut.load(content.folder("luts") / name) for bits, name in ((5, "shift-adder"), (4, "shift-adder-4"))}
    account = measured_account(ternary, sram, reram, converters, units).replace(reuse=1e15)
    text = " ".join((DOCS / "efficiency.md").read_text().split())
    ratios = f"**{gain(account, 'sram'):.2f} and {gain(account, 'reram'):.2f} times**"
    assert ratios in text
    for column, precision, bits in (
        (account.ternary, TERNARY_5, 5),
        (account.sram, BINARY_8, 4),
        (account.reram, BINARY_8, 4),
    ):
        array, adc = f"{1e15 * column.array:.0f} fJ", f"{1e15 * column.adc:.0f} fJ, {bits} bits"
        added = f"{1e15 * column.shift_add:.0f} fJ"
        assert re.search(rf"\| {array} \| {adc} \| {added} \| .* \| {1e12 * column.mac(precision):.3g} pJ \|", text)


@pytest.mark.parametrize("file", doc_tables.PAGES)
def test_the_tables_of_columns_are_those_that_are_shipped(file: str) -> None:
    """`python benchmarks/doc_tables.py` rewrites the pages after the columns are measured anew."""
    page = (DOCS / file).read_text(encoding="utf-8")
    assert doc_tables.rewritten(page, doc_tables.PAGES[file]) == page
    for name in doc_tables.PAGES[file]:
        assert f"<!-- end of {name} -->" in page
