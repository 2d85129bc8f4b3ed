from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from bitline.errors import InputError, UnknownNameError
from bitline.export.options import offered, read, takes_condition


def write(
    lut: Any, folder: Any, *, condition: Any = None, area: float = 0.0, line: Literal["a", "b"] = "a"
) -> None: ...


def whole(lut: Any, folder: Any) -> None: ...


def test_text_becomes_the_declared_type() -> None:
    assert read("made", write, {"area": "1.5e-9", "line": "b"}) == {"area": 1.5e-9, "line": "b"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"are": "1"}, UnknownNameError, "unknown option 'are' of made; did you mean 'area'"),
        ({"condition": "tt"}, UnknownNameError, "unknown option 'condition' of made"),
        ({"area": "wide"}, InputError, "made: area = 'wide': must be a number"),
        ({"line": "c"}, InputError, "made: line = 'c': must be 'a' or 'b'"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read("made", write, given)


def test_whether_a_format_holds_one_condition() -> None:
    assert takes_condition(write)
    assert not takes_condition(whole)


def test_an_annotation_for_type_checkers_alone_does_no_harm() -> None:
    """A plug-in imports `Lut` where only type checkers read it, to start fast."""

    def write(lut: Undefined, folder: Path, *, digits: int = 3, free=None) -> list[Path]:  # type: ignore[name-defined, no-untyped-def] # noqa: F821, ANN001
        return []

    assert offered(write) == {"digits": int, "free": Any}
