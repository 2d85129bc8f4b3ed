from __future__ import annotations

import pickle
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bitline import errors
from bitline.errors import (
    BitlineError,
    InputError,
    NoConvergenceError,
    PdkMissingError,
    SetupError,
    SimulationError,
    UnknownNameError,
    attach_point,
    input_error,
)

CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, BitlineError)]


def make(cls: type[BitlineError]) -> BitlineError:
    return UnknownNameError("corner", "st", ["tt", "ss"]) if cls is UnknownNameError else cls("no good")


@pytest.mark.parametrize("cls", CLASSES)
def test_exit_code_follows_the_branch(cls: type[BitlineError]) -> None:
    expected = {InputError: 2, SetupError: 3, SimulationError: 1}
    branch = [code for base, code in expected.items() if issubclass(cls, base)]
    assert [cls.exit_code] == (branch or [1])


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_is_in_the_tree_of_the_module_docstring(cls: type[BitlineError]) -> None:
    assert f" {cls.__name__}" in f" {errors.__doc__}"


@pytest.mark.parametrize("cls", CLASSES)
def test_messages_are_one_line(cls: type[BitlineError]) -> None:
    assert "\n" not in str(make(cls))


def test_message_is_joined_into_one_line() -> None:
    assert str(InputError("rows = 0:\n   at least 1")) == "rows = 0: at least 1"


def test_statuses_of_simulation_errors_are_those_of_a_point() -> None:
    statuses = {cls.status for cls in CLASSES if issubclass(cls, SimulationError)}
    assert statuses == {"timeout", "no_convergence", "bad_measure", "refused", "crashed"}


def test_unknown_name_suggests_the_nearest() -> None:
    message = str(UnknownNameError("circuit", "qs-colum", ["qs-column", "qr-column"]))
    assert message == "unknown circuit 'qs-colum'; did you mean 'qs-column'? (known: qr-column, qs-column)"


def test_unknown_name_suggests_nothing_far_off() -> None:
    assert str(UnknownNameError("corner", "zz", [])) == "unknown corner 'zz' (known: none)"


def test_attach_point_names_the_point_once() -> None:
    with pytest.raises(NoConvergenceError) as caught, attach_point("outer"), attach_point("code=3"):
        raise NoConvergenceError("no rung of the ladder converged", log="singular matrix")
    assert str(caught.value) == "no rung of the ladder converged [at code=3]"
    assert caught.value.log == "singular matrix"


def test_attach_point_leaves_other_errors_alone() -> None:
    with pytest.raises(ZeroDivisionError), attach_point("code=3"):
        _ = 1 / 0


@pytest.mark.parametrize("error", [PdkMissingError("run: install"), NoConvergenceError("no", log="why")])
def test_errors_cross_process_borders(error: BitlineError) -> None:
    error.point = "code=3"
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    rows: int = Field(ge=1)
    pulse: float = 1e-9


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Column: rows is missing"),
        ({"rows": 0}, "Column: rows = 0: must be >= 1"),
        ({"rows": 1, "row": 2}, "Column: unknown field 'row'"),
        ({"rows": 1, "pulse": "1n"}, "Column: pulse = '1n': must be a number, without quotes, suffix or unit"),
        ({"rows": 1, "pulse": float("nan")}, "Column: pulse = nan: must be a finite number"),
    ],
)
def test_input_error_names_field_value_and_what_is_allowed(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(values)
    assert str(input_error("Column", caught.value)) == message


def test_a_number_that_is_refused_is_shown_with_its_unit() -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"rows": 0, "pulse": "0.1"})
    error = input_error("Column", caught.value, {"rows": "cells", "pulse": "s"})
    assert str(error).startswith("Column: rows = 0 cells: must be >= 1; Column: pulse = '0.1': must be")


def _refuse(value: float) -> float:
    raise ValueError("start must be below stop")


def test_a_report_on_the_whole_names_its_owner_once() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Annotated[float, AfterValidator(_refuse)]).validate_python(0.5)
    assert str(input_error("axis vdd", caught.value)) == "axis vdd = 0.5: start must be below stop"


@pytest.mark.parametrize(
    ("kind", "where", "beginning"),
    [
        ("circuit", "", "unknown circuit 'reed'; did you mean 'read'?"),
        ("bench", "of split-port-6t", "unknown bench 'reed' of split-port-6t; did you mean 'read'?"),
        ("field", "in [devices] of own.toml", "unknown field 'reed' in [devices] of own.toml; did you mean 'read'?"),
    ],
)
def test_a_name_stands_beside_what_it_should_be(kind: str, where: str, beginning: str) -> None:
    assert str(UnknownNameError(kind, "reed", ["read"], where)).startswith(beginning)


def test_input_error_names_every_wrong_field() -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"rows": -1, "pulse": "long"})
    assert str(input_error("Column", caught.value)).count("; ") == 1
