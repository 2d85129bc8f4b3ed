"""``bitline simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bitline.cli import options, output
from bitline.errors import InputError
from bitline.files import check_suffix
from bitline.pdk.corner import Corner

if TYPE_CHECKING:
    from bitline.benches.base import Conditions
    from bitline.cli.worker import Simulated
    from bitline.sweep.point import Point
    from bitline.sweep.simulate import Context

FIGURES = (".png", ".svg", ".pdf")


def simulate(
    circuit: options.CircuitName,
    bench: options.Bench = None,
    settings: options.Settings = None,
    each: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Simulate every value of this parameter or input, a choice such as level: overlaid in the figure, "
            "a column each in the table, a file each (F-VALUE.csv) for --save.",
        ),
    ] = None,
    corner: options.AtCorner = None,
    vdd: options.Vdd = None,
    temperature: options.Temperature = 27.0,
    seed: options.Seed = 1,
    sample: options.Sample = 0,
    engine: options.Engine = None,
    accuracy: options.AtAccuracy = "default",
    timeout: options.Timeout = 600.0,
    pdk: options.PdkName = "sky130",
    plot: Annotated[Path | None, typer.Option(metavar="F.png", help="Draw the waveforms: .png, .svg or .pdf.")] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="F.csv", help="Keep the waveforms: .csv, .parquet or .nc.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Simulate one point (or several: --each) and show what its bench measures."""
    from bitline.benches.base import Conditions
    from bitline.cli.settings import default_bench, split
    from bitline.cli.worker import simulate_apart
    from bitline.pdk.descriptor import load_pdk
    from bitline.simulate.selftest import preferred_engine
    from bitline.simulate.waveform_file import FORMATS
    from bitline.sweep.simulate import Context

    for path, allowed in ((plot, FIGURES), (save, FORMATS)):
        if path is not None:
            check_suffix(path, allowed)
            output.check_folder(path.parent)
    models = load_pdk(pdk)
    conditions = Conditions(
        corner=corner or Corner.tt,
        vdd=models.vdd if vdd is None else vdd,
        temperature=temperature,
        sample=sample,
        seed=seed,
    )
    if each is not None and (each in split(settings or [], "--set") or (each == "corner" and corner is not None)):
        raise InputError(f"--each {each}: is given one value already")
    points = _points(circuit, bench or default_bench(circuit), settings or [], each, conditions)
    context = Context(models, engine or preferred_engine(), accuracy, timeout)
    results = dict(zip(points, simulate_apart(list(points.values()), context), strict=True))
    if save is not None:
        _save(results, save)
    if plot is not None:
        _plot(results, plot)
    if as_json:
        told = [_summary(points[value], results[value], context) for value in points]
        output.data_json(told[0] if each is None else told)
    else:
        _show(points, results)


def _points(
    circuit: str, bench: str, settings: list[str], each: str | None, conditions: Conditions
) -> dict[str, Point]:
    """Return the points by the value of `each`; a single one, by the empty text, without it."""
    from dataclasses import replace

    from bitline.cli.each import values
    from bitline.cli.settings import choose
    from bitline.sweep.point import Point

    points: dict[str, Point] = {}
    for value in [""] if each is None else values(circuit, bench, each):
        varied = [f"{each}={value}"] if each not in (None, "corner") else []
        chosen = choose(circuit, bench, [*settings, *varied])
        where = replace(conditions, corner=Corner(value)) if each == "corner" else conditions
        points[value] = Point(len(points), chosen.circuit, bench, where, chosen.inputs)
    return points


def _save(results: dict[str, Simulated], path: Path) -> None:
    from bitline.simulate.waveform_file import write

    for value, result in results.items():
        target = path.with_stem(f"{path.stem}-{value}") if value else path
        write(result.waveforms, target)
        output.say(f"wrote {target}")


def _plot(results: dict[str, Simulated], path: Path) -> None:
    from bitline.plot import levels_figure, simulation_figure
    from bitline.plot import save as save_figure

    waveforms = {value: result.waveforms for value, result in results.items()}
    save_figure(simulation_figure(waveforms[""]) if "" in waveforms else levels_figure(waveforms), path)
    output.say(f"wrote {path}")


def _show(points: dict[str, Point], results: dict[str, Simulated]) -> None:
    for value, result in results.items():
        output.say(f"{points[value]}, bench {points[value].bench}")
        if result.rung != "plain":
            output.say(f"converged on rung {result.rung!r} of the ladder")
    rows = []
    for spec in next(iter(results.values())).outputs:
        cells = [output.value_and_unit(result.values[spec.name], spec.unit) for result in results.values()]
        units = {unit for _, unit in cells}
        # on a terminal each value has its own prefix: then the unit stands with it
        shown = [number if len(units) == 1 else f"{number} {unit}" for number, unit in cells]
        rows.append((spec.name, *shown, units.pop() if len(units) == 1 else "", spec.doc))
    output.table(("output", *(value or "value" for value in results), "unit", "what"), rows)


def _summary(point: Point, result: Simulated, context: Context) -> dict[str, object]:
    from dataclasses import asdict

    from bitline.parameters import changed_parameters

    return {
        "circuit": point.circuit.name,
        "bench": point.bench,
        "parameters": changed_parameters(point.circuit),
        "inputs": asdict(point.inputs),
        "conditions": {name: value for name, value in asdict(point.conditions).items() if value != ()},
        "values": dict(result.values),
        "units": {spec.name: spec.unit for spec in result.outputs},
        "engine": context.engine,
        "accuracy": context.accuracy,
        "ngspice": result.version,
        "rung": result.rung,
    }
