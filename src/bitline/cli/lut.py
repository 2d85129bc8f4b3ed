"""``bitline lookup``, ``plot`` and ``export``: what is done with a LUT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitline.cli import options, output
from bitline.errors import ExporterError, InputError
from bitline.numbers import real

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from bitline.engine.waveforms import Waveforms
    from bitline.export import Exporter, Outline
    from bitline.lut.lookup import Index, Lookup
    from bitline.lut.lut import Lut

WAVEFORMS = (".csv", ".parquet", ".nc")

Condition = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Condition to write, where a format holds one; repeatable."),
]
FormatOptions = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An option of the format (docs/export.md); repeatable."),
]


def open_lut(name: str) -> Lut:
    """Read a LUT by its folder, its manifest or the name of a shipped one."""
    from bitline.lut.lut import Lut

    return Lut.load(name)


def lookup(
    lut: options.LutName,
    at: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE[,VALUE...]", help="A value per axis, or several, in SI units (temperature: degC)."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Look up every variable at one point, or at each of several.

    Interpolated inside the grid where the table is good for it, refused elsewhere. Of several values of an axis each
    is looked up, with each of another axis.
    """
    from bitline.lut.files import read_tables
    from bitline.lut.lookup import Index
    from bitline.lut.shipped import lut_folder

    # Without a Lut, whose Datasets take longer to load than all else; and which could not look up an axis called self.
    index = Index(read_tables(lut_folder(lut)))
    coords = _values(index, at or [])
    several = [name for name, value in coords.items() if isinstance(value, list)]
    found = index.lookup_arrays(_crossed(coords)) if several else index.lookup(coords)
    if as_json:
        values = {name: value.tolist() if several else value for name, value in found.items()}
        output.data_json({"at": coords, "values": values, "units": dict(found.units), "left_out": dict(found.left_out)})
        return
    _say_left_out(index, found)
    if several:
        _columns(found, coords, several)
        return
    rows = [(name, *output.value_and_unit(value, found.units[name])) for name, value in found.items()]
    output.table(("variable", "value", "unit"), rows)


def _values(index: Index, texts: list[str]) -> dict[str, Any]:
    """Read ``name=value`` and ``name=value,value`` texts: a coordinate, or a list of them."""
    from bitline.cli.assignments import split

    coords: dict[str, Any] = {}
    for name, text in split(texts, "lookup").items():
        values = [_coordinate(index.grids.get(name, []), part) for part in text.split(",")]
        coords[name] = values if len(values) > 1 else values[0]
    return coords


def _crossed(coords: dict[str, Any]) -> dict[str, Any]:
    """Return coordinates as arrays that broadcast to every combination, a dimension for each list, in their order."""
    import numpy as np

    several = [name for name, value in coords.items() if isinstance(value, list)]
    # Texts and numbers stay what they are only in an array of objects.
    grids = np.meshgrid(*(np.array(coords[name], dtype=object) for name in several), indexing="ij")
    return {**coords, **dict(zip(several, grids, strict=True))}


def _say_left_out(index: Index, found: Lookup) -> None:
    """Say which variables have no value, those with the same reason in one line."""
    names: dict[str, list[str]] = {}
    for name, reason in found.left_out.items():
        # A table's name alone does not say that it is the one with the sigma.
        held = f" ({', '.join(index.tables[name].columns)})" if name in index.tables else ""
        names.setdefault(reason, []).append(f"{name}{held}")
    for reason, alike in names.items():
        output.say(f"no value for {', '.join(alike)}: {reason}")


def _columns(found: Lookup, coords: dict[str, Any], several: list[str]) -> None:
    """Show a column for each point, headed by the coordinates that differ."""
    places = product(*(coords[name] for name in several))
    texts = [[str(value).removesuffix(".0") for value in place] for place in places]
    heads = [" ".join(map("=".join, zip(several, text, strict=True))) for text in texts]
    # Columns of one variable are read side by side: without prefixes, which may differ from one to the next.
    units = {name: "" if unit == "1" else unit for name, unit in found.units.items()}
    rows = [(name, *map(repr, values.ravel().tolist()), units[name]) for name, values in found.items()]
    output.table(("variable", *heads, "unit"), rows)


def coordinates(lut: Lut, texts: list[str], option: str) -> dict[str, float | str]:
    """Read ``name=value`` texts as coordinates of a LUT."""
    from bitline.cli.assignments import split

    return {
        name: _coordinate([table[name].to_numpy() for table in lut.tables.values() if name in table.coords], text)
        for name, text in split(texts, option).items()
    }


def _coordinate(grids: Sequence[NDArray[Any]], text: str) -> float | str:
    """Read a coordinate as its axis has them, given its values; what is no number stays text, which look-up refuses."""
    # Only the table tells whether its axis has text or numbers: a corner may be called 1.
    if grids and grids[0].dtype.kind == "U":
        return text
    try:
        return real(text)
    except ValueError:
        return text


def plot(
    source: options.LutOrWaveform,
    target: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Figure: .png, .svg or .pdf. [default: NAME.png]"),
    ] = None,
    x: Annotated[
        str | None, typer.Option("--x", metavar="AXIS", help="Draw variables over this axis of the LUT.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="AXIS", help="With --x: a line per value.")] = None,
    y: Annotated[
        list[str] | None,
        typer.Option("--y", metavar="VARIABLE", help="With --x: only this variable; repeatable."),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="NAME=VALUE", help="Fix an axis here, not at the reference condition."),
    ] = None,
    apart: Annotated[
        bool, typer.Option("--apart", help="Each panel as a figure of its own beside the overview: NAME.PANEL.png.")
    ] = False,
    cursor: Annotated[
        list[float] | None,
        typer.Option(
            "--cursor",
            metavar="X",
            parser=options.real,
            help="Of waveforms: mark this position and write every signal there, the difference of two as well.",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Open a window as well, where there is one.")] = False,
) -> None:
    """Draw a LUT, or the waveforms of one simulation.

    The figure's name goes to stdout; further pages of a LUT are named on stderr.
    """
    if x is None and (by or y):
        raise InputError(f"{'--by' if by else '--y'}: needs --x")
    # The name of a LUT's folder may end in .csv, too.
    if Path(source).suffix.lower() in WAVEFORMS and not Path(source).is_dir():
        if x or at or apart:
            raise InputError(f"{source}: waveforms are drawn over their own axis: --x, --at and --apart are for a LUT")
        figure = _plot_waveforms(Path(source), target, cursor or [])
    elif cursor:
        raise InputError(f"--cursor {cursor[0]:g}: is for waveforms; of a LUT see bitline lookup")
    else:
        lut = open_lut(source)
        condition = coordinates(lut, at or [], "--at")
        path = target or Path(f"{lut.name}.png")
        output.check_folder(path.parent)
        if x is None:
            figure = _plot_lut(lut, path, condition, apart=apart)
        else:
            figure = _plot_slice(lut, path, x, by, y or [], condition)
    if show:
        from bitline.plot import show as show_window

        show_window(figure)


def _plot_waveforms(source: Path, target: Path | None, cursors: list[float]) -> Figure:
    from bitline.engine.waveform_file import read
    from bitline.plot import save, simulation_figure

    waveforms = read(source)
    # Read before anything is written: a cursor beyond the axis is a mistake.
    rows = [_cursor_row(waveforms, name, cursors) for name in waveforms.signals if cursors]
    figure = simulation_figure(_with_cursors(waveforms, cursors))
    path = target or Path(f"{source.stem}.png")
    output.check_folder(path.parent)
    output.data(str(save(figure, path)))
    if cursors:
        names = [f"cursor {k + 1}" for k in range(len(cursors))]
        output.table(("signal", *names, *(["2 - 1"] if len(cursors) == 2 else []), "unit"), rows)
    return figure


def _with_cursors(waveforms: Waveforms, cursors: list[float]) -> Waveforms:
    """Return the waveforms with a mark at each cursor, and every signal circled there."""
    marks = {f"{k + 1}": position for k, position in enumerate(cursors)}
    read = tuple((name, position) for name in waveforms.signals for position in cursors)
    return replace(waveforms, marks={**waveforms.marks, **marks}, readings=(*waveforms.readings, *read))


def _cursor_row(waveforms: Waveforms, name: str, cursors: list[float]) -> tuple[str, ...]:
    """Return a signal's name, its value at each cursor, the difference of two, and its unit."""
    values = [waveforms.at(name, position) for position in cursors]
    if len(values) == 2:
        values.append(values[1] - values[0])
    return (name, *map(repr, values), waveforms.unit(name))


def _plot_slice(
    lut: Lut, path: Path, x: str, by: str | None, y: list[str], condition: dict[str, float | str]
) -> Figure:
    from bitline.plot import save, slice_figure

    figure = slice_figure(lut, x, by=by, y=y, at=condition)
    output.data(str(save(figure, path)))
    return figure


def _plot_lut(lut: Lut, path: Path, condition: dict[str, float | str], *, apart: bool) -> Figure:
    """Write the first page under the figure's name, further ones under ``NAME-2``, ``NAME-3`` ... beside it."""
    from bitline.plot import figures, not_drawn, panel_figures, save

    first, *others = figures(lut, condition)
    output.data(str(save(first, path)))
    for number, page in enumerate(others, 2):
        beside = path.with_name(f"{path.stem}-{number}{path.suffix}")
        output.say(f"the other tables and variables: {save(page, beside)}")
    if apart:
        for name, page in panel_figures(lut, condition).items():
            output.data(str(save(page, path.with_name(f"{path.stem}.{name}{path.suffix}"))))
    if names := not_drawn(lut):
        output.say(f"not drawn, the same everywhere (see bitline lookup): {', '.join(names)}")
    return first


def export(
    lut: options.LutName,
    to: options.Format = None,
    target: options.OutputFolder = None,
    at: Condition = None,
    settings: FormatOptions = None,
    check: Annotated[bool, typer.Option("--check", help="Load it in the program it is for, and compare.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Which formats this LUT allows.")] = False,
) -> None:
    """Write a LUT for another program.

    The names of the files go to stdout.
    """
    from bitline.export import exporter, exporters

    if listed:
        outline = _outline(lut)
        output.table(("format", "this LUT"), [(name, _answer(one, outline)) for name, one in exporters().items()])
        if outline.operation is None:
            output.say("most formats need what one use of the circuit is, which this LUT does not state: its operation")
        return
    if to is None or target is None:
        raise InputError("export: give --to FORMAT and -o DIR, or --list")
    from bitline.cli.assignments import split
    from bitline.export.options import read, takes_condition

    opened = open_lut(lut)
    target_format = exporter(to)
    arguments: dict[str, Any] = read(to, target_format.writer(), split(settings or [], "--set"))
    # If --at were ignored, the user would take the whole LUT for a single condition.
    if at and not takes_condition(target_format.writer()):
        raise InputError(f"--at {at[0]}: {to} writes every condition of the LUT")
    if at:
        arguments["condition"] = coordinates(opened, at, "--at")
    if check:
        # That a format has no check is said before anything is written.
        target_format.required_checker()
    for path in target_format.write(opened, target, **arguments):
        output.data(str(path))
    if check:
        output.say(target_format.check(opened, target))


def _outline(lut: str) -> Outline:
    """Return what a LUT holds, from the manifest alone, so that it takes no time."""
    from bitline.export import Outline
    from bitline.lut.manifest import MANIFEST, read_manifest
    from bitline.lut.shipped import lut_folder

    return Outline.from_manifest(read_manifest(lut_folder(lut) / MANIFEST))


def _answer(exporter: Exporter, outline: Outline) -> str:
    try:
        reason = exporter.refusal(outline)
    except ExporterError as error:
        reason = str(error)
    if reason:
        return f"no: {reason}"
    return "yes"
