"""Circuit: a frozen, validated set of parameters that a template turns into SPICE."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as _pydantic_dataclass

from bitline.errors import InputError, UnknownNameError, input_error

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
T = TypeVar("T")


def parameter(default: Any, doc: str, *, unit: str = "", **bounds: Any) -> Any:
    """Declare one parameter: default, one line of prose, unit and bounds (`ge`, `le`, ...)."""
    return Field(default=default, description=doc, json_schema_extra={"unit": unit}, **bounds)


@dataclass_transform(frozen_default=True)
def validated(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass with strict types and bounds.

    A wrong value raises one `InputError` that names each wrong field; an unknown field
    raises `UnknownNameError` with the nearest name. Text is a plain word, whatever the field
    allows: it may come to stand in a deck.
    """
    made: Any = _pydantic_dataclass(frozen=True, config=_STRICT)(cls)
    checked_init = made.__init__

    @functools.wraps(checked_init)
    def init(self: Any, *args: Any, **values: Any) -> None:
        known = [f.name for f in dataclasses.fields(made)]
        for name in values:
            if name not in known:
                raise UnknownNameError(f"parameter of {made.__name__}", name, known)
        try:
            checked_init(self, *args, **values)
        except ValidationError as error:
            raise input_error(made.__name__, error) from None
        for name in known:
            value = getattr(self, name)
            if isinstance(value, str) and not _WORD.fullmatch(value):
                raise InputError(f"{made.__name__}: {name} = {value!r}: must be a plain word")

    made.__init__ = init
    return made  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class ParameterInfo:
    """What there is to know about one parameter; feeds `list`, `--help`, errors and docs."""

    name: str
    default: Any
    unit: str
    doc: str
    allowed: str


def describe(cls: type) -> tuple[ParameterInfo, ...]:
    """Describe every parameter of a `validated` class."""
    properties = TypeAdapter(cls).json_schema().get("properties", {})
    return tuple(_describe(f.name, properties[f.name]) for f in dataclasses.fields(cls))


def _describe(name: str, schema: dict[str, Any]) -> ParameterInfo:
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    limits = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    kind = " | ".join(map(str, schema["enum"])) if "enum" in schema else schema.get("type", "value")
    return ParameterInfo(
        name,
        schema.get("default"),
        schema.get("unit", ""),
        schema.get("description", ""),
        ", ".join([kind, *limits]),
    )


@validated
class Circuit:
    """A circuit family's parameters. Sub-classes add fields and name their template.

    Attributes
    ----------
    name : str
        Kebab-case name on the command line.
    template : str
        Path below ``templates/``.
    """

    name: ClassVar[str]
    template: ClassVar[str]

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Raise `InputError` where parameters contradict one another."""

    def replace(self, **values: Any) -> Self:
        """Return a copy with some parameters changed, validated again."""
        now = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return type(self)(**{**now, **values})
