"""``--each NAME``: what a choice can be."""

from __future__ import annotations

from functools import reduce
from typing import get_type_hints

from bitline.benches.registry import bench as find_bench
from bitline.circuits.registry import circuit_class
from bitline.cli.settings import choices_of
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
    default = circuit_class(circuit)()
    inputs = find_bench(bench, type(default)).inputs
    names = [info.name for info in describe_all(default)]
    *outer, last = name.split(".")
    # As for --set, a name that circuit and bench share is the bench's input.
    if name in field_names(inputs):
        owner = inputs
    elif name in names:
        owner = type(reduce(getattr, outer, default))
    else:
        raise UnknownNameError("choice", name, [*names, *field_names(inputs), "corner"], f"of {circuit}")
    # The type lists what a choice can be; a number has no such list and needs a sweep.
    choices = choices_of(get_type_hints(owner)[last])
    if not choices:
        raise InputError(f"--each {name}: is not a choice; give one value with --set, or a sweep to characterize")
    return tuple(choices)
