from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from luts.column import make_column_lut

from bitline.lut.heldout import heldout


def curve(x: np.ndarray, y: np.ndarray) -> dict[str, xr.Dataset]:
    return {"t": xr.Dataset({"v": ("x", y)}, {"x": x})}


def test_a_straight_line_on_an_uneven_grid_has_no_error() -> None:
    x = np.array([0.0, 1.0, 5.0, 6.0])
    found = heldout(curve(x, 3 * x - 2))["t"]["v"]["x"]
    assert found["max"] == pytest.approx(0, abs=1e-14)
    assert found["points"] == 2


def test_hand_example() -> None:
    # interior predictions of 0, 1, 4, 9: 2 for 1 and 5 for 4, errors 1 and 1
    found = heldout(curve(np.arange(4), np.arange(4) ** 2.0))["t"]["v"]["x"]
    assert found == {"max": 1.0, "rms": 1.0, "points": 2}


def test_error_is_about_four_times_that_of_a_look_up() -> None:
    x = np.linspace(0, np.pi, 33)
    fine = np.linspace(0, np.pi, 3201)
    true = np.abs(np.interp(fine, x, np.sin(x)) - np.sin(fine)).max()
    assert heldout(curve(x, np.sin(x)))["t"]["v"]["x"]["max"] == pytest.approx(4 * true, rel=0.02)


def test_every_numeric_axis_of_a_lut_is_reported() -> None:
    report = heldout(make_column_lut().tables)
    assert set(report["nominal"]["v_line"]) == {"code", "vdd", "temperature"}
    assert "n_ok" not in report["nominal"]
    assert report["nominal"]["dnl"]["code"]["points"] == 14 * 27  # its last value is NaN
    assert set(report["mismatch"]["v_sigma"]) == {"code"}
    assert report["snr"] == {}
    assert json.loads(json.dumps(report)) == report


def test_an_axis_in_the_middle_is_taken_along_the_right_dimension() -> None:
    x, y = np.arange(3.0), np.arange(4.0)
    table = xr.Dataset({"v": (("x", "y"), x[:, None] ** 2 + 0 * y)}, {"x": x, "y": y})
    found = heldout({"t": table})["t"]["v"]
    assert found["x"] == {"max": 1.0, "rms": 1.0, "points": 4}
    assert found["y"] == {"max": 0.0, "rms": 0.0, "points": 6}


def test_the_order_of_the_points_does_not_matter() -> None:
    x = np.array([3.0, 0.0, 2.0, 1.0])
    assert heldout(curve(x, x**2))["t"]["v"]["x"] == {"max": 1.0, "rms": 1.0, "points": 2}


def test_values_that_are_missing_are_not_counted() -> None:
    assert heldout(curve(np.arange(3), np.array([0.0, np.nan, 2.0]))) == {"t": {}}
