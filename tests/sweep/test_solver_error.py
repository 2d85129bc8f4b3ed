"""The solver's error is measured at the corners of a sweep's box, per output, with the models it holds for."""

from __future__ import annotations

from typing import Any

import pytest

from bitline.benches.registry import bench as find_bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.pdk.slim import slim_pdk
from bitline.sweep.runner import Runner
from bitline.sweep.solver_error import box_points
from bitline.sweep.sweep import Sweep

SMALL = AcimColumnQS(rows=8, active=4)


def small(**values: Any) -> Sweep:
    axes = {"corner": ["tt", "ss"], "vdd": [1.62, 1.8, 1.98], "code": [0, 1, 2, 3, 4]}
    return Sweep(SMALL, bench="transfer", solver_error=True, **{**axes, **values})


def test_the_box_s_corners_are_both_ends_of_each_number_and_every_name() -> None:
    points = list(box_points(small(samples=7)))
    places = {(str(p.conditions.corner), p.conditions.vdd, p.inputs.code) for p in points}
    assert places == {(corner, vdd, code) for corner in ("tt", "ss") for vdd in (1.62, 1.98) for code in (0, 4)}
    assert [point.index for point in points] == list(range(8))
    assert {point.conditions.sample for point in points} == {0}


def test_a_sweep_at_the_reference_preset_cannot_measure_its_own_error() -> None:
    with pytest.raises(InputError, match="solver_error = true: accuracy must be fast, bypass or default"):
        small(accuracy="reference")


def test_a_quick_sweep_does_not_measure_it() -> None:
    full = Sweep.load("acim-qs")
    assert full.solver_error
    assert not full.quick().solver_error


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Runner(engine="batch").characterize(small(corner=["ss"], vdd=[1.62, 1.98], temperature=[-40]))


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_error_is_stored_with_its_box_and_the_models_it_was_measured_with(lut: Lut) -> None:
    error, pdk = lut.attrs["solver_error"], Runner().models
    assert (error["preset"], error["against"], error["points"], error["no_result"]) == ("default", "reference", 4, 0)
    assert error["box"] == {"corner": ["ss"], "vdd": [1.62, 1.98], "temperature": [-40], "code": [0, 4]}
    assert error["pdk"] == pdk.name
    assert error["library_sha256"] == {"ss": slim_pdk(pdk, "ss").library.sha256} == lut.attrs["pdk_library_sha256"]
    assert set(error["outputs"]["transfer"]) == {output.name for output in find_bench("transfer", AcimColumnQS).outputs}


@pytest.mark.ngspice
@pytest.mark.pdk
def test_it_is_the_largest_difference_from_the_reference_and_a_small_part_of_an_lsb(lut: Lut) -> None:
    error = lut.attrs["solver_error"]["outputs"]["transfer"]["v_line"]
    exact = [
        Runner().simulate(SMALL, "transfer", accuracy="reference", corner="ss", temperature=-40, vdd=vdd, code=code)
        for vdd in (1.62, 1.98)
        for code in (0, 4)
    ]
    table = lut.tables["nominal"]["v_line"].squeeze()
    errors = [
        abs(float(table.sel(vdd=run.point.conditions.vdd, code=run.point.inputs.code)) - run.values["v_line"])
        for run in exact
    ]
    lsb = [abs(float(lut.tables["line"]["lsb"].squeeze().sel(vdd=run.point.conditions.vdd))) for run in exact]
    assert error["max"] == max(errors) > 0
    assert error["lsb"] == max(e / size for e, size in zip(errors, lsb, strict=True)) < 0.1


@pytest.mark.ngspice
@pytest.mark.pdk
def test_without_being_asked_for_it_no_error_is_stated() -> None:
    """No bench states an error of its own: it would be said of models and corners it was not measured with."""
    alone = Runner(engine="batch").characterize(Sweep(SMALL, bench="transfer", code=[0, 1, 2]))
    assert "solver_error" not in alone.attrs
