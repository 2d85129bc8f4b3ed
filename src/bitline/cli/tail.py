"""``bitline tail``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitline.cli import options, output
from bitline.cli.characterize import RUNS

if TYPE_CHECKING:
    from bitline.sweep.tail import Tail

Row = tuple[str, str, str, str]

# A column has hundreds of deviates; the few large ones name the transistors that decide.
_LARGEST = 8

Margins = Annotated[
    list[str],
    typer.Option(
        metavar="NAME",
        help="An output that must stay above 0, or 'NAME>NUMBER' or 'NAME<NUMBER'; repeatable: any one fails.",
    ),
]
Method = Annotated[Literal["importance", "subset", "plain"], typer.Option(help="How the deviates are chosen.")]
TargetCov = Annotated[
    float, typer.Option(metavar="X", parser=options.real, help="Standard error over estimate to stop at.")
]
MaxEvaluations = Annotated[
    int, typer.Option(metavar="N", parser=options.positive, help="Simulations to stop at in any case.")
]
StoreFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help=f"Finished simulations. [default: {RUNS}/CIRCUIT-BENCH-tail.sqlite]"),
]


def tail(
    circuit: options.CircuitName,
    margin: Margins,
    bench: options.Bench = None,
    settings: options.Settings = None,
    corner: options.AtCorner = None,
    vdd: options.Vdd = None,
    temperature: options.Temperature = 27.0,
    method: Method = "importance",
    seed: options.Seed = 1,
    cov: TargetCov = 0.1,
    max_evaluations: MaxEvaluations = 60_000,
    jobs: options.Jobs = options.PROCESSORS,
    store: StoreFile = None,
    engine: options.Engine = None,
    accuracy: options.AtAccuracy = "default",
    timeout: options.Timeout = 600.0,
    executor: options.Executor = "local",
    scheduler: options.Scheduler = None,
    pdk: options.PdkName = "sky130",
    as_json: options.Json = False,
) -> None:
    """Estimate how rarely a margin fails over mismatch, beyond plain Monte Carlo.

    Run again, it simulates only what is missing. It ends with 1, and says why, if --cov was not reached or
    a check speaks against the estimate.
    """
    from bitline.cli.settings import choose, conditions_of, default_bench
    from bitline.sweep.point import Point
    from bitline.sweep.report import Report
    from bitline.sweep.runner import Runner
    from bitline.sweep.tail import Estimator

    bench = bench or default_bench(circuit)
    # The store has a default, so that the same command with a larger --max-evaluations goes on from here.
    points = store or RUNS / f"{circuit}-{bench}-tail.sqlite"
    runner = Runner(pdk, engine, jobs, points, timeout, executor, scheduler)
    dut = choose(circuit, bench, settings or [])
    conditions = conditions_of(runner.models, corner, vdd, temperature, seed=seed)
    point = Point(0, dut.circuit, bench, conditions, dut.inputs)
    estimator = Estimator(method, seed, cov, max_evaluations)
    with Report(max_evaluations, label="tail") as report:
        result = runner.tail_at(point, margin, estimator=estimator, accuracy=accuracy, report=report)
    output.say(f"{circuit}, bench {bench}, {conditions}: failure is not {' and '.join(margin)}")
    _show(result, as_json)
    _say_effort(result)
    # A script must not take for a result what is none, or has not met --cov.
    if not result.estimate.converged:
        raise typer.Exit(1)


def _show(result: Tail, as_json: bool) -> None:
    if as_json:
        output.data_json(_summary(result))
    else:
        output.table(("what", "value", "unit", "meaning"), [*_estimate_rows(result), *_design_rows(result)])


def _summary(result: Tail) -> dict[str, Any]:
    from dataclasses import asdict

    points = [dict(zip(result.deviates, point, strict=True)) for point in result.estimate.design_points]
    return {
        **asdict(result.estimate),
        "converged": result.estimate.converged,
        "design_points": points,
        "failed": dict(result.failed),
        "dimension": len(result.deviates),
    }


def _estimate_rows(result: Tail) -> list[Row]:
    """Return what is known: without an estimate there is a bound at most."""
    estimate = result.estimate
    level = f"{100 * estimate.confidence:g} % confidence"
    equivalent = "plain Monte Carlo samples of the same standard error"
    rows: list[Row] = []
    if estimate.probability is not None:
        rows += [_row("probability", estimate.probability, "that the margin fails"), _row("low", estimate.low, level)]
    if estimate.probability is not None or estimate.high < 1:
        rows.append(_row("high", estimate.high, level))
    if estimate.cov is not None:
        rows.append(_row("cov", estimate.cov, "standard error over the probability"))
    if estimate.equivalent_samples is not None:
        rows.append(_row("equivalent_samples", estimate.equivalent_samples, equivalent))
    return [
        *rows,
        ("evaluations", str(estimate.evaluations), "", f"simulations, by {estimate.method}"),
        ("invalid", str(estimate.invalid), "", "samples without a result, counted as failures"),
        ("dimension", str(len(result.deviates)), "", "standard-normal deviates"),
    ]


def _design_rows(result: Tail) -> list[Row]:
    """Return the distance of the nearest design point and its largest deviates; nothing where there is none."""
    design_point = result.estimate.design_point
    if not design_point:
        return []
    distance = math.hypot(*design_point)
    # The largest deviates name the transistors that a designer would make larger.
    by_size = sorted(zip(result.deviates, design_point, strict=True), key=lambda item: -abs(item[1]))
    return [
        _row("beta", distance, "distance of the nearest design point, in sigmas"),
        *(_row(name, deviate, "deviate at the design point") for name, deviate in by_size[:_LARGEST]),
    ]


def _row(name: str, value: float, meaning: str) -> Row:
    return (name, *output.value_and_unit(value, "1"), meaning)


def _say_effort(result: Tail) -> None:
    estimate = result.estimate
    output.say(
        f"{estimate.evaluations} simulations ({result.simulated} new), {len(estimate.design_points)} design points"
    )
    if result.failed:
        failures = ", ".join(f"{count} {status}" for status, count in result.failed.items())
        output.say(f"without a result: {failures}; those of the search for design points are not counted")
    if not estimate.converged:
        claim = "no estimate" if estimate.probability is None else "not converged"
        output.say(f"{claim}: {estimate.doubt}; give more --max-evaluations, or another --method")
