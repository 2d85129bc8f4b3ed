"""``bitline characterize``."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitline.benches.accuracy import Accuracy
from bitline.cli import options, output

if TYPE_CHECKING:
    from bitline.sweep.characterize import Characterization
    from bitline.sweep.sweep import Sweep

RUNS = Path("results/runs")
_FAILURES_SHOWN = 3


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def characterize(
    sweep: options.SweepName,
    jobs: Annotated[
        int,
        typer.Option(
            "-j", "--jobs", metavar="N", parser=options.positive, help="Worker processes.", show_default="processors"
        ),
    ] = processors(),
    samples: Annotated[
        int | None, typer.Option(metavar="N", parser=options.whole, help="Mismatch samples. [default: the sweep's]")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", parser=options.whole, help="Seed of the mismatch. [default: the sweep's]")
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Finished points. [default: {RUNS}/SWEEP.sqlite]"),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help=f"The LUT. [default: {RUNS}/SWEEP]")
    ] = None,
    engine: options.Engine = None,
    accuracy: Annotated[Accuracy | None, typer.Option(help="Tolerances of the solver. [default: the sweep's]")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The sweep's quick form.")] = False,
    timeout: options.Timeout = 600.0,
    pdk: options.PdkName = "sky130",
    as_json: options.Json = False,
) -> None:
    """Run a sweep and write its LUT.

    Run again, it simulates only what is missing. The LUT's folder goes to stdout.
    """
    from bitline.cli.worker import check_timeout
    from bitline.pdk.descriptor import load_pdk
    from bitline.simulate.selftest import ngspice_version
    from bitline.sweep.characterize import characterize as run
    from bitline.sweep.report import Report

    check_timeout(timeout)
    chosen = _chosen(sweep, quick, samples, seed, accuracy)
    models = load_pdk(pdk)
    ngspice_version()
    folder, stored = target or RUNS / chosen.name, store or RUNS / f"{chosen.name}.sqlite"
    output.check_folder(folder)
    began = time.monotonic()
    with Report(len(chosen), label=chosen.name) as report:
        result = run(chosen, jobs=jobs, store=stored, engine=engine, pdk=models, timeout=timeout, report=report)
    result.lut.save(folder)
    summary = _summary(chosen, result, time.monotonic() - began, folder, stored)
    _tell(chosen, result, summary)
    output.data_json(summary) if as_json else output.data(str(folder))
    if result.failed:
        raise typer.Exit(1)


def _chosen(name: str, quick: bool, samples: int | None, seed: int | None, accuracy: Accuracy | None) -> Sweep:
    """Return the sweep with what the command line says laid over it."""
    from bitline.sweep.sweep import Sweep

    found = Sweep.load(name)
    if quick:
        found = found.quick()
    mismatch = {key: value for key, value in (("samples", samples), ("seed", seed)) if value is not None}
    changes: dict[str, Any] = {"mismatch": mismatch} if mismatch else {}
    if accuracy is not None:
        changes["accuracy"] = accuracy
    return found.replace(**changes) if changes else found


def _summary(sweep: Sweep, result: Characterization, seconds: float, folder: Path, store: Path) -> dict[str, Any]:
    failed = Counter(outcome.status for outcome in result.outcomes if not outcome.ok)
    return {
        "sweep": sweep.name,
        "points": len(result.outcomes),
        "failed": dict(sorted(failed.items())),
        "cached": len(result.outcomes) - result.simulated,
        "simulated": result.simulated,
        "seconds": round(seconds, 3),
        "lut": str(folder),
        "store": str(store),
    }


def _tell(sweep: Sweep, result: Characterization, summary: dict[str, Any]) -> None:
    told = ", ".join(f"{count} {status}" for status, count in summary["failed"].items()) or "none"
    output.say(
        f"{sweep.name}: {summary['points']} points ({summary['simulated']} simulated, {summary['cached']} cached) in "
        f"{summary['seconds']:.1f} s; failed: {told}"
    )
    shown = 0
    for point, outcome in zip(sweep.points(), result.outcomes, strict=True):
        if not outcome.ok and shown < _FAILURES_SHOWN:
            shown += 1
            output.say(f"  {outcome.status}: {point}: {(outcome.log.splitlines() or [''])[0]}")
    if result.failed > shown:
        output.say(f"  and {result.failed - shown} more")
    folder = summary["lut"]
    output.say(f"LUT: {folder}/lut.json and the CSV files beside it")
    output.say(f"look next: bitline plot {folder}, bitline lookup {folder}, bitline export {folder} --list")
