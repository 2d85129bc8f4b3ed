"""``bitline show``, ``report`` and ``cite``: what a LUT says of itself, for people."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitline.cli import options, output
from bitline.cli.lut import WAVEFORMS, open_lut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bitline.report import Datasheet, KeyFigure

_MOST_FAILURES = 10
"""Places of failed points that are shown; their number is said."""


def show(lut: options.LutName, as_json: options.Json = False) -> None:
    """Show the key figures of a LUT, with intervals.

    Axes, variables, provenance, failed points and what is assumed follow.
    """
    from bitline.report import changed_parameters, datasheet

    opened = open_lut(lut)
    sheet = datasheet(opened)
    set_here = changed_parameters(opened)
    if as_json:
        output.data_json({**asdict(sheet), "changed_parameters": set_here})
        return
    _head(sheet)
    _key_figures(sheet.key_figures)
    _tables(sheet)
    _entries("parameters that are not the circuit's defaults", set_here)
    _entries("conditions and inputs that no axis changes", sheet.conditions)
    _entries("what the numbers are of", sheet.scope)
    _entries("provenance", sheet.provenance)
    _failures(sheet)
    _lines("assumed, no source gives it", sheet.assumed)
    if sheet.repeat:
        output.data(f"\nto repeat: {sheet.repeat}")


def report(
    luts: Annotated[
        list[str],
        typer.Argument(
            metavar="LUT|WAVEFORM...",
            help="Folders with a lut.json, names of shipped LUTs, or files that simulate --save wrote.",
        ),
    ],
    target: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The report: .html, or .md with figures beside it.")
    ] = Path("report.html"),
    form: Annotated[
        Literal["html", "md"] | None, typer.Option("--format", help="[default: md if FILE ends in .md, else html]")
    ] = None,
) -> None:
    """Write a report of LUTs and waveforms that reads like a datasheet.

    One HTML file without anything from the network, or Markdown. The names of the files go to stdout.
    """
    from bitline.engine.waveform_file import read
    from bitline.report import write

    # The name of a LUT's folder may end in .csv, too.
    runs = [name for name in luts if Path(name).suffix.lower() in WAVEFORMS and not Path(name).is_dir()]
    opened = [open_lut(name) for name in luts if name not in runs]
    waveforms = {Path(name).name: read(name) for name in runs}
    output.check_folder(target.parent)
    with output.working(f"drawing the figures of {', '.join(luts)}"):
        written = write(opened, target, form, waveforms)
    for path in written:
        output.data(str(path))


def cite(lut: options.LutName) -> None:
    """Write the references of a LUT as BibTeX.

    Program, simulator, PDK, models and methods, as far as the LUT says that it used them.
    """
    from bitline.report import bibtex

    output.data(bibtex(open_lut(lut)))


def _head(sheet: Datasheet) -> None:
    output.data(f"{sheet.name} ({sheet.kind}): {sheet.description}".removesuffix(": "))
    if sheet.operation:
        output.data(f"operation: {sheet.operation}")
    for name, text in sheet.energy.items():
        output.data(f"{name}: {text}")
    output.data(f"nominal condition: {_text(sheet.nominal)}")


def _key_figures(figures: Iterable[KeyFigure]) -> None:
    from bitline.report.rounded import exact, rounded

    # As for `lookup`: a program that reads a pipe needs every digit and no prefixes.
    form = rounded if sys.stdout.isatty() else exact
    rows = [(figure.name, *form(figure), figure.where, figure.doc) for figure in figures]
    output.data("\nkey figures at the nominal condition:")
    output.table(("figure", "value", "unit", "95 % interval", "where", "what it is"), rows)


def _tables(sheet: Datasheet) -> None:
    output.data("\naxes:")
    rows = [
        (axis.table, axis.name, axis.unit, axis.values, str(axis.count), "yes" if axis.interpolated else "no")
        for axis in sheet.axes
    ]
    output.table(("table", "axis", "unit", "values", "number", "interpolated"), rows)
    output.data("\nvariables:")
    variables = [(variable.table, variable.name, variable.unit, variable.doc) for variable in sheet.variables]
    output.table(("table", "variable", "unit", "what it is"), variables)


def _failures(sheet: Datasheet) -> None:
    _entries("points by status", sheet.status)
    _lines("could not be made", sheet.problems)
    places = [f"{row.table}: {row.where}: {row.failed} failed, {row.ok} ok" for row in sheet.failures]
    _lines(f"grid points with simulations that gave no result, {len(places)} in all", places[:_MOST_FAILURES])


def _entries(title: str, entries: Mapping[str, Any]) -> None:
    _lines(title, [f"{name}: {_text(value)}" for name, value in entries.items()])


def _lines(title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        output.data(f"\n{title}:")
    for line in lines:
        output.data(f"  {line}")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
