"""Templates: the sandboxed Jinja environment over ``templates/`` and ``models/``, with its one number filter."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template, Undefined, meta
from jinja2.sandbox import SandboxedEnvironment

from bitline import content
from bitline.numbers import number

_OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}

Formula = str | float | tuple[str, "Formula", "Formula"]
"""A name, a number, or an operator between two formulas."""


class Slot:
    """A place in a text for a number that is filled in later.

    A template can write it, hand it on, and add, subtract, multiply and divide. Whatever asks for its value, such as a
    comparison, a condition or a function, is a `TypeError`, so that no text can depend on a number that it was made
    without.

    Parameters
    ----------
    formula : str, float or tuple
        What is to be filled in: a name, or numbers and names joined by operators.
    """

    def __init__(self, formula: Formula) -> None:
        self.formula = formula

    @property
    def mark(self) -> str:
        """How it is written: its formula between two null characters, which no other text has."""
        return f"\0{self.formula!r}\0"

    def _joined(self, sign: str, left: object, right: object) -> Slot:
        return Slot((sign, _formula_of(left), _formula_of(right)))

    def __add__(self, other: object) -> Slot:
        return self._joined("+", self, other)

    def __radd__(self, other: object) -> Slot:
        return self._joined("+", other, self)

    def __sub__(self, other: object) -> Slot:
        return self._joined("-", self, other)

    def __rsub__(self, other: object) -> Slot:
        return self._joined("-", other, self)

    def __mul__(self, other: object) -> Slot:
        return self._joined("*", self, other)

    def __rmul__(self, other: object) -> Slot:
        return self._joined("*", other, self)

    def __truediv__(self, other: object) -> Slot:
        return self._joined("/", self, other)

    def __rtruediv__(self, other: object) -> Slot:
        return self._joined("/", other, self)

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("a number that is filled in later was asked for")

    __bool__ = __str__ = __repr__ = __format__ = __len__ = _refuse
    __eq__ = __ne__ = _refuse
    __hash__ = None  # type: ignore[assignment]


def _formula_of(value: object) -> Formula:
    if isinstance(value, Slot):
        return value.formula
    # Written as it is, an integer stays one.
    if type(value) in (int, float):
        return value  # type: ignore[return-value]
    raise TypeError(f"{value!r} is not a number")


def value_of(formula: Formula, numbers: Mapping[str, float]) -> float:
    """Return what a formula is worth, with numbers in place of its names."""
    if isinstance(formula, tuple):
        sign, left, right = formula
        return _OPERATIONS[sign](value_of(left, numbers), value_of(right, numbers))
    if isinstance(formula, str):
        return numbers[formula]
    return formula


def split_text(text: str) -> tuple[list[str], list[Formula]]:
    """Split a text at its slots: the pieces around them, and their formulas."""
    pieces = text.split("\0")
    return pieces[::2], [ast.literal_eval(mark) for mark in pieces[1::2]]


def _finalize(value: Any) -> Any:
    # An undefined name goes on to Jinja, whose error says which it is.
    if isinstance(value, str | Undefined):
        return value
    if isinstance(value, Slot):
        return value.mark
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


def included(name: str) -> list[Template] | None:
    """Return a template and all that it takes in or imports; None where one of their names is worked out in it."""
    jinja = environment()
    assert jinja.loader is not None
    wanted, templates = [name], dict[str, Template]()
    while wanted:
        name = wanted.pop()
        if name in templates:
            continue
        templates[name] = jinja.get_template(name)
        text, _, _ = jinja.loader.get_source(jinja, name)
        for reference in meta.find_referenced_templates(jinja.parse(text)):
            if reference is None:
                return None
            wanted.append(reference)
    return list(templates.values())


def template_files() -> Iterator[Path]:
    """Yield every file that holds a template: of ``models/``, where descriptors lie as well, those of Jinja."""
    *templates, models = _folders()
    for folder in templates:
        # Jinja loads a file of any name.
        yield from (path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    yield from models.rglob("*.j2")


def _folders() -> tuple[Path, ...]:
    return (*content.folders("templates"), content.folder("models"))
