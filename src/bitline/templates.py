"""Templates: the sandboxed Jinja environment over ``templates/`` and ``models/``, with its one number filter."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Undefined
from jinja2.sandbox import SandboxedEnvironment

from bitline import content
from bitline.errors import InputError


def number(value: Any) -> str:
    """Write a number exactly as SPICE reads it: an integer, or a float by `repr`, never a suffix.

    Raises
    ------
    InputError
        For anything that is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{value!r} is not a number and cannot go into a deck")
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f"{value!r} is not finite and cannot go into a deck")
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


def _finalize(value: Any) -> Any:
    return value if isinstance(value, str | Undefined) else number(value)  # undefined: Jinja names it


@cache
def environment() -> SandboxedEnvironment:
    """Return the Jinja environment over ``templates/`` (plug-ins' too) and ``models/``."""
    models = content.folder("models")
    return SandboxedEnvironment(
        loader=ChoiceLoader([*map(FileSystemLoader, content.folders("templates")), FileSystemLoader(models)]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=_finalize,
    )
