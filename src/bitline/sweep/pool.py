"""Pool: tasks on worker processes that may hang or die.

`LocalExecutor` behaves like the executors of `concurrent.futures`, and in addition ends a task
that exceeds its time and repeats, in a new process, a task whose worker died.

Each worker is a pebble pool of its own. Workers of one pool share a pipe and its locks, and a
worker killed while it holds one (kill -9, out of memory) would block the others; alone in its
pool it can harm only itself, and the pool is thrown away with it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import resource_tracker
from queue import Empty, SimpleQueue
from typing import Any, Protocol, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bitline.errors import SetupError, SimulationTimeoutError, SimulatorCrashedError
from bitline.sweep.worker import RETIRED, cause_of_death, end_if_starting, prepare, unguarded_note

T = TypeVar("T")

# A task may be innocent of its worker's death (kill -9, no memory left), so it is tried this often in all.
_ATTEMPTS = 3
# When so many workers in a row died before they began any task, the fault is not with the tasks.
_STILLBORN = 6
# Tasks that a worker holds: the one it works on and the next, so that it never waits for one.
_DEPTH = 2
# Tasks per worker that are made ahead of their turn: enough to keep it busy, few enough to lose.
_IN_FLIGHT = 4
# Tasks after which a worker is replaced: over so many its memory grows by 1 % (benchmarks/table.md).
RECYCLE = 5000
# Between looks at the workers' health [s]: a pool may break and say nothing of the tasks it held.
_HEARTBEAT = 0.5


class Executor(Protocol):
    """What a sweep needs to run its points: `concurrent.futures.Executor`, and how far to run ahead of it."""

    @property
    def in_flight(self) -> int:
        """How many tasks to hand in before the first has come back; it may change."""
        ...

    def submit(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Run ``function(*args)`` somewhere; both are pickled."""
        ...

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; with `cancel_futures` drop what waits and end what runs."""
        ...


@dataclass(eq=False)
class _Job:
    future: Future[Any]
    function: Callable[..., Any]
    args: tuple[Any, ...]
    deaths: int = 0


@dataclass(eq=False)
class _Lane:
    """One worker: a pebble pool of one process, and the jobs in its hands."""

    pool: ProcessPool
    jobs: list[_Job] = field(default_factory=list)


@dataclass(frozen=True)
class _Done:
    lane: _Lane
    job: _Job
    result: Future[Any]


@dataclass(frozen=True)
class _Close:
    cancel: bool


class LocalExecutor:
    """Worker processes on this machine.

    Parameters
    ----------
    workers : int
        Processes that work at once.
    timeout : float, optional
        Longest time one task may take [s]; then its process is killed and the future raises
        `SimulationTimeoutError`.
    recycle : int
        Tasks after which a process is replaced, so that a leak in a simulator stays small.
    initializer, initargs :
        Called in each process before its first task.

    Notes
    -----
    A future raises `SimulatorCrashedError` if its worker died three times, `SetupError` if
    workers die before they begin, `CancelledError` if the executor was shut down, and else what
    the function raised. Workers end when this process does, even if it is killed.
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        timeout: float | None = None,
        recycle: int = RECYCLE,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers = {workers}: must be at least 1")
        end_if_starting()
        self._workers = workers
        self._timeout = timeout
        self._recycle = recycle
        # Workers put their temporary files here: one that is killed cannot tidy up after itself.
        self._scratch = tempfile.mkdtemp(prefix="bitline-run-")
        self._initargs = (self._scratch, initializer, initargs)
        self._events: SimpleQueue[_Job | _Done | _Close] = SimpleQueue()
        self._waiting: deque[_Job] = deque()
        self._lanes: list[_Lane] = []
        self._stillborn = 0
        self._closed = False
        # One thread owns all of the state above; others only put events on the queue. So nothing is locked, and no
        # callback of pebble's can meet a lane that is half buried.
        self._thread = threading.Thread(target=self._manage, name="bitline-executor", daemon=True)
        self._thread.start()

    @property
    def in_flight(self) -> int:
        """How many tasks to hand in before the first has come back."""
        return _IN_FLIGHT * self._workers

    def submit(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Run ``function(*args)`` in a worker and return the future of its result."""
        if self._closed:
            raise RuntimeError("the executor was shut down")
        future: Future[T] = Future()
        self._events.put(_Job(future, function, args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks and end the workers.

        With `cancel_futures` tasks that run are ended too: their futures raise `CancelledError`.
        """
        self._closed = True
        self._events.put(_Close(cancel_futures))
        if wait:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.shutdown(cancel_futures=error is not None)

    # -- from here on: in the managing thread ------------------------------------------------

    def _manage(self) -> None:
        # Inherited by every worker: Ctrl-C and a terminal that closes are for the main process, even while a worker
        # starts. Python's own helper inherits the one, and unblocks the other again as it is started.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._serve()
        # Whatever went wrong, every future must be set: somebody may wait for it without a time limit.
        except Exception as error:  # noqa: BLE001
            self._abandon(error)
        finally:
            self._closed = True
            self._abandon(CancelledError())
            # All are told to stop before the first is waited for, so that they end at the same time.
            for lane in self._lanes:
                lane.pool.stop()  # type: ignore[no-untyped-call]
            for lane in self._lanes:
                lane.pool.join()
            shutil.rmtree(self._scratch, ignore_errors=True)
            unguarded_note(os.getpid()).unlink(missing_ok=True)

    def _serve(self) -> None:
        closing, checked = False, time.monotonic()
        while not (closing and not self._waiting and not any(lane.jobs for lane in self._lanes)):
            # This thread waits nowhere else, and here never for long, because a dead worker may send no event.
            try:
                event = self._events.get(timeout=_HEARTBEAT)
            except Empty:
                event = None
            match event:
                case _Job():
                    self._waiting.append(event)
                case _Done():
                    self._finish(event)
                case _Close(cancel=cancel):
                    if cancel:
                        return
                    closing = True
            if time.monotonic() - checked > _HEARTBEAT:
                for lane in [lane for lane in self._lanes if lane.jobs and not lane.pool.active]:
                    self._bury(lane)
                checked = time.monotonic()
            self._dispatch()

    def _dispatch(self) -> None:
        while self._waiting and (lane := self._free_lane()):
            job = self._waiting.popleft()
            # The future of a job that comes back from a dead worker is running already and can no longer be cancelled.
            if not job.future.running() and not job.future.set_running_or_notify_cancel():
                continue
            lane.jobs.append(job)
            try:
                result = lane.pool.schedule(job.function, args=job.args, timeout=self._timeout)
            except RuntimeError:
                # The pool broke while it had nothing to do. The job goes back to the queue with the others.
                self._bury(lane)
            else:
                result.add_done_callback(partial(self._note, lane, job))

    def _note(self, lane: _Lane, job: _Job, result: Future[Any]) -> None:
        """Run in pebble's threads."""
        self._events.put(_Done(lane, job, result))

    def _free_lane(self) -> _Lane | None:
        idle = min(self._lanes, key=lambda lane: len(lane.jobs), default=None)
        # A worker is started only when all others are busy: two points do not start eight processes.
        if len(self._lanes) < self._workers and (idle is None or idle.jobs):
            idle = _Lane(
                ProcessPool(
                    max_workers=1,
                    max_tasks=self._recycle,
                    initializer=prepare,
                    initargs=self._initargs,
                    # Not fork, since this process has threads, and not forkserver, which keeps an old environment.
                    context=multiprocessing.get_context("spawn"),
                )
            )
            self._lanes.append(idle)
        if idle and len(idle.jobs) < _DEPTH:
            return idle
        return None

    def _finish(self, event: _Done) -> None:
        lane, job = event.lane, event.job
        # The lane was buried meanwhile, and its jobs are in the queue or with another lane.
        if job not in lane.jobs:
            return
        error = event.result.exception()
        # The whole pool broke, which says nothing about this job, so it counts as no death of its own.
        if isinstance(error, BrokenProcessPool):
            self._bury(lane)
            return
        self._stillborn = 0
        lane.jobs.remove(job)
        if isinstance(error, ProcessExpired):
            job.deaths += error.exitcode != RETIRED
            if job.deaths < _ATTEMPTS:
                lane.jobs.insert(0, job)
            else:
                cause = cause_of_death(error.exitcode)
                job.future.set_exception(SimulatorCrashedError(f"the worker died {job.deaths} times: {cause}"))
            self._bury(lane)
        elif isinstance(error, TimeoutError):
            message = f"not finished after {self._timeout:g} s"
            job.future.set_exception(SimulationTimeoutError(message))
        elif error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(event.result.result())

    def _bury(self, lane: _Lane) -> None:
        """Throw a broken lane away and put its jobs back at the head of the queue."""
        self._lanes.remove(lane)
        # They go to the head of the queue, because they were the next in turn.
        self._waiting.extendleft(reversed(lane.jobs))
        lane.jobs.clear()
        lane.pool.stop()  # type: ignore[no-untyped-call]
        lane.pool.join()
        self._stillborn += 1
        note = unguarded_note(os.getpid())
        # Each worker runs the script again as it starts, and without the guard would start workers without end.
        if note.exists():
            self._abandon(
                SetupError(
                    "each worker process reads the script as it starts: the script must begin its run below"
                    " `if __name__ == '__main__':`"
                )
            )
        elif self._stillborn >= _STILLBORN:
            self._abandon(SetupError("the worker processes die as they start: see the messages above"))
            self._stillborn = 0

    def _abandon(self, error: BaseException) -> None:
        # Somebody may wait for any of these: jobs in the queue, with a worker, or handed in a moment ago.
        jobs = [*self._waiting, *(job for lane in self._lanes for job in lane.jobs)]
        while True:
            try:
                event = self._events.get_nowait()
            except Empty:
                break
            if isinstance(event, _Job):
                jobs.append(event)
        self._waiting.clear()
        for lane in self._lanes:
            lane.jobs.clear()
        for job in jobs:
            if job.future.running() or job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)
