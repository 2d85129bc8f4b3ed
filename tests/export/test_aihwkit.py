"""What is written for aihwkit: numbers by hand, code without data. aihwkit itself is in tests/consumers."""

from __future__ import annotations

import ast
import hashlib
import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from luts.column import make_column_lut, transfer
from luts.converter import make_sar_lut
from luts.store import AIMED, LN_MEAN, LN_SIGMA, make_store_lut
from luts.ternary import BEND, DISCHARGE, LSB, ROWS, S_0, S_1, THERMAL, TILT, make_ternary_lut, ternary_mean

from bitline.errors import ExportCheckError, InputError, OutsideGridError, SetupError
from bitline.export.aihwkit import EXPORTER as aihwkit
from bitline.export.aihwkit.write import write
from bitline.export.generated import load_module
from bitline.lut.lut import Lut


def exported(lut: Lut, folder: Path, **options: Any) -> dict[str, Any]:
    (path,) = [path for path in aihwkit.write(lut, folder, **options) if path.suffix == ".json"]
    data: dict[str, Any] = json.loads(path.read_text())
    return data


@pytest.mark.parametrize("verify", ["on", "off"])
def test_conductances_by_hand(verify: str, tmp_path: Path) -> None:
    data = exported(make_store_lut(), tmp_path, condition={"verify": verify})
    assert data["levels"] == ["lrs", "mrs", "hrs"]
    assert data["ln_sigma"] == list(LN_SIGMA[verify])
    for k, ohm in enumerate(AIMED.values()):
        # moments of a lognormal: G = exp(-x)/ohm, x ~ N(m, s)
        m, s = LN_MEAN[verify][k], LN_SIGMA[verify][k]
        mean = 1e6 / ohm * math.exp(-m + s**2 / 2)
        square = 1e12 / ohm**2 * math.exp(-2 * m + 2 * s**2)
        assert data["g_mean_us"][k] == pytest.approx(mean, rel=1e-12)
        assert data["g_sigma_us"][k] == pytest.approx(math.sqrt(square - mean**2), rel=1e-9)
    assert data["g_mean_us"][-1] > 0  # noise is clamped at 0 nowhere: a weight of 0 is hrs - hrs


def test_verified_placement_is_the_default(tmp_path: Path) -> None:
    assert exported(make_store_lut(), tmp_path)["ln_sigma"] == list(LN_SIGMA["on"])


def trits() -> list[tuple[int, int]]:
    """Return (mac, extra) of every pair of operand vectors, each as likely as any other."""
    found = []
    for digits in product((-1, 0, 1), repeat=2 * ROWS):
        products = [w * x for w, x in zip(digits[:ROWS], digits[ROWS:], strict=True)]
        found.append((sum(products), min(products.count(1), products.count(-1))))
    return found


def test_a_ternary_column_over_all_its_operands(tmp_path: Path) -> None:
    states = trits()
    mac, extra = (np.array(values) for values in zip(*states, strict=True))
    lsb = (ternary_mean(ROWS, 0) - ternary_mean(-ROWS, 0)) / (2 * ROWS)
    assert lsb == pytest.approx(LSB, rel=1e-12)
    data = exported(make_ternary_lut(), tmp_path)
    active = np.abs(mac) + 2 * extra
    temporal = np.sqrt(THERMAL**2 + active * DISCHARGE**2) / lsb
    mean = mac + (BEND * mac * (mac**2 - ROWS**2) / ROWS**2 + TILT * extra * mac / ROWS) / lsb
    cells = (S_0**2 + S_1**2 * active) / lsb**2
    assert data["codes"] == list(range(-ROWS, ROWS + 1))
    for k, code in enumerate(data["codes"]):
        here = mac == code
        assert data["pmf"][k] == pytest.approx(here.mean(), rel=1e-9)
        assert data["mean_lsb"][k] == pytest.approx(mean[here].mean(), rel=1e-9, abs=1e-12)
        static = cells[here].mean() + mean[here].var()
        assert data["static_lsb"][k] == pytest.approx(math.sqrt(static), rel=1e-6)
        assert data["temporal_lsb"][k] == pytest.approx(math.sqrt(np.mean(temporal[here] ** 2)), rel=1e-9)
    within = np.array([mean[mac == code].var() for code in mac])
    assert data["out_noise"]["temporal"] == pytest.approx(math.sqrt(np.mean(temporal**2)), rel=1e-9)
    assert data["out_noise"]["static"] == pytest.approx(math.sqrt(np.mean(cells + within)), rel=1e-6)
    assert data["at"] == {"corner": "tt", "vdd": 1.8, "extra": "averaged"}


def test_pairs_may_be_given(tmp_path: Path) -> None:
    data = exported(make_ternary_lut(), tmp_path, condition={"extra": 0})
    static = [math.sqrt(S_0**2 + S_1**2 * abs(code)) / LSB for code in data["codes"]]
    assert data["static_lsb"] == pytest.approx(static, rel=1e-9)
    assert data["at"]["extra"] == 0


def test_an_unsigned_column_by_hand(tmp_path: Path) -> None:
    data = exported(make_column_lut(), tmp_path)
    lsb = (transfer(0, "tt", 1.8, 27) - transfer(16, "tt", 1.8, 27)) / 16
    thermal = math.sqrt(1.380649e-23 * 300.15 / 20e-15) / lsb
    # E[m] of Binomial(16, 1/4) is 4, and sigma^2 = (0.2 mV)^2 + m (1 mV)^2
    static = math.sqrt(0.2e-3**2 + 4 * 1e-3**2) / lsb
    assert data["out_noise"]["temporal"] == pytest.approx(thermal, rel=1e-9)
    assert data["out_noise"]["static"] == pytest.approx(static, rel=1e-9)
    assert data["out_noise"]["total"] == pytest.approx(math.hypot(static, thermal), rel=1e-9)
    assert data["io"] == {
        "inp_bound": 1.0,
        "inp_res": 0.5,
        "out_bound": 16.0,
        "out_res": 1 / 32,
        "out_noise": data["out_noise"]["total"],
    }
    shares = [math.comb(16, m) * 0.25**m * 0.75 ** (16 - m) for m in range(17)]
    inl = [(transfer(0, "tt", 1.8, 27) - transfer(m, "tt", 1.8, 27)) / lsb - m for m in range(17)]
    rms = math.sqrt(sum(share * error**2 for share, error in zip(shares, inl, strict=True)))
    assert data["inl_rms_lsb"] == pytest.approx(rms, rel=1e-9)


def test_one_mac_lsb_is_weight_times_input(tmp_path: Path) -> None:
    plain = exported(make_column_lut(), tmp_path / "plain")
    scaled = exported(make_column_lut(), tmp_path / "scaled", weight=0.3, input=7.0)
    for field in ("out_noise", "out_bound"):
        assert scaled["io"][field] == pytest.approx(2.1 * plain["io"][field], rel=1e-12)
    assert scaled["io"]["inp_bound"] == 7.0
    assert scaled["io"]["out_res"] == plain["io"]["out_res"]
    # a step of aihwkit is out_res of the whole range, and must be one MAC LSB
    assert 2 * scaled["io"]["out_bound"] * scaled["io"]["out_res"] == pytest.approx(2.1, rel=1e-12)


@pytest.mark.parametrize("part", ["static", "temporal", "total"])
def test_mismatch_and_noise_are_kept_apart(part: str, tmp_path: Path) -> None:
    data = exported(make_column_lut(), tmp_path, noise=part)
    assert data["io"]["out_noise"] == data["out_noise"][part]
    assert len(set(data["out_noise"].values())) == 3
    assert f"`out_noise`: {part} sigma" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("lut", [make_store_lut(), make_ternary_lut()], ids=["cell", "column"])
def test_the_module_is_code_without_data(lut: Lut, tmp_path: Path) -> None:
    code, data, readme = aihwkit.write(lut, tmp_path)
    assert [path.name for path in (code, data, readme)] == [
        f"aihwkit_{lut.name.replace('-', '_')}.py",
        f"aihwkit_{lut.name.replace('-', '_')}.json",
        "README.md",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (code, data, readme)}
    tree = ast.parse(code.read_text())
    numbers = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is float}
    assert numbers <= {1e-5, 0.0}
    assert hashlib.sha256(data.read_bytes()).hexdigest() in code.read_text()
    imported = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= {"aihwkit", "torch", "numpy", "hashlib", "json", "pathlib"}


@pytest.mark.parametrize("lut", [make_store_lut(), make_ternary_lut()], ids=["cell", "column"])
def test_the_energy_scope_is_in_both_files(lut: Lut, tmp_path: Path) -> None:
    data = exported(lut, tmp_path)
    assert "made_up_driver" in data["energy_scope"]
    assert "made_up_driver" in (tmp_path / "README.md").read_text()
    assert "No energy is in these files" in (tmp_path / "README.md").read_text()


def test_only_one_level_of_noise(tmp_path: Path) -> None:
    assert exported(make_store_lut(), tmp_path / "cell")["noise_level"] == "cell"
    column = exported(make_ternary_lut(), tmp_path / "column")
    assert column["noise_level"] == "column"
    assert "g_sigma_us" not in column
    for option in ({"noise": "static"}, {"weight": 0.5}, {"input": 2.0}, {"line": "best-fit"}):
        with pytest.raises(InputError, match=rf"option {next(iter(option))} is for columns"):
            aihwkit.write(make_store_lut(), tmp_path / "both", **option)  # type: ignore[arg-type]
    assert not (tmp_path / "both").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 0.0}, r"weight = 0.0: must be > 0"),
        ({"input": math.nan}, r"input = nan: must be > 0"),
        ({"noise": "all"}, r"^aihwkit: noise = 'all': must be 'total', 'static' or 'temporal'$"),
        ({"name": "2nd"}, r"name = '2nd': must be letters and digits"),
        ({"name": "A_B"}, r"name = 'A_B'"),
        ({"line": "none"}, "'end-point' or 'best-fit'"),
        ({"condition": {"mac": 3}}, "condition names mac"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        aihwkit.write(make_ternary_lut(), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_what_a_lut_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its operation adds up no products: not a column"):
        write(make_sar_lut(), tmp_path)
    with pytest.raises(InputError, match="aihwkit has no ADC transfer, only a number of steps"):
        aihwkit.write(make_sar_lut(), tmp_path)
    column = make_ternary_lut()
    silent = {name: table for name, table in column.tables.items() if name != "noise"}
    with pytest.raises(InputError, match="has no table 'noise'"):
        write(replace(column, tables=silent), tmp_path)
    with pytest.raises(InputError, match="it is made from table noise, which this LUT does not have"):
        aihwkit.write(replace(column, tables=silent), tmp_path)
    with pytest.raises(OutsideGridError, match=r"vdd = 1.62: outside the grid \(1.8\)"):
        aihwkit.write(make_ternary_lut(), tmp_path, condition={"vdd": 1.62})
    with pytest.raises(InputError, match="target"):
        aihwkit.write(make_store_lut(), tmp_path, condition={"target": "lrs"})


def test_a_name_for_the_class(tmp_path: Path) -> None:
    aihwkit.write(make_store_lut(), tmp_path, name="MyCells")
    assert "class MyCells(BaseNoiseModel):" in (tmp_path / "aihwkit_synthetic_store.py").read_text()


def test_without_aihwkit_the_check_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "aihwkit", None)
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    aihwkit.write(make_store_lut(), tmp_path)
    with pytest.raises(SetupError, match=r"pip install torch==.*--no-deps aihwkit=="):
        aihwkit.check(make_store_lut(), tmp_path)


def test_a_module_that_does_not_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "made_up.py").write_text("raise ValueError('sha256 differs')")
    with pytest.raises(ExportCheckError, match=r"made_up.py does not run: sha256 differs"):
        load_module(tmp_path, "made_up")
