"""The speed table: each promise measured side by side in one run, and written to benchmarks/table.md.

Every figure is a ratio or a count, because seconds belong to one machine on one day. `--only NAME`
measures one row again.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.cell.read import Read
from bitline.benches.cell.read import deck as read_deck
from bitline.benches.registry import bench as find_bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.batch import BatchSimulator
from bitline.engine.isolation import isolate
from bitline.engine.shared import shared_simulator
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import make_point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.runner import Runner
from bitline.sweep.simulate import Context, measure, point_deck, result_key, simulate_point
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep
from bitline.system.dot_product import matrix_product, partial_macs, shift_and_add
from bitline.system.trits import largest, to_trits

T = TypeVar("T")
TABLE = Path(__file__).with_name("table.md")


@dataclass(frozen=True)
class Row:
    """One promise: what was measured, and whether it holds."""

    name: str
    measured: float
    sign: str
    promised: float
    how: str

    def __str__(self) -> str:
        return f"{self.name}: {self.measured:.3g} ({self.sign} {self.promised:g}); {self.how}"

    @property
    def holds(self) -> bool:
        return self.measured >= self.promised if self.sign == ">=" else self.measured <= self.promised


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(ROWS), help="measure one row")
    chosen = parser.parse_args().only
    rows = []
    for name, time_row in ROWS.items():
        if chosen in (None, name):
            for row in time_row():
                rows.append(row)
                print("ok " if row.holds else "NOT", row)
    TABLE.write_text(as_markdown(rows, kept=TABLE.read_text() if chosen and TABLE.is_file() else ""))
    print(f"written: {TABLE}")
    return 0 if all(row.holds for row in rows) else 1


def as_markdown(rows: list[Row], kept: str) -> str:
    """Return the table: the rows of `kept`, an earlier one, in their order, those measured now in their place."""
    head = "# Speed\n\nMade by `make bench`; ratios within one run, on a shared machine of two cores.\n\n"
    head += "| what | measured | promised | how |\n|---|---|---|---|\n"
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in kept.splitlines()[6:]}
    lines |= {r.name: f"| {r.name} | {r.measured:.3g} | {r.sign} {r.promised:g} | {r.how} |" for r in rows}
    return head + "".join(f"{line}\n" for line in lines.values())


def slim_against_stock() -> list[Row]:
    """One 6T read: a sample in a living worker against a process that loads the PDK's library."""
    pdk = load_pdk()
    sample = in_worker(time_samples, 50)
    rows = []
    for library, promised in (("combined_models", 150), ("models", 1000)):
        deck = with_accuracy(read_deck(SplitPort6T(), Conditions(), Read(), stock(pdk, library), full=True), "default")
        start = time.perf_counter()
        answer = BatchSimulator().answer(deck)
        seconds = time.perf_counter() - start
        if "tran" not in answer.plots:
            raise SystemExit(f"the stock {library} deck did not run:\n{answer.log[-2000:]}")
        how = f"{seconds:.2f} s against {1e3 * sample:.2f} ms a sample"
        rows.append(
            Row(f"6T read: slim sample against a process with stock {library}", seconds / sample, ">=", promised, how)
        )
    return rows


def stock(pdk: Pdk, library: str) -> Pdk:
    return pdk.model_copy(update={"library": pdk.library.replace("combined_models", library)})


def time_samples(count: int) -> float:
    """Return the median seconds of a mismatch sample of a 6T read: rendered, loaded, run, read back."""
    pdk, simulator = load_pdk(), shared_simulator()
    seconds = []
    for sample in range(1, count + 1):
        start = time.perf_counter()
        simulator.answer(with_accuracy(read_deck(SplitPort6T(), Conditions(sample=sample), Read(), pdk), "default"))
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def sweep_overhead() -> list[Row]:
    """A 1,000-sample sweep on one worker: wall time against ngspice's own analysis time."""
    sweep = Sweep(AcimColumnQS(rows=8, active=4), bench="transfer", code=[3], samples=1000, seed=1)
    start = time.perf_counter()
    done = Runner().characterization(sweep)
    wall = time.perf_counter() - start
    analysis = sum(outcome.seconds for outcome in done.outcomes)
    how = f"{len(sweep)} points of an 8-cell column: wall {wall:.1f} s, analysis {analysis:.1f} s, one worker"
    return [Row("wall time per sample over ngspice's analysis time", wall / analysis, "<=", 1.5, how)]


def two_workers() -> list[Row]:
    """The same sweep on one and on two workers, in turn and twice; the better time of each, start-up included.

    Beside it what the machine itself gives: two bare processes of the same analyses against one.
    """
    sweep = Sweep(AcimColumnQS(rows=16, active=8), bench="transfer", code=[4], samples=500, seed=1)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    bare: dict[int, list[float]] = {1: [], 2: []}
    for jobs in (1, 2, 1, 2):
        start = time.perf_counter()
        Runner(jobs=jobs).characterize(sweep)
        seconds[jobs].append(time.perf_counter() - start)
        bare[jobs].append(bare_seconds(jobs))
    one, two = min(seconds[1]), min(seconds[2])
    ceiling = 2 * min(bare[1]) / min(bare[2])
    how = f"{len(sweep)} points of a 16-cell column: {one:.1f} s and {two:.1f} s, start-up included"
    how += f"; two bare processes of this machine do {ceiling:.2f} times one's work"
    return [Row("two workers against one", one / two, ">=", 1.8, how)]


def bare_seconds(processes: int) -> float:
    """Return the mean seconds of that many processes at once, each running the same analyses."""
    with LocalExecutor(processes, initializer=isolate) as executor:
        futures = [executor.submit(run_analyses, 50) for _ in range(processes)]
        return statistics.mean(future.result() for future in futures)


def run_analyses(count: int) -> float:
    circuit = AcimColumnQS(rows=16, active=8)
    deck = with_accuracy(qs_transfer.deck(circuit, Conditions(sample=1), MacCode(code=4), load_pdk()), "default")
    simulator = shared_simulator()
    simulator.answer(deck)
    start = time.perf_counter()
    for _ in range(count):
        simulator.answer(deck)
    return time.perf_counter() - start


def column_deck(rows: int) -> Deck:
    circuit = AcimColumnQS(rows=rows)
    return with_accuracy(qs_transfer.deck(circuit, Conditions(), MacCode(code=8), load_pdk()), "default")


def time_column(rows: int, runs: int) -> tuple[float, float, float]:
    """Return the median render, load and run seconds of a column."""
    simulator, times = shared_simulator(), []
    for _ in range(runs + 1):
        start = time.perf_counter()
        deck = column_deck(rows)
        deck.text  # noqa: B018 (rendered on first use)
        render = time.perf_counter() - start
        answer = simulator.answer(deck)
        times.append((render, answer.load_seconds, answer.run_seconds))
    medians = [statistics.median(column) for column in zip(*times[1:], strict=True)]
    return medians[0], medians[1], medians[2]


def load_share() -> list[Row]:
    """Reading the deck of a 64-cell column against running it."""
    _, load, run = in_worker(time_column, 64, 5)
    how = f"64-cell column: load {1e3 * load:.0f} ms, run {1e3 * run:.0f} ms"
    return [Row("deck load over run", load / run, "<=", 0.10, how)]


def cached() -> list[Row]:
    """A sweep that is stored already: what a point costs by its rendered key and by its fingerprint, and all of it.

    The results are made up; all else is as in a run.
    """
    sweep = stored_sweep()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        fill(path, sweep)
        by_key, by_fingerprint = in_worker(time_keys, path)
        start, done = time.process_time(), Runner(store=path, engine="shared").characterization(sweep)
        seconds = time.process_time() - start
    if done.simulated:
        raise SystemExit(f"{done.simulated} points were simulated that the store has")
    how = f"acim-qs: {1e3 * by_key:.1f} ms against {1e6 * by_fingerprint:.0f} us, point and look-up included"
    whole = f"{len(sweep)} points of acim-qs, their table included, CPU time of the one process"
    return [
        Row("stored point: by its rendered key over by its fingerprint", by_key / by_fingerprint, ">=", 100, how),
        Row("stored point by its fingerprint, milliseconds", 1e3 * by_fingerprint, "<=", 0.2, how),
        Row("sweep that is stored: seconds", seconds, "<=", 2, whole),
    ]


def fill(path: Path, sweep: Sweep) -> None:
    """Store made-up results of all points of a sweep."""
    fingerprints = Fingerprints(Context(load_pdk()))
    keys = {fingerprints.of(point): f"{point.index:064x}" for point in sweep.points()}
    with Store(path) as store:
        for point, key in zip(sweep.points(), keys.values(), strict=True):
            outputs = find_bench(point.bench, type(point.circuit)).outputs
            # Rising and falling with the code, as a line does, and another for each chip.
            value = 1.8 - 0.02 * getattr(point.inputs, "code", 0) + 1e-4 * math.sin(point.index)
            store.put(Outcome(0, key, "ok", dict.fromkeys((output.name for output in outputs), value), "plain"))
        store.note(keys)


def stored_sweep() -> Sweep:
    return Sweep.load("acim-qs").replace(mismatch={"samples": 181}, solver_error=False)


def time_keys(path: Path) -> tuple[float, float]:
    """Return the seconds per point to find it in a store: by the key of its rendered deck, and by its fingerprint."""
    sweep = stored_sweep()
    context, simulator, few = Context(load_pdk()), shared_simulator(), 40
    fingerprints = Fingerprints(context)
    with Store(path, read_only=True) as store:
        for count in (1, few):  # the first reads the library
            start = time.process_time()
            for point in islice(sweep.points(), 0, len(sweep), len(sweep) // count):
                store.get(result_key(*point_deck(point, context), simulator))
            by_key = (time.process_time() - start) / count
        fingerprints.of(next(sweep.points()))
        start = time.process_time()
        stored = store.recall([fingerprints.of(point) for point in sweep.points()])
        by_fingerprint = (time.process_time() - start) / len(sweep)
    if len(stored) < len(sweep):
        raise SystemExit(f"{len(sweep) - len(stored)} points were not found")
    return by_key, by_fingerprint


def growth() -> list[Row]:
    """Total cost of one column from 16 to 256 rows, as a power of the rows."""
    cost = {rows: sum(in_worker(time_column, rows, 3)) for rows in (16, 64, 256)}
    return [exponent("exponent of cost in rows, 16 to 256", cost, "render, load and run")]


def growth_of_samples() -> list[Row]:
    """Cost of a mismatch sample from 256 to 1,024 rows, as a power of the rows."""
    cost = {rows: in_worker(time_chips, rows, 5) for rows in (256, 1024)}
    name = "exponent of a mismatch sample's cost in rows, 256 to 1,024"
    return [exponent(name, cost, "from the point to its values, 16 active rows")]


def exponent(name: str, cost: dict[int, float], what: str) -> Row:
    """Return by which power cost [s] grows from the fewest rows to the most."""
    few, many = min(cost), max(cost)
    power = math.log(cost[many] / cost[few]) / math.log(many / few)
    each = ", ".join(f"{rows} rows {1e3 * seconds:.0f} ms" for rows, seconds in cost.items())
    return Row(name, power, "<=", 1.15, f"{what}: {each}")


def time_chips(rows: int, count: int) -> float:
    """Return the median CPU seconds of a chip's QS column."""
    circuit, context, times = AcimColumnQS(rows=rows), Context(load_pdk()), []
    bench = find_bench("transfer", AcimColumnQS)
    # The first reads the library, the second leaves a skeleton.
    for sample in range(1, count + 3):
        point = make_point(circuit, bench, {"code": 8, "sample": sample})
        start = time.process_time()
        simulate_point(point, context)
        times.append(time.process_time() - start)
    return statistics.median(times[2:])


def commands() -> list[Row]:
    """Commands that a user waits for: CPU seconds, for the machine may be shared."""
    point = ["corner=tt", "vdd=1.8", "temperature=27", "code=4"]
    promised = {("list", "luts"): 0.3, ("lookup", "acim-qs", *point): 0.6}
    rows = []
    for args, most in promised.items():
        seconds = min(time_command(args) for _ in range(7))
        rows.append(Row(f"`bitline {' '.join(args[:2])}`, seconds", seconds, "<=", most, "CPU time, least of seven"))
    return rows


def time_command(args: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "bitline", *args], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def set_up() -> list[Row]:
    """10,000 points: from the sweep to the first simulated one, workers' start included."""
    start = time.perf_counter()
    sweep = Sweep(SplitPort6T(), bench="read", vdd=[1.62, 1.8], samples=4999, seed=1)
    with LocalExecutor(1, initializer=isolate) as executor:
        futures = [executor.submit(simulate_point, point, Context(load_pdk())) for point in islice(sweep.points(), 4)]
        futures[0].result()
        seconds = time.perf_counter() - start
    points = sum(1 for _ in sweep.points())
    whole = time.perf_counter() - start
    how = f"{points} points: first result after {seconds:.1f} s, all points made after {whole:.1f} s"
    return [Row("10,000 points: seconds to set all up and simulate the first", whole, "<=", 5, how)]


def memory() -> list[Row]:
    """Resident memory of one worker over 5,000 points."""
    before, after = in_worker(resident_over, 5000)
    how = f"one worker, 5,000 6T reads: {before / 2**20:.0f} MiB after 500, {after / 2**20:.0f} MiB after 5,000"
    return [Row("worker memory, after 5,000 points over after 500", after / before, "<=", 1.05, how)]


def resident_over(points: int) -> tuple[int, int]:
    context = Context(load_pdk())
    sweep = Sweep(SplitPort6T(), bench="read", samples=points, seed=1)
    early = 0
    for done, point in enumerate(sweep.points()):
        simulate_point(point, context)
        if done == points // 10:
            early = resident()
    return early, resident()


def restore() -> list[Row]:
    """One Monte Carlo restore of a trit with 16 branches: rendered, loaded, run, measured."""
    seconds = in_worker(time_restores, 60)
    how = f"n = 16, transistor and ReRAM mismatch, median of 60: {1e3 * seconds:.1f} ms"
    return [Row("restore sample, milliseconds", 1e3 * seconds, "<=", 40, how)]


def time_restores(count: int) -> float:
    bench, pdk, simulator = find_bench("restore", NvSramTrit), load_pdk(), shared_simulator()
    circuit, seconds = NvSramTrit(), []
    for sample in range(1, count + 1):
        start = time.perf_counter()
        conditions = Conditions(sample=sample)
        deck = bench.deck(circuit, conditions, bench.inputs(), pdk)
        setup = bench.setup(circuit, conditions, bench.inputs(), pdk)
        measure(simulator, bench, setup, with_accuracy(deck, "default"))
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def exact_products() -> list[Row]:
    """Exact dot products of numbers of 5 trits: by one matrix product, and trit by trit as columns make them."""
    rng = np.random.default_rng(1)
    w, x = (rng.integers(-largest(5), largest(5), (1024, 1024), endpoint=True) for _ in range(2))
    start = time.perf_counter()
    column = np.broadcast_to(x[:, 0], (256, 1024))
    few = shift_and_add(partial_macs(to_trits(w[:256]), to_trits(column)).mac)
    by_trits = few.size * 1024 / (time.perf_counter() - start)
    matrix_product(w, x)  # the first starts the library's threads
    start = time.perf_counter()
    product = matrix_product(w, x)
    by_matrix = product.size * 1024 / (time.perf_counter() - start)
    if product[:256, 0].tolist() != few.tolist():
        raise SystemExit("the matrix product is not that of the trits")
    how = f"{by_matrix / 1e9:.3g} G integer MAC/s against {by_trits / 1e6:.3g} M, 1,024 products each"
    return [Row("exact dot products: by a matrix product over trit by trit", by_matrix / by_trits, ">=", 1000, how)]


def resident() -> int:
    """Return this process's resident memory [bytes] (Linux)."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


def in_worker(function: Callable[..., T], *args: object) -> T:
    """Run in an isolated worker, as sweeps do."""
    with LocalExecutor(1, initializer=isolate) as executor:
        return executor.submit(function, *args).result()


ROWS: dict[str, Callable[[], list[Row]]] = {
    "slim": slim_against_stock,
    "overhead": sweep_overhead,
    "workers": two_workers,
    "load": load_share,
    "growth": growth,
    "chips": growth_of_samples,
    "cached": cached,
    "setup": set_up,
    "memory": memory,
    "restore": restore,
    "commands": commands,
    "products": exact_products,
}

if __name__ == "__main__":
    sys.exit(main())
