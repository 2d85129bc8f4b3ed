"""Functions that a library defines (`.func`): replaced in expressions by their bodies, as ngspice does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bitline.errors import PdkDamagedError

_HEAD = re.compile(r"\s*([a-z_]\w*)\s*\(([^()]*)\)\s*=?\s*(.*)", re.ASCII | re.DOTALL)
_CALL = re.compile(r"(?<![\w.])([a-z_]\w*)\s*\(", re.ASCII)
_DEPTH = 50  # of functions that call each other


@dataclass(frozen=True)
class Function:
    """A function of a library: the names of its arguments, and its body as text."""

    arguments: tuple[str, ...]
    body: str


def function(text: str) -> tuple[str, Function]:
    """Read ``name(x, y) {body}``; raises `PdkDamagedError` if it is none."""
    head = _HEAD.fullmatch(text)
    if head is None:
        raise PdkDamagedError(f"cannot read the function {text.strip()[:60]!r} of the PDK's library")
    arguments = tuple(name.strip() for name in head[2].split(",") if name.strip())
    return head[1], Function(arguments, _bare(head[3]))


def expand(text: str, functions: Mapping[str, Function], depth: int = 0) -> str:
    """Return an expression with every call of `functions` replaced by the function's body, in brackets.

    Raises
    ------
    PdkDamagedError
        If a call has the wrong number of arguments, or functions call each other without end.
    """
    if not functions:
        return text
    if depth > _DEPTH:
        raise PdkDamagedError(f"functions of the PDK's library call each other without end: {text[:60]!r}")
    parts, place = [], 0
    for call in _CALL.finditer(text):
        if call.start() < place or call[1] not in functions:
            continue
        arguments, end = _arguments(text, call.end())
        parts += [text[place : call.start()], _applied(call[1], functions, arguments, depth)]
        place = end
    return "".join([*parts, text[place:]])


def _applied(name: str, functions: Mapping[str, Function], arguments: list[str], depth: int) -> str:
    called = functions[name]
    if len(arguments) != len(called.arguments):
        raise PdkDamagedError(f"the PDK's library calls {name} with {len(arguments)} arguments")
    values = dict(zip(called.arguments, arguments, strict=True))
    body = re.sub(
        r"(?<![\w.])[a-z_]\w*", lambda word: f"({values[word[0]]})" if word[0] in values else word[0], called.body
    )
    return f"({expand(body, functions, depth + 1)})"


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """Return the arguments of a call whose bracket opened before `start`, and where it ends."""
    arguments, depth, last = list[str](), 1, start
    for place in range(start, len(text)):
        letter = text[place]
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 or (depth == 1 and letter == ","):
            arguments.append(text[last:place].strip())
            last = place + 1
        if depth == 0:
            return [argument for argument in arguments if argument], last
    raise PdkDamagedError(f"cannot read the call {text[:60]!r} of the PDK's library")


def _bare(body: str) -> str:
    body = body.strip()
    if body[:1] + body[-1:] in {"''", "{}"}:
        return body[1:-1]
    return body
