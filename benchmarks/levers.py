"""What a mismatch sample costs in CPU time, by an earlier version and by this one, in turns within one run.

    python benchmarks/levers.py                      # writes benchmarks/levers.md
    python benchmarks/levers.py --old REVISION --samples 40

Each version is a process of its own that simulates one point after another as a worker of a sweep does (deck, key,
simulation, measures); the same sample is asked of all of them in turn, so that what else the machine does meets all.
CPU time is counted and not wall time, for the machine may be shared. A lever may leave devices out; the chips are the
same, for the others get the deviates that they have in the whole circuit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

# The last version without any of these levers.
OLD = "b9f2768"
TABLE = Path(__file__).with_name("levers.md")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Case:
    """A mismatch sample: what is simulated, and what is promised of this version against the earlier one.

    `new` and `accuracy` are levers that a user pulls; `watched` are the outputs that they move.
    """

    name: str
    circuit: str
    bench: str
    values: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    accuracy: str = "default"
    ratio: float | None = None
    share: float | None = None
    watched: tuple[str, ...] = ()


_QS = Case(
    "QS column, 64 rows",
    "acim-column-qs",
    "transfer",
    {"code": 8},
    share=0.85,
    watched=("v_line", "energy_precharge", "energy_wordline", "energy_array"),
)
_SHARED = replace(_QS, name=f"{_QS.name}, `idle_latches=shared`", new={"idle_latches": "shared"}, share=None)
_RESTORE = Case(
    "restore of a trit, 16 branches",
    "nvsram-trit",
    "restore",
    share=0.75,
    watched=("margin_1", "margin_2", "energy_total", "i_static"),
)
CASES = (
    _QS,
    _SHARED,
    replace(_SHARED, name=f"{_SHARED.name}, `--accuracy bypass`", accuracy="bypass"),
    replace(_SHARED, name=f"{_SHARED.name}, `--accuracy fast`", accuracy="fast", ratio=0.55),
    Case("ternary column, 16 rows", "ternary-column", "transfer", {"mac": 4}, share=0.85),
    _RESTORE,
    replace(_RESTORE, name=f"{_RESTORE.name}, `clusters=lumped`", new={"clusters": "lumped"}, ratio=0.7, share=None),
    Case("6T read", "split-port-6t", "read"),
)

Answer = tuple[float, float, dict[str, float]]
"""CPU seconds of a sample, of ngspice within it, and what was measured."""


def main() -> None:
    """Measure all cases and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--old", default=OLD, help="revision to compare with")
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(json.loads(options.serve))
        return
    costs = [
        "| mismatch sample | ms before | ms now | ratio | promised | ngspice's share before | now | promised |\n",
        "|---|---|---|---|---|---|---|---|\n",
    ]
    shifts = [
        "| mismatch sample | output | mean | its spread | moved by, mean | spread |\n",
        "|---|---|---|---|---|---|\n",
    ]
    with checkout(options.old) as old:
        for case in CASES:
            answers = measured(case, old, options.samples)
            costs.append(cost(case, answers))
            print(costs[-1], end="", flush=True)
            if case.new:
                shifts += [shift(case, name, answers) for name in case.watched]
    TABLE.write_text(
        f"# What a mismatch sample costs\n\nMade by `python benchmarks/levers.py`: CPU time per sample, median of"
        f" {options.samples}, version {options.old} and this one in turns, on a shared machine of two cores.\n\n"
        + "".join(costs)
        + "\n## What the levers move\n\nThe same chips, this version less the earlier one. Spreads are standard"
        " deviations over the samples.\n\n" + "".join(shifts)
    )


def cost(case: Case, answers: Mapping[str, list[Answer]]) -> str:
    before, now = (median(answer[0] for answer in answers[version]) for version in ("old", "new"))
    ratio = median(new[0] / old[0] for old, new in zip(answers["old"], answers["new"], strict=True))
    shares = [sum(answer[1] for answer in answers[v]) / sum(answer[0] for answer in answers[v]) for v in ("old", "new")]
    promised = "" if case.ratio is None else f"<= {case.ratio:g}"
    least = "" if case.share is None else f">= {100 * case.share:g} %"
    return (
        f"| {case.name} | {1e3 * before:.1f} | {1e3 * now:.1f} | {ratio:.2f} | {promised}"
        f" | {100 * shares[0]:.0f} % | {100 * shares[1]:.0f} % | {least} |\n"
    )


def shift(case: Case, name: str, answers: Mapping[str, list[Answer]]) -> str:
    """Return what a lever moves an output by, as a row: volts in millivolts, all else in percent of its mean."""
    old, new = ([answer[2][name] for answer in answers[version]] for version in ("old", "new"))
    moved = [b - a for a, b in zip(old, new, strict=True)]
    scale, unit = (1e3, "mV") if name.startswith(("v_", "margin_")) else (100 / fmean(old), "%")
    numbers = [fmean(old), stdev(old), fmean(moved), stdev(moved)]
    cells = " | ".join(f"{scale * value:.2g} {unit}" for value in numbers[1:])
    return f"| {case.name} | `{name}` | {numbers[0]:.3g} | {cells} |\n"


def measured(case: Case, old: Path, samples: int) -> dict[str, list[Answer]]:
    """Return what each sample took and gave, by version."""
    plain = {"circuit": case.circuit, "bench": case.bench, "values": case.values, "new": {}, "accuracy": "default"}
    new = {**plain, "new": case.new, "accuracy": case.accuracy}
    answers: dict[str, list[Answer]] = {"old": [], "new": []}
    with ExitStack() as stack:
        servers = {
            "old": stack.enter_context(server(old, plain)),
            "new": stack.enter_context(server(ROOT, new)),
        }
        # The first samples read the library, the second leaves a skeleton.
        for sample in range(1, samples + 4):
            for version, process in servers.items():
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(f"{sample}\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
                if sample > 3:
                    answers[version].append(tuple(answer))
    return answers


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Give a folder with another version's files."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        yield Path(folder)


@contextmanager
def server(root: Path, what: Mapping[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Give a process of one version that simulates the samples it is asked for."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", json.dumps(what)],
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def serve(what: Mapping[str, Any]) -> None:
    """Simulate each sample whose number comes in, and answer what it took and gave."""
    from bitline.benches.registry import bench as find_bench
    from bitline.circuits.registry import circuits
    from bitline.engine.isolation import isolate
    from bitline.engine.shared import SharedSimulator
    from bitline.pdk.descriptor import load_pdk
    from bitline.sweep.point import make_point
    from bitline.sweep.simulate import Context, point_deck, simulate_point

    isolate()
    spent = [0.0]
    for name in ("_load", "_command"):
        _timed(SharedSimulator, name, spent)
    circuit = circuits()[what["circuit"]]()
    bench = find_bench(what["bench"], type(circuit))
    context = Context(load_pdk(), accuracy=what["accuracy"])
    for line in sys.stdin:
        whole = make_point(circuit, bench, {**what["values"], "sample": int(line)})
        point = make_point(circuit, bench, {**what["values"], **what["new"], "sample": int(line)})
        if what["new"]:
            names, drawn = (point_deck(one, context)[2].deviates for one in (point, whole))
            chip = replace(point.conditions, sample=0, deviates=tuple(drawn[name] for name in names))
            point = replace(point, conditions=chip)
        spent[0], start = 0.0, time.process_time()
        outcome = simulate_point(point, context)
        seconds = time.process_time() - start
        if outcome.status != "ok":  # type: ignore[union-attr]
            raise SystemExit(f"{what['circuit']}: {outcome}")
        print(json.dumps([seconds, spent[0], dict(outcome.values)]), flush=True)  # type: ignore[union-attr]


def _timed(owner: type, name: str, spent: list[float]) -> None:
    """Let a method of ngspice's add its CPU time."""
    method = getattr(owner, name)

    def timed(*arguments: Any) -> Any:
        start = time.process_time()
        try:
            return method(*arguments)
        finally:
            spent[0] += time.process_time() - start

    setattr(owner, name, timed)


if __name__ == "__main__":
    main()
