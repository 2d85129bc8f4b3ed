"""Pages made from the objects: circuits with their benches, the shipped sweeps and tables, the commands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bitline.benches.base import Bench
from bitline.benches.registry import benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuits
from bitline.cli.app import command
from bitline.lut.manifest import MANIFEST, read_manifest
from bitline.lut.shipped import shipped as shipped_luts
from bitline.parameters import describe_all
from bitline.sweep.sweep import Sweep
from bitline.sweep.sweep import shipped as shipped_sweeps

TABLES = "reference/tables.md"
COMMANDS = "reference/commands.md"
CIRCUITS = """# Circuits and benches

Every parameter, input and output, made from the objects themselves. `bitline list circuits NAME` prints the same.

The source of a default says how well it is known: `paper` (a publication states it), `transcribed` (a third party
copied it from one that could not be read), `foundry` (the process's own models, netlists or layouts), `measured` (a
simulation of bitline's own gave it), `assumed` (no source gives it) or `choice` (a design decision)."""
COMMANDS_HEAD = """# Options of the command line

What `bitline COMMAND --help` says, made from the commands themselves. [The command line](../cli.md) explains them."""
PARAMETER = ("name", "default", "unit", "allowed", "source", "meaning")


def pages() -> dict[str, str]:
    """Return every page by its path in the site."""
    texts = {_path(name): "\n".join(_circuit(name, circuit)) for name, circuit in circuits().items()}
    texts["reference/circuits.md"] = "\n".join(_circuits())
    return {**texts, TABLES: "\n".join(_tables()), COMMANDS: "\n".join(_commands())}


def nav() -> Iterator[str | dict[str, str]]:
    """Yield the entries of the circuits' pages."""
    yield "reference/circuits.md"
    for name in circuits():
        yield {name: _path(name)}


def _path(circuit: str) -> str:
    return f"reference/{circuit}.md"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown, with an empty one before and after it."""
    yield from ("", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: object) -> str:
    """Return a value as a cell in which nothing is taken for markup."""
    text = html.escape(" ".join(str(value).split()), quote=False).replace("|", "&#124;")
    return re.sub(r"([\\*_\[`])", r"\\\1", text)


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().partition("\n")[0]


def _circuits() -> Iterator[str]:
    yield CIRCUITS
    yield "\n| circuit | what it is | benches |\n|---|---|---|"
    for name, circuit in circuits().items():
        yield f"| [{name}]({name}.md) | {_cell(_first_line(circuit.__doc__))} | {', '.join(benches_of(circuit))} |"


def _circuit(name: str, circuit: type[Circuit]) -> Iterator[str]:
    yield f"# {name}\n\n{_first_line(circuit.__doc__)} In Python it is `{circuit.__module__}.{circuit.__name__}`."
    yield "\n## Parameters"
    yield "\nA dotted name is a parameter of a circuit or device inside this one."
    yield from table(PARAMETER, _parameters(circuit()))
    for bench_name, bench in benches_of(circuit).items():
        yield f"## Bench {bench_name}"
        yield from _bench(bench)


def _bench(bench: Bench) -> Iterator[str]:
    yield f"\n{bench.doc[:1].upper()}{bench.doc[1:]}."
    inputs = list(_parameters(bench.inputs()))
    if inputs:
        yield "\n### Inputs"
        yield from table(PARAMETER, inputs)
    yield "\n### Outputs"
    yield from table(("name", "unit", "meaning"), ((output.name, output.unit, output.doc) for output in bench.outputs))


def _parameters(owner: Any) -> Iterator[tuple[object, ...]]:
    for info in describe_all(owner):
        yield info.name, info.default, info.unit, info.allowed, info.source, info.doc


def _tables() -> Iterator[str]:
    yield "# Shipped sweeps and tables"
    yield "\n## Sweeps"
    yield "\n`bitline characterize NAME` runs one; `--quick` takes its quick form."
    yield from table(("sweep", "circuit", "benches", "points", "chips", "what it is"), _sweeps())
    yield "## Tables"
    yield "\nEach is valid between the ends of its axes, and look-up refuses to go beyond them."
    yield from table(("table", "part", "valid for"), _ranges())


def _sweeps() -> Iterator[tuple[object, ...]]:
    for name in shipped_sweeps():
        sweep = Sweep.load(name)
        benches = ", ".join(sweep.benches)
        yield name, sweep.circuit, benches, len(sweep), sweep.mismatch.samples, sweep.description


def _ranges() -> Iterator[tuple[str, str, str]]:
    for name, folder in shipped_luts().items():
        for part, stated in read_manifest(folder / MANIFEST)["tables"].items():
            yield name, part, "; ".join(map(_range, stated["axes"]))


def _range(axis: dict[str, Any]) -> str:
    values = axis["values"]
    number = all(isinstance(value, int | float) for value in values)
    span = ", ".join(map(str, values)) if len(values) < 6 or not number else f"{min(values):g} to {max(values):g}"
    unit = "" if axis["unit"] in ("", "1") else f" {axis['unit']}"
    return f"{axis['name']} {span}{unit}"


def _commands() -> Iterator[str]:
    yield COMMANDS_HEAD
    for path, found in _leaves(command(), ("bitline",)):
        yield f"\n## {' '.join(path)}\n\n{found.help}"
        yield from _options(found)
        examples = [line.strip() for line in (found.epilog or "").splitlines() if line.startswith("  ")]
        yield "\n".join(("\n```text", *examples, "```"))


def _leaves(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from _leaves(found, (*path, name))
        else:
            yield (*path, name), found


def _options(found: Any) -> Iterator[str]:
    import click

    with click.Context(found) as context:
        records = [record for parameter in found.params if (record := parameter.get_help_record(context))]
    yield from table(("option", "meaning"), records)
