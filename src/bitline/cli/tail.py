"""``bitline tail``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitline.cli import options, output
from bitline.cli.characterize import RUNS, processors
from bitline.pdk.corner import Corner

if TYPE_CHECKING:
    from bitline.sweep.tail import Tail

_LARGEST = 8  # deviates of the design point that are shown


def tail(
    circuit: options.CircuitName,
    margin: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="An output that must stay above 0, or 'NAME>NUMBER' or 'NAME<NUMBER'; repeatable: any one fails.",
        ),
    ],
    bench: options.Bench = None,
    settings: options.Settings = None,
    corner: options.AtCorner = None,
    vdd: options.Vdd = None,
    temperature: options.Temperature = 27.0,
    method: Annotated[
        Literal["importance", "subset", "plain"], typer.Option(help="How the deviates are chosen.")
    ] = "importance",
    seed: options.Seed = 1,
    cov: Annotated[
        float, typer.Option(metavar="X", parser=options.real, help="Standard error over estimate to stop at.")
    ] = 0.1,
    max_evaluations: Annotated[
        int, typer.Option(metavar="N", parser=options.positive, help="Simulations to stop at in any case.")
    ] = 20_000,
    jobs: Annotated[
        int,
        typer.Option(
            "-j", "--jobs", metavar="N", parser=options.positive, help="Worker processes.", show_default="processors"
        ),
    ] = processors(),
    store: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Finished simulations. [default: {RUNS}/CIRCUIT-BENCH-tail.sqlite]"),
    ] = None,
    engine: options.Engine = None,
    accuracy: options.AtAccuracy = "default",
    timeout: options.Timeout = 600.0,
    pdk: options.PdkName = "sky130",
    as_json: options.Json = False,
) -> None:
    """Estimate how rarely a margin fails over mismatch, beyond plain Monte Carlo.

    Run again, it simulates only what is missing. It ends with 1 if --cov was not reached.
    """
    from bitline.benches.base import Conditions
    from bitline.cli.settings import choose, default_bench
    from bitline.cli.worker import check_timeout
    from bitline.pdk.descriptor import load_pdk
    from bitline.sweep.report import Report
    from bitline.sweep.tail import Limit
    from bitline.sweep.tail import tail as run

    check_timeout(timeout)
    chosen = choose(circuit, bench or default_bench(circuit), settings or [])
    assert chosen.bench is not None
    limits = [Limit.parse(text) for text in margin]
    models = load_pdk(pdk)
    stored = store or RUNS / f"{circuit}-{chosen.bench.name}-tail.sqlite"
    conditions = Conditions(
        corner=corner or Corner.tt, vdd=models.vdd if vdd is None else vdd, temperature=temperature, seed=seed
    )
    with Report(max_evaluations, label="tail") as report:
        result = run(
            chosen.circuit,
            chosen.bench,
            chosen.inputs,
            limits,
            conditions=conditions,
            method=method,
            seed=seed,
            target_cov=cov,
            max_evaluations=max_evaluations,
            jobs=jobs,
            store=stored,
            engine=engine,
            accuracy=accuracy,
            pdk=models,
            timeout=timeout,
            report=report,
        )
    output.say(f"{circuit}, bench {chosen.bench.name}, {conditions}: failure is not {' and '.join(margin)}")
    output.data_json(_summary(result)) if as_json else _show(result)
    _tell(result, cov)
    if not result.estimate.converged:
        raise typer.Exit(1)


def _summary(result: Tail) -> dict[str, Any]:
    from dataclasses import asdict

    points = [dict(zip(result.deviates, point, strict=True)) for point in result.estimate.design_points]
    return {
        **asdict(result.estimate),
        "design_points": points,
        "failed": dict(result.failed),
        "dimension": len(result.deviates),
    }


def _show(result: Tail) -> None:
    found = result.estimate
    level = f"{100 * found.confidence:g} % confidence"
    rows = [
        ("probability", *output.value_and_unit(found.probability, "1"), "that the margin fails"),
        ("low", *output.value_and_unit(found.low, "1"), level),
        ("high", *output.value_and_unit(found.high, "1"), level),
        ("cov", *output.value_and_unit(found.cov, "1"), "standard error over the probability"),
        ("evaluations", str(found.evaluations), "", f"simulations, by {found.method}"),
        (
            "equivalent_samples",
            *output.value_and_unit(found.equivalent_samples, "1"),
            "plain Monte Carlo samples of the same standard error",
        ),
        ("invalid", str(found.invalid), "", "samples without a result, counted as failures"),
        ("dimension", str(len(result.deviates)), "", "standard-normal deviates"),
    ]
    if found.design_point:
        by_size = sorted(zip(result.deviates, found.design_point, strict=True), key=lambda item: -abs(item[1]))
        beta = sum(z * z for z in found.design_point) ** 0.5
        rows.append(("beta", *output.value_and_unit(beta, "1"), "distance of the nearest design point, in sigmas"))
        rows += [
            (name, *output.value_and_unit(z, "1"), "deviate at the design point") for name, z in by_size[:_LARGEST]
        ]
    output.table(("what", "value", "unit", "meaning"), rows)


def _tell(result: Tail, cov: float) -> None:
    found = result.estimate
    output.say(f"{found.evaluations} simulations ({result.simulated} new), {len(found.design_points)} design points")
    if result.failed:
        told = ", ".join(f"{count} {status}" for status, count in result.failed.items())
        output.say(f"without a result: {told}; those of the search for design points are not counted")
    if not found.converged:
        output.say(
            f"not converged: cov = {found.cov:.3g} where {cov:g} was asked for;"
            " give more --max-evaluations, or another --method"
        )
