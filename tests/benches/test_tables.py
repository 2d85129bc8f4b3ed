"""From a sweep's rows to tables: made-up rows whose statistics are known by hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bitline.benches.acim.qr_transfer import OUTPUTS as QR_OUTPUTS
from bitline.benches.acim.qs_transfer import OUTPUTS as QS_OUTPUTS
from bitline.benches.base import Output
from bitline.benches.tables import axes_of, grid, transfer_tables

OUTPUTS = (Output("v_line", "V", "the line"), Output("energy_array", "J", "cells"), Output("energy_control", "J", "c"))
CODES = range(5)


def v_of(code: float, vdd: float) -> float:
    return vdd - 0.04 * code / (1 + 0.02 * code)


def row(sample: int = 0, status: str = "ok", **values: Any) -> dict[str, Any]:
    """Return a row: the axes as given, v_line by formula where the point is good."""
    v = v_of(values.get("code", 0), values.get("vdd", 1.8))
    energies = {"energy_array": 1e-15 * (1 + values.get("code", 0)), "energy_control": 3e-15}
    measured = {"v_line": values.pop("v", v), **energies}
    if status != "ok":
        measured = dict.fromkeys(measured, np.nan)
    return {**values, "sample": sample, "status": status, **measured}


def nominal_rows(codes: Any = CODES, **fixed: Any) -> list[dict[str, Any]]:
    return [row(code=code, **fixed) for code in codes]


def test_axes_are_what_is_neither_measured_nor_bookkeeping() -> None:
    frame = pd.DataFrame(nominal_rows(corner="tt", vdd=1.8))
    assert axes_of(frame, OUTPUTS) == ["code", "corner", "vdd"]


def test_a_grid_has_the_axes_in_the_order_of_the_columns_and_every_value_at_its_place() -> None:
    axes = {"temperature": [125.0, -40.0], "corner": ["tt", "ss", "ff"], "code": [0, 1]}
    rows = []
    for number, (t, corner, code) in enumerate(product(*axes.values())):
        rows.append({**row(temperature=t, corner=corner, code=code), "v_line": float(number)})
    found = grid(pd.DataFrame(rows), OUTPUTS)
    assert found["v_line"].dims == ("temperature", "corner", "code")
    assert found["corner"].values.tolist() == ["tt", "ss", "ff"]  # as listed, not by the alphabet
    assert found["temperature"].values.tolist() == [-40.0, 125.0]
    for number, (t, corner, code) in enumerate(product(*axes.values())):
        assert found["v_line"].sel(temperature=t, corner=corner, code=code) == number
    assert (found["n_ok"] == 1).all() and (found["n_failed"] == 0).all()


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [row(code=code, vdd=vdd) for code in CODES for vdd in (1.6, 1.8)]
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    assert grid(pd.DataFrame(shuffled), OUTPUTS).identical(grid(pd.DataFrame(rows), OUTPUTS))


def test_failed_points_are_counted_and_leave_a_hole() -> None:
    rows = [row(code=0), row(code=1, status="no_convergence"), row(code=2, status="timeout"), row(code=3)]
    found = grid(pd.DataFrame(rows), OUTPUTS)
    assert found["n_ok"].values.tolist() == [1, 0, 0, 1]
    assert found["n_failed"].values.tolist() == [0, 1, 1, 0]
    assert found["n_ok"].dtype == found["n_failed"].dtype == np.int64
    assert np.isnan(found["v_line"].values).tolist() == [False, True, True, False]


def test_mismatch_samples_are_no_part_of_the_grid() -> None:
    rows = [*nominal_rows(), *(row(sample=1, code=code, v=9.0) for code in CODES)]
    assert grid(pd.DataFrame(rows), OUTPUTS)["v_line"].max() < 2


def test_everything_has_its_unit_and_doc() -> None:
    found = grid(pd.DataFrame(nominal_rows(corner="tt", vdd=1.8, temperature=27.0)), OUTPUTS)
    assert found["v_line"].attrs == {"unit": "V", "doc": "the line"}
    assert found["n_failed"].attrs["unit"] == "1"
    units = {"code": "1", "corner": "1", "vdd": "V", "temperature": "degC"}
    assert {name: found[name].attrs["unit"] for name in found.coords} == units


def test_a_sweep_without_axes_is_one_value() -> None:
    found = grid(pd.DataFrame([row()]), OUTPUTS)
    assert found["v_line"].dims == ()
    assert float(found["v_line"]) == 1.8


def test_the_energy_of_all_supplies_is_their_sum() -> None:
    nominal = transfer_tables(pd.DataFrame(nominal_rows()), OUTPUTS)["nominal"]
    assert nominal["energy_total"].values == pytest.approx([1e-15 * (1 + code) + 3e-15 for code in CODES])
    assert nominal["energy_total"].attrs["unit"] == "J"


def test_the_line_is_described_by_its_end_points_and_its_fit() -> None:
    rows = [row(code=code, vdd=vdd) for vdd in (1.6, 1.8) for code in CODES]
    tables = transfer_tables(pd.DataFrame(rows), OUTPUTS)
    line, nominal = tables["line"], tables["nominal"]
    assert line["lsb"].dims == ("vdd",)
    lsb = -0.04 / (1 + 0.02 * 4)  # (V(4) - V(0)) / 4
    assert line["lsb"].values == pytest.approx([lsb, lsb])
    assert line["v0"].values == pytest.approx([1.6, 1.8])
    assert line["gain"].values == pytest.approx([0.04, 0.04])
    assert line["alpha"].values == pytest.approx([0.02, 0.02])
    assert (line["fit_rmse"] < 1e-9).all()
    v = np.array([v_of(code, 1.8) for code in CODES])
    assert nominal["inl"].sel(vdd=1.8).values == pytest.approx((v - v[0]) / lsb - np.arange(5), abs=1e-12)
    assert nominal["dnl"].sel(vdd=1.8).values[:-1] == pytest.approx(np.diff(v) / lsb - 1)
    assert np.isnan(nominal["dnl"].isel(code=-1)).all()
    assert nominal["inl"].dims == nominal["v_line"].dims == ("code", "vdd")


@pytest.mark.parametrize("codes", [[4, 2, 0], [0, 4, 2]])
def test_codes_may_be_listed_in_any_order(codes: list[int]) -> None:
    tables = transfer_tables(pd.DataFrame(nominal_rows(codes)), OUTPUTS)
    expected = transfer_tables(pd.DataFrame(nominal_rows(sorted(codes))), OUTPUTS)
    assert all(tables[name].identical(expected[name]) for name in ("nominal", "line"))


def test_a_corner_that_failed_does_not_spoil_the_others() -> None:
    rows = [row(code=code, corner=corner) for corner in ("tt", "ss") for code in CODES]
    rows[7] = row(code=2, corner="ss", status="bad_measure")
    tables = transfer_tables(pd.DataFrame(rows), OUTPUTS)
    assert tables["line"]["gain"].values == pytest.approx([0.04, 0.04])  # the fit leaves the hole out
    assert int(np.isnan(tables["nominal"]["inl"]).sum()) == 1
    assert int(np.isnan(tables["nominal"]["dnl"]).sel(corner="ss").sum()) == 3  # both steps at the hole, and the last
    dead = [row(code=code, corner="tt") for code in CODES]
    dead += [row(code=code, corner="ff", status="crashed") for code in CODES]
    line = transfer_tables(pd.DataFrame(dead), OUTPUTS)["line"]
    assert np.isfinite(line["gain"].sel(corner="tt"))
    assert all(np.isnan(line[name].sel(corner="ff")) for name in line.data_vars)


@pytest.mark.parametrize("codes", [[3], [0, 4]])
def test_one_or_two_codes_make_no_line(codes: list[int]) -> None:
    assert list(transfer_tables(pd.DataFrame(nominal_rows(codes)), OUTPUTS)) == ["nominal"]


def drawn_rows(values: dict[int, list[float]], **fixed: Any) -> list[dict[str, Any]]:
    return [
        row(sample=sample, code=code, v=v, **fixed)
        for code, samples in values.items()
        for sample, v in enumerate(samples, 1)
    ]


def test_mean_and_sigma_of_samples_with_their_intervals() -> None:
    draw = np.random.default_rng(4)
    samples = {code: list(draw.normal(1.8 - 0.04 * code, 1e-3, 40)) for code in (1, 0)}
    tables = transfer_tables(pd.DataFrame([*nominal_rows([0, 1]), *drawn_rows(samples)]), OUTPUTS)
    found = tables["mismatch"]
    for code, values in samples.items():
        cell = found.sel(code=code)
        s = np.std(values, ddof=1)
        assert float(cell["v_mean"]) == pytest.approx(np.mean(values))
        assert float(cell["v_mean_se"]) == pytest.approx(s / np.sqrt(40))
        assert float(cell["v_sigma"]) == pytest.approx(s)
        low, high = (s * np.sqrt(39 / stats.chi2.ppf(q, 39)) for q in (0.975, 0.025))
        assert (float(cell["v_sigma_low"]), float(cell["v_sigma_high"])) == pytest.approx((low, high))
        assert (int(cell["n_ok"]), int(cell["n_failed"])) == (40, 0)
    assert {found[name].attrs["unit"] for name in ("v_mean", "v_sigma", "v_sigma_low")} == {"V"}


def test_failed_samples_are_counted_and_left_out() -> None:
    rows = drawn_rows({0: [1.0, 3.0, 5.0], 1: [2.0]})
    rows += [row(sample=9, code=0, status="no_convergence"), row(sample=9, code=1, status="timeout")]
    found = transfer_tables(pd.DataFrame([*nominal_rows([0, 1]), *rows]), OUTPUTS)["mismatch"]
    assert (found["v_mean"].values[0], found["v_sigma"].values[0]) == (3.0, 2.0)
    assert found["n_ok"].values.tolist() == [3, 1]
    assert found["n_failed"].values.tolist() == [1, 1]
    # Beta quantiles of 1 failure in 4 and in 2, from tables of Clopper and Pearson.
    assert found["failed_low"].values == pytest.approx([0.00631, 0.01258], abs=1e-5)
    assert found["failed_high"].values == pytest.approx([0.80588, 0.98742], abs=1e-5)
    assert np.isnan(found["v_sigma"].values[1])  # one sample has no spread


def test_cells_that_flipped_are_added_up_over_all_samples() -> None:
    frame = pd.DataFrame([*nominal_rows([0]), *drawn_rows({0: [1.0, 1.1, 1.2]})]).assign(flips=[0.0, 0.0, 2.0, 1.0])
    outputs = (*OUTPUTS, Output("flips", "1", "cells"))
    assert transfer_tables(frame, outputs)["mismatch"]["flips"].values.tolist() == [3]


def test_mismatch_without_any_axis_is_one_cell() -> None:
    rows = [row(), row(sample=1, v=1.0), row(sample=2, v=3.0)]
    found = transfer_tables(pd.DataFrame(rows), OUTPUTS)["mismatch"]
    assert (float(found["v_mean"]), int(found["n_ok"])) == (2.0, 2)
    assert found["v_mean"].dims == ()


def test_mismatch_at_one_condition_of_many() -> None:
    rows = [row(code=code, vdd=vdd) for vdd in (1.6, 1.8) for code in (0, 1)]
    rows += drawn_rows({0: [1.0, 2.0], 1: [3.0, 4.0]}, vdd=1.8)
    found = transfer_tables(pd.DataFrame(rows), OUTPUTS)["mismatch"]
    assert found["v_mean"].sizes == {"code": 2, "vdd": 1}
    assert found["v_mean"].values.ravel().tolist() == [1.5, 3.5]


@pytest.mark.parametrize("outputs", [QS_OUTPUTS, QR_OUTPUTS])
def test_the_shipped_outputs_fit_the_tables(outputs: tuple[Output, ...]) -> None:
    rows = [
        {"code": c, "sample": s, "status": "ok", **{o.name: float(c + s) for o in outputs}}
        for c in CODES
        for s in (0, 1, 2)
    ]
    tables = transfer_tables(pd.DataFrame(rows), outputs)
    assert list(tables) == ["nominal", "line", "mismatch"]
    for table in tables.values():
        assert all({"unit", "doc"} <= variable.attrs.keys() for variable in table.data_vars.values())
