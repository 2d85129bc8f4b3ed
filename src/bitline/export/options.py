"""What an exporter offers besides LUT and folder: its keyword arguments, read from text."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from bitline.errors import InputError, UnknownNameError, allowed
from bitline.numbers import real


def offered(write: Callable[..., Any]) -> dict[str, Any]:
    """Return the type of every keyword-only argument of an exporter."""
    parameters = inspect.signature(write).parameters.values()
    options = {p.name: p.annotation for p in parameters if p.kind is p.KEYWORD_ONLY}
    declared = {name: annotation for name, annotation in options.items() if annotation is not inspect.Parameter.empty}
    # Only the options' own annotations are resolved: that of the LUT is often imported for type checkers alone.
    hints = get_type_hints(SimpleNamespace(__annotations__=declared), globalns=getattr(write, "__globals__", {}))
    return {name: hints.get(name, Any) for name in options}


def read(format: str, write: Callable[..., Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return options, read from text as their declared types.

    Raises
    ------
    UnknownNameError
        For a name the exporter does not offer.
    InputError
        For a value that is not of its type; names what is allowed.
    """
    # a condition has an option of its own on the command line, --at
    known = {name: hint for name, hint in offered(write).items() if name != "condition"}
    values = {}
    for name, text in texts.items():
        if name not in known:
            raise UnknownNameError("option", name, known, f"of {format}")
        try:
            values[name] = _read(known[name], text)
        except ValidationError as error:
            raise InputError(f"{format}: {name} = {text!r}: {allowed(error.errors()[0])}") from None
        except ValueError as error:
            raise InputError(f"{format}: {name}: {error}") from None
    return values


def _read(declared: Any, text: str) -> Any:
    value = TypeAdapter(declared).validate_python(text)
    # pydantic reads 1_0 and the digits of other scripts, as Python does, and nan.
    if isinstance(value, int | float) and not isinstance(value, bool):
        real(text)
    return value


def check(format: str, write: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse options that an exporter does not offer, or whose values are not of their declared types.

    Raises
    ------
    UnknownNameError
        For a name the exporter does not offer.
    InputError
        For a value that is not of its type; names what is allowed.
    """
    known = offered(write)
    for name, value in options.items():
        if name not in known:
            # It takes options of any name, and judges them itself.
            if takes_any(write):
                continue
            raise UnknownNameError("option", name, known, f"of {format}")
        try:
            TypeAdapter(known[name]).validate_python(value, strict=True)
        except ValidationError as error:
            raise InputError(f"{format}: {name} = {value!r}: {allowed(error.errors()[0])}") from None


def takes_condition(write: Callable[..., Any]) -> bool:
    """Return whether an exporter writes one condition, not the whole LUT."""
    return "condition" in offered(write)


def takes_any(write: Callable[..., Any]) -> bool:
    """Return whether an exporter takes options of any name (``**options``)."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(write).parameters.values())
