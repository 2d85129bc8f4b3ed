"""Sweeps of millions of points: how soon they start, and what memory a run and its table take, into scale.md.

    python benchmarks/scale.py [POINTS...]

Each point is answered at once by made-up values in place of a simulation; all else is as in a run of one worker:
points are made, handed in, and their outcomes collected, sorted and reduced to a table. Each number of points has a
process of its own.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from bitline.benches.registry import bench as find_bench
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.selftest import ngspice_version
from bitline.pdk.descriptor import load_pdk
from bitline.sweep.build import build_lut
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.run import run_points
from bitline.sweep.runner import Runner
from bitline.sweep.sweep import Sweep

TABLE = Path(__file__).with_name("scale.md")
OUTPUTS = tuple(output.name for output in find_bench("read", SplitPort6T).outputs)


class Inline:
    """An executor that does each task as it is handed in."""

    in_flight = 1

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


def answer(point: Point, context: None) -> Outcome:
    """Return made-up values, others for each point."""
    value = 0.5 + 0.1 * math.sin(point.index)
    return Outcome(point.index, f"{point.index:064x}", "ok", dict.fromkeys(OUTPUTS, value), "plain")


def sweep_of(points: int) -> Sweep:
    """Return a Monte Carlo of that many points (and ten without mismatch) over ten supplies."""
    vdd = {"start": 1.6, "stop": 2.05, "count": 10}
    return Sweep(SplitPort6T(), bench="read", vdd=vdd, samples=points // 10, seed=1)


def measure(points: int) -> None:
    """Print a row of the table."""
    pdk = load_pdk()
    first, start = start_seconds(points), time.process_time()
    sweep = sweep_of(points)
    outcomes = run_points(sweep.points(), answer, None, executor=Inline())
    ran, run_peak = time.process_time() - start, peak()
    start = time.process_time()
    lut = build_lut(sweep, outcomes, pdk, ngspice_version())
    built = time.process_time() - start
    if int(lut.tables["read_mismatch"]["n_ok"].sum()) != 10 * (points // 10):
        raise SystemExit("points are missing in the table")
    print(f"| {points:,} | {first:.1f} | {ran:.0f} | {run_peak:.2f} | {built:.0f} | {peak():.2f} |", flush=True)


class First(Exception):
    """The first outcome is there."""


def start_seconds(points: int) -> float:
    """Return the CPU seconds of all processes from the making of a sweep to its first simulated point."""

    def stop(outcome: Outcome) -> None:
        raise First

    before = total()
    with suppress(First):
        Runner(engine="shared").characterization(sweep_of(points), stop)
    return total() - before


def total() -> float:
    return sum(os.times()[:4])


def peak() -> float:
    """Return the largest resident memory that this process ever had [GiB] (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
        return 0
    rows = []
    for points in map(int, sys.argv[1:] or ["100000", "1000000", "10000000"]):
        command = [sys.executable, __file__, "--one", str(points)]
        rows.append(subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        print(rows[-1], flush=True)
    head = "# Scale\n\nMade by `python benchmarks/scale.py`: made-up answers of 8 outputs, one process; CPU time.\n\n"
    head += "| points | first simulated [s] | run [s] | memory after it [GiB] | table [s] | memory at most [GiB] |\n"
    TABLE.write_text(f"{head}|---|---|---|---|---|---|\n" + "".join(f"{row}\n" for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
