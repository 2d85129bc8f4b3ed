"""``bitline simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bitline.cli import options, output
from bitline.pdk.corner import Corner

if TYPE_CHECKING:
    from bitline.cli.worker import Simulated
    from bitline.sweep.point import Point

FIGURES = (".png", ".svg", ".pdf")


def simulate(
    circuit: options.CircuitName,
    bench: options.Bench = None,
    settings: options.Settings = None,
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
    """Simulate one point and show what its bench measures."""
    from bitline.benches.base import Conditions
    from bitline.cli.settings import choose, default_bench
    from bitline.cli.waveform_file import FORMATS, write
    from bitline.cli.worker import simulate_apart
    from bitline.pdk.descriptor import load_pdk
    from bitline.simulate.selftest import preferred_engine
    from bitline.sweep.evaluate import Context
    from bitline.sweep.point import Point

    for path, allowed in ((plot, FIGURES), (save, FORMATS)):
        if path is not None:
            output.check_suffix(path, allowed)
            output.check_folder(path.parent)
    chosen = choose(circuit, bench or default_bench(circuit), settings or [])
    assert chosen.bench is not None
    models = load_pdk(pdk)
    conditions = Conditions(
        corner=corner or Corner.tt,
        vdd=models.vdd if vdd is None else vdd,
        temperature=temperature,
        sample=sample,
        seed=seed,
    )
    point = Point(0, chosen.circuit, chosen.bench.name, conditions, chosen.inputs)
    context = Context(models, engine or preferred_engine(), accuracy, timeout)
    result = simulate_apart(point, context)
    if save is not None:
        write(result.waveforms, save)
        output.say(f"wrote {save}")
    if plot is not None:
        from bitline.plot import save as save_figure
        from bitline.plot import waveform_figure

        save_figure(waveform_figure(result.waveforms), plot)
        output.say(f"wrote {plot}")
    if as_json:
        output.data_json(_summary(point, result, context.engine, accuracy))
    else:
        _show(point, result)


def _show(point: Point, result: Simulated) -> None:
    output.say(f"{point}, bench {point.bench}")
    if result.rung != "plain":
        output.say(f"converged on rung {result.rung!r} of the ladder")
    rows = [
        (spec.name, *output.value_and_unit(result.values[spec.name], spec.unit), spec.doc) for spec in result.outputs
    ]
    output.table(("output", "value", "unit", "what"), rows)


def _summary(point: Point, result: Simulated, engine: str, accuracy: str) -> dict[str, object]:
    from dataclasses import asdict

    from bitline.sweep.point import changed_parameters

    return {
        "circuit": point.circuit.name,
        "bench": point.bench,
        "parameters": changed_parameters(point.circuit),
        "inputs": asdict(point.inputs),
        "conditions": asdict(point.conditions),
        "values": dict(result.values),
        "units": {spec.name: spec.unit for spec in result.outputs},
        "engine": engine,
        "accuracy": accuracy,
        "ngspice": result.version,
        "rung": result.rung,
    }
