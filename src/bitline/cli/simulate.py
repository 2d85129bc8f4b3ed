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
    from collections.abc import Mapping, Sequence

    from bitline.benches.accuracy import Accuracy
    from bitline.benches.base import Conditions, Output
    from bitline.engine.waveforms import Waveforms
    from bitline.sweep.point import Point
    from bitline.sweep.runner import Runner
    from bitline.sweep.simulate import Simulation

# Conditions that few simulations set.
_RARE = ("deviates", "sampling", "samples", "group")
FIGURES = (".png", ".svg", ".pdf")

Each = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Simulate every value of this parameter or input, a choice such as level: overlaid in the figure, "
        "a column each in the table, a file each (F-VALUE.csv) for --save.",
    ),
]
Behind = Annotated[
    int,
    typer.Option(
        metavar="N",
        parser=options.whole,
        help="Draw this many mismatch samples thin behind the curve of --plot: a butterfly or an N-curve.",
    ),
]
Figure = Annotated[Path | None, typer.Option(metavar="F.png", help="Draw the waveforms: .png, .svg or .pdf.")]
WaveformFile = Annotated[
    Path | None, typer.Option(metavar="F.csv", help="Keep the waveforms: .csv, .parquet, .nc, .raw or .vcd.")
]


def simulate(
    circuit: options.CircuitName,
    bench: options.Bench = None,
    settings: options.Settings = None,
    each: Each = None,
    corner: options.AtCorner = None,
    vdd: options.Vdd = None,
    temperature: options.Temperature = 27.0,
    seed: options.Seed = 1,
    sample: options.Sample = 0,
    sampling: options.Sampling = "random",
    hypercube: options.Hypercube = 0,
    group: options.Group = "all",
    behind: Behind = 0,
    engine: options.Engine = None,
    accuracy: options.AtAccuracy = "default",
    timeout: options.Timeout = 600.0,
    pdk: options.PdkName = "sky130",
    plot: Figure = None,
    save: WaveformFile = None,
    as_json: options.Json = False,
) -> None:
    """Simulate one point (or several: --each) and show what its bench measures."""
    from dataclasses import replace

    from bitline.cli.settings import conditions_of, default_bench
    from bitline.engine.selftest import preferred_engine
    from bitline.engine.waveform_file import WRITTEN
    from bitline.sweep.runner import Runner

    # A simulation may take minutes, so a figure that cannot be written is refused before it.
    for path, allowed in ((plot, FIGURES), (save, WRITTEN)):
        if path is not None:
            check_suffix(path, allowed)
            output.check_folder(path.parent)
    # The command line can start a worker. Runner's default, batch, is for scripts, in which one may not start.
    runner = Runner(pdk, engine or preferred_engine(), timeout=timeout)
    conditions = conditions_of(runner.models, corner, vdd, temperature, sample=sample, seed=seed)
    conditions = replace(conditions, sampling=sampling, samples=hypercube, group=group)
    _check_each(each, settings or [], corner)
    _check_behind(behind, plot, each)
    points = _points(circuit, bench or default_bench(circuit), settings or [], each, conditions)
    results = dict(zip(points, runner.simulate_points(list(points.values()), accuracy), strict=True))
    if save is not None:
        _save(results, save)
    if plot is not None:
        _plot(results, plot, _samples(runner, next(iter(points.values())), behind, accuracy))
    if not as_json:
        _show(results)
    elif each is None:
        output.data_json(_summary(results[""], accuracy))
    else:
        output.data_json([_summary(result, accuracy) for result in results.values()])


def _check_each(each: str | None, settings: list[str], corner: Corner | None) -> None:
    """Refuse ``--each`` of what another option sets: one value and every value contradict each other."""
    from bitline.cli.assignments import split

    if each is None:
        return
    if each in split(settings, "--set") or (each == "corner" and corner is not None):
        raise InputError(f"--each {each}: is given one value already")


def _check_behind(behind: int, plot: Path | None, each: str | None) -> None:
    """Refuse mismatch samples that no figure would show."""
    if behind < 0:
        raise InputError(f"--behind = {behind}: must be >= 0")
    if behind and (plot is None or each is not None):
        raise InputError(f"--behind = {behind}: samples are drawn behind the curve of --plot, and not with --each")


def _samples(runner: Runner, point: Point, behind: int, accuracy: Accuracy) -> list[Waveforms]:
    """Return the waveforms of a point's first mismatch samples."""
    from dataclasses import replace

    if not behind:
        return []
    others = [replace(point, conditions=replace(point.conditions, sample=k)) for k in range(1, behind + 1)]
    return [result.waveforms for result in runner.simulate_points(others, accuracy)]


def _points(
    circuit: str, bench: str, settings: list[str], each: str | None, conditions: Conditions
) -> dict[str, Point]:
    """Return the points by the value of `each`; a single one, by the empty text, without it."""
    from dataclasses import replace

    from bitline.cli.each import values
    from bitline.cli.settings import choose
    from bitline.sweep.point import Point

    if each is None:
        dut = choose(circuit, bench, settings)
        return {"": Point(0, dut.circuit, bench, conditions, dut.inputs)}
    points: dict[str, Point] = {}
    for index, value in enumerate(values(circuit, bench, each)):
        # The corner is a condition and no parameter, so `--set` would refuse it.
        if each == "corner":
            dut = choose(circuit, bench, settings)
            points[value] = Point(index, dut.circuit, bench, replace(conditions, corner=Corner(value)), dut.inputs)
        else:
            dut = choose(circuit, bench, [*settings, f"{each}={value}"])
            points[value] = Point(index, dut.circuit, bench, conditions, dut.inputs)
    return points


def _save(results: Mapping[str, Simulation], path: Path) -> None:
    from bitline.engine.waveform_file import write

    for value, result in results.items():
        target = path
        if value:
            target = path.with_stem(f"{path.stem}-{value}")
        write(result.waveforms, target)
        output.say(f"wrote {target}")


def _plot(results: Mapping[str, Simulation], path: Path, behind: Sequence[Waveforms]) -> None:
    from bitline.plot import levels_figure, simulation_figure
    from bitline.plot import save as save_figure

    waveforms = {value: result.waveforms for value, result in results.items()}
    if "" in waveforms:
        save_figure(simulation_figure(waveforms[""], behind), path)
    else:
        save_figure(levels_figure(waveforms), path)
    output.say(f"wrote {path}")


def _show(results: Mapping[str, Simulation]) -> None:
    for result in results.values():
        output.say(f"{result.point}, bench {result.point.bench}")
        # Another rung has other options of the solver, which may cost some of the last digits.
        if result.rung != "plain":
            output.say(f"converged on rung {result.rung!r} of the ladder")
    rows = [_row(spec, [result.values[spec.name] for result in results.values()]) for spec in _outputs(results)]
    output.table(("output", *(value or "value" for value in results), "unit", "what"), rows)


def _outputs(results: Mapping[str, Simulation]) -> tuple[Output, ...]:
    return next(iter(results.values())).outputs


def _row(spec: Output, values: Sequence[float]) -> tuple[str, ...]:
    """Return name, values, unit and meaning of an output."""
    cells = [output.value_and_unit(value, spec.unit) for value in values]
    units = {unit for _, unit in cells}
    if len(units) == 1:
        return (spec.name, *(number for number, _ in cells), units.pop(), spec.doc)
    # On a terminal each value has its own prefix, so its unit stands with it.
    return (spec.name, *(f"{number} {unit}" for number, unit in cells), "", spec.doc)


def _summary(result: Simulation, accuracy: Accuracy) -> dict[str, object]:
    from dataclasses import asdict

    from bitline.parameters import changed_parameters

    point = result.point
    return {
        "circuit": point.circuit.name,
        "bench": point.bench,
        "parameters": changed_parameters(point.circuit),
        "inputs": asdict(point.inputs),
        "conditions": _chosen(point.conditions),
        "values": dict(result.values),
        "units": {spec.name: spec.unit for spec in result.outputs},
        "engine": result.engine,
        "accuracy": accuracy,
        "ngspice": result.ngspice,
        "rung": result.rung,
    }


def _chosen(conditions: Conditions) -> dict[str, object]:
    """Return the conditions of a simulation; those that say how a sample was chosen only where they say something."""
    from dataclasses import asdict

    usual = {name: value for name, value in asdict(type(conditions)()).items() if name in _RARE}
    return {name: value for name, value in asdict(conditions).items() if name not in usual or value != usual[name]}
