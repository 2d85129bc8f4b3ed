"""Trimming on a made-up table: the nearest setting, where there is one."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bitline.errors import InputError
from bitline.lut.trim import trim

LSB = xr.DataArray(
    [[1.0, 2.0, 4.0], [10.0, 20.0, 40.0], [np.nan, 3.0, 9.0], [np.nan] * 3],
    {"corner": ["tt", "ff", "ss", "fs"], "v_wl": [1.0, 1.1, 1.2]},
)


def test_the_nearest_setting_is_chosen_at_each_condition() -> None:
    trimmed = trim(LSB, "v_wl", 4.5)
    np.testing.assert_array_equal(trimmed["v_wl"], [1.2, 1.0, 1.1, np.nan])
    np.testing.assert_array_equal(trimmed["value"], [4.0, 10.0, 3.0, np.nan])
    assert trimmed["value"].dims == ("corner",)


def test_an_axis_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="axis = vwl: must be one of corner, v_wl"):
        trim(LSB, "vwl", 1.0)
