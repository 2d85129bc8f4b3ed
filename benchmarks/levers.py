"""What a mismatch sample costs in CPU time, by an earlier version and by this one, in turns within one run.

    python benchmarks/levers.py                      # writes benchmarks/levers.md
    python benchmarks/levers.py --old REVISION --samples 40

Each version is a process of its own that simulates one point after another as a worker of a sweep does (deck, key,
simulation, measures); the same sample is asked of all of them in turn, so that what else the machine does meets all.
CPU time is counted and not wall time, for the machine may be shared.
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
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

# The last version without any of these levers.
OLD = "b9f2768"
TABLE = Path(__file__).with_name("levers.md")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Case:
    """A mismatch sample: what is simulated, and what is promised of this version against the earlier one."""

    name: str
    circuit: str
    bench: str
    values: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    accuracy: str = "default"
    ratio: float | None = None
    share: float | None = None


CASES = (
    Case("QS column, 64 rows", "acim-column-qs", "transfer", {"code": 8}, share=0.85),
    Case(
        "QS column, 64 rows, `idle_latches=shared`",
        "acim-column-qs",
        "transfer",
        {"code": 8},
        new={"idle_latches": "shared"},
    ),
    Case(
        "QS column, 64 rows, `idle_latches=shared`, `--accuracy bypass`",
        "acim-column-qs",
        "transfer",
        {"code": 8},
        new={"idle_latches": "shared"},
        accuracy="bypass",
        ratio=0.55,
    ),
    Case("ternary column, 16 rows", "ternary-column", "transfer", {"mac": 4}, share=0.85),
    Case("restore of a trit, 16 branches", "nvsram-trit", "restore", ratio=0.7, share=0.75),
    Case("6T read", "split-port-6t", "read"),
)


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
    head = "| mismatch sample | ms before | ms now | ratio | promised | ngspice's share before | now | promised |\n"
    lines = [head + "|---|---|---|---|---|---|---|---|\n"]
    with checkout(options.old) as old:
        for case in CASES:
            lines.append(row(case, measured(case, old, options.samples)))
            print(lines[-1], end="", flush=True)
    TABLE.write_text(
        f"# What a mismatch sample costs\n\nMade by `python benchmarks/levers.py`: CPU time per sample, median of"
        f" {options.samples}, version {options.old} and this one in turns, on a shared machine of two cores.\n\n"
        + "".join(lines)
    )


def row(case: Case, times: Mapping[str, list[tuple[float, float]]]) -> str:
    before, now = (median(whole for whole, _ in times[version]) for version in ("old", "new"))
    ratio = median(new / old for (old, _), (new, _) in zip(times["old"], times["new"], strict=True))
    shares = [sum(part for _, part in times[v]) / sum(whole for whole, _ in times[v]) for v in ("old", "new")]
    promised = "" if case.ratio is None else f"<= {case.ratio:g}"
    least = "" if case.share is None else f">= {100 * case.share:g} %"
    return (
        f"| {case.name} | {1e3 * before:.1f} | {1e3 * now:.1f} | {ratio:.2f} | {promised}"
        f" | {100 * shares[0]:.0f} % | {100 * shares[1]:.0f} % | {least} |\n"
    )


def measured(case: Case, old: Path, samples: int) -> dict[str, list[tuple[float, float]]]:
    """Return CPU seconds of each sample, and of ngspice within it, by version."""
    plain = {"circuit": case.circuit, "bench": case.bench, "values": dict(case.values), "accuracy": "default"}
    new = {**plain, "values": {**case.values, **case.new}, "accuracy": case.accuracy}
    times: dict[str, list[tuple[float, float]]] = {"old": [], "new": []}
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
                    times[version].append((answer[0], answer[1]))
    return times


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
    """Simulate each sample whose number comes in, and answer its CPU seconds in all and in ngspice."""
    from bitline.benches.registry import bench as find_bench
    from bitline.circuits.registry import circuits
    from bitline.engine.isolation import isolate
    from bitline.engine.shared import SharedSimulator
    from bitline.pdk.descriptor import load_pdk
    from bitline.sweep.point import make_point
    from bitline.sweep.simulate import Context, simulate_point

    isolate()
    spent = [0.0]
    for name in ("_load", "_command"):
        _timed(SharedSimulator, name, spent)
    circuit = circuits()[what["circuit"]]()
    bench = find_bench(what["bench"], type(circuit))
    context = Context(load_pdk(), accuracy=what["accuracy"])
    for line in sys.stdin:
        point = make_point(circuit, bench, {**what["values"], "sample": int(line)})
        spent[0], start = 0.0, time.process_time()
        outcome = simulate_point(point, context)
        seconds = time.process_time() - start
        if outcome.status != "ok":  # type: ignore[union-attr]
            raise SystemExit(f"{what['circuit']}: {outcome}")
        print(json.dumps([seconds, spent[0]]), flush=True)


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
