"""Reports: one HTML file of LUTs and waveforms that reads like a datasheet, or Markdown for a repository.

The HTML holds everything: style, script, figures as SVG and all numbers of the tables, which the script draws as slices
and lists in pages. It asks for nothing from the network. Markdown has its figures in files beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr
from markupsafe import Markup

from bitline.content import folders
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.files import path_of, write_file
from bitline.lut.lut import Lut
from bitline.lut.table import column
from bitline.plot import figures, simulation_figure
from bitline.plot.figures import encoded
from bitline.report.cite import bibtex
from bitline.report.datasheet import datasheet
from bitline.report.key_figures import KeyFigure, figures_of
from bitline.report.nominal import at_nominal, nominal, place
from bitline.report.parameters import parameters
from bitline.report.rounded import exact, rounded
from bitline.report.waves import wave_data
from bitline.templates import environment

Format = Literal["html", "md"]
_SUFFIXES: Mapping[str, Format] = {".html": "html", ".htm": "html", ".md": "md", "": "html"}
_MOST_FAILURES = 50
"""Places of failed points in a report; their number is said."""
_BUDGET = ("error", "calibrated")
"""Variables of table ``error_budget``: with offset and gain, and without."""


def write(
    luts: Sequence[Lut],
    path: str | Path,
    format: Format | None = None,
    waveforms: Mapping[str, Waveforms] | None = None,
) -> list[Path]:
    """Write a report of LUTs and waveforms.

    Parameters
    ----------
    luts : sequence of Lut
        In the order in which they are to stand.
    path : path
        The report.
    format : {"html", "md"}, optional
        By default Markdown where the name ends in ``.md``, else HTML.
    waveforms : mapping of str to Waveforms, optional
        Simulations by the names that they are to have, after the LUTs.

    Returns
    -------
    list of Path
        The report first, then the figures of a Markdown report, ``STEM-1.svg`` and on beside it.

    Raises
    ------
    InputError
        If there is neither a LUT nor a simulation, or neither the name's suffix nor `format` says which form to write.
    StorageError
        If a file cannot be written.
    """
    target = path_of("report", path)
    runs = waveforms or {}
    if not luts and not runs:
        raise InputError("report: at least one LUT, or the waveforms of a simulation, must be given")
    # What has no suffix, such as /dev/stdout, takes HTML.
    if format is None and target.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"report {path!s}: suffix {target.suffix!r} is not one of {', '.join(filter(None, _SUFFIXES))}"
        )
    if (format or _SUFFIXES[target.suffix.lower()]) == "html":
        write_file(target, html(luts, runs))
        return [target]
    return _write_markdown(luts, runs, target)


def html(luts: Sequence[Lut], waveforms: Mapping[str, Waveforms] | None = None) -> str:
    """Return the HTML report of LUTs and waveforms, one self-contained page."""
    count = 0
    pages: list[dict[str, Any]] = []
    for lut in luts:
        drawn, reason = _drawn(lut)
        # Figures of one file must not share the names of their shapes.
        inlined = [Markup(_inlined(svg, f"f{count + k}-")) for k, svg in enumerate(drawn)]
        count += len(drawn)
        schematics = [Markup(_inlined(svg, f"s{len(pages)}-{k}-")) for k, svg in enumerate(_schematics(lut))]
        page = {"figures": inlined, "schematics": schematics, "no_figures": reason, "tables": list(_tables(lut))}
        pages.append({**_page(lut), **page})
    waves = [
        {"name": name, "title": run.title, "data": Markup(_json(wave_data(name, run)))}
        for name, run in (waveforms or {}).items()
    ]
    title = ", ".join([*(lut.name for lut in luts), *(waveforms or {})])
    template = environment().overlay(autoescape=True, finalize=_shown).get_template("reports/report.html.j2")
    return template.render(
        pages=pages, waves=waves, title=title, version=version("bitline"), rounded=rounded, exact=exact
    )


def _write_markdown(luts: Sequence[Lut], waveforms: Mapping[str, Waveforms], target: Path) -> list[Path]:
    written = [target]

    def beside(svgs: Iterable[bytes]) -> list[str]:
        """Write figures beside the report, numbered through, and return their names."""
        files = [target.with_name(f"{target.stem}-{len(written) + k}.svg") for k, _ in enumerate(svgs)]
        for file, svg in zip(files, svgs, strict=True):
            write_file(file, svg)
        written.extend(files)
        return [file.name for file in files]

    pages = []
    for lut in luts:
        drawn, reason = _drawn(lut)
        figures_beside = beside(drawn)
        schematics = beside(_schematics(lut))
        pages.append({**_page(lut), "figures": figures_beside, "schematics": schematics, "no_figures": reason})
    waves = [
        {"name": name, "title": run.title, "figures": beside([encoded(simulation_figure(run), "svg")])}
        for name, run in waveforms.items()
    ]
    text = environment().get_template("reports/report.md.j2").render(pages=pages, waves=waves, cells=_cells)
    # What a section leaves out would leave its empty lines behind.
    write_file(target, re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")
    return written


def _page(lut: Lut) -> dict[str, Any]:
    """Return what both forms of a report say of a LUT."""
    sheet = datasheet(lut)
    budget = error_budget(lut, sheet.nominal)
    return {
        "sheet": sheet,
        "nominal": place(xr.Dataset(), sheet.nominal),
        "figure_rows": _rows(sheet.key_figures),
        "budget": budget,
        "budget_rows": _rows(budget),
        "axes": [
            (row.table, column(row.name, row.unit), row.values, row.count, "yes" if row.interpolated else "no")
            for row in sheet.axes
        ],
        "variables": [(row.table, row.name, row.unit, row.doc) for row in sheet.variables],
        "parameters": parameters(lut),
        "conditions": list(sheet.conditions.items()),
        "status": ", ".join(f"{count} {status}" for status, count in sheet.status.items()),
        "failures": [(row.table, row.where, row.failed, row.ok) for row in sheet.failures[:_MOST_FAILURES]],
        "provenance": list(sheet.provenance.items()),
        "references": bibtex(lut).strip(),
    }


def error_budget(lut: Lut, condition: Mapping[str, str | float]) -> tuple[KeyFigure, ...]:
    """Return the error of each source at the nominal condition; none where a LUT has no table ``error_budget``."""
    table = lut.tables.get("error_budget")
    if table is None or "source" not in table.dims:
        return ()
    part = at_nominal(table, condition)
    return tuple(
        figure
        for name in _BUDGET
        if name in part
        for source in part["source"].values
        for figure in figures_of("error_budget", part.sel(source=[source]), name)
    )


def _rows(key_figures: Iterable[KeyFigure]) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for figure in key_figures:
        value, unit, interval = rounded(figure)
        bounds = f"{interval} {unit}".strip() if interval else ""
        rows.append((figure.name, f"{value} {unit}".strip(), bounds, figure.where, figure.doc))
    return rows


def _schematics(lut: Lut) -> list[bytes]:
    """Return the drawings of a LUT's circuit: ``CIRCUIT.svg``, then its parts, ``CIRCUIT.PART.svg``."""
    circuit = str(lut.attrs.get("circuit", ""))
    # By stem: of the whole names "CIRCUIT.PART.svg" would come before "CIRCUIT.svg".
    places = folders("schematics")
    paths = [path for place in places for path in sorted(place.glob("*.svg"), key=lambda path: path.stem)]
    return [path.read_bytes() for path in paths if path.name.partition(".")[0] == circuit]


def _drawn(lut: Lut) -> tuple[list[bytes], str]:
    """Return a LUT's figures as SVG, or none and why not."""
    try:
        return [encoded(figure, "svg") for figure in figures(lut)], ""
    except InputError as error:
        return [], str(error)


def _inlined(svg: bytes, prefix: str) -> str:
    """Return an SVG as an element of a page: its names prefixed and once each, its paths to a hundredth of a point."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bd="[^"]*"', lambda match: re.sub(r"(\.\d\d)\d+", r"\1", match.group()), text)
    # Most names are used by nothing. Shapes that several panels share are defined alike in each: the first one serves.
    wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))

    def name(match: re.Match[str]) -> str:
        if match[1] not in wanted:
            return ""
        wanted.remove(match[1])
        return f' id="{prefix}{match[1]}"'

    text = re.sub(r'\sid="([^"]*)"', name, text)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", text)


def _tables(lut: Lut) -> Iterator[dict[str, Any]]:
    """Yield name, number of grid points and data of each table."""
    condition = nominal(lut)
    for name, table in lut.tables.items():
        points = int(np.prod([*table.sizes.values()]))
        yield {"name": name, "points": points, "data": Markup(_json(_data(table, condition)))}


def _data(table: xr.Dataset, condition: Mapping[str, str | float]) -> dict[str, Any]:
    """Return a table as the script reads it: axes in order, then each variable flat, the last axis fastest."""
    dims = next(iter(table.data_vars.values())).dims
    return {
        "axes": [{**_entry(table[dim]), "nominal": condition.get(str(dim), "all")} for dim in dims],
        "variables": [{**_entry(array), "count": array.dtype.kind == "i"} for array in table.data_vars.values()],
    }


def _entry(array: xr.DataArray) -> dict[str, Any]:
    values = array.values.ravel().tolist()
    # JSON has neither NaN nor infinities; where a point failed there is no number.
    finite = [value if isinstance(value, str) or np.isfinite(value) else None for value in values]
    return {"name": str(array.name), "unit": array.attrs["unit"], "doc": array.attrs["doc"], "values": finite}


def _json(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # In a page a script ends at the first "</script", wherever it stands.
    return text.replace("<", "\\u003c")


def _shown(value: Any) -> Any:
    """Write a number of a page with all its digits, and a list or table of the provenance in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {entry}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value


def _cells(row: Iterable[Any]) -> str:
    """Return a row's cells in Markdown, so that nothing in them is taken for markup."""
    return " | ".join(re.sub(r"([|*<\\])", r"\\\1", str(_shown(cell))) for cell in row)
