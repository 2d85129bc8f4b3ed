from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from luts.column import UNITS, make_column_lut, transfer

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut

ACIM = make_column_lut()
POINT = {"code": 12, "corner": "tt", "vdd": 1.8, "temperature": 27.0}


def small(v: Any, **axes: Any) -> Lut:
    return Lut("x", "made-up", {"t": xr.Dataset({"v": (tuple(axes), np.array(v), {"unit": "V"})}, axes)}, {})


def test_on_the_grid_every_table_answers() -> None:
    found = ACIM.lookup(**POINT)
    assert found["v_line"] == transfer(12, "tt", 1.8, 27.0)
    assert found["v_sigma"] == np.sqrt(0.2e-3**2 + 12e-6)
    assert found["v_thermal"] == pytest.approx(np.sqrt(1.380649e-23 * 300.15 / 20e-15), rel=1e-12)
    assert (found["mismatch.n_ok"], found["nominal.n_ok"]) == (200, 1)
    assert not found.left_out
    assert len(found) == len(list(found)) == sum(len(units) for units in UNITS.values())
    assert {key: unit for key, unit in found.units.items() if "." not in key} == {
        name: unit
        for table in UNITS.values()
        for name, unit in table.items()
        if name not in {"flips", "n_ok", "n_failed"}
    }


@given(st.data())
def test_grid_points_return_exactly_what_is_stored(data: st.DataObject) -> None:
    grid = ACIM.tables["nominal"]
    point = {str(axis): data.draw(st.sampled_from(grid[axis].values.tolist())) for axis in grid.dims}
    found = ACIM.lookup(**point)
    for name in ("v_line", "energy_total", "disturb"):
        assert found[name] == grid[name].sel(point).item()
    assert found["nominal.n_ok"] == 1


axis = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6, unique=True).map(sorted)


@given(axis, axis, st.data())
def test_linear_functions_are_interpolated_exactly(xs: list[float], ys: list[float], data: st.DataObject) -> None:
    a, b, c = (data.draw(st.floats(-10, 10)) for _ in range(3))
    v = a + b * np.array(xs)[:, None] + c * np.array(ys)
    x, y = data.draw(st.floats(xs[0], xs[-1])), data.draw(st.floats(ys[0], ys[-1]))
    assert small(v, x=xs, y=ys).lookup(x=x, y=y)["v"] == pytest.approx(a + b * x + c * y, rel=1e-12, abs=1e-10)


@given(axis, st.data())
def test_between_two_points_means_between_their_values(xs: list[float], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.floats(-1, 1), min_size=len(xs), max_size=len(xs)))
    x = data.draw(st.floats(xs[0], xs[-1]))
    i = min(max(int(np.searchsorted(xs, x)), 1), len(xs) - 1)
    low, high = sorted(values[i - 1 : i + 1])
    assert low - 1e-15 <= small(values, x=xs).lookup(x=x)["v"] <= high + 1e-15


def test_bilinear_by_hand() -> None:
    lut = small([[0.0, 1.0], [2.0, 7.0]], x=[0, 10], y=[0.0, 1.0])
    # 0.75*(0.5*0 + 0.5*1) + 0.25*(0.5*2 + 0.5*7) = 1.5
    assert lut.lookup(x=2.5, y=0.5)["v"] == 1.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": 17}, r"code = 17: outside the grid \(0..16\)"),
        ({"code": -0.001}, r"code = -0.001: outside the grid \(0..16\)"),
        ({"vdd": 2.5}, r"vdd = 2.5: outside the grid \(1.62..1.98\)"),
        ({"vdd": float("nan")}, "vdd = nan"),
        ({"vdd": float("inf")}, "vdd = inf"),
        ({"corner": "sf"}, r"corner = sf: outside the grid \(tt, ss, ff\)"),
        ({"corner": 5.0}, r"corner = 5.0: outside the grid \(tt, ss, ff\)"),
    ],
)
def test_outside_the_grid_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OutsideGridError, match=message):
        ACIM.lookup(**{**POINT, **changes})


@given(axis, st.floats(allow_nan=True))
def test_nothing_outside_is_ever_answered(xs: list[float], x: float) -> None:
    lut = small(xs, x=xs)
    if xs[0] <= x <= xs[-1]:
        assert lut.lookup(x=x)["v"] == pytest.approx(x, rel=1e-9, abs=1e-9)
    else:
        with pytest.raises(OutsideGridError, match="x = "):
            lut.lookup(x=x)


def test_a_table_of_one_condition_is_left_out_elsewhere() -> None:
    found = ACIM.lookup(**{**POINT, "vdd": 1.7})
    assert found.left_out["mismatch"] == found.left_out["snr"] == "vdd = 1.7: outside the grid (1.8)"
    assert "v_sigma" not in found
    assert found.get("v_sigma") is None
    with pytest.raises(OutsideGridError, match=r"v_sigma has no value here: vdd = 1.7: outside"):
        found["v_sigma"]
    assert found["v_line"] == pytest.approx(
        (transfer(12, "tt", 1.62, 27.0) * 0.1 + transfer(12, "tt", 1.8, 27.0) * 0.08) / 0.18
    )


def test_counts_are_not_interpolated() -> None:
    found = ACIM.lookup(**{**POINT, "vdd": 1.7})
    assert found.left_out["nominal.n_ok"] == "a count, known at grid points only"
    assert "nominal.n_ok" not in found


def test_an_axis_of_one_value_may_be_left_out() -> None:
    lut = make_column_lut(corners=["tt"], vdds=[1.8], temperatures=[27.0])
    assert dict(lut.lookup(code=3)) == dict(lut.lookup(**{**POINT, "code": 3}))
    with pytest.raises(OutsideGridError, match=r"vdd = 1.7: outside the grid \(1.8\)"):
        lut.lookup(code=3, vdd=1.7)


def test_a_missing_axis_leaves_out_the_tables_that_need_it() -> None:
    found = ACIM.lookup(corner="tt", vdd=1.8, temperature=27)
    assert found.left_out["nominal"] == "code is not given (0..16)"
    assert set(found.left_out) == {"nominal", "mismatch"}
    assert found["snr_a"] > 0


def test_a_single_corner_of_one_table_is_not_a_default_for_the_others() -> None:
    with pytest.raises(InputError, match=r"look-up needs a value of corner \(tt, ss, ff\)$"):
        ACIM.lookup(code=3, vdd=1.8, temperature=27)


def test_a_missing_result_is_refused() -> None:
    lut = small([1.0, np.nan, 3.0, 4.0], x=[0, 1, 2, 3])
    assert lut.lookup(x=0)["v"] == 1
    assert lut.lookup(x=2.5)["v"] == 3.5
    for x in (0.5, 1, 1.5):
        with pytest.raises(OutsideGridError, match="NaN"):
            lut.lookup(x=x)


def test_one_missing_variable_does_not_hide_the_others() -> None:
    found = ACIM.lookup(**{**POINT, "code": 16})
    assert found.left_out == {"nominal.dnl": "no valid result there (NaN)"}
    assert found["v_line"] < 1.8
    with pytest.raises(OutsideGridError, match="dnl has no value here"):
        found["dnl"]


def test_names_are_suggested() -> None:
    with pytest.raises(UnknownNameError, match="unknown axis 'temprature'; did you mean 'temperature'"):
        ACIM.lookup(**POINT, temprature=3)
    with pytest.raises(UnknownNameError, match="did you mean 'v_line'"):
        ACIM.lookup(**POINT)["v_lin"]


@pytest.mark.parametrize("value", ["1.8", True, None, ["1.8"], [True]])
def test_text_where_a_number_belongs_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"vdd = .*: must be a number"):
        ACIM.lookup(**{**POINT, "vdd": value})


def test_numpy_scalars_are_numbers() -> None:
    point = {**POINT, "code": np.int64(12), "vdd": np.float64(1.8)}
    assert dict(ACIM.lookup(**point)) == dict(ACIM.lookup(**POINT))
