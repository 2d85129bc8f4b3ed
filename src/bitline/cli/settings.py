"""``--set name=value``: text from the command line becomes checked numbers, or one clear line.

A value is read as the declared type of its parameter. Text stays text only where a parameter is a
choice or a plain word, so nothing of it can become SPICE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Any, Literal, NoReturn, get_args, get_origin, get_type_hints

from bitline import numbers
from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import bench as find_bench
from bitline.benches.registry import benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuit_class
from bitline.cli.assignments import shortened, split
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import ParameterInfo, assemble, describe_all, field_names, parameter_paths
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.sweep.point import first_bench

# A word has no blank, quote or line break, so that it stays one word in a deck.
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Dut:
    """The device under test: a circuit with its parameters set, the bench if one was asked for, and its inputs."""

    circuit: Circuit
    bench: Bench | None
    inputs: Any


def choose(circuit: str, bench: str | None, settings: Sequence[str]) -> Dut:
    """Return the circuit, bench and inputs that a command line names.

    Raises
    ------
    UnknownNameError
        For an unknown circuit, bench or name in `settings`; names the nearest.
    InputError
        For a value that is not allowed.
    """
    default = circuit_class(circuit)()
    texts = split(settings, "--set")
    if bench is None:
        return Dut(_with_parameters(default, texts, ()), None, None)
    measured_by = find_bench(bench, type(default))
    names = field_names(measured_by.inputs)
    # A name that circuit and bench share is the bench's input, because the user named this bench.
    inputs = {name: typed(measured_by.inputs, name, text) for name, text in texts.items() if name in names}
    parameters = {name: text for name, text in texts.items() if name not in names}
    return Dut(_with_parameters(default, parameters, names), measured_by, measured_by.inputs(**inputs))


def _with_parameters(circuit: Circuit, texts: Mapping[str, str], inputs: Sequence[str]) -> Circuit:
    """Return a circuit with parameters read from text; `inputs` are the other names there are, for messages."""
    settable = _settable(circuit)
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in settable:
            _refuse(name, type(circuit), [*(info.name for info in describe_all(circuit)), *inputs])
        path = settable[name].name
        _nest(values, path, typed_path(circuit, path, text))
    return assemble(circuit, values)


def _settable(circuit: Circuit) -> dict[str, ParameterInfo]:
    """Return a circuit's parameters by every name that each has."""
    infos = {info.name: info for info in describe_all(circuit)}
    paths = ((name, ".".join(path)) for name, path in parameter_paths(circuit).items())
    # Paths also lead to the circuits and devices inside, but only a parameter of theirs takes a value.
    return {name: infos[path] for name, path in paths if path in infos}


def assignments(circuit: str, bench: str | None) -> Iterator[str]:
    """Yield what a command line may set, as far as a shell can write it: ``name=``, and each of but a few values."""
    default = circuit_class(circuit)()
    inputs = describe_all(find_bench(bench, type(default)).inputs()) if bench else ()
    for name, info in {**_settable(default), **{info.name: info for info in inputs}}.items():
        yield f"{name}="
        yield from (f"{name}={value}" for value in info.choices)


def conditions_of(
    pdk: Pdk, corner: Corner | None, vdd: float | None, temperature: float, *, sample: int = 0, seed: int = 1
) -> Conditions:
    """Return the conditions that a command line gives; the supply is the PDK's where it gives none."""
    if vdd is None:
        vdd = pdk.vdd
    return Conditions(
        corner=corner or Corner.tt,
        vdd=vdd,
        temperature=temperature,
        sample=sample,
        seed=seed,
    )


def default_bench(circuit: str) -> str:
    """Return the name of a circuit's first bench; `InputError` if it has none."""
    return first_bench(circuit_class(circuit)).name


def typed_path(owner: Any, path: str, text: str) -> Any:
    """Read `text` as the type of a parameter with a dotted name."""
    *outer, last = path.split(".")
    return typed(type(reduce(getattr, outer, owner)), last, text)


def typed(owner: type, name: str, text: str) -> Any:
    """Read `text` as the declared type of a parameter; raises `InputError`."""
    declared = get_type_hints(owner)[name]
    assignment = f"{owner.__name__}: {name} = {shortened(text)}"
    if declared is bool:
        return _choice(assignment, text.lower(), _FLAGS)
    if choices := choices_of(declared):
        return _choice(assignment, text, choices)
    # Suffixes are refused: SPICE reads 1M as a thousandth and 2A as two atto. An exponent is never misread.
    if declared in (int, float):
        return _number(assignment, text, declared)
    if declared is not str:
        raise InputError(f"{assignment}: must be set from Python")
    if not _WORD.fullmatch(text):
        raise InputError(f"{assignment}: must be a plain word")
    return text


def choices_of(declared: Any) -> dict[str, Any]:
    """Return the values of a type that has but a few, by their text; none of any other type."""
    if declared is bool:
        return {"false": False, "true": True}
    if get_origin(declared) is Literal:
        return {str(value): value for value in get_args(declared)}
    if isinstance(declared, type) and issubclass(declared, Enum):
        return {str(value.value): value for value in declared}
    return {}


def _choice(assignment: str, text: str, choices: Mapping[str, Any]) -> Any:
    if text not in choices:
        raise InputError(f"{assignment}: must be one of {', '.join(choices)}")
    return choices[text]


def _number(assignment: str, text: str, declared: type[int] | type[float]) -> float:
    read, form = {
        int: (numbers.integer, "an integer"),
        float: (numbers.real, "a finite number without suffix or unit, such as 0.14e-6"),
    }[declared]
    try:
        return read(text)
    except ValueError:
        raise InputError(f"{assignment}: must be {form}") from None


def _nest(tables: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for part in outer:
        tables = tables.setdefault(part, {})
    tables[last] = value


def _refuse(name: str, circuit: type[Circuit], names: Sequence[str]) -> NoReturn:
    """Raise the `InputError` of a name that sets nothing here; it says where the name belongs, if anywhere."""
    # The likely mistakes come first, each with its way out; for all others the nearest name is a guess.
    if name in field_names(Conditions) and name not in ("deviates", "samples"):
        raise InputError(f"--set {name}: give it as --{name}")
    inner = next((other for other in names if other.startswith(f"{name}.")), None)
    if inner is not None:
        raise InputError(f"--set {name}: is a circuit of its own; set its parameters, such as {inner}")
    for bench in benches_of(circuit).values():
        if name in field_names(bench.inputs):
            raise InputError(f"--set {name}: is an input of the bench {bench.name}: add --bench {bench.name}")
    raise UnknownNameError("parameter", name, names, f"of {circuit.name}")
