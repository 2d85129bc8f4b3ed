"""References of a LUT as BibTeX, chosen by what it says of itself: `references.toml` has them and when each holds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from bitline.lut.lut import Lut
from bitline.report.datasheet import mapping


@cache
def references() -> Mapping[str, Mapping[str, Any]]:
    """Return every reference by its BibTeX key, in the order in which they are written."""
    return tomllib.loads(files(__package__).joinpath("references.toml").read_text(encoding="utf-8"))


def cited(lut: Lut) -> tuple[str, ...]:
    """Return the keys of the references that hold for a LUT: program, simulator, PDK, models, methods."""
    return tuple(key for key, entry in references().items() if holds(lut, entry.get("when", {})))


def bibtex(lut: Lut) -> str:
    """Return the references of a LUT as BibTeX; a comment before each says what it is for."""
    return "\n".join(_entry(key, references()[key], lut.attrs) for key in cited(lut))


def holds(lut: Lut, when: Mapping[str, str]) -> bool:
    """Return whether all conditions of a reference hold for a LUT; `references.toml` says what they mean."""
    return all(CONDITIONS[name](lut, pattern) for name, pattern in when.items())


def _attr(lut: Lut, pattern: str) -> bool:
    name, _, value = map(str.strip, pattern.partition("="))
    stated = lut.attrs.get(name)
    if value:
        return stated == value
    return bool(stated)


def _bench(lut: Lut, pattern: str) -> bool:
    return any(fnmatch(bench, pattern) for bench in mapping(lut.attrs.get("benches")))


def _variable(lut: Lut, pattern: str) -> bool:
    return any(fnmatch(str(name), pattern) for table in lut.tables.values() for name in table.data_vars)


def _doc(lut: Lut, pattern: str) -> bool:
    docs = (array.attrs["doc"] for table in lut.tables.values() for array in table.data_vars.values())
    return any(fnmatch(doc, pattern) for doc in docs)


def _parameter(lut: Lut, pattern: str) -> bool:
    return any(fnmatch(name, pattern) for name in mapping(lut.attrs.get("parameter_sources")))


CONDITIONS: Mapping[str, Callable[[Lut, str], bool]] = {
    "attr": _attr,
    "bench": _bench,
    "variable": _variable,
    "doc": _doc,
    "parameter": _parameter,
}
"""Every condition by its name in `references.toml`."""


def _entry(key: str, entry: Mapping[str, Any], attrs: Mapping[str, Any]) -> str:
    return "\n".join([f"% {entry['why']}", f"@{entry['type']}{{{key},", *_fields(entry["fields"], attrs), "}", ""])


def _fields(fields: Mapping[str, str], attrs: Mapping[str, Any]) -> Iterator[str]:
    # A name that the provenance lacks stays as it is; the conditions of the entry see to it that there is none.
    for name, text in fields.items():
        yield f"  {name} = {{{Template(text).safe_substitute(attrs)}}},"
