from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from luts.column import make_column_lut, transfer
from luts.store import NARROW, NARROW_MEAN, NARROW_SIGMA, make_narrow_store_lut

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut


def read(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def with_mismatch(change: Any, **options: Any) -> Lut:
    made = make_column_lut(**options)
    tables = {**made.tables, "mismatch": change(made.tables["mismatch"])}
    return replace(made, tables=tables)


@pytest.mark.parametrize("bits", [1, 4, 6])
def test_the_form_is_neurosims_to_the_letter(bits: int, tmp_path: Path) -> None:
    make_column_lut(codes=2**bits + 1).export("neurosim", tmp_path)
    for name in ("output_noise", "output_noise_static", "output_noise_temporal"):
        raw = (tmp_path / f"{name}.csv").read_bytes()
        lines = raw.decode("ascii").split("\n")
        assert lines[0] == "output,mean,std"
        assert lines.pop() == ""
        assert len(lines) == 1 + 2**bits + 1
        assert [line.split(",")[0] for line in lines[1:]] == [str(code) for code in range(2**bits + 1)]
        assert b"nan" not in raw
        assert b"-0.0" not in raw


def test_numbers_by_hand(tmp_path: Path) -> None:
    make_column_lut().export("neurosim", tmp_path)
    lsb = (transfer(0, "tt", 1.8, 27) - transfer(16, "tt", 1.8, 27)) / 16
    thermal = math.sqrt(1.380649e-23 * 300.15 / 20e-15) / lsb
    tables = [read(tmp_path / f"output_noise{part}.csv") for part in ("", "_static", "_temporal")]
    for code, (both, static, temporal) in enumerate(zip(*tables, strict=True)):
        mean = (transfer(0, "tt", 1.8, 27) - transfer(code, "tt", 1.8, 27)) / lsb
        sigma = math.sqrt(0.2e-3**2 + code * 1e-3**2) / lsb
        assert both["mean"] == static["mean"] == temporal["mean"] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert static["std"] == pytest.approx(sigma, rel=1e-9)
        assert temporal["std"] == pytest.approx(thermal, rel=1e-9)
        assert both["std"] == pytest.approx(math.hypot(sigma, thermal), rel=1e-9)
    assert (tables[0][0]["mean"], tables[0][16]["mean"]) == (0, pytest.approx(16, rel=1e-12))


def test_each_discharging_cell_adds_its_noise(tmp_path: Path) -> None:
    made = make_column_lut()
    noise = made.tables["noise"].assign(v_discharge=0 * made.tables["noise"]["v_thermal"] + 0.1e-3)
    noise["v_discharge"].attrs = {"unit": "V", "doc": "made up"}
    replace(made, tables={**made.tables, "noise": noise}).export("neurosim", tmp_path)
    thermal = math.sqrt(1.380649e-23 * 300.15 / 20e-15)
    lsb = (transfer(0, "tt", 1.8, 27) - transfer(16, "tt", 1.8, 27)) / 16
    for code, row in enumerate(read(tmp_path / "output_noise_temporal.csv")):
        assert row["std"] == pytest.approx(math.sqrt(thermal**2 + code * 0.1e-3**2) / lsb, rel=1e-9)


def test_what_neurosim_draws_has_the_columns_statistics(tmp_path: Path) -> None:
    # NeuroSim: normal(mean[m], std[m]). Scaled back to volts this must be the measured column.
    made = make_column_lut()
    made.export("neurosim", tmp_path)
    facts = json.loads((tmp_path / "output_noise.json").read_text())
    rng = np.random.default_rng(8)
    for code, row in enumerate(read(tmp_path / "output_noise.csv")):
        volts = rng.normal(row["mean"], row["std"], 100_000) * facts["lsb_volt"] + facts["offset_volt"]
        point = made.lookup(code=code, corner="tt", vdd=1.8, temperature=27)
        sigma = math.hypot(point["v_sigma"], point["v_thermal"])
        assert abs(volts.mean() - point["v_mean"]) < 5 * sigma / math.sqrt(1e5)
        assert abs(volts.std() / sigma - 1) < 5 / math.sqrt(2e5)


def test_the_best_fit_line(tmp_path: Path) -> None:
    make_column_lut().export("neurosim", tmp_path, line="best-fit")
    v = make_column_lut().tables["mismatch"]["v_mean"].values.ravel()
    slope, offset = np.polyfit(np.arange(17), v, 1)
    mean = [row["mean"] for row in read(tmp_path / "output_noise.csv")]
    assert mean == pytest.approx((v - offset) / slope, rel=1e-9, abs=1e-9)
    assert json.loads((tmp_path / "output_noise.json").read_text())["line"] == "best-fit"
    assert "best-fit line" in (tmp_path / "README.md").read_text()
    with pytest.raises(InputError, match="'end-point' or 'best-fit'"):
        make_column_lut().export("neurosim", tmp_path, line="none")


def test_the_file_beside_says_what_was_written(tmp_path: Path) -> None:
    make_column_lut().export("neurosim", tmp_path)
    facts = json.loads((tmp_path / "output_noise.json").read_text())
    assert facts["condition"] == {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    assert (facts["adc_precision"], facts["line"], facts["unit"]) == (4, "end-point", "MAC LSB")
    assert facts["lsb_volt"] < 0
    assert "--adc_precision 4" in (tmp_path / "README.md").read_text()


def test_a_rising_line_counts_up_as_well(tmp_path: Path) -> None:
    made = with_mismatch(lambda t: t.assign(v_mean=(t["v_mean"].dims, 2 - t["v_mean"].values, {"unit": "V"})))
    made.export("neurosim", tmp_path / "rising")
    make_column_lut().export("neurosim", tmp_path / "falling")
    rising, falling = (read(tmp_path / name / "output_noise.csv") for name in ("rising", "falling"))
    for up, down in zip(rising, falling, strict=True):
        assert up == pytest.approx(down, rel=1e-9, abs=1e-9)


def two_corners(t: xr.Dataset) -> xr.Dataset:
    other = t.assign_coords(corner=["ss"]).assign(v_sigma=(t["v_sigma"].dims, 2 * t["v_sigma"].values, {"unit": "V"}))
    return xr.concat([t, other], "corner", join="outer")


def test_the_condition_is_selected(tmp_path: Path) -> None:
    made = with_mismatch(two_corners)
    with pytest.raises(InputError, match="look-up needs a value of corner"):
        made.export("neurosim", tmp_path)
    made.export("neurosim", tmp_path / "tt", condition={"corner": "tt"})
    made.export("neurosim", tmp_path / "ss", condition={"corner": "ss"})
    tt, ss = (read(tmp_path / corner / "output_noise_static.csv") for corner in ("tt", "ss"))
    assert [row["std"] for row in ss] == pytest.approx([2 * row["std"] for row in tt], rel=1e-12)


@pytest.mark.parametrize(
    ("condition", "error", "message"),
    [
        ({"vdd": 1.62}, OutsideGridError, r"vdd = 1.62: outside the grid \(1.8\)"),
        ({"corner": "sf"}, OutsideGridError, r"corner = sf"),
        ({"temp": 27}, UnknownNameError, "unknown axis 'temp'"),
        ({"code": 3}, InputError, "every code is written"),
    ],
)
def test_a_condition_that_is_not_there(condition: Any, error: type[Exception], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        make_column_lut().export("neurosim", tmp_path, condition=condition)


@pytest.mark.parametrize(
    ("change", "have"),
    [
        (lambda t: t.isel(code=slice(0, 16)), "0..15 in 16 points"),
        (lambda t: t.isel(code=slice(0, 16, 2)), "0..14 in 8 points"),
        (lambda t: t.assign_coords(code=t["code"] - 8), "-8..8 in 17 points"),
        (lambda t: t.assign_coords(code=t["code"] * 2), "0..32 in 17 points"),
        (lambda t: t.isel(code=slice(0, 2)), "0..1 in 2 points"),
        (lambda t: t.isel(code=0, drop=True), "none"),
    ],
)
def test_codes_that_neurosim_cannot_look_up(change: Any, have: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"codes are {have}; NeuroSim looks up by position"):
        with_mismatch(change).export("neurosim", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_missing_table_value_or_swing(tmp_path: Path) -> None:
    made = make_column_lut()
    for name in ("mismatch", "noise"):
        tables = {key: table for key, table in made.tables.items() if key != name}
        with pytest.raises(InputError, match=f"made from table {name}"):
            replace(made, tables=tables).export("neurosim", tmp_path)

    def constant(value: float) -> Any:
        return lambda t: t.assign(v_mean=(t["v_mean"].dims, np.full(t["v_mean"].shape, value), {"unit": "V"}))

    with pytest.raises(OutsideGridError, match="v_mean has no value here: no valid result"):
        with_mismatch(constant(np.nan)).export("neurosim", tmp_path)
    with pytest.raises(InputError, match="does not move with the code"):
        with_mismatch(constant(1.0)).export("neurosim", tmp_path)


ASSUMED = ["r_lrs: low resistance (assumed)", "seed: of the sweep"]
PLACED = {
    verify: dict(zip(NARROW, zip(NARROW_MEAN[verify], NARROW_SIGMA[verify], strict=True), strict=True))
    for verify in NARROW_MEAN
}


def store() -> Lut:
    return make_narrow_store_lut(assumed=ASSUMED)


@pytest.mark.parametrize("verify", ["on", "off"])
def test_states_by_hand(verify: str, tmp_path: Path) -> None:
    store().export("neurosim", tmp_path, condition={"verify": verify})
    rows = read(tmp_path / "mem_states.csv")
    for state, level in enumerate(("hrs", "lrs")):  # NeuroSim's state 0 is the one of least conductance
        shift, sigma = PLACED[verify][level]
        mean = math.exp(sigma**2 / 2) / (NARROW[level] * math.exp(shift))
        assert rows[state] == pytest.approx(
            {"states": state, "mean": mean, "std": mean * math.sqrt(math.exp(sigma**2) - 1)}, rel=1e-9
        )
    assert 1e-7 < rows[0]["mean"] < 1e-5 < rows[1]["mean"] < 1e-4  # S
    assert json.loads((tmp_path / "mem_states.json").read_text())["condition"] == {"verify": verify}


def test_the_states_form_is_neurosims_to_the_letter(tmp_path: Path) -> None:
    paths = store().export("neurosim", tmp_path)
    assert {path.name for path in paths} == {"mem_states.csv", "mem_states.json", "README.md"}  # and no second noise
    raw = (tmp_path / "mem_states.csv").read_bytes()
    assert raw.startswith(b"states,mean,std\n0,")
    assert raw.count(b"\n") == 1 + 2  # 2^bitcell states: NeuroSim exits otherwise
    assert b"\r" not in raw
    facts = json.loads((tmp_path / "mem_states.json").read_text())
    assert (facts["bitcell"], facts["unit"], facts["states"]) == (1, "S", ["hrs", "lrs"])
    readme = (tmp_path / "README.md").read_text()
    assert "--bitcell 1 --mem_states_file mem_states.csv" in readme
    for part in ("- r_lrs: low resistance (assumed)", "The middle level", "No energy"):
        assert part in readme
    assert "seed" not in readme


def test_a_columns_export_has_no_states(tmp_path: Path) -> None:
    assert "mem_states.csv" not in {path.name for path in make_column_lut().export("neurosim", tmp_path)}


def test_what_neurosim_draws_of_states_has_the_levels_statistics(tmp_path: Path) -> None:
    # NeuroSim: normal(mem_mean[w], mem_std[w]); against resistances drawn as the LUT describes them
    store().export("neurosim", tmp_path, condition={"verify": "off"})
    rng, n = np.random.default_rng(2), 400_000
    for row, level in zip(read(tmp_path / "mem_states.csv"), ("hrs", "lrs"), strict=True):
        shift, sigma = PLACED["off"][level]
        g = 1 / (NARROW[level] * np.exp(shift + sigma * rng.standard_normal(n)))
        assert abs(g.mean() - row["mean"]) < 5 * row["std"] / math.sqrt(n)
        assert abs(g.std() / row["std"] - 1) < 10 / math.sqrt(2 * n)  # the lognormal's kurtosis
