"""Look-up of many points at once: what each point gives, in the shape of the coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from luts.sampled_column import make_sampled_column_lut

from bitline.errors import InputError, OutsideGridError
from bitline.lut.lut import Lut


@pytest.fixture
def lut() -> Lut:
    return make_sampled_column_lut()


def test_arrays_give_what_each_point_gives(lut: Lut) -> None:
    codes, supplies = np.arange(0, 64, 6), np.array([[1.65], [1.8]])
    many = lut.lookup(code=codes, vdd=supplies, corner="tt", temperature=27)
    assert many["v_line"].shape == (2, len(codes))
    for (i, j), value in np.ndenumerate(many["v_line"]):
        at = {"code": codes[j], "vdd": supplies[i, 0], "corner": "tt", "temperature": 27}
        assert value == lut.lookup(**at)["v_line"]
    assert many.units["v_line"] == "V"


def test_a_variable_without_a_value_at_one_point_has_none(lut: Lut) -> None:
    many = lut.lookup(code=8, vdd=[1.65, 1.8], corner="tt", temperature=27)
    assert "v_sigma" not in many  # sampled at 1.8 V only
    with pytest.raises(OutsideGridError, match=r"v_sigma has no value here: vdd = 1\.65"):
        many["v_sigma"]


def test_arrays_that_do_not_fit_are_refused(lut: Lut) -> None:
    with pytest.raises(InputError, match=r"do not broadcast .*code \(2,\), vdd \(3,\)"):
        lut.lookup(code=[1, 2], vdd=[1.65, 1.7, 1.8], corner="tt", temperature=27)
    with pytest.raises(InputError, match="no points"):
        lut.lookup(code=[], vdd=1.8, corner="tt", temperature=27)
