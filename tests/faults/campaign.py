"""The fault campaign: one sweep of short points, disturbed at random moments until it is whole.

    python tests/faults/campaign.py --points 2000 --faults 100 --report docs/faults.md

It runs the command line itself, in ngspice, on worker processes and on a Dask cluster of separate processes. After each
fault, and at the end, it looks at three things:

- nothing finished is lost: a row that was once seen in the store stays, to the byte;
- nothing is simulated twice beyond what was in flight: no simulation begins of a point that was seen in the store, and
  no fault costs more repetitions than a run has points in hand;
- the LUT has the bytes of a run that nothing disturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

# It is a script as well, and pytest sets other paths.
from clusters import Cluster  # noqa: E402
from fault_main import LOCK_SECONDS  # noqa: E402

TOY = HERE.parent / "pdk/toy/toy.toml"
SWEEP = 'circuit = "short"\nbenches = ["short"]\n[axes]\nnumber = {{start = 0, stop = {last}, step = 1}}\n'
ENTRY_POINTS = "[bitline.circuits]\nshort = fault_circuit:Short\n[bitline.benches]\nshort = fault_circuit:BENCH\n"
JOBS = 2
# What each point takes at least, so that there is time to disturb it [s].
SECONDS = 0.06
# A point that hangs is ended after this time [s].
TIMEOUT = 3.0
# The most points that a run of two workers has in hand: 4 a worker, or on Dask twice as many groups of up to 32.
IN_FLIGHT = {"local": 4 * JOBS, "dask": 2 * JOBS * 32}
# A simulation may be on its way while another run on the same store stores its point [ns].
GRACE = 250_000_000
# How long a fault may take to end a run; one that has not done so by then was survived [s].
BITE = 8.0
# No fault may take a run longer than this [s]; nothing else is a question of time here.
PATIENCE = 120.0


class Broken(AssertionError):
    """The run did not keep what it promises."""


@dataclass
class Tally:
    """What became of one kind of fault."""

    injected: int = 0
    ended: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Row:
    """A stored result as it lies in the file, and when it was first seen there [ns]."""

    content: tuple[object, ...]
    seen: int


class Campaign:
    """One sweep, its store, its cluster and the faults that befall it.

    Parameters
    ----------
    home : Path
        Empty folder.
    points, faults : int
    seed : int
    """

    def __init__(self, home: Path, points: int, faults: int, seed: int = 1) -> None:
        self.home, self.points, self.faults = home, points, faults
        self.rng = random.Random(seed)
        self.tally: dict[str, Tally] = {}
        self.rows: dict[str, Row] = {}
        self.runs: Counter[str] = Counter()
        self.allowed = self.injected = 0
        self.cluster: Cluster | None = None
        self.run: subprocess.Popen[bytes] | None = None
        self.executor = "local"
        (home / "faults").mkdir(parents=True)
        (home / "plugin/short-1.dist-info").mkdir(parents=True)
        (home / "plugin/short-1.dist-info/METADATA").write_text("Name: short\nVersion: 1\n")
        (home / "plugin/short-1.dist-info/entry_points.txt").write_text(ENTRY_POINTS)
        (home / "short.toml").write_text(SWEEP.format(last=points - 1))
        paths = [str(home / "plugin"), str(HERE), *filter(None, sys.path)]
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "BITLINE_FAULTS": str(home / "faults"),
            "BITLINE_CACHE_DIR": str(home / "cache"),
        }

    # -- the campaign --------------------------------------------------------------------------

    def conduct(self) -> None:
        """Inject all faults, let the sweep end, and look at what it left."""
        self._undisturbed()
        # Finished points, at whose number the next fault comes.
        moments = sorted(self.rng.sample(range(1, int(0.8 * self.points)), self.faults), reverse=True)
        try:
            while moments:
                self.executor = self.rng.choice(["local", "local", "dask"])
                self._start()
                if not self._one_run(moments):
                    break
            self._finish()
        finally:
            self._tidy()
        self._check_end()

    def _one_run(self, moments: list[int]) -> bool:
        """Disturb one run until a fault ends it; return whether points are left."""
        kinds = [kind for kind, (executors, _, _) in FAULTS.items() if self.executor in executors]
        while moments and self._wait_for(moments[-1]):
            kind = self.rng.choice(kinds)
            _, ends, inject = FAULTS[kind]
            if inject(self) is False:
                continue
            moments.pop()
            self.tally.setdefault(kind, Tally()).injected += 1
            self.injected += 1
            self.allowed += IN_FLIGHT[self.executor]
            if ends and self._ended():
                self.tally[kind].ended[self._end()] += 1
                return True
        code = self._end()
        # Points that were ended or crashed are the next run's: the LUT says so, and so does the exit code.
        if code not in (0, 1):
            raise Broken(f"a run that nothing ended came to exit code {code}: {self._said()}")
        return len(self._stored()) < self.points

    def _ended(self) -> bool:
        """Wait for a run that a fault is to end; some survive it, as where they had nothing to write meanwhile."""
        assert self.run is not None
        with suppress(subprocess.TimeoutExpired):
            self.run.wait(BITE)
        return self.run.poll() is not None

    def _wait_for(self, finished: int) -> bool:
        """Wait until so many points are stored; False where the run ended before."""
        assert self.run is not None
        while len(self._stored()) < finished:
            if self.run.poll() is not None:
                return False
            time.sleep(0.01)
        return self.run.poll() is None

    def _finish(self) -> None:
        self.executor = "local"
        while True:
            self._start()
            code = self._end()
            if code == 0:
                return
            if code != 1:
                raise Broken(f"the last run came to exit code {code}: {self._said()}")

    # -- runs ----------------------------------------------------------------------------------

    def _command(self, *options: str, store: str = "store.sqlite", out: str = "out") -> list[str]:
        main = [sys.executable, str(HERE / "fault_main.py"), "characterize", str(self.home / "short.toml")]
        files = ["--pdk", str(TOY), "--store", str(self.home / store), "-o", str(self.home / out)]
        return [*main, *files, "-j", str(JOBS), "--timeout", str(TIMEOUT), "--engine", "shared", *options]

    def _spawn(self, *options: str, **files: str) -> subprocess.Popen[bytes]:
        self.runs[self.executor] += 1
        with (self.home / "said").open("wb") as said:
            return subprocess.Popen(
                self._command(*options, **files),
                env=self.environment,
                cwd=self.home,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _start(self) -> None:
        options: tuple[str, ...] = ()
        if self.executor == "dask":
            if self.cluster is None:
                self.cluster = Cluster(self.home / "cluster", JOBS, self._workers_environment())
            options = ("--executor", "dask", "--scheduler", self.cluster.address)
        self.run = self._spawn(*options)

    def _workers_environment(self) -> dict[str, str]:
        return {name: self.environment[name] for name in ("PYTHONPATH", "BITLINE_FAULTS", "BITLINE_SECONDS")}

    def _end(self) -> int:
        """Wait for the run to end and return its exit code; what is stored by then must stay."""
        assert self.run is not None
        try:
            code = self.run.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Broken(f"no end after {PATIENCE:g} s; {len(self._stored())} points: {self._said()}") from None
        self._stored()
        return code

    def _wait_until_it_speaks(self, run: subprocess.Popen[bytes]) -> None:
        while not self._said() and run.poll() is None:
            time.sleep(0.01)

    def _said(self) -> str:
        return (self.home / "said").read_text(errors="replace")[-2000:]

    def _undisturbed(self) -> None:
        self.environment["BITLINE_SECONDS"] = "0"
        self.run = self._spawn(store="whole.sqlite", out="whole")
        self.environment["BITLINE_SECONDS"] = str(SECONDS)
        self.runs.clear()
        if self._end() != 0:
            raise Broken(f"the undisturbed run failed: {self._said()}")
        (self.home / "faults/begun").unlink()
        self.rows.clear()

    def _tidy(self) -> None:
        if self.run is not None and self.run.poll() is None:
            os.killpg(self.run.pid, signal.SIGKILL)
            self.run.wait()
        if self.cluster is not None:
            self.cluster.__exit__()

    # -- what must hold ------------------------------------------------------------------------

    def _stored(self) -> dict[str, Row]:
        """Return the rows of the store; raise `Broken` if one that was there is gone or another."""
        path = self.home / "store.sqlite"
        if not path.exists():
            return self.rows
        with suppress(sqlite3.OperationalError), reading(path) as file:
            now = {str(row[0]): tuple(row) for row in file.execute("SELECT * FROM results")}
            for key, row in self.rows.items():
                if now.get(key) != row.content:
                    raise Broken(f"the result {key} was {row.content} and is {now.get(key)}")
            seen = time.monotonic_ns()
            self.rows |= {key: Row(content, seen) for key, content in now.items() if key not in self.rows}
        return self.rows

    def begun(self) -> list[tuple[int, int]]:
        """Return the number of each simulation that reached its measurement, and when [ns]."""
        lines = (self.home / "faults/begun").read_text().splitlines()
        return [(int(number), int(at)) for number, at in map(str.split, lines)]

    @property
    def repeated(self) -> int:
        """Simulations beyond one for each point."""
        return len(self.begun()) - self.points

    def _check_end(self) -> None:
        if self.injected < self.faults:
            raise Broken(f"the sweep ended after {self.injected} of {self.faults} faults: {self.tally}, {self.runs}")
        counts = Counter(number for number, _ in self.begun())
        if set(counts) != set(range(self.points)):
            raise Broken(f"{self.points - len(counts)} points were never simulated")
        seen = _seen(self.rows.values())
        late = [number for number, at in self.begun() if at > seen.get(number, at) + GRACE]
        if late:
            raise Broken(f"points {late[:10]} were simulated although they were stored")
        if self.repeated > self.allowed:
            raise Broken(f"{self.repeated} simulations were repeated, {self.allowed} were in flight at most")
        for path in (self.home / "whole").iterdir():
            if path.read_bytes() != (self.home / "out" / path.name).read_bytes():
                raise Broken(f"{path.name} differs from that of the undisturbed run")

    # -- faults --------------------------------------------------------------------------------

    def kill_a_simulating_process(self) -> None:
        roots = [self.run.pid] if self.run else []
        if self.executor == "dask" and self.cluster is not None:
            roots = [worker.pid for worker in self.cluster.workers]
        victims = [pid for root in roots for pid in descendants(root) if is_simulating(pid)]
        if victims:
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(victims), signal.SIGKILL)

    def signal_main(self, number: int) -> None:
        assert self.run is not None
        with suppress(ProcessLookupError):
            self.run.send_signal(number)

    def set_the_clock(self, number: int) -> bool:
        # Before its first result of its own, the run may not listen for the signal yet, or not have reached Dask.
        if not self._wait_for(len(self._stored()) + 1):
            return False
        self.signal_main(number)
        return True

    def order(self, name: str) -> bool:
        """Tell the next simulation to go wrong, and say whether one did before the run ended."""
        assert self.run is not None
        order = self.home / "faults" / name
        order.touch()
        deadline = time.monotonic() + PATIENCE
        while order.exists() and self.run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        obeyed = not order.exists()
        order.unlink(missing_ok=True)
        return obeyed

    def fill_the_disk(self) -> None:
        """Let the main process write no file beyond some kilobytes: its next results find no room in the log."""
        assert self.run is not None
        limit = self.rng.randrange(4096, 20_000)
        with suppress(ProcessLookupError):
            resource.prlimit(self.run.pid, resource.RLIMIT_FSIZE, (limit, limit))

    def lock_the_store(self, seconds: float) -> None:
        """Hold the store as another program would."""
        with reading(self.home / "store.sqlite", "rw") as file:
            file.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            file.execute("ROLLBACK")

    def second_run(self) -> None:
        """Start the same command on the same store, and let it work for a while, or to the end."""
        first, self.run = self.run, None
        other = self._spawn(out="other")
        self._wait_until_it_speaks(other)
        with suppress(subprocess.TimeoutExpired):
            other.wait(self.rng.uniform(0.5, 2.0))
        if other.poll() is None:
            other.send_signal(self.rng.choice([signal.SIGTERM, signal.SIGKILL]))
        other.wait(PATIENCE)
        self.run = first
        self.allowed += IN_FLIGHT["local"]

    def kill_a_dask_worker(self) -> None:
        assert self.cluster is not None
        place = self.rng.randrange(len(self.cluster.workers))
        self.cluster.kill(self.cluster.workers[place])
        self.cluster.workers[place] = self.cluster.start_worker()

    def kill_a_dask_process(self) -> None:
        """Kill the process that a nanny guards, which then starts another."""
        assert self.cluster is not None
        nanny = self.rng.choice(self.cluster.workers)
        for pid in children(nanny.pid):
            if "spawn_main" in command_line(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def kill_the_scheduler(self) -> None:
        assert self.cluster is not None
        self.cluster.__exit__()
        self.cluster = None


Fault = tuple[tuple[str, ...], bool, Callable[[Campaign], bool | None]]
BOTH, LOCAL, DASK = ("local", "dask"), ("local",), ("dask",)
# By name: where it can befall a run, whether it ends it, and how it is done.
FAULTS: dict[str, Fault] = {
    "a simulating process is killed": (BOTH, False, Campaign.kill_a_simulating_process),
    "the main process is killed": (BOTH, True, lambda c: c.signal_main(signal.SIGKILL)),
    "SIGTERM": (BOTH, True, lambda c: c.signal_main(signal.SIGTERM)),
    "Ctrl-C": (BOTH, True, lambda c: c.signal_main(signal.SIGINT)),
    "the disk is full": (BOTH, True, Campaign.fill_the_disk),
    "the store is locked for a moment": (BOTH, False, lambda c: c.lock_the_store(0.3)),
    "the store is locked for good": (BOTH, True, lambda c: c.lock_the_store(LOCK_SECONDS + 2)),
    "a second run on the store": (LOCAL, False, Campaign.second_run),
    "the clock is set forward": (BOTH, False, lambda c: c.set_the_clock(signal.SIGUSR1)),
    "the clock is set back": (LOCAL, False, lambda c: c.set_the_clock(signal.SIGUSR2)),
    "the clock is set back, on Dask": (DASK, True, lambda c: c.set_the_clock(signal.SIGUSR2)),
    "a deck hangs": (BOTH, False, lambda c: c.order("hang")),
    "libngspice crashes": (BOTH, False, lambda c: c.order("segfault")),
    "the memory limit is reached": (BOTH, False, lambda c: c.order("memory")),
    "a Dask worker is killed with its nanny": (DASK, False, Campaign.kill_a_dask_worker),
    "a Dask worker's process is killed": (DASK, False, Campaign.kill_a_dask_process),
    "the Dask scheduler is killed": (DASK, True, Campaign.kill_the_scheduler),
}


def _seen(rows: Iterable[Row]) -> dict[int, int]:
    """Return when the result of each point was first seen [ns], by its number, of the rows of all points.

    A point starts from 1 + number volts, so that its output is as many times that of the first: the solver's error of
    the decay, 4e-4, is in both.
    """
    outputs = {float(json.loads(str(row.content[2]))["v_out"]): row.seen for row in rows}
    least = min(outputs)
    return {round(volts / least) - 1: seen for volts, seen in outputs.items()}


@contextmanager
def reading(path: Path, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    file = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=5)
    try:
        yield file
    finally:
        file.close()


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    return [pid for child in children(pid) for pid in (child, *descendants(child))]


def is_simulating(pid: int) -> bool:
    """Whether a process is one of those that simulate: started by another of Python, and without any of its own."""
    return "spawn_main" in command_line(pid) and not children(pid)


def report(campaign: Campaign, seed: int) -> str:
    """Return the campaign's table as Markdown."""
    lines = ["| fault | injected | exit codes of the runs it ended |", "|---|---|---|"]
    for kind in FAULTS:
        tally = campaign.tally.get(kind, Tally())
        codes = ", ".join(f"{code} ({count})" for code, count in sorted(tally.ended.items()))
        lines.append(f"| {kind} | {tally.injected} | {codes or 'none'} |")
    runs = ", ".join(f"{count} {name}" for name, count in sorted(campaign.runs.items()))
    return "\n".join(
        [
            *lines,
            "",
            f"{campaign.injected} faults over {campaign.points} points, seed {seed}, in {campaign.runs.total()} runs"
            f" ({runs}). Stored results lost or changed: 0. Points simulated although they were stored: 0."
            f" Simulations repeated: {campaign.repeated} (in flight when the faults came: {campaign.allowed} at most)."
            " The LUT's files have the bytes of the undisturbed run's.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, default=Path("results/runs/faults"))
    parser.add_argument("--report", type=Path, help="page that gets the table between its markers")
    options = parser.parse_args()
    shutil.rmtree(options.home, ignore_errors=True)
    campaign = Campaign(options.home.absolute(), options.points, options.faults, options.seed)
    campaign.conduct()
    text = report(campaign, options.seed)
    sys.stdout.write(f"{text}\n")
    if options.report:
        page = options.report.read_text()
        head, _, rest = page.partition("<!-- campaign -->\n")
        _, _, tail = rest.partition("<!-- end -->\n")
        options.report.write_text(f"{head}<!-- campaign -->\n{text}\n<!-- end -->\n{tail}")


if __name__ == "__main__":
    main()
