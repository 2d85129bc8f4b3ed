"""Templates: the sandboxed Jinja environment over ``templates/`` and ``models/``, with its one number filter."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Undefined
from jinja2.sandbox import SandboxedEnvironment

from bitline import content
from bitline.numbers import number


def _finalize(value: Any) -> Any:
    # An undefined name goes on to Jinja, whose error says which it is.
    if isinstance(value, str | Undefined):
        return value
    return number(value)


@cache
def environment() -> SandboxedEnvironment:
    """Return the Jinja environment over ``templates/`` (plug-ins' too) and ``models/``."""
    models = content.folder("models")
    # Sandboxed, for templates come with plug-ins, too; strict, for an empty word in a SPICE line shifts the others.
    return SandboxedEnvironment(
        loader=ChoiceLoader([*map(FileSystemLoader, content.folders("templates")), FileSystemLoader(models)]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=_finalize,
    )
