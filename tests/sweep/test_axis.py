from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.sweep.axis import LinearAxis, ListAxis, LogAxis, parse_axis


def values(form: Any) -> tuple[Any, ...]:
    axis = parse_axis("x", form)
    assert len(axis) == len(axis.values)
    return axis.values


def test_steps_are_the_decimals_a_person_would_write() -> None:
    tenths = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert values({"start": 0.0, "stop": 1.0, "step": 0.1}) == tenths
    assert values({"start": 0.0, "stop": 1.0, "count": 11}) == tenths
    assert values({"start": 1.62, "stop": 1.98, "step": 0.18}) == (1.62, 1.8, 1.98)
    assert values({"start": 1e-9, "stop": 3e-9, "step": 1e-9}) == (1e-9, 2e-9, 3e-9)


def test_whole_ends_give_integers_where_all_values_are_whole() -> None:
    codes = values({"start": 0, "stop": 16, "step": 4})
    assert codes == (0, 4, 8, 12, 16)
    assert all(type(code) is int for code in codes)
    rows = values({"start": 16, "stop": 256, "count": 5, "scale": "log"})
    assert rows == (16, 32, 64, 128, 256)
    assert all(type(row) is int for row in rows)
    assert values({"start": 0, "stop": 1, "count": 3}) == (0.0, 0.5, 1.0)
    assert all(type(value) is float for value in values({"start": 0.0, "stop": 2.0, "step": 1.0}))


def test_log_axis_has_its_ends_and_a_constant_ratio() -> None:
    made = values({"start": 1e-15, "stop": 3e-12, "count": 7, "scale": "log"})
    assert (made[0], made[-1]) == (1e-15, 3e-12)
    ratios = np.array(made[1:]) / np.array(made[:-1])
    assert ratios == pytest.approx(3000 ** (1 / 6), rel=1e-11)


def test_lists_and_single_values() -> None:
    assert values([1.62, 1.8, 1.98]) == (1.62, 1.8, 1.98)
    assert values(["tt", "ss"]) == ("tt", "ss")
    assert values(27) == (27,)
    assert values("tt") == ("tt",)
    assert values(range(3)) == (0, 1, 2)
    plain = values(np.array([1, 2]))
    assert plain == (1, 2)
    assert all(type(value) is int for value in plain)
    assert [type(value) for value in values([Corner.ss])] == [str]
    made = ListAxis(values=(1, 2))
    assert parse_axis("x", made) is made


def test_the_form_decides_the_type() -> None:
    assert isinstance(parse_axis("x", [1]), ListAxis)
    assert isinstance(parse_axis("x", {"start": 0, "stop": 1, "step": 1}), LinearAxis)
    assert isinstance(parse_axis("x", {"start": 1, "stop": 2, "count": 3, "scale": "linear"}), LinearAxis)
    assert isinstance(parse_axis("x", {"start": 1, "stop": 2, "count": 3, "scale": "log"}), LogAxis)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ([], "axis x: values = .*at least 1"),
        ([1.8, 1.8], "axis x = .*each value may be listed once"),
        ([math.nan], "axis x: values.0 = nan: .*finite"),
        ([math.inf], "axis x: values.0 = inf: .*finite"),
        ([[1]], r"axis x: values.0 = \[1\]: .*number, text or true/false"),
        ({"start": 0, "stop": 1}, "axis x = .*either step or count"),
        ({"start": 0, "stop": 1, "step": 1, "count": 2}, "axis x = .*either step or count"),
        ({"start": 0, "step": 1}, "axis x: stop is missing"),
        ({"start": 1, "stop": 0, "step": 1}, "axis x = .*start must be below stop"),
        ({"start": 0, "stop": 1, "step": 0}, "axis x = .*step must be above 0"),
        ({"start": 0, "stop": 1, "step": -1}, "axis x = .*step must be above 0"),
        ({"start": 0, "stop": 1, "step": 0.3}, r"axis x = .*stop must be start \+ n \* step"),
        ({"start": 0, "stop": 1, "step": 1e-9}, "axis x = .*below 100000"),
        ({"start": 0, "stop": 1, "count": 10**9}, "axis x: count = .*<= 100000"),
        ({"start": 0, "stop": 1, "count": 1}, "axis x: count = 1: .*must be >= 2"),
        ({"start": 0, "stop": 1, "count": 2.0}, "axis x: count = 2.0: .*integer"),
        ({"start": "0", "stop": 1, "step": 1}, "axis x: start = '0': .*number"),
        ({"start": math.nan, "stop": 1, "step": 1}, "axis x: start = nan: .*finite"),
        ({"start": True, "stop": 1, "step": 1}, "axis x: start = True: .*number"),
        ({"start": 0, "stop": 1, "count": 3, "scale": "log"}, "axis x: start = 0: .*must be > 0"),
        ({"start": 1, "stop": 2, "step": 1, "scale": "log"}, "axis x: a log axis takes count"),
        ({"start": 1, "stop": 2, "count": 2, "scale": "cubic"}, "axis x: scale = 'cubic': must be linear or log"),
    ],
)
def test_a_wrong_form_is_one_line(form: Any, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        parse_axis("x", form)
    assert "\n" not in str(caught.value)


def test_a_typo_suggests_the_key() -> None:
    with pytest.raises(UnknownNameError, match="key 'cuont' of axis vdd; did you mean 'count'"):
        parse_axis("vdd", {"start": 0, "stop": 1, "cuont": 1})


@given(st.integers(-1000, 1000), st.integers(1, 500), st.integers(0, 9), st.integers(1, 300))
def test_every_linear_value_is_the_float_nearest_to_its_decimal(start: int, step: int, places: int, count: int) -> None:
    unit = Decimal(1).scaleb(-places)
    exact = [(start + i * step) * unit for i in range(count + 1)]
    first, last, between = float(exact[0]), float(exact[-1]), float(step * unit)
    wanted = tuple(float(value) for value in exact)
    assert values({"start": first, "stop": last, "step": between}) == wanted
    assert values({"start": first, "stop": last, "count": count + 1}) == wanted
