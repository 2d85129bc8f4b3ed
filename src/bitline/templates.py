"""Templates: the sandboxed Jinja environment over ``templates/`` and ``models/``, with its one number filter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
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
    # Sandboxed, for templates come with plug-ins, too; strict, for an empty word in a SPICE line shifts the others.
    return SandboxedEnvironment(
        loader=ChoiceLoader([*map(FileSystemLoader, _folders())]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=_finalize,
    )


def template_files() -> Iterator[Path]:
    """Yield every file that holds a template: of ``models/``, where descriptors lie as well, those of Jinja."""
    *templates, models = _folders()
    for folder in templates:
        # Jinja loads a file of any name.
        yield from (path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    yield from models.rglob("*.j2")


def _folders() -> tuple[Path, ...]:
    return (*content.folders("templates"), content.folder("models"))
