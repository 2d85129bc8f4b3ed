"""``bitline list``: what there is, from the registries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from bitline.cli import options, output
from bitline.errors import UnknownNameError

Kind = Literal["circuits", "benches", "sweeps", "luts"]
Entry = dict[str, Any]


def list_(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="What to list.")],
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one, in full.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All in full.")] = False,
    as_json: options.Json = False,
) -> None:
    """List circuits, benches, sweeps or LUTs.

    With NAME, all that there is to know about one.
    """
    found = {"circuits": _circuits, "benches": _benches, "sweeps": _sweeps, "luts": _luts}[kind]()
    if name is not None:
        known = [entry["name"] for entry in found]
        if name not in known:
            raise UnknownNameError(kind.removesuffix("es" if kind == "benches" else "s"), name, known)
        found = [entry for entry in found if entry["name"] == name]
    if as_json:
        output.data_json(found)
        return
    if not found:
        output.say(f"no {kind} yet")
        return
    if not (verbose or name):
        _overview(found)
        return
    for k, entry in enumerate(found):
        if k:
            output.data("")
        _in_full(entry)


def _overview(found: Sequence[Entry]) -> None:
    columns = [key for key, value in found[0].items() if not _is_table(value)]
    output.table(columns, [[_text(entry[column]) for column in columns] for entry in found])


def _in_full(entry: Entry) -> None:
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
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


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
            "class": kind.__name__,
            "benches": tuple(benches_of(kind)),
            "doc": _first_line(kind.__doc__),
            "parameters": _parameters(kind()),
        }
        for name, kind in circuits().items()
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
    from bitline.sweep.sweep import Sweep, shipped

    return [_sweep(Sweep.load(name)) for name in shipped()]


def _sweep(sweep: Any) -> Entry:
    return {
        "name": sweep.name,
        "circuit": sweep.circuit,
        "benches": sweep.benches,
        "points": len(sweep),
        "quick": len(sweep.quick()) if sweep.quick_form else "none",
        "samples": sweep.mismatch.samples,
        "description": sweep.description,
        "axes": [{"name": name, "values": tuple(axis.values)} for name, axis in sweep.axes.items()],
        "parameters": _table(sweep.parameters),
    }


def _table(values: Mapping[str, Any]) -> list[Entry]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _luts() -> list[Entry]:
    from bitline.cli.lut import shipped
    from bitline.lut.lut import Lut

    return [_lut(str(folder), Lut.load(folder)) for folder in shipped().values()]


def _lut(folder: str, lut: Any) -> Entry:
    return {
        "name": lut.name,
        "kind": lut.kind,
        "tables": tuple(lut.tables),
        "description": str(lut.attrs.get("description", "")),
        "folder": folder,
        "axes": _axes(lut.tables.values()),
        "variables": [
            {"table": name, "name": str(key), "unit": array.attrs["unit"], "doc": array.attrs["doc"]}
            for name, table in lut.tables.items()
            for key, array in table.data_vars.items()
        ],
    }


def _axes(tables: Iterable[Any]) -> list[Entry]:
    found: dict[str, Entry] = {}
    for table in tables:
        for axis, array in table.coords.items():
            values = tuple(array.to_numpy().tolist())
            if len(values) > len(found.get(str(axis), {}).get("values", ())):
                found[str(axis)] = {"name": str(axis), "unit": array.attrs["unit"], "values": values}
    return list(found.values())
