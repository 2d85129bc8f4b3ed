"""Every error bitline raises on purpose.

    BitlineError
    ├── InputError                exit 2: a value the user gave is wrong
    │   ├── UnknownNameError      ... a name that is not in the registry (suggests the nearest)
    │   ├── NoModelError          ... a transistor of a size that the process has no model of
    │   ├── OutsideGridError      ... a LUT look-up outside its grid
    │   └── LutFileError          ... a LUT on disk that is damaged or of a newer schema
    ├── SetupError                exit 3: something this machine lacks
    │   ├── NgspiceMissingError
    │   ├── PdkMissingError
    │   ├── PdkDamagedError
    │   └── StorageError          ... a file that cannot be read or written
    ├── ExportCheckError          exit 1: a consumer reads an export otherwise than the LUT has it
    ├── ExporterError             exit 1: an exporter, most often a plug-in's, fails or returns nothing
    └── SimulationError           exit 1: a point that gave no valid result
        ├── SimulationTimeoutError
        ├── NoConvergenceError
        ├── BadMeasureError
        ├── RefusedError
        └── SimulatorCrashedError

`Stopped` is none of them: a signal ends the command.

Each message is one line that names the field, the value and what is allowed. Errors
raised while a sweep's point is being worked on carry that point (see `attach_point`).
"""

from __future__ import annotations

import difflib
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


_LISTED = 12  # names shown in one error line


class PlugInWarning(UserWarning):
    """An installed plug-in cannot be used; bitline goes on without it."""


class FailedPointsWarning(UserWarning):
    """Points of a sweep gave no result; the LUT has NaN there and counts them in ``n_failed``."""


class LutWarning(UserWarning):
    """A table of a LUT could not be made; the others are there."""


class ToleranceWarning(UserWarning):
    """An adaptive axis did not reach its tolerance; the LUT states how far it came."""


class BitlineError(Exception):
    """Base of all errors bitline raises on purpose."""

    exit_code: int = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
        self.point: object | None = None

    def __str__(self) -> str:
        message = str(self.args[0])
        return message if self.point is None else f"{message} [at {self.point}]"


class InputError(BitlineError):
    """A value the user gave is wrong."""

    exit_code = 2


class UnknownNameError(InputError):
    """A name that is not among the known ones; the nearest is suggested.

    Parameters
    ----------
    kind : str
        What the name should have been, for example ``"bench"``.
    name : str
        What was given.
    known : iterable of str
        The names that are allowed.
    where : str
        What has these names, for example ``"of acim-column-qs"``; "" where it is plain.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        allowed = sorted(known)
        name = str(name)  # the repr of an enum's member is not what was typed
        near = difflib.get_close_matches(name, allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(allowed[:_LISTED]) + (", ..." if len(allowed) > _LISTED else "")
        # The name stands beside what it should be: "unknown bench 'reed' of acim-column-qs".
        super().__init__(f"unknown {kind} {name!r}{where and f' {where}'}{hint} (known: {listed or 'none'})")
        self._arguments = (kind, name, allowed, where)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._arguments, {"point": self.point}  # errors cross process borders


class NoModelError(InputError):
    """A transistor of a size that its device has no model of.

    Parameters
    ----------
    message : str
    role : str
        The role that the device plays.
    others : sequence of str
        Roles whose devices have a model of this size.
    """

    def __init__(self, message: str, role: str = "", others: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.role, self.others = role, tuple(others)


class OutsideGridError(InputError):
    """A look-up outside a LUT's grid: bitline never extrapolates."""


class LutFileError(InputError):
    """A LUT on disk is damaged, or was written by a newer bitline."""


class SetupError(BitlineError):
    """Something this machine lacks or that is damaged on it."""

    exit_code = 3


class NgspiceMissingError(SetupError):
    """Neither ngspice nor libngspice could be used."""


class PdkMissingError(SetupError):
    """The PDK's model files are not installed."""


class PdkDamagedError(SetupError):
    """A PDK file does not have the content its checksum promises."""


class StorageError(SetupError):
    """A file or folder cannot be read or written."""


class ExportCheckError(BitlineError):
    """A consumer that loaded an export finds other numbers than the LUT has."""


class ExporterError(BitlineError):
    """An exporter fails for a reason of its own, or does not return what it must."""


class SimulationError(BitlineError):
    """A simulation that gave no valid result.

    Parameters
    ----------
    message : str
        One line.
    log : str
        The part of the simulator's log that shows why.
    """

    exit_code = 1
    status: ClassVar[str] = "crashed"

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class SimulationTimeoutError(SimulationError):
    """The simulation did not end in its time."""

    status = "timeout"


class NoConvergenceError(SimulationError):
    """Every rung of the convergence ladder failed."""

    status = "no_convergence"


class BadMeasureError(SimulationError):
    """The simulation ended, but a vector or measurement is missing or not finite."""

    status = "bad_measure"


class RefusedError(SimulationError):
    """The simulator does not accept the deck: an unknown model, device or parameter."""

    status = "refused"


class SimulatorCrashedError(SimulationError):
    """The simulator or its worker process died."""

    status = "crashed"


class Stopped(BaseException):
    """A signal ends this process; no error, so that nothing but the command line takes it for one.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        # What a shell says of a program that a signal ended.
        self.exit_code = 128 + number


@contextmanager
def attach_point(point: object) -> Iterator[None]:
    """Attach `point` to any `BitlineError` raised inside the block."""
    try:
        yield
    except BitlineError as error:
        if error.point is None:
            error.point = point
        raise


def input_error(owner: str, error: ValidationError, units: Mapping[str, str] | None = None) -> InputError:
    """Turn pydantic's report into one line: owner, field, value, what is allowed.

    Parameters
    ----------
    owner : str
        What has the fields.
    error : ValidationError
    units : mapping of str to str, optional
        Units of the fields: a width of 0.5 is plainly wrong once it reads 0.5 m.
    """
    problems = []
    for item in error.errors(include_url=False):
        field = ".".join(str(part) for part in item["loc"])
        if item["type"] in {"missing", "missing_argument"}:
            problems.append(f"{owner}: {field} is missing")
        elif item["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
            problems.append(f"{owner}: unknown field {field!r}")
        else:
            place = f"{owner}: {field}" if field else owner
            problems.append(f"{place} = {_with_unit(item['input'], (units or {}).get(field, ''))}: {allowed(item)}")
    return InputError("; ".join(problems))


def _with_unit(value: Any, unit: str) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value!r} {unit}" if number and unit else repr(value)


# Limits are written as `bitline list` writes them.
_LIMITS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", ">="),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "<="),
}
_KINDS = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "finite_number": "a finite number",
}


def allowed(item: ErrorDetails) -> str:
    """Return what is allowed in place of a value that pydantic refused."""
    kind = item["type"]
    if kind in _LIMITS:
        key, sign = _LIMITS[kind]
        return f"must be {sign} {item['ctx'][key]:g}"
    if kind in _KINDS:
        # A number in quotes, or with a suffix or unit, is what a TOML file has most often.
        quoted = isinstance(item["input"], str) and kind in {"float_type", "int_type"}
        return f"must be {_KINDS[kind]}" + (", without quotes, suffix or unit" if quoted else "")
    return item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
