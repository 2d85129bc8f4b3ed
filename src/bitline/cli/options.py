"""Options that several commands share, and the names a shell can complete."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from bitline import numbers
from bitline.benches.accuracy import Accuracy
from bitline.pdk.corner import Corner

EngineName = Literal["shared", "batch"]
ExecutorName = Literal["local", "dask"]
SamplingName = Literal["random", "latin-hypercube", "sobol"]


def _processors() -> int:
    """Return how many processors this process may use."""
    # On Linux a container or a batch system may allow fewer than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


PROCESSORS = _processors()


def _completion(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        # An error would be printed into the line that is being typed.
        with suppress(Exception):
            return [name for name in names() if name.startswith(incomplete)]
        return []

    return complete


def real(text: str | float) -> float:
    """Read a number, or refuse it with the text that was given."""
    try:
        return numbers.real(str(text))
    except ValueError:
        # typer's own message does not say that numbers are in SI units without suffix.
        raise typer.BadParameter(f"{text!r} is not a number (SI units, no suffix)") from None


def whole(text: str | int) -> int:
    """Read an integer, or refuse it with the text that was given."""
    try:
        return numbers.integer(str(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an integer") from None


def positive(text: str | int) -> int:
    """Read an integer above 0, or refuse it."""
    if (number := whole(text)) < 1:
        raise typer.BadParameter(f"{number} is not 1 or more")
    return number


def seconds(text: str | float) -> float:
    """Read the longest time of a simulation, or refuse it."""
    from bitline.sweep.runner import check_timeout

    # The rule is the runner's; here its message gets the name of the option.
    timeout = real(text)
    check_timeout(timeout, "--timeout")
    return timeout


# These import the registries only when a shell completes a name, so that --help answers at once.


def _circuits() -> Iterable[str]:
    from bitline.circuits.registry import circuits

    return circuits()


def _benches() -> Iterable[str]:
    from bitline.benches.registry import benches

    return dict.fromkeys(bench.name for bench in benches())


def _sweeps() -> Iterable[str]:
    from bitline.sweep.sweep import shipped

    return shipped()


def _luts() -> Iterable[str]:
    from bitline.lut.shipped import shipped

    return shipped()


def _formats() -> Iterable[str]:
    from bitline.export import formats

    return formats()


def _settings(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete a name that --set takes, for the circuit and bench that stand before it, or its value."""

    def names() -> Iterable[str]:
        from bitline.cli.settings import assignments

        # Before an option without its value the parser gives up and leaves the words as they are.
        return assignments(ctx.params.get("circuit") or ctx.args[0], ctx.params.get("bench"))

    return _completion(names)(incomplete)


CircuitName = Annotated[
    str,
    typer.Argument(
        metavar="CIRCUIT", help="Name of a circuit: bitline list circuits.", autocompletion=_completion(_circuits)
    ),
]
CircuitOrAll = Annotated[
    str | None,
    typer.Argument(
        metavar="CIRCUIT", help="Name of a circuit: bitline list circuits.", autocompletion=_completion(_circuits)
    ),
]
SweepName = Annotated[
    str,
    typer.Argument(
        metavar="SWEEP", help="Name of a shipped sweep, or a TOML file.", autocompletion=_completion(_sweeps)
    ),
]
LutName = Annotated[
    str,
    typer.Argument(
        metavar="LUT", help="Folder with a lut.json, or name of a shipped LUT.", autocompletion=_completion(_luts)
    ),
]
LutOrWaveform = Annotated[
    str,
    typer.Argument(
        metavar="LUT|WAVEFORM",
        help="A LUT's folder or name, or a file that simulate --save wrote.",
        autocompletion=_completion(_luts),
    ),
]
Bench = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="What measures the circuit: bitline list benches.", autocompletion=_completion(_benches)
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A circuit's parameter or a bench's input, in SI units; repeatable.",
        autocompletion=_settings,
    ),
]
AtCorner = Annotated[Corner | None, typer.Option(help="Process corner, NMOS first. [default: tt]")]
Vdd = Annotated[float | None, typer.Option(metavar="VOLT", parser=real, help="Supply voltage. [default: the PDK's]")]
Temperature = Annotated[float, typer.Option(metavar="DEGC", parser=real, help="Temperature.")]
Sample = Annotated[int, typer.Option(metavar="N", parser=whole, help="Mismatch sample; 0 is without mismatch.")]
Seed = Annotated[int, typer.Option(metavar="N", parser=whole, help="Seed of the mismatch deviates.")]
Sampling = Annotated[SamplingName, typer.Option(help="How the mismatch samples are chosen.")]
Hypercube = Annotated[int, typer.Option(metavar="N", parser=whole, help="Samples of the Latin hypercube.")]
Group = Annotated[str, typer.Option(metavar="NAME", help="The circuit's mismatch group that varies alone.")]
AtAccuracy = Annotated[Accuracy, typer.Option(help="Tolerances of the solver.")]
Engine = Annotated[
    EngineName | None,
    typer.Option(
        help="libngspice in worker processes, or one ngspice process per run. "
        "[default: shared where it passes its self-test]"
    ),
]
Timeout = Annotated[float, typer.Option(metavar="S", parser=seconds, help="Longest time of one simulation.")]
Jobs = Annotated[
    int,
    typer.Option("-j", "--jobs", metavar="N", parser=positive, help="Worker processes.", show_default="processors"),
]
Executor = Annotated[ExecutorName, typer.Option(help="Worker processes of this machine, or a cluster of Dask.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="With --executor dask: a running cluster, such as tcp://10.0.0.1:8786. [default: one on this machine]",
    ),
]
PdkName = Annotated[str, typer.Option("--pdk", metavar="NAME|TOML", help="A shipped PDK, or your own descriptor.")]
Format = Annotated[
    str | None,
    typer.Option("--to", metavar="FORMAT", help="What to write: see --list.", autocompletion=_completion(_formats)),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
OutputFolder = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write into.")]
