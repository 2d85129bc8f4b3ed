"""``--set name=value``: text from the command line becomes checked numbers, or one clear line.

A value is read as the declared type of its parameter. Text stays text only where a parameter is a
choice or a plain word, so nothing of it can become SPICE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import bench as find_bench
from bitline.benches.registry import benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuit_class, circuits
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import assemble, describe_all, field_names, parameter_paths

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Chosen:
    """A circuit with its parameters set; its bench and that one's inputs, if one was asked for."""

    circuit: Circuit
    bench: Bench | None
    inputs: Any


def choose(circuit: str, bench: str | None, settings: Sequence[str]) -> Chosen:
    """Return the circuit, bench and inputs that a command line names.

    Raises
    ------
    UnknownNameError
        For an unknown circuit, bench or name in `settings`; names the nearest.
    InputError
        For a value that is not allowed.
    """
    kind = circuit_class(circuit)
    found = None if bench is None else find_bench(bench, kind)
    known = [info.name for info in describe_all(kind())]
    paths = {name: ".".join(path) for name, path in parameter_paths(kind()).items()}
    inputs = field_names(found.inputs) if found else ()
    own: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for name, text in split(settings, "--set").items():
        if name in inputs and found:
            given[name] = typed(found.inputs, name, text)
        elif (path := paths.get(name)) in known:
            _nest(own, path, typed_path(kind(), path, text))
        else:
            _refuse(name, circuit, [*known, *inputs], kind)
    return Chosen(assemble(kind(), own), found, found.inputs(**given) if found else None)


def default_bench(circuit: str) -> str:
    """Return the name of a circuit's first bench; `InputError` if it has none."""
    names = list(benches_of(circuit_class(circuit)))
    if not names:
        have = [f"{name} ({', '.join(found)})" for name, kind in circuits().items() if (found := benches_of(kind))]
        raise InputError(f"{circuit} has no bench that could measure it; there are: {'; '.join(have)}")
    return names[0]


def split(texts: Sequence[str], what: str) -> dict[str, str]:
    """Split ``name=value`` texts; raises `InputError` for another form or a name given twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name and value):
            raise InputError(f"{what} {_short(text)}: must be NAME=VALUE")
        if name in found:
            raise InputError(f"{what} {name}: given twice")
        found[name] = value
    return found


def typed_path(owner: Any, path: str, text: str) -> Any:
    """Read `text` as the type of a parameter with a dotted name."""
    head, dot, rest = path.partition(".")
    return typed_path(getattr(owner, head), rest, text) if dot else typed(type(owner), head, text)


def typed(owner: type, name: str, text: str) -> Any:
    """Read `text` as the declared type of a parameter; raises `InputError`."""
    kind = get_type_hints(owner)[name]
    where = f"{owner.__name__}: {name} = {_short(text)}"
    if get_origin(kind) is Literal:
        return _choice(where, text, {str(value): value for value in get_args(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(where, text, {str(value.value): value for value in kind})
    if kind is bool:
        return _choice(where, text.lower(), _TRUTH)
    if kind in (int, float):
        return _number(where, text, kind)
    if kind is str and _WORD.fullmatch(text):
        return text
    raise InputError(f"{where}: must be {'a plain word' if kind is str else 'set from Python'}")


def _choice(where: str, text: str, known: Mapping[str, Any]) -> Any:
    if text not in known:
        raise InputError(f"{where}: must be one of {', '.join(known)}")
    return known[text]


def _number(where: str, text: str, kind: type[int] | type[float]) -> float:
    try:
        return kind(text)
    except ValueError:
        form = "an integer" if kind is int else "a number without suffix or unit, such as 0.14e-6"
        raise InputError(f"{where}: must be {form}") from None


def _nest(tables: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for part in outer:
        tables = tables.setdefault(part, {})
    tables[last] = value


def _refuse(name: str, circuit: str, known: Sequence[str], kind: type[Circuit]) -> None:
    if name in field_names(Conditions) and name != "deviates":
        raise InputError(f"--set {name}: give it as --{name}")
    if any(other.startswith(f"{name}.") for other in known):
        inner = next(other for other in known if other.startswith(f"{name}."))
        raise InputError(f"--set {name}: is a circuit of its own; set its parameters, such as {inner}")
    for bench in benches_of(kind).values():
        if name in field_names(bench.inputs):
            raise InputError(f"--set {name}: is an input of the bench {bench.name}: add --bench {bench.name}")
    raise UnknownNameError(f"parameter of {circuit}", name, known)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
