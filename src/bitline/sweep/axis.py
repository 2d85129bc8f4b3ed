"""Axis: the values one name takes in a sweep.

    ListAxis      [1.62, 1.8, 1.98]                                as listed
    LinearAxis    {start = 0, stop = 16, step = 1}                 both ends included
                  {start = 0, stop = 1, count = 11}
    LogAxis       {start = 16, stop = 256, count = 5, scale = "log"}

Values are the floats nearest to the exact decimals: steps of 0.1 give 0.3, never
0.30000000000000004. Ends written as integers give integers where all values are whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bitline.errors import InputError, UnknownNameError, input_error
from bitline.parameters import plain

Value = int | float | str | bool

# An axis with more values is a mistake, such as a step in the wrong unit, and would fill the memory.
MOST_VALUES = 100_000
_KEYS = ("start", "stop", "step", "count", "scale")


def scalar(value: Any) -> Any:
    """Return `value` as a plain finite number, text or bool; raise `ValueError` otherwise."""
    value = plain(value)
    if isinstance(value, str):
        return str(value)
    if not isinstance(value, int | float):
        raise ValueError("must be a number, text or true/false")  # noqa: TRY004 - pydantic wants ValueError
    # TOML can write nan and inf. A NaN equals nothing, so no look-up would ever reach its point.
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _number(value: Any) -> Any:
    value = scalar(value)
    # Python counts True as an integer; as the end of a range it can only be a mistake.
    if isinstance(value, str | bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic wants ValueError
    return value


Scalar = Annotated[Any, BeforeValidator(scalar)]
Number = Annotated[Any, BeforeValidator(_number)]


class _Axis(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListAxis(_Axis):
    """The values as listed, in that order."""

    values: tuple[Scalar, ...] = Field(min_length=1, max_length=MOST_VALUES)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        # A value that stands twice would give one grid point two rows, and look-up can return only one of them.
        if len(set(self.values)) < len(self.values):
            raise ValueError("each value may be listed once")
        return self

    def __len__(self) -> int:
        return len(self.values)


class _RangeAxis(_Axis):
    start: Number
    stop: Number

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.start < self.stop:
            raise ValueError("start must be below stop")
        return self

    def _exact(self, values: list[Fraction]) -> tuple[int | float, ...]:
        # Codes and counts stay integers, because a parameter that is an integer refuses 4.0.
        whole = isinstance(self.start, int) and isinstance(self.stop, int)
        if whole and all(value.denominator == 1 for value in values):
            return tuple(int(value) for value in values)
        return tuple(float(value) for value in values)


class LinearAxis(_RangeAxis):
    """Equal steps from `start` to `stop`, both included; give either `step` or `count`."""

    step: Number | None = None
    count: int | None = Field(default=None, ge=2, le=MOST_VALUES, strict=True)
    scale: Literal["linear"] = "linear"

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if (self.step is None) == (self.count is None):
            raise ValueError("give either step or count")
        if self.step is not None:
            if self.step <= 0:
                raise ValueError("step must be above 0")
            # The arithmetic is exact because in floats 0.3 is no multiple of 0.1.
            steps = (_fraction(self.stop) - _fraction(self.start)) / _fraction(self.step)
            if steps.denominator != 1 or steps >= MOST_VALUES:
                raise ValueError(f"stop must be start + n * step with n below {MOST_VALUES}")
        return self

    def __len__(self) -> int:
        if self.step is None:
            return int(self.count or 0)
        return int((_fraction(self.stop) - _fraction(self.start)) / _fraction(self.step)) + 1

    @cached_property
    def values(self) -> tuple[int | float, ...]:
        """The values, exact to the last bit."""
        first, last, steps = _fraction(self.start), _fraction(self.stop), len(self) - 1
        # Each value is computed from the ends and not from its neighbour, so that rounding does not add up.
        return self._exact([first + (last - first) * i / steps for i in range(steps + 1)])


class LogAxis(_RangeAxis):
    """`count` values from `start` to `stop`, both included, each the same factor above the last."""

    start: Annotated[Number, Field(gt=0)]
    count: int = Field(ge=2, le=MOST_VALUES, strict=True)
    scale: Literal["log"] = "log"

    def __len__(self) -> int:
        return self.count

    @cached_property
    def values(self) -> tuple[int | float, ...]:
        """The values, those between the ends rounded to 12 significant digits."""
        ratio, steps = self.stop / self.start, self.count - 1
        # C libraries differ in the last bit of a power, and a LUT must have the same axes on every machine.
        inner = [float(f"{self.start * ratio ** (i / steps):.12g}") for i in range(1, steps)]
        return self._exact([_fraction(value) for value in (self.start, *inner, self.stop)])


Axis = ListAxis | LinearAxis | LogAxis


def parse_axis(name: str, form: Any) -> Axis:
    """Return the axis that `form` writes down: a list, a table of start, stop ..., or one value.

    Raises
    ------
    UnknownNameError
        For a key of the table that is not known.
    InputError
        For a wrong value; the message begins with the axis' name.
    """
    if isinstance(form, ListAxis | LinearAxis | LogAxis):
        return form
    try:
        if isinstance(form, Mapping):
            return _parse_table(name, form)
        # The lines below would take a NumPy array or a pandas column for a single value.
        if hasattr(form, "tolist"):
            form = form.tolist()
        if not isinstance(form, list | tuple | range):
            form = (form,)
        return ListAxis(values=tuple(form))
    except ValidationError as error:
        raise input_error(f"axis {name}", error) from None


def _parse_table(name: str, table: Mapping[str, Any]) -> Axis:
    for key in table:
        if key not in _KEYS:
            raise UnknownNameError(f"key of axis {name}", key, _KEYS)
    scale = table.get("scale", "linear")
    if scale == "linear":
        return LinearAxis(**table)
    if scale != "log":
        raise InputError(f"axis {name}: scale = {scale!r}: must be linear or log")
    if "step" in table:
        raise InputError(f"axis {name}: a log axis takes count, not step")
    return LogAxis(**table)


def _fraction(value: float) -> Fraction:
    """Return the decimal a person would write for this float, as an exact fraction."""
    # For 0.1 this is one tenth; Fraction(0.1) is the binary float, which is a little more.
    return Fraction(repr(value))
