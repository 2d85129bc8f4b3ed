"""Run: the points of a sweep, through an executor, into outcomes and the store.

    with Store(path) as store, LocalExecutor(2, timeout=60) as executor, Report(len(sweep)) as report:
        outcomes = run_points(sweep.points(), simulate_point, context,
                              executor=executor, store=store, report=report)

The result does not depend on the number of workers, on the order in which they finish, on
workers that died on the way, or on how often the run was interrupted and started again.
"""

from __future__ import annotations

import pickle
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from bitline.errors import (
    BitlineError,
    InputError,
    SetupError,
    SimulationError,
    SimulatorCrashedError,
    Stopped,
    StorageError,
)
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.outcome import Busy, Outcome, Status, Stored
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import Point
from bitline.sweep.pool import Executor
from bitline.sweep.store import Store
from bitline.sweep.worker import end_if_exhausted

C = TypeVar("C")
Answer = Outcome | Busy | Stored
Task = Callable[[Point, C], Answer]

# Between two questions whether another run has finished a point [s].
_PATIENCE = 0.2
# Points that are looked up in the store, or whose fingerprints are kept, in one go.
_LOOKED_UP = 500


class Interrupted(BitlineError):
    """Ctrl-C, or a signal that ends the command: what had finished is stored."""

    exit_code = 130


def run_points(
    points: Iterable[Point],
    task: Task[C],
    context: C,
    *,
    executor: Executor,
    store: Store | None = None,
    report: Callable[[Outcome], object] | None = None,
    fingerprints: Fingerprints | None = None,
    before: Callable[[], object] | None = None,
) -> Outcomes:
    """Run a task on every point and return the outcomes in the order of their index.

    Parameters
    ----------
    points : iterable of Point
        Taken lazily: `Executor.in_flight` are out at once; with fingerprints, some hundreds are made at once.
    task : callable
        ``(point, context) -> Outcome``, or `Busy` or `Stored`, run in a worker: a module-level function. It looks
        into the store itself, for only it knows the key; what comes from there is `cached`.
        A `SimulationError` it raises becomes an outcome of that status, an `InputError` one that is `refused`, and any
        error that is not bitline's own becomes `crashed` with the traceback as log.
    context : object
        Handed to `task` with each point; pickled, so keep it small.
    executor : Executor
        Runs the points. It is shut down if the run does not end well.
    store : Store, optional
        Gets each final outcome that it does not have yet.
    report : callable, optional
        Told every outcome as it comes in; see `Report`.
    fingerprints : Fingerprints, optional
        With them points are looked up in the store here, and only those that it does not have reach a worker.
    before : callable, optional
        Called once before the first point is run, and not at all where the store has every one.

    Raises
    ------
    Interrupted
        On Ctrl-C, and where the command line is stopped by SIGTERM or SIGHUP.
    BitlineError
        Anything that would befall the other points too: a missing PDK, a store that cannot be written, points that
        cannot be made. It carries its point, and what had finished is stored.
    """
    run = _Run(executor, store, report, fingerprints, before)
    try:
        while True:
            for point, mark in run.missing(points):
                run.submit(point, mark, task, context)
                while len(run.flying) >= executor.in_flight:
                    run.collect()
            while run.flying:
                run.collect()
            if not run.elsewhere:
                break
            # Another run has these in hand: all others came first, and now its results are waited for.
            time.sleep(_PATIENCE)
            points, run.elsewhere = run.elsewhere, []
        run.note()
    # Ctrl-C is no Exception. The workers end first, so that nothing more lands while the rest is stored.
    except BaseException as error:
        executor.shutdown(cancel_futures=True)
        run.salvage()
        if isinstance(error, KeyboardInterrupt | Stopped):
            raise run.farewell(error) from None
        raise
    # Outcomes land in the order in which workers finish, and a LUT must not depend on it.
    run.outcomes.sort()
    return run.outcomes


class _Run:
    """What is in flight and what has landed."""

    def __init__(
        self,
        executor: Executor,
        store: Store | None,
        report: Callable[[Outcome], object] | None,
        fingerprints: Fingerprints | None,
        before: Callable[[], object] | None,
    ) -> None:
        self.executor = executor
        self.store = store
        self.report = report
        self.fingerprints = fingerprints
        self.before = before
        self.outcomes = Outcomes()
        self.flying: dict[Future[Answer], tuple[Point, str]] = {}
        self.landed: SimpleQueue[Future[Answer]] = SimpleQueue()
        self.elsewhere: list[Point] = []
        self.noted: dict[str, str] = {}

    def missing(self, points: Iterable[Point]) -> Iterator[tuple[Point, str]]:
        """Yield the points that are to be run, each with its fingerprint; those in the store have landed."""
        for point, mark in self._not_stored(points):
            if self.before is not None:
                self.before()
                self.before = None
            yield point, mark

    def _not_stored(self, points: Iterable[Point]) -> Iterator[tuple[Point, str]]:
        if self.store is None or self.fingerprints is None:
            yield from ((point, "") for point in points)
            return
        rest = iter(points)
        while batch := [(point, self.fingerprints.of(point)) for point in islice(rest, _LOOKED_UP)]:
            stored = self.store.recall(mark for _, mark in batch if mark)
            for point, mark in batch:
                if mark in stored:
                    self.land(replace(stored[mark], index=point.index))
                else:
                    yield point, mark

    def submit(self, point: Point, mark: str, task: Task[Any], context: Any) -> None:
        future = self.executor.submit(_work, task, point, context)
        self.flying[future] = (point, mark)
        # With a queue, no outcome costs a look through all that is in flight, as `concurrent.futures.wait` does.
        future.add_done_callback(self.landed.put)

    def collect(self) -> None:
        """Wait for the next outcome."""
        self.take(self.landed.get())

    def take(self, future: Future[Answer]) -> None:
        point, mark = self.flying.pop(future)
        outcome = _landed(future, point)
        if isinstance(outcome, Busy):
            self.elsewhere.append(point)
            return
        if isinstance(outcome, Stored):
            outcome = self._fetched(outcome.key, point)
        # Each outcome is stored at once and not in batches, so that kill -9 takes only what was in flight. One that is
        # not final (a timeout, a crash) may be this machine's doing, so the next run tries the point again.
        if self.store is not None and outcome.final and outcome.key:
            if not outcome.cached:
                self.store.put(outcome)
            if mark:
                self.noted[mark] = outcome.key
        self.land(outcome)
        if len(self.noted) >= _LOOKED_UP:
            self.note()

    def _fetched(self, key: str, point: Point) -> Outcome:
        outcome = None if self.store is None else self.store.get(key, point.index)
        if outcome is None:
            raise StorageError(
                f"a result that was stored is gone (key {key}): did something else write into the store?"
            )
        return outcome

    def land(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if self.report is not None:
            self.report(outcome)

    def note(self) -> None:
        """Keep to which keys the fingerprints led: not one by one, for that costs a look at many files."""
        if self.noted and self.store is not None and self.fingerprints is not None and self.fingerprints.hold():
            self.store.note(self.noted)
        self.noted.clear()

    def salvage(self) -> None:
        """Store what finished before the run was broken off."""
        # An error here, such as a full disk, would hide the one that broke the run off.
        with suppress(Empty, BitlineError):
            while True:
                future = self.landed.get_nowait()
                if future in self.flying and not future.cancelled() and future.exception() is None:
                    self.take(future)
        with suppress(BitlineError):
            self.note()

    def farewell(self, reason: KeyboardInterrupt | Stopped) -> Interrupted:
        """Return the error that says how far the run has come."""
        fate = "stored: the same command goes on from there"
        if self.store is None:
            fate = "not stored"
        ended = str(reason) or "interrupted"
        error = Interrupted(f"{ended}: {len(self.outcomes)} points have finished and are {fate}")
        if isinstance(reason, Stopped):
            error.exit_code = reason.exit_code
        return error


def _work(task: Task[C], point: Point, context: C) -> Answer:
    """Run in the worker: nothing but outcomes and errors that survive pickling leave it."""
    try:
        # A simulator's failure is a result and is returned; what would befall all points is raised and ends the run.
        return task(point, context)
    except SimulationError as error:
        return _failed(point, error)
    except InputError as error:
        # What contradicts itself at every point is named before the first simulation, by trial decks: this is its own.
        return Outcome(point.index, "", "refused", log=str(error.args[0]))
    except BitlineError as error:
        error.point = error.point or point
        raise _portable(error) from None
    except Exception as error:  # noqa: BLE001 - one bad point must not end the sweep
        if isinstance(error, MemoryError):
            end_if_exhausted()
        crash = SimulatorCrashedError(f"{type(error).__name__}: {error}", traceback.format_exc(limit=-5))
        return _failed(point, crash)


def _landed(future: Future[Answer], point: Point) -> Answer:
    """Return a future's outcome; what the executor itself reports becomes one too."""
    error = future.exception()
    if error is None:
        outcome = future.result()
        if not isinstance(outcome, Outcome):
            return outcome
        # An outcome from the store does not know its place in this sweep.
        return replace(outcome, index=point.index)
    if isinstance(error, SimulationError):
        return _failed(point, error)
    # What the machine lacks is no matter of this point; where it is, the worker has said so.
    if isinstance(error, BitlineError) and not isinstance(error, SetupError):
        error.point = error.point or point
    raise error


def _failed(point: Point, error: SimulationError) -> Outcome:
    log = "\n".join(part for part in (str(error.args[0]), error.log) if part)
    return Outcome(point.index, "", cast(Status, error.status), log=log)


def _portable(error: BitlineError) -> BitlineError:
    """Return the error, or one of its base class if its own could not be rebuilt elsewhere."""
    # An error that does not pickle would not arrive as what it is.
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - a class may fail to pickle in any way
        kind = SetupError if isinstance(error, SetupError) else BitlineError
        plain = kind(str(error.args[0]))
        plain.point = error.point
        return plain
    return error
