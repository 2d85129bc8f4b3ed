"""``bitline characterize``."""

from __future__ import annotations

import time
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitline.benches.accuracy import Accuracy
from bitline.cli import options, output

if TYPE_CHECKING:
    from bitline.sweep.characterize import Characterization
    from bitline.sweep.dry_run import DryRun
    from bitline.sweep.sweep import Sweep

RUNS = Path("results/runs")
# All failures are counted by status; a few in full show what happened.
_FAILURES_SHOWN = 3

Samples = Annotated[
    int | None, typer.Option(metavar="N", parser=options.whole, help="Mismatch samples. [default: the sweep's]")
]
MismatchSeed = Annotated[
    int | None, typer.Option(metavar="N", parser=options.whole, help="Seed of the mismatch. [default: the sweep's]")
]
StoreFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help=f"Finished points. [default: {RUNS}/SWEEP.sqlite]")
]
LutFolder = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help=f"The LUT. [default: {RUNS}/SWEEP]")
]


def characterize(
    sweep: options.SweepName,
    jobs: options.Jobs = options.PROCESSORS,
    samples: Samples = None,
    seed: MismatchSeed = None,
    store: StoreFile = None,
    target: LutFolder = None,
    engine: options.Engine = None,
    accuracy: Annotated[Accuracy | None, typer.Option(help="Tolerances of the solver. [default: the sweep's]")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The sweep's quick form.")] = False,
    timeout: options.Timeout = 600.0,
    executor: options.Executor = "local",
    scheduler: options.Scheduler = None,
    pdk: options.PdkName = "sky130",
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many points there are, how many are stored, and the time.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Run a sweep and write its LUT.

    Run again, it simulates only what is missing. The LUT's folder goes to stdout.
    """
    from bitline.sweep.report import Report
    from bitline.sweep.runner import Runner

    plan = _plan(sweep, quick, samples, seed, accuracy)
    folder = target or RUNS / plan.name
    points = store or RUNS / f"{plan.name}.sqlite"
    runner = Runner(pdk, engine, jobs, points, timeout, executor, scheduler)
    # What the machine lacks is named before the first point and not after hours of them.
    runner.check()
    if dry:
        _say_plan(runner.dry_run(plan), as_json=as_json)
        return
    output.check_folder(folder)
    start = time.monotonic()
    with Report(plan.most, label=plan.name) as report:
        result = runner.characterization(plan, report)
    # The LUT is written even where points failed: these are marked in it, and the others have cost time.
    result.lut.save(folder)
    seconds = round(time.monotonic() - start, 3)
    _say_result(result, seconds, folder)
    if as_json:
        summary = {"sweep": plan.name, **_summary(result), "seconds": seconds, "lut": str(folder), "store": str(points)}
        output.data_json(summary)
    else:
        output.data(str(folder))
    if result.failed or result.problems:
        raise typer.Exit(1)


def _say_plan(plan: DryRun, *, as_json: bool) -> None:
    """Write what a sweep will take: nothing is simulated but one point at most."""
    if as_json:
        output.data_json({**asdict(plan), "time": plan.time})
        return
    about = "" if plan.asked == plan.points else f"about, of {plan.asked} looked up"
    adaptive = "" if plan.most == plan.points else f"in the first round of the adaptive axes; {plan.most} at most"
    rows = [
        ("points", str(plan.points), "", adaptive),
        ("cached", str(plan.cached), "", about),
        ("a point", f"{plan.seconds:.2g}", "s", f"by {plan.source}"),
        ("time", f"{plan.time:.2g}", "s", f"with {plan.jobs} workers, the start of each not counted"),
    ]
    output.table(("what", "value", "unit", "note"), rows)


def _plan(name: str, quick: bool, samples: int | None, seed: int | None, accuracy: Accuracy | None) -> Sweep:
    """Return the sweep with what the command line says laid over it."""
    from bitline.sweep.sweep import Sweep

    sweep = Sweep.load(name)
    if quick:
        sweep = sweep.quick()
    changes: dict[str, Any] = {}
    # Only what was named changes; the rest of the sweep's table stays.
    mismatch = {key: value for key, value in (("samples", samples), ("seed", seed)) if value is not None}
    if mismatch:
        changes["mismatch"] = mismatch
    if accuracy is not None:
        changes["accuracy"] = accuracy
    return sweep.replace(**changes)


def _summary(result: Characterization) -> dict[str, Any]:
    return {
        "points": len(result.outcomes),
        "failed": dict(result.failures),
        "cached": result.cached,
        "simulated": result.simulated,
        "problems": list(result.problems),
        "unresolved": list(result.unresolved),
    }


def _say_result(result: Characterization, seconds: float, folder: Path) -> None:
    sweep = result.sweep
    failures = ", ".join(f"{count} {status}" for status, count in result.failures.items())
    output.say(
        f"{sweep.name}: {len(result.outcomes)} points ({result.simulated} simulated, {result.cached} cached) in "
        f"{seconds:.1f} s; failed: {failures or 'none'}"
    )
    if until := result.lut.attrs.get("until"):
        output.say(f"samples: {sweep.mismatch.samples} of at most {until['most']}")
    for name, axis in result.lut.attrs.get("adaptive", {}).items():
        output.say(f"{name}: {axis['values']} values of at most {axis['most']}")
    for line in result.unresolved:
        output.say(f"  warning: {line}")
    for outcome in islice(result.outcomes.failures(), _FAILURES_SHOWN):
        output.say(f"  {outcome.status}: {sweep.point(outcome.index)}: {outcome.reason}")
    if result.failed > _FAILURES_SHOWN:
        output.say(f"  and {result.failed - _FAILURES_SHOWN} more")
    for problem in result.problems:
        output.say(f"  {problem}")
    output.say(f"LUT: {folder}/lut.json and the CSV files beside it")
    output.say(f"look next: bitline show {folder}, bitline plot {folder}, bitline export {folder} --list")
