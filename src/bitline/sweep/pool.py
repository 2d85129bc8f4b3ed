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

T = TypeVar("T")

_ATTEMPTS = 3  # a task is repeated when its worker dies, but this often in all
_STILLBORN = 6  # so many workers that died in a row before they began any task: something is wrong
_DEPTH = 2  # tasks given to a worker: one it works on, and the next so that it need not wait
_HEARTBEAT = 0.5  # between looks at the workers' health [s]


class Executor(Protocol):
    """What a sweep needs to run its points: `concurrent.futures.Executor` and a number of workers."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
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
    """One worker: a pebble pool of one process, and the jobs it was given."""

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
        recycle: int = 1000,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        if workers < 1:
            raise ValueError(f"workers = {workers}: must be at least 1")
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
        # One thread owns all of the state above; others only put events on the queue.
        self._thread = threading.Thread(target=self._manage, name="bitline-executor", daemon=True)
        self._thread.start()

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        return self._workers

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
        # Inherited by every worker: Ctrl-C is for the main process, even while a worker starts.
        # Python's own helper comes first, because starting it would unblock the signal again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            self._abandon(error)
        finally:
            self._closed = True
            self._abandon(CancelledError())
            for lane in self._lanes:
                lane.pool.stop()  # type: ignore[no-untyped-call]
            for lane in self._lanes:
                lane.pool.join()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _serve(self) -> None:
        closing, checked = False, time.monotonic()
        while not (closing and not self._waiting and not any(lane.jobs for lane in self._lanes)):
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
            if not job.future.running() and not job.future.set_running_or_notify_cancel():
                continue
            lane.jobs.append(job)
            try:
                result = lane.pool.schedule(job.function, args=job.args, timeout=self._timeout)
            except RuntimeError:  # the pool broke while it had nothing to do
                self._bury(lane)
            else:
                result.add_done_callback(partial(self._note, lane, job))

    def _note(self, lane: _Lane, job: _Job, result: Future[Any]) -> None:
        """Run in pebble's threads."""
        self._events.put(_Done(lane, job, result))

    def _free_lane(self) -> _Lane | None:
        idle = min(self._lanes, key=lambda lane: len(lane.jobs), default=None)
        if len(self._lanes) < self._workers and (idle is None or idle.jobs):
            idle = _Lane(
                ProcessPool(
                    max_workers=1,
                    max_tasks=self._recycle,
                    initializer=_prepare_worker,
                    initargs=self._initargs,
                    # not fork: this process has threads; not forkserver: it keeps an old environment
                    context=multiprocessing.get_context("spawn"),
                )
            )
            self._lanes.append(idle)
        return idle if idle and len(idle.jobs) < _DEPTH else None

    def _finish(self, event: _Done) -> None:
        lane, job = event.lane, event.job
        if job not in lane.jobs:  # the lane was buried, the job has been given to another
            return
        error = event.result.exception()
        if isinstance(error, BrokenProcessPool):
            self._bury(lane)
            return
        self._stillborn = 0
        lane.jobs.remove(job)
        if isinstance(error, ProcessExpired):
            job.deaths += 1
            if job.deaths < _ATTEMPTS:
                lane.jobs.insert(0, job)
            else:
                how = _cause(error.exitcode)
                job.future.set_exception(SimulatorCrashedError(f"the worker died {job.deaths} times: {how}"))
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
        self._waiting.extendleft(reversed(lane.jobs))
        lane.jobs.clear()
        lane.pool.stop()  # type: ignore[no-untyped-call]
        lane.pool.join()
        self._stillborn += 1
        if self._stillborn >= _STILLBORN:
            self._abandon(
                SetupError(
                    "the worker processes die as they start: see the messages above; a script must begin"
                    " its sweep below `if __name__ == '__main__':`"
                )
            )
            self._stillborn = 0

    def _abandon(self, error: BaseException) -> None:
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


def _prepare_worker(scratch: str, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
    tempfile.tempdir = scratch
    # pebble ends a worker by SIGTERM; its own Python handler would wait for a simulator's C code.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # returns when the parent is gone, however it went
        os._exit(1)


def _cause(exitcode: int) -> str:
    if exitcode >= 0:
        return f"exit code {exitcode}"
    try:
        return f"killed by {signal.Signals(-exitcode).name}"
    except ValueError:
        return f"killed by signal {-exitcode}"
