"""Numbers as a user writes them: in ASCII digits, finite, and nothing that only Python takes for a number."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.cli.app import command
from bitline.numbers import cell, integer, real

NO_NUMBER = ["", " ", "1_0", "1 ", "٣", "0x10", "1e", "e5", ".", "1,5", "1.0f", "True", "--1", "1e5.0", "+-1"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back(value: float) -> None:
    assert real(repr(value)) == cell(repr(value)) == value


@given(st.integers())
def test_an_integer_comes_back(value: int) -> None:
    assert integer(str(value)) == value


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number(text: str) -> None:
    for read in (real, cell, integer):
        with pytest.raises(ValueError, match="is not"):
            read(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_only_a_table_holds_what_is_not_finite(text: str) -> None:
    assert repr(cell(text)) == text
    with pytest.raises(ValueError, match=text):
        real(text)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN", "Infinity", "+inf"])
def test_what_is_written_otherwise_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        cell(text)


def test_forms_that_are_read() -> None:
    assert [real(text) for text in ("1", "+1.", ".5", "-1e-9", "1E3")] == [1.0, 1.0, 0.5, -1e-9, 1e3]
    assert math.isclose(integer("-12"), -12)


def options(group: Any) -> list[Any]:
    inner = getattr(group, "commands", {})
    return [option for name in inner for option in options(inner[name])] + list(group.params)


def test_every_number_on_the_command_line_goes_through_here() -> None:
    declared = [option.type_descriptor for option in options(command()) if hasattr(option, "type_descriptor")]
    numbers = [d.parameter_info for d in declared if d.annotation in (int, float)]
    assert len(numbers) > 10
    # typer's own reader takes 1_0 and the digits of every script
    assert [info for info in numbers if info.parser is None] == []
