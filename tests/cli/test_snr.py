from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bitline.lut.lut import Lut
from bitline.statistics.snr import to_db
from bitline.system.compute_snr import Adc, compute_snr
from bitline.system.measured_column import measured_column
from bitline.system.operand_sums import random_bits

AT = ("--at", "corner=tt")


def test_snr_shows_both_treatments_of_gain_and_offset(bitline: Any, lut: Path) -> None:
    answer = bitline("snr", lut, "--adc-bits", 4, *AT)
    ratios, energy = answer.fine().split("\n\n")
    rows = {line.split()[0]: line.split()[1:3] for line in ratios.splitlines()[1:]}
    column = measured_column(Lut.load(lut), {"corner": "tt"})
    found = compute_snr(column, random_bits(column.products), Adc(4, sigmas=4.0))
    assert energy.splitlines()[1].split()[:3] == ["energy_total", repr(column.mean_energy), "J"]
    assert list(rows) == ["SNR_a", "SQNR_qiy", "SNR_A", "SQNR_qy", "SNR_T", "CSNR"]
    assert rows["SNR_T"] == [repr(float(to_db(ratios.snr_T or 0))) for ratios in (found.removed, found.kept)]
    assert rows["SQNR_qiy"] == ["inf", "inf"]
    for words in ("corner = tt", "Binomial(rows, 1/4)", "removed: gain", "4 bits over"):
        assert words in answer.err


def test_snr_without_an_adc_has_no_ratio_behind_it(bitline: Any, lut: Path) -> None:
    out = bitline("snr", lut, "--operands", "uniform").fine()
    assert [line.split()[0] for line in out.split("\n\n")[0].splitlines()[1:]] == ["SNR_a", "SQNR_qiy", "SNR_A"]


def test_snr_as_json(bitline: Any, lut: Path) -> None:
    (Path("codes.csv")).write_text("code,count\n0,1\n4,1\n")
    found = json.loads(
        bitline("snr", lut, "--operands", "codes.csv", "--adc-bits", 2, "--range", "1.0:2.0", "--json").fine()
    )
    assert found["condition"] == {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    assert found["removed"]["SQNR_qiy"] is None  # infinite
    assert found["kept"]["CSNR"] > 0
    assert found["adc"]["range_volts"] == pytest.approx([1.0, 2.0])
    assert found["operands"] == "codes as often as in codes.csv"
    # Both codes equally often: the mean of what the table has there.
    energies = [Lut.load(lut).lookup(code=m, corner="tt", vdd=1.8, temperature=27)["energy_total"] for m in (0, 4)]
    assert found["energy"]["value"] == pytest.approx(sum(energies) / 2, rel=1e-12)
    assert set(found["removed"]) - set(found["kept"]) == {"gain", "offset"}


def test_a_table_without_its_noise_says_what_the_sweep_lacks(bitline: Any, lut: Path) -> None:
    whole = Lut.load(lut)
    for table, words in (("noise", "benches = [..., 'noise']"), ("mismatch", "[mismatch] samples")):
        replace(whole, tables={name: data for name, data in whole.tables.items() if name != table}).save("part")
        bitline("snr", "part").refuses(2, f"no table {table!r}", words)


def test_snr_without_an_energy_says_why(bitline: Any, lut: Path) -> None:
    whole = Lut.load(lut)
    nominal = whole.tables["nominal"].copy(deep=True)
    nominal["energy_total"][:] = float("nan")
    replace(whole, tables={**whole.tables, "nominal": nominal}).save("part")
    answer = bitline("snr", "part", "--json")
    assert json.loads(answer.fine())["energy"] is None
    assert "no mean energy: " in answer.err


def test_snr_draws_a_figure(bitline: Any, lut: Path) -> None:
    answer = bitline("snr", lut, "--plot", "new/snr.svg")
    assert "figure: new/snr.svg" in answer.err
    assert "SNR_a" in answer.fine()
    assert Path("new/snr.svg").read_bytes().startswith(b"<?xml")


def test_snr_over_an_axis(bitline: Any) -> None:
    answer = bitline("snr", "acim-qs-supply", "--over", "vdd", "--adc-bits", 5, "--plot", "over.svg")
    header, *rows = answer.fine().splitlines()
    assert header.split() == ["vdd", "SNR_a", "SQNR_qiy", "SNR_A", "SQNR_qy", "SNR_T", "CSNR"]
    assert [row.split()[0] for row in rows] == ["1.62", "1.71", "1.8", "1.89", "1.98"]
    assert Path("over.svg").read_bytes().startswith(b"<?xml")
    found = json.loads(bitline("snr", "acim-qs-supply", "--over", "vdd", "--json").fine())
    one = compute_snr(column := measured_column(Lut.load("acim-qs-supply"), {"vdd": 1.8}), random_bits(column.products))
    assert found["removed"][2]["vdd"] == 1.8
    assert found["removed"][2]["SNR_a"] == float(to_db(one.removed.snr_a))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--over", "rows"], ["rows", "chips were sampled over corner, vdd, temperature"]),
        (["--by", "vdd"], ["--by vdd", "--over"]),
        (["--operands", "normal"], ["'normal'", "half-normal"]),
        (["--operands", "none.csv"], ["none.csv"]),
        (["--range", "full"], ["--range full", "--adc-bits"]),
        (["--adc-bits", "17"], ["adc bits = 17", "1..16"]),
        (["--adc-bits", "0"], ["not 1 or more"]),
        (["--adc-bits", "5", "--range", "half"], ["'half'", "4sigma"]),
        (["--at", "corner=ss"], ["corner = ss"]),
        (["--at", "corner"], ["NAME=VALUE"]),
        (["--at", "code=1"], ["code"]),
        (["--plot", "snr.gif"], [".gif"]),
    ],
)
def test_snr_refuses(arguments: list[str], words: list[str], bitline: Any, lut: Path) -> None:
    answer = bitline("snr", lut, *arguments)
    assert answer.code == 2
    for word in words:
        assert word in answer.err


def test_snr_is_of_columns(bitline: Any) -> None:
    bitline("snr", "sram-cell").refuses(2, "sram-cell", "not a column")
    bitline("snr", "ternary-column").refuses(2, "signed products")


def test_operands_can_be_a_file_or_an_activity(bitline: Any, lut: Path) -> None:
    Path("codes.csv").write_text("code,count\n0,1\n4,1\n")
    answers = [bitline("snr", lut, *told).fine() for told in (("--pmf", "codes.csv"), ("--operands", "codes.csv"))]
    assert answers[0] == answers[1]
    # The LUT's own bits are 1 in a quarter of the products.
    own, quarter, tenth = (
        bitline("snr", lut, *told).fine() for told in ((), ("--activity", 0.25), ("--activity", 0.1))
    )
    assert own == quarter != tenth
    bitline("snr", lut, "--activity", 1.5).refuses(2, "activity = 1.5", "between 0 and 1")
    bitline("snr", lut, "--activity", 0.5, "--pmf", "codes.csv").refuses(2, "--pmf and --activity")
    bitline("snr", lut, "--pmf", "codes.txt").refuses(2, "must be a .csv file")
