"""The parameters of a LUT's circuit: its own values and sources, with unit and doc where the circuit is known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bitline.circuits.registry import circuits
from bitline.lut.lut import Lut
from bitline.parameters import ParameterInfo, describe_all
from bitline.report.datasheet import mapping

AXIS = "an axis"
"""Stands for the value of a parameter that the table has an axis of."""


def parameters(lut: Lut) -> list[tuple[str, Any, str, str, str]]:
    """Return name, value, unit, source and doc of each parameter, inner ones by dotted names.

    Unit and doc are "" for a circuit that is not installed here: a LUT holds neither. The source of a value that is
    not the default's is that it was set: a LUT holds the sources of defaults.
    """
    values = dict(_flat(mapping(lut.attrs.get("parameters"))))
    sources = mapping(lut.attrs.get("parameter_sources"))
    infos = _infos(str(lut.attrs.get("circuit", "")))
    names = dict.fromkeys([*sources, *values])
    return [
        (name, value, *_words(infos.get(name), value, str(sources.get(name, ""))))
        for name in names
        for value in (values.get(name, AXIS),)
    ]


def changed_parameters(lut: Lut) -> dict[str, str]:
    """Return the parameters that are not the defaults of the circuit as it is installed here, with both values."""
    infos = _infos(str(lut.attrs.get("circuit", "")))
    values = dict(_flat(mapping(lut.attrs.get("parameters"))))
    return {
        name: f"{value} {infos[name].unit}".rstrip() + f" (default {infos[name].default})"
        for name, value in values.items()
        if name in infos and _is_set(infos[name], value)
    }


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _infos(circuit: str) -> dict[str, ParameterInfo]:
    known = circuits()
    if circuit not in known:
        return {}
    return {info.name: info for info in describe_all(known[circuit]())}


def _is_set(info: ParameterInfo, value: Any) -> bool:
    """Return whether a value that a LUT holds is another than the default."""
    default = info.default
    # JSON has lists only.
    if isinstance(default, tuple):
        default = list(default)
    return value is not AXIS and bool(value != default)


def _words(info: ParameterInfo | None, value: Any, source: str) -> tuple[str, str, str]:
    """Return unit, source and doc."""
    if info is None:
        return "", source, ""
    if _is_set(info, value):
        source = f"set here; default {info.default} ({source})"
    return info.unit, source, info.doc
