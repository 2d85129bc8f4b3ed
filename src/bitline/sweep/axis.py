"""Axis: the values one name takes in a sweep.

    ListAxis      [1.62, 1.8, 1.98]                                as listed
    LinearAxis    {start = 0, stop = 16, step = 1}                 both ends included
                  {start = 0, stop = 1, count = 11}
    LogAxis       {start = 16, stop = 256, count = 5, scale = "log"}
    AdaptiveAxis  {start = 1.2, stop = 1.98, adaptive = {tolerance = 1e-3}}    values are added; see `adaptive`

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
_KEYS = ("start", "stop", "step", "count", "scale", "adaptive")
# Values of the first round where neither their number nor their step is given: what lies between two is not seen.
_FIRST_COUNT = 9
# An interval of an adaptive axis is at least this share of it: at a jump no interval would ever be narrow enough.
FINEST = 2**-12


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


def _listed(names: Any) -> Any:
    """Return one name as a list of one; pydantic judges the rest."""
    if isinstance(names, str):
        return [names]
    return names


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


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


class Adaptive(_Axis):
    """How well an axis is to be resolved.

    Parameters
    ----------
    tolerance : float
        Largest error of a look-up between two values, as a share of the output's span over the table.
    outputs : tuple of str
        The outputs that are to be that well known; where none is named, all of the benches that sweep the axis.
    most : int
        Values that the axis has at most.
    """

    tolerance: float = Field(gt=0, lt=1)
    outputs: Names = ()
    most: int = Field(default=65, ge=3, le=MOST_VALUES, strict=True)


class AdaptiveAxis(_Axis):
    """An axis whose values are added where look-ups would be off; `first` has those of the first round."""

    first: LinearAxis | LogAxis
    adaptive: Adaptive

    @model_validator(mode="after")
    def _room(self) -> Self:
        if len(self.first) < 3:
            raise ValueError("adaptive: the first round needs 3 values or more, for of two neither can be predicted")
        if len(self.first) > self.adaptive.most:
            raise ValueError(f"adaptive: most must be at least the {len(self.first)} values of the first round")
        return self

    def __len__(self) -> int:
        return len(self.first)

    @property
    def values(self) -> tuple[int | float, ...]:
        """The values of the first round."""
        return self.first.values

    def between(self, low: float, high: float) -> int | float | None:
        """Return the value half-way between two (of a log axis: by the same factor), None where there is none.

        It is none where the two halves would be narrower than `FINEST`, or no whole number lies between two.
        """
        if self._share(low, high) < 2 * FINEST:
            return None
        middle = (_fraction(low) + _fraction(high)) / 2
        if self.first.scale == "log":
            # The digits are those of a log axis, for the same reason.
            middle = _fraction(float(f"{math.sqrt(low * high):.12g}"))
        if all(isinstance(value, int) for value in self.values):
            whole = round(middle)
            return whole if low < whole < high else None
        return float(middle)

    def _share(self, low: float, high: float) -> float:
        """Return how much of the axis lies between two values."""
        first, last = self.values[0], self.values[-1]
        if self.first.scale == "log":
            return math.log(high / low) / math.log(last / first)
        return (high - low) / (last - first)


Axis = ListAxis | LinearAxis | LogAxis | AdaptiveAxis


def parse_axis(name: str, form: Any) -> Axis:
    """Return the axis that `form` writes down: a list, a table of start, stop ..., or one value.

    Raises
    ------
    UnknownNameError
        For a key of the table that is not known.
    InputError
        For a wrong value; the message begins with the axis' name.
    """
    if isinstance(form, Axis):
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
            raise UnknownNameError("key", key, _KEYS, f"of axis {name}")
    if "adaptive" in table:
        return _parse_adaptive(name, table)
    return _parse_range(name, table)


def _parse_adaptive(name: str, table: Mapping[str, Any]) -> AdaptiveAxis:
    settings = table["adaptive"]
    if not isinstance(settings, Mapping | Adaptive):
        raise InputError(f"axis {name}: adaptive = {settings!r}: must be a table, such as {{tolerance = 1e-3}}")
    if isinstance(settings, Mapping):
        for key in settings:
            if key not in Adaptive.model_fields:
                raise UnknownNameError("key", key, Adaptive.model_fields, f"of adaptive of axis {name}")
    first = {key: value for key, value in table.items() if key != "adaptive"}
    if "step" not in first:
        first.setdefault("count", _FIRST_COUNT)
    return AdaptiveAxis(first=_parse_range(name, first), adaptive=Adaptive.model_validate(settings))


def _parse_range(name: str, table: Mapping[str, Any]) -> LinearAxis | LogAxis:
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
