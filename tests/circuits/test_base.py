from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuit_class, circuits
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import describe, parameter, validated

ALL = list(circuits().values())


@validated
class Box(Circuit):
    name: ClassVar[str] = "box"
    template: ClassVar[str] = "box.cir.j2"

    count: int = parameter(2, "how many", source="choice", ge=1, le=8)
    width: float = parameter(1e-6, "how wide", unit="m", source="choice", gt=0, le=1e-3)


@given(st.integers(1, 8), st.floats(1e-9, 1e-3))
def test_values_inside_their_bounds_are_kept_as_they_are(count: int, width: float) -> None:
    box = Box(count=count, width=width)
    assert (box.count, box.width) == (count, width)
    assert Box().replace(count=count, width=width) == box
    assert hash(Box(count=count, width=width)) == hash(box)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"count": 0}, "count = 0"),
        ({"count": 9}, "count = 9"),
        ({"count": 2.5}, "count = 2.5"),
        ({"count": True}, "count = True"),
        ({"count": "2"}, "count = '2'"),
        ({"width": 0.0}, "width = 0.0"),
        ({"width": math.nan}, "width = nan"),
        ({"width": math.inf}, "width = inf"),
        ({"width": "1u"}, "width = '1u'"),
        ({"width": None}, "width = None"),
        ({"width": "1e-6\n.control"}, "width = "),
    ],
)
def test_a_wrong_value_is_one_line_with_field_and_value(values: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as caught:
        Box(**values)
    message = str(caught.value)
    assert message.startswith("Box: ")
    assert told in message
    assert "\n" not in message


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(InputError, match=r"count = 0.*; .*width = -1\.0"):
        Box(count=0, width=-1.0)


def test_an_unknown_field_suggests_the_near_one() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown parameter 'widht' of Box; did you mean 'width'\?"):
        Box(widht=1e-6)


def test_a_circuit_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Box().count = 9


def test_parameters_describe_themselves() -> None:
    count, width = describe(Box)
    assert (count.name, count.default, count.unit, count.doc) == ("count", 2, "", "how many")
    assert count.allowed == "integer, >= 1, <= 8"
    assert (width.unit, width.allowed) == ("m", "number, > 0, <= 0.001")


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.name)
def test_each_circuit_s_every_number_is_bounded_and_described(cls: type[Circuit]) -> None:
    cls()
    for info in describe(cls):
        default = getattr(cls(), info.name)
        if isinstance(default, int | float):
            assert isinstance(default, bool) or ">" in info.allowed
            assert isinstance(default, bool) or "<" in info.allowed
        if (
            isinstance(default, float)
            and info.unit == ""
            and not info.name.endswith(("ratio", "gamma", "position", "miller"))
        ):
            pytest.fail(f"{cls.name}.{info.name} has no unit")


def test_contradicting_parameters_are_refused() -> None:
    with pytest.raises(InputError, match=r"AcimColumnQS: active = 16: must be <= rows = 8"):
        AcimColumnQS(rows=8)


def test_replace_keeps_the_circuit_inside() -> None:
    cell = SplitPort6T(c_wl=1e-15)
    assert AcimColumnQS(cell=cell).replace(t_pulse=1e-10).cell == cell


def test_circuits_are_found_by_name() -> None:
    assert all(circuit_class(cls.name) is cls for cls in ALL)
    assert len({cls.name for cls in ALL}) == len(ALL)
    with pytest.raises(UnknownNameError, match="did you mean 'acim-column-qs'"):
        circuit_class("acim-colum-qs")
