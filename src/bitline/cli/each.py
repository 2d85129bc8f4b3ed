"""``--each NAME``: what a choice can be."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

from bitline.benches.registry import bench as find_bench
from bitline.circuits.registry import circuit_class
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import describe_all, field_names
from bitline.pdk.corner import Corner


def values(circuit: str, bench: str, name: str) -> tuple[str, ...]:
    """Return every value of a choice, as ``--set`` would take it.

    Parameters
    ----------
    circuit, bench : str
        Their names.
    name : str
        An input of the bench, a parameter of the circuit (dotted inside another), or ``corner``.

    Raises
    ------
    UnknownNameError
        If there is no such circuit, bench, input or parameter.
    InputError
        If it is not a choice.
    """
    if name == "corner":
        return tuple(corner.value for corner in Corner)
    kind = circuit_class(circuit)
    inputs = find_bench(bench, kind).inputs
    known = [info.name for info in describe_all(kind())]
    if name in field_names(inputs):
        found = _choices(get_type_hints(inputs)[name])
    elif name in known:
        *outer, last = name.split(".")
        owner: Any = kind()
        for part in outer:
            owner = getattr(owner, part)
        found = _choices(get_type_hints(type(owner))[last])
    else:
        raise UnknownNameError(f"choice of {circuit}", name, [*known, *field_names(inputs), "corner"])
    if not found:
        raise InputError(f"--each {name}: is not a choice; give one value with --set, or a sweep to characterize")
    return found


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(str(value) for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(value.value) for value in kind)
    return ("false", "true") if kind is bool else ()
