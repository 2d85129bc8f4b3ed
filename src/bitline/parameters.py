"""Parameters: frozen dataclasses whose fields carry default, unit, bounds, a line of prose and the source."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as _pydantic_dataclass

from bitline.errors import InputError, UnknownNameError, input_error

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
# Between the values of a parameter that takes but a few.
_OR = " | "
T = TypeVar("T")

Source = Literal["paper", "transcribed", "foundry", "measured", "assumed", "choice"]
"""How well a parameter's default is known.

- ``paper``: a publication states it.
- ``transcribed``: a third party copied it from a publication that could not be read.
- ``foundry``: it is the process's own, from its models, netlists or layouts.
- ``measured``: a simulation of bitline's own gave it.
- ``assumed``: it is believed, and no source gives it.
- ``choice``: it is a design decision.
"""


def parameter(default: Any, doc: str, *, source: Source, unit: str = "", **bounds: Any) -> Any:
    """Declare one parameter of a `validated` class.

    Parameters
    ----------
    default : Any
    doc : str
        One phrase that reads on its own.
    source : Source
        Where the default comes from.
    unit : str
        SI unit of the value; none for a count, a ratio or a word.
    **bounds
        Limits as pydantic names them: ``ge``, ``gt``, ``le``, ``lt``.
    """
    return Field(default=default, description=doc, json_schema_extra={"unit": unit, "source": source}, **bounds)


@dataclass_transform(frozen_default=True)
def validated(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass with strict types and bounds.

    A wrong value raises one `InputError` that names each wrong field; an unknown field
    raises `UnknownNameError` with the nearest name. Text must be a plain word, whatever the field
    allows, because it may be written into a deck.
    """
    model: Any = _pydantic_dataclass(frozen=True, config=_STRICT)(cls)
    checked_init = model.__init__

    @functools.wraps(checked_init)
    def init(self: Any, *args: Any, **values: Any) -> None:
        known = [f.name for f in dataclasses.fields(model)]
        # An unknown name first, with the nearest one; pydantic would only say that it is unexpected.
        for name in values:
            if name not in known:
                raise UnknownNameError("parameter", name, known, f"of {model.__name__}")
        try:
            checked_init(self, *map(plain, args), **{name: plain(value) for name, value in values.items()})
        except ValidationError as error:
            units = {info.name: info.unit for info in describe(model)}
            raise input_error(model.__name__, error, units) from None
        for name in known:
            value = getattr(self, name)
            if isinstance(value, str) and not _WORD.fullmatch(value):
                raise InputError(f"{model.__name__}: {name} = {value!r}: must be a plain word")

    model.__init__ = init
    return model  # type: ignore[no-any-return]


def plain(value: Any) -> Any:
    """Return a NumPy scalar as the Python number that it holds, anything else as it is."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def finite_number(name: str, value: Any) -> float:
    """Return a finite number as Python's own float; raises `InputError` for anything else."""
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise InputError(f"{name} = {value!r}: must be a finite number")
    return float(number)


def whole_number(name: str, value: Any, least: int) -> int:
    """Return an integer of `least` or more as Python's own; raises `InputError` for anything else."""
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise InputError(f"{name} = {value!r}: must be an integer of {least} or more")
    return number


@dataclasses.dataclass(frozen=True)
class ParameterInfo:
    """Everything known about one parameter; `list`, `--help`, errors, tables and docs show it.

    Parameters
    ----------
    name : str
    default : Any
    unit, doc : str
    allowed : str
        Type or words, and limits: ``"number, > 0, <= 5"``.
    source : Source
        Where the default comes from.
    """

    name: str
    default: Any
    unit: str
    doc: str
    allowed: str
    source: Source

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a parameter that takes but a few, as text; none of any other."""
        values = tuple(self.allowed.split(_OR))
        return values if len(values) > 1 else ()


def describe(cls: type) -> tuple[ParameterInfo, ...]:
    """Describe every parameter of a `validated` class."""
    return _describe_class(cls)


# A table asks for the unit of every axis, and a class does not change.
@functools.cache
def _describe_class(cls: type) -> tuple[ParameterInfo, ...]:
    properties = TypeAdapter(cls).json_schema().get("properties", {})
    return tuple(_describe(f.name, properties[f.name]) for f in dataclasses.fields(cls))


_LIMITS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def _describe(name: str, schema: dict[str, Any]) -> ParameterInfo:
    values = schema.get("type", "value")
    if "enum" in schema:
        values = _OR.join(map(str, schema["enum"]))
    limits = [f"{sign} {schema[key]:g}" for key, sign in _LIMITS.items() if key in schema]
    return ParameterInfo(
        name,
        schema.get("default"),
        schema.get("unit", ""),
        schema.get("description", ""),
        ", ".join([values, *limits]),
        schema.get("source", "choice"),
    )


def describe_all(owner: Any, prefix: str = "") -> Iterator[ParameterInfo]:
    """Describe every parameter of an instance, those of circuits and devices inside it by dotted names.

    Parameters
    ----------
    owner : Any
        Instance of a `validated` class; `default` of each answer is this instance's value.
    prefix : str
        Stands before every name.
    """
    for info in describe(type(owner)):
        value = getattr(owner, info.name)
        if isinstance(value, Parameters):
            yield from describe_all(value, f"{prefix}{info.name}.")
        else:
            yield dataclasses.replace(info, name=f"{prefix}{info.name}", default=value)


@validated
class Parameters:
    """A checked set of parameters: of a circuit, or of a device inside one."""

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Raise `InputError` if parameters contradict one another."""

    def replace(self, **values: Any) -> Self:
        """Return a copy with some parameters changed, validated again."""
        now = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return type(self)(**{**now, **values})


P = TypeVar("P", bound=Parameters)


def field_names(owner: Any) -> tuple[str, ...]:
    """Return the field names of a dataclass or an instance of one."""
    return tuple(f.name for f in dataclasses.fields(owner))


def parameter_paths(owner: Parameters) -> dict[str, tuple[str, ...]]:
    """Return the path of field names to each parameter, by every name of that parameter.

    A parameter of a circuit or device inside `owner` has its dotted name and, unless another parameter shares it,
    its own name: ``cluster.reram.sigma_lnr`` and ``sigma_lnr``.
    """
    paths = dict(_paths(owner))
    last_names = [path[-1] for path in paths.values()]
    unshared = {path[-1]: path for path in paths.values() if last_names.count(path[-1]) == 1}
    return unshared | paths


def _paths(owner: Parameters) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in field_names(owner):
        inner = getattr(owner, name)
        yield name, (name,)
        if isinstance(inner, Parameters):
            for dotted, path in _paths(inner):
                yield f"{name}.{dotted}", (name, *path)


def assemble(base: P, parameters: Mapping[str, Any]) -> P:
    """Return `base` with some parameters changed, by the names of `parameter_paths`.

    A table in place of a circuit or device inside it changes that one's parameters.

    Raises
    ------
    InputError
        For an unknown parameter or a wrong value.
    """
    known = parameter_paths(base)
    values: dict[str, Any] = {name: getattr(base, name) for name in field_names(base)}
    for name, value in parameters.items():
        head, *rest = known.get(name, (name,))
        inner = values.get(head)
        if isinstance(inner, Parameters) and rest:
            values[head] = assemble(inner, {".".join(rest): value})
        elif isinstance(inner, Parameters) and isinstance(value, Mapping):
            values[head] = assemble(inner, value)
        else:
            # An unknown name goes on to the class, which refuses it.
            values[head] = value
    return type(base)(**values)


def changed_parameters(circuit: Parameters) -> dict[str, Any]:
    """Return the parameters that differ from their defaults; those of circuits and devices inside it as a table."""
    return _differences(circuit, type(circuit)())


def _differences(owner: Parameters, default: Parameters) -> dict[str, Any]:
    """Return what differs from `default`: a circuit may give a device inside it other defaults than its class has."""
    changed: dict[str, Any] = {}
    for name in field_names(owner):
        value, usual = getattr(owner, name), getattr(default, name)
        if value == usual:
            continue
        if isinstance(value, Parameters) and type(value) is type(usual):
            changed[name] = _differences(value, usual)
        else:
            changed[name] = value
    return changed
