"""Variables that may not be interpolated along an axis: marked by leaving values out, on disk, refused in look-up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from bitline import content
from bitline.errors import OutsideGridError
from bitline.lut.heldout import left_out
from bitline.lut.interpolation import LSB_LIMIT, RELATIVE_LIMIT, marked, refusal, refusals, scale_of
from bitline.lut.lut import Lut

SHIPPED = sorted(path.parent for path in content.folder("luts").glob("*/lut.json"))


def table(y: list[float], unit: str = "V", **others: list[float]) -> xr.Dataset:
    grid = np.arange(len(y), dtype=float)
    variables = {"v": (unit, y), **{name: ("1", values) for name, values in others.items()}}
    return xr.Dataset(
        {name: ("x", values, {"unit": unit}) for name, (unit, values) in variables.items()}, {"x": ("x", grid)}
    )


def line(lsb: float) -> xr.Dataset:
    return xr.Dataset({"lsb": ((), lsb, {"unit": "V"})})


def reason(y: list[float], lsb: float = 1.0, unit: str = "V", **others: list[float]) -> str:
    tables = {"t": table(y, unit, **others), "line": line(lsb)}
    t = marked(tables, None)["t"]
    return refusals(t["v"], t.coords).get("x", "")


def test_voltages_are_judged_by_the_lsb_and_everything_else_by_its_size() -> None:
    bent = [0.0, 1.0, 2.4, 3.0]  # 1.0 is predicted as 1.2, 2.4 as 2.0
    assert reason(bent, lsb=-4.1) == ""
    assert reason(bent, lsb=-3.9) == "with a value left out v is off by 0.4 V, allowed is 0.1 LSB"
    assert reason([100.0, 101.4, 102.0], unit="s") == ""  # 0.4 of 102 is below 0.5 %
    assert "allowed is 0.5 % of the largest value" in reason([60.0, 61.4, 62.0], unit="s")
    assert reason([0.0, 0.11, 0.0], unit="LSB") == "with a value left out v is off by 0.11 LSB, allowed is 0.1 LSB"


def test_a_bad_variable_is_marked_and_the_others_are_not() -> None:
    t = marked({"t": table([0.0, 1.0, 2.0], w=[0.0, 1.0, 0.0])}, None)["t"]
    assert (refusals(t["v"], t.coords), refusal(t["x"])) == ({}, "")
    assert refusals(t["w"], t.coords) == {
        "x": "with a value left out w is off by 1, allowed is 0.5 % of the largest value"
    }
    found = Lut("two", "k", {"t": t}, {}).lookup(x=0.5)
    assert dict(found) == {"v": 0.5}
    assert (
        found.left_out["t.w"]
        == f"x = 0.5: not interpolated between its values (0.0, 1.0, 2.0): {refusals(t['w'], t.coords)['x']}"
    )


def test_an_axis_along_which_none_may_be_read_is_marked_itself() -> None:
    t = marked({"t": table([0.0, 1.0, 0.0], w=[0.0, 3.0, 0.0])}, None)["t"]
    assert "v is off by 1" in refusal(t["x"])
    assert "w is off by 3" in refusals(t["w"], t.coords)["x"]


def test_a_failed_point_marks_nothing() -> None:
    assert reason([0.0, np.nan, 2.0, 3.0, 4.0]) == ""


def test_two_values_leave_nothing_to_predict() -> None:
    assert reason([0.0, 1.0]) == "of two values neither can be predicted from others"


@given(
    st.lists(st.floats(-10, 10), min_size=3, max_size=8),
    st.floats(0.1, 100),
)
def test_an_axis_is_linear_exactly_where_every_value_left_out_is_predicted_within_the_limit(
    y: list[float], lsb: float
) -> None:
    worst = max(abs((y[i - 1] + y[i + 1]) / 2 - y[i]) for i in range(1, len(y) - 1))
    if abs(worst - LSB_LIMIT * lsb) > 1e-9:  # not a matter of the last bit
        assert (reason(y, lsb) == "") == (worst < LSB_LIMIT * lsb)


def test_the_mark_is_kept_on_disk_and_refused_in_look_up_with_one_line(tmp_path: Path) -> None:
    Lut("bent", "k", marked({"t": table([0.0, 5.0, 0.0])}, None), {}).save(tmp_path)
    lut = Lut.load(tmp_path)
    assert lut.lookup(x=1)["v"] == 5.0
    with pytest.raises(OutsideGridError) as refused:
        lut.lookup(x=0.5)
    assert str(refused.value) == (
        "x = 0.5: not interpolated between its values (0.0, 1.0, 2.0): "
        "with a value left out v is off by 5 V, allowed is 0.5 % of the largest value"
    )
    with pytest.raises(OutsideGridError, match=r"outside the grid \(0\.0\.\.2\.0\); bitline never extrapolates"):
        lut.lookup(x=2.5)


def test_a_table_that_may_be_interpolated_answers_where_another_may_not() -> None:
    tables = marked({"bent": table([0.0, 5.0, 0.0]), "flat": table([1.0, 2.0, 3.0]).rename(v="w")}, None)
    found = Lut("two", "k", tables, {}).lookup(x=0.5)
    assert dict(found) == {"w": 1.5}
    assert "not interpolated" in found.left_out["bent"]


def test_marking_again_changes_nothing() -> None:
    once = marked({"t": table([0.0, 5.0, 0.0], w=[0.0, 1.0, 2.0])}, None)
    again = marked(once, None)["t"]
    assert all(again[name].attrs == once["t"][name].attrs for name in ("x", "v", "w"))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_every_variable_of_a_shipped_table_predicts_its_values_or_is_marked(folder: Path) -> None:
    lut = Lut.load(folder)
    for name, shipped in lut.tables.items():
        for axis in (str(dim) for dim in shipped.dims if shipped[dim].dtype.kind in "if" and shipped.sizes[dim] > 1):
            assert shipped[axis].attrs["interpolation"] in ("linear", "none"), (name, axis)
            for variable, array in shipped.data_vars.items():
                if array.dtype.kind == "f" and axis not in refusals(array, shipped.coords):
                    scale = scale_of(array, lut.tables, lut.operation)
                    assert scale.limit in (LSB_LIMIT, RELATIVE_LIMIT)
                    excess = left_out(array, axis) / (scale.limit * scale.size)
                    assert not (excess > 1).any(), f"{name}: {variable} along {axis}"


def test_the_line_of_the_charge_summing_column_is_not_interpolated_over_its_supply() -> None:
    lut = Lut.load(content.folder("luts") / "acim-qs")
    values = r"\(1\.62, 1\.8, 1\.98\)"
    refused = rf"^v_line has no value here: vdd = 1\.7: not interpolated between its values {values}"
    with pytest.raises(OutsideGridError, match=refused):
        lut.lookup(corner="tt", vdd=1.7, temperature=27, code=12)["v_line"]
