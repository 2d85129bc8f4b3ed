from __future__ import annotations

import math
from typing import ClassVar, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.cli.assignments import split
from bitline.cli.settings import choose, default_bench, typed
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import describe_all, parameter, validated
from bitline.pdk.corner import Corner


@validated
class Odd(Circuit):
    name: ClassVar[str] = "odd"
    template: ClassVar[str] = "odd"

    word: str = parameter("a", "a word", source="choice")
    flag: bool = parameter(False, "a flag", source="choice")
    choice: Literal["x", "y"] = parameter("x", "a choice", source="choice")
    corner: Corner = parameter(Corner.tt, "an enum", source="choice", strict=False)
    sizes: tuple[float, ...] = parameter((1.0,), "a tuple", source="choice")


def test_circuit_parameters_nested_ones_and_bench_inputs_are_set() -> None:
    chosen = choose("acim-column-qs", "transfer", ["rows=32", "t_pulse=2e-10", "cell.c_wl=1e-15", "code=3"])
    assert isinstance(chosen.circuit, AcimColumnQS)
    assert (chosen.circuit.rows, chosen.circuit.t_pulse, chosen.circuit.cell.c_wl) == (32, 2e-10, 1e-15)
    assert chosen.inputs.code == 3
    assert chosen.circuit.cell.replace(c_wl=AcimColumnQS().cell.c_wl) == AcimColumnQS().cell


def test_nothing_set_is_the_default() -> None:
    assert choose("acim-column-qs", None, []).circuit == AcimColumnQS()


def test_an_integer_will_do_where_a_real_number_belongs() -> None:
    assert choose("acim-column-qs", None, ["v_wl=1"]).circuit == AcimColumnQS(v_wl=1.0)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("row=3", ["'row'", "did you mean 'rows'"]),
        ("cell.w_pas=1e-7", ["'cell.w_pas'", "did you mean 'cell.w_pass'"]),
        ("cod=3", ["'cod'", "did you mean 'code'"]),
        ("rows=many", ["rows", "'many'", "an integer"]),
        ("rows=16.0", ["rows", "'16.0'", "an integer"]),
        ("rows=1_6", ["rows", "'1_6'", "an integer"]),
        ("t_pulse=٣e-10", ["t_pulse", "'٣e-10'", "without suffix"]),
        ("rows=0", ["rows", "0", "must be >= 1"]),
        ("t_pulse=0.3n", ["t_pulse", "'0.3n'", "without suffix"]),
        ("t_pulse=nan", ["t_pulse", "nan", "finite"]),
        ("t_pulse=-inf", ["t_pulse", "-inf", "finite"]),
        ("t_pulse=1", ["t_pulse", "1.0", "must be <="]),
        ("active=65", ["active", "65", "rows = 64"]),
        ("code=-1", ["code", "-1", "must be >= 0"]),
        ("cell=1", ["cell", "cell.w_pass"]),
        ("vdd=1.7", ["vdd", "--vdd"]),
        ("corner=ss", ["corner", "--corner"]),
        ("rows", ["'rows'", "NAME=VALUE"]),
        ("rows=", ["'rows='", "NAME=VALUE"]),
        ("=3", ["'=3'", "NAME=VALUE"]),
    ],
)
def test_a_wrong_setting_names_field_value_and_what_is_allowed(setting: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        choose("acim-column-qs", "transfer", [setting])
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_input_without_its_bench_says_which_bench() -> None:
    with pytest.raises(InputError, match="add --bench transfer"):
        choose("acim-column-qs", None, ["code=1"])


def test_unknown_circuit_and_bench_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'acim-column-qs'"):
        choose("acim-colum-qs", None, [])
    with pytest.raises(UnknownNameError, match="did you mean 'transfer'"):
        choose("acim-column-qs", "transfr", [])


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="rows: given twice"):
        split(["rows=1", "rows=2"], "--set")


def test_a_circuit_without_a_bench_says_which_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.cli.settings.circuit_class", lambda name: Odd)
    with pytest.raises(InputError, match=r"odd has no bench.*acim-column-qs \(transfer, noise\)"):
        default_bench("odd")


def test_parameters_have_dotted_names_and_the_instance_s_values() -> None:
    found = {info.name: info for info in describe_all(AcimColumnQS(rows=32))}
    assert found["rows"].default == 32
    assert found["cell.w_pass"].default == AcimColumnQS().cell.w_pass
    assert found["cell.w_pass"].unit == "m"
    assert "cell" not in found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("word", "abc-1.5", "abc-1.5"), ("flag", "True", True), ("flag", "no", False), ("choice", "y", "y")],
)
def test_words_flags_and_choices(name: str, text: str, value: object) -> None:
    assert typed(Odd, name, text) == value


def test_an_enum_is_read_by_value() -> None:
    assert typed(Odd, "corner", "ss") is Corner.ss


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("word", ".control"),
        ("word", "a b"),
        ("word", "a\n.control"),
        ("word", "$(x)"),
        ("flag", "maybe"),
        ("choice", "z"),
        ("corner", "tx"),
        ("sizes", "1"),
    ],
)
def test_text_that_is_no_word_or_no_choice_is_refused(name: str, text: str) -> None:
    with pytest.raises(InputError, match=name):
        typed(Odd, name, text)


@settings(max_examples=50)
@given(st.text())
def test_whatever_is_typed_becomes_a_finite_number_in_range_or_an_input_error(text: str) -> None:
    try:
        chosen = choose("acim-column-qs", None, [f"t_pulse={text}"])
    except InputError as error:
        assert "\n" not in str(error)
    else:
        value = chosen.circuit.t_pulse  # type: ignore[attr-defined]
        assert isinstance(value, float)
        assert math.isfinite(value)
        assert 0 < value <= 1e-6


@settings(max_examples=50)
@given(st.floats(min_value=1e-12, max_value=1e-6))
def test_a_number_is_read_to_its_last_bit(value: float) -> None:
    assert choose("acim-column-qs", None, [f"t_pulse={value!r}"]).circuit == AcimColumnQS(t_pulse=value)
