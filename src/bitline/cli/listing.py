"""``bitline list``: what there is, from the registries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bitline.cli import options, output
from bitline.errors import BitlineError, UnknownNameError
from bitline.plugins import left_out

Registry = Literal["circuits", "benches", "sweeps", "luts"]
Entry = dict[str, Any]
_SINGULAR = {"circuits": "circuit", "benches": "bench", "sweeps": "sweep", "luts": "lut"}


def list_(
    registry: Annotated[Registry, typer.Argument(metavar="KIND", help="What to list.")],
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one, in full.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All in full.")] = False,
    as_json: options.Json = False,
) -> None:
    """List circuits, benches, sweeps or LUTs.

    With NAME, all that there is to know about one.
    """
    entries = {"circuits": _circuits, "benches": _benches, "sweeps": _sweeps, "luts": _luts}[registry]()
    if name is not None:
        known = [entry["name"] for entry in entries]
        if name not in known:
            raise UnknownNameError(_SINGULAR[registry], name, known)
        entries = [entry for entry in entries if entry["name"] == name]
    if as_json:
        # Programs always get everything, since they can leave out what they do not need.
        output.data_json(entries)
        return
    if not entries:
        output.say(f"no {registry} yet")
        return
    if not (verbose or name):
        _overview(entries)
        return
    for k, entry in enumerate(entries):
        if k:
            output.data("")
        _in_full(entry)


def _overview(entries: Sequence[Entry]) -> None:
    columns = [key for key, value in entries[0].items() if not _is_table(value)]
    output.table(columns, [[_text(entry[column]) for column in columns] for entry in entries])


def _in_full(entry: Entry) -> None:
    # The tables come last, because a line below a table of sixty parameters would be overlooked.
    for key, value in entry.items():
        if not _is_table(value):
            output.data(f"{key}: {_text(value)}")
    for key, value in entry.items():
        if _is_table(value) and value:
            output.data(f"\n{key}:")
            output.table(list(value[0]), [[_text(cell) for cell in row.values()] for row in value])


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _parameters(owner: Any) -> list[Entry]:
    from bitline.parameters import describe_all

    columns = ("name", "default", "unit", "allowed", "source", "doc")
    return [{column: getattr(info, column) for column in columns} for info in describe_all(owner)]


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().partition("\n")[0]


def _circuits() -> list[Entry]:
    from bitline.benches.registry import benches_of
    from bitline.circuits.registry import circuits

    return [
        {
            "name": name,
            "class": circuit.__name__,
            "benches": tuple(benches_of(circuit)),
            # The rest of the doc lists the parameters, which have a table of their own.
            "doc": _first_line(circuit.__doc__),
            "parameters": _parameters(circuit()),
        }
        for name, circuit in circuits().items()
    ]


def _benches() -> list[Entry]:
    from bitline.benches.registry import benches

    return [
        {
            "name": bench.name,
            "circuits": tuple(circuit.name for circuit in bench.circuits),
            "doc": bench.doc,
            "inputs": _parameters(bench.inputs()),
            "outputs": [{"name": o.name, "unit": o.unit, "doc": o.doc} for o in bench.outputs],
        }
        for bench in benches()
    ]


def _sweeps() -> list[Entry]:
    from bitline.sweep.sweep import shipped

    return list(_readable({path: partial(_load_sweep, name) for name, path in shipped().items()}))


def _readable(entries: Mapping[Path, Callable[[], Entry]]) -> Iterator[Entry]:
    """Yield the entries of files; one that is wrong, as a plug-in's may be, is named and does not hide the others."""
    for path, read in entries.items():
        try:
            yield read()
        except BitlineError as error:
            left_out(str(path), error)


def _load_sweep(name: str) -> Entry:
    from bitline.sweep.sweep import Sweep

    return _sweep(Sweep.load(name))


def _sweep(sweep: Any) -> Entry:
    quick: int | str = "none"
    if sweep.quick_form:
        quick = len(sweep.quick())
    return {
        "name": sweep.name,
        "circuit": sweep.circuit,
        "benches": sweep.benches,
        "points": len(sweep),
        "quick": quick,
        "samples": sweep.mismatch.samples,
        "description": sweep.description,
        # Of an adaptive axis, the values that it begins with.
        "axes": [{"name": name, "values": tuple(axis.values)} for name, axis in sweep.axes.items()],
        "adaptive": [_adaptive(name, axis.adaptive) for name, axis in sweep.adaptive.items()],
        "parameters": _table(sweep.parameters),
    }


def _adaptive(name: str, settings: Any) -> Entry:
    return {"name": name, "tolerance": settings.tolerance, "outputs": settings.outputs, "most": settings.most}


def _table(values: Mapping[str, Any]) -> list[Entry]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _luts() -> list[Entry]:
    from bitline.lut.shipped import shipped

    return list(_readable({folder: partial(_load_lut, folder) for folder in shipped().values()}))


def _load_lut(folder: Path) -> Entry:
    # The manifest alone says all of this: dozens of LUTs are listed without reading a table.
    from bitline.lut.manifest import MANIFEST, read_manifest

    return _lut(str(folder), read_manifest(folder / MANIFEST))


def _lut(folder: str, manifest: Mapping[str, Any]) -> Entry:
    tables = manifest["tables"]
    return {
        "name": manifest["name"],
        "kind": manifest["kind"],
        "tables": tuple(tables),
        "description": str(manifest["attrs"].get("description", "")),
        "folder": folder,
        "axes": _axes(tables.values()),
        "variables": [
            {"table": name, **{key: variable[key] for key in ("name", "unit", "doc")}}
            for name, table in tables.items()
            for variable in table["variables"]
        ],
    }


def _axes(tables: Iterable[Mapping[str, Any]]) -> list[Entry]:
    # Tables share axes but not their values: the Monte Carlo often has one, so the longest axis is shown.
    longest: dict[str, Entry] = {}
    for table in tables:
        for axis in table["axes"]:
            name, values = axis["name"], tuple(axis["values"])
            if len(values) > len(longest.get(name, {}).get("values", ())):
                longest[name] = {"name": name, "unit": axis["unit"], "values": values}
    return list(longest.values())
