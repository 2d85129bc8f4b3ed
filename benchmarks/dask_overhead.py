"""What Dask costs: points of 10 ms through worker processes and through a Dask cluster of this machine, side by side.

    python benchmarks/dask_overhead.py --points 2000

A point waits and computes nothing, so that the executors are compared and not the processors that they share. The time
is that of a run with its store, from its first point to its last: processes and cluster have started before.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median

from bitline.benches.base import Conditions
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.sweep.cluster import DaskExecutor
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point, first_bench
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.store import Store

SECONDS = 0.01


def wait(point: Point, seconds: float) -> Outcome:
    time.sleep(seconds)
    key = hashlib.sha256(str(point.index).encode()).hexdigest()
    return Outcome(point.index, key, "ok", {"v": float(point.index)})


def points(count: int) -> list[Point]:
    bench = first_bench(SplitPort6T)
    return [Point(place, SplitPort6T(), bench.name, Conditions(), bench.inputs()) for place in range(count)]


def rate(make: Callable[[], AbstractContextManager[Executor]], count: int) -> float:
    """Return the points per second of a run."""
    with tempfile.TemporaryDirectory() as folder, make() as executor, Store(Path(folder) / "store") as store:
        run_points(points(40), wait, SECONDS, executor=executor)
        start = time.perf_counter()
        run_points(points(count), wait, SECONDS, executor=executor, store=store)
        return count / (time.perf_counter() - start)


EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
    "local, 1 worker": lambda: LocalExecutor(1),
    "dask, 1 worker": lambda: DaskExecutor(None, 1),
    "local, 2 workers": lambda: LocalExecutor(2),
    "dask, 2 workers": lambda: DaskExecutor(None, 2),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {name: [] for name in EXECUTORS}
    # In turns, so that what else the machine does meets all of them.
    for _ in range(options.turns):
        for name, make in EXECUTORS.items():
            rates[name].append(rate(make, options.points))
    middle = {name: median(values) for name, values in rates.items()}
    print("| executor | points/s, median (all) |\n|---|---|")
    for name, values in rates.items():
        print(f"| {name} | {middle[name]:.1f} ({', '.join(f'{value:.1f}' for value in values)}) |")
    for workers in ("1 worker", "2 workers"):
        overhead = middle[f"local, {workers}"] / middle[f"dask, {workers}"] - 1
        print(f"overhead of Dask, {workers}: {100 * overhead:.1f} %")
    print(f"two workers over one, Dask: {middle['dask, 2 workers'] / middle['dask, 1 worker']:.2f}x")


if __name__ == "__main__":
    main()
