"""Cluster: the executor of a sweep on Dask, on one machine or on many.

    with DaskExecutor("tcp://10.0.0.1:8786", timeout=60) as executor:
        executor.submit(function, argument).result()

Dask places tasks, notices machines that go away and gives their tasks to others. What happens on each machine is in
`bitline.sweep.host`.
"""

from __future__ import annotations

import logging
import math
import pickle
import signal
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from multiprocessing import resource_tracker
from typing import Any, Self, TypeVar

from bitline.errors import InputError, SetupError, SimulatorCrashedError
from bitline.sweep.host import Setting, leave, packed, perform, unpacked
from bitline.sweep.pool import RECYCLE
from bitline.sweep.worker import end_if_starting

T = TypeVar("T")

# How long a scheduler may take to answer, and to let us go [s].
_CONNECT, _PART = 20.0, 5.0
# Between two looks at how many workers the cluster has [s]: a batch system gives and takes them.
_COUNT = 2.0
# Time that tasks which travel together are to take [s], and how many these are at most.
_TOGETHER, _MOST = 0.2, 32
# Between two looks at the clock, and by how much it may be set back, as a time server does [s].
_LOOK, _SET_BACK = 0.5, 2.0
# Between two looks whether all tasks are done [s].
_TICK = 0.02


class DaskExecutor:
    """Workers of a Dask cluster; behaves as `LocalExecutor`, to which it adds machines.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running cluster's scheduler, such as ``tcp://10.0.0.1:8786``; by default a cluster on this machine
        is started, and ended with the executor.
    workers : int
        Simulating processes of the cluster that is started; a running one has its own number.
    timeout, recycle, initializer, initargs :
        As of `LocalExecutor`; pickled, as `check` and `common` are.
    check : callable, optional
        Called once on each Dask worker before its first task; what it raises ends the run.
    common : object, optional
        An argument of all tasks, known by its identity: it travels once to each Dask worker and not with each task.

    Raises
    ------
    SetupError
        If Dask is not installed, or the scheduler does not answer. A future raises it where the scheduler is lost.
    InputError
        If `scheduler` is no address.

    Notes
    -----
    Dask takes about 3 ms of this process's time for each of its tasks. So short tasks travel together, as many as take
    a fifth of a second: what is in flight, and lost if this process is killed, is some tenths of a second's work.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int = 1,
        *,
        timeout: float | None = None,
        recycle: int = RECYCLE,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        check: Callable[[], object] | None = None,
        common: Any = None,
    ) -> None:
        end_if_starting()
        self._closed = False
        self._scheduler, self._common = scheduler, common
        self._cluster, self._client = _connected(scheduler, workers)
        self._name = f"bitline-{uuid.uuid4().hex}"
        jobs = None if scheduler else workers
        setting = Setting(self._name, jobs, timeout, recycle, initializer, initargs, check, common)
        # A task and not data that are sent: where the worker that holds it dies, Dask makes it again elsewhere.
        self._setting = self._client.submit(unpacked, zlib.compress(pickle.dumps(setting)), key=self._name)
        self._executor = self._client.get_executor(pure=False)
        # Tasks that wait to be sent, the groups that were sent, and how many tasks the next one may hold.
        self._waiting: deque[tuple[Future[Any], bytes]] = deque()
        self._sent, self._size = 0, 1
        self._lock = threading.RLock()
        self._out: set[Future[Any]] = set()
        self._broken: SetupError | None = None
        threading.Thread(target=self._watch_the_clock, name="bitline-clock", daemon=True).start()
        # A cluster may have no worker yet: the first that comes finds work.
        self._workers, self._counted = workers, -math.inf

    @property
    def in_flight(self) -> int:
        """How many tasks to hand in before the first has come back."""
        return self._groups() * max(2, self._size)

    def submit(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Run ``function(*args)`` in a worker and return the future of its result."""
        if self._closed:
            raise RuntimeError("the executor was shut down")
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        call = packed(self._common, function, args)
        with self._lock:
            if self._broken is not None:
                future.set_exception(self._broken)
                return future
            self._out.add(future)
            self._waiting.append((future, call))
        self._count_workers()
        self._send()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks and leave the cluster; with `cancel_futures` tasks that run are ended too."""
        if self._closed:
            return
        self._closed = True
        if wait and not cancel_futures:
            while self._sent or self._waiting:
                time.sleep(_TICK)
        self._give_up(CancelledError())
        # Where the scheduler is gone, none of this can be done, and nothing is left to do.
        for part in (
            partial(self._executor.shutdown, wait=False),
            self._leave,
            partial(self._client.close, timeout=_PART),
        ):
            with suppress(Exception):
                part()
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=_PART)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.shutdown(cancel_futures=error is not None)

    def _leave(self) -> None:
        """End what this run has on the workers."""
        # Without a scheduler this would wait for one; the workers end by themselves then.
        if self._client.status == "running":
            self._client.run(leave, self._name, on_error="ignore")

    def _groups(self) -> int:
        """Return how many groups of tasks are out at once: a worker finds its next one waiting."""
        return 2 * self._workers

    def _count_workers(self) -> None:
        """See how many workers a running cluster has now: a batch system gives and takes them."""
        now = time.monotonic()
        if self._scheduler is None or now - self._counted < _COUNT:
            return
        # A scheduler that is lost is told by the futures.
        with suppress(OSError, TimeoutError, ValueError):
            self._workers = max(1, sum(self._client.nthreads().values()))
        self._counted = now

    def _send(self) -> None:
        with self._lock:
            while self._waiting and self._sent < self._groups():
                group = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
                calls = [call for _, call in group]
                self._sent += 1
                remote = self._executor.submit(perform, self._setting, calls)
                remote.add_done_callback(partial(self._land, [future for future, _ in group]))

    def _land(self, futures: list[Future[Any]], remote: Future[Any]) -> None:
        """Run in Dask's thread."""
        error = self._error(remote)
        answers, seconds = [(None, error)] * len(futures), _TOGETHER
        if error is None:
            answers, seconds = remote.result()
        with self._lock:
            self._sent -= 1
            # By the time on the worker: what a group waits in queues would make it smaller the busier they are.
            if seconds < _TOGETHER / 2 and len(futures) >= self._size:
                self._size = min(2 * self._size, _MOST)
            elif seconds > 2 * _TOGETHER:
                self._size = max(1, self._size // 2)
        for future, (result, problem) in zip(futures, answers, strict=True):
            with self._lock:
                # They were given up.
                if future not in self._out:
                    continue
                self._out.remove(future)
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)
        if not self._closed:
            self._send()

    def _give_up(self, error: BaseException) -> None:
        with self._lock:
            futures, self._out = self._out, set()
            self._waiting.clear()
        for future in futures:
            future.set_exception(error)

    def _watch_the_clock(self) -> None:
        """End the run where the clock is set back: Dask sends nothing before it is as late as it was."""
        ahead = time.time() - time.monotonic()
        while not self._closed:
            time.sleep(_LOOK)
            last, ahead = ahead, time.time() - time.monotonic()
            if last - ahead > _SET_BACK and not self._closed:
                self._broken = SetupError(
                    f"this machine's clock was set back by {last - ahead:.0f} s, which stops Dask for as long: run the"
                    " same command again"
                )
                self._give_up(self._broken)

    def _error(self, remote: Future[Any]) -> BaseException | None:
        """Return what went wrong with a group of tasks, in bitline's words where it was Dask."""
        from distributed import KilledWorker

        error = CancelledError() if remote.cancelled() else remote.exception()
        if isinstance(error, KilledWorker):
            return SimulatorCrashedError("the Dask workers that had it in hand died")
        if isinstance(error, CancelledError) and not self._closed:
            where = f"at {self._scheduler}" if self._scheduler else "of this machine"
            return SetupError(f"the Dask scheduler {where} is lost: start it and run the same command again")
        return error


def _connected(scheduler: str | None, workers: int) -> tuple[Any, Any]:
    """Return the cluster that was started, if any, and its client."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise SetupError(f"the Dask executor needs distributed: pip install bitline[dask] ({error})") from error
    # What Dask says of workers that come and go is not for the command line; what ends the run is said in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is not None:
        return None, _client(Client, scheduler)
    # Ctrl-C is for this process: the cluster's processes inherit the block, also those that replace others. Python's
    # own helper would lift it as it is started.
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        # More threads than processes: a process finds its next task waiting.
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=1,
            threads_per_worker=2 * workers,
            # Any port: the usual one may be another cluster's.
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            memory_limit=0,
        )
    except (RuntimeError, OSError, TimeoutError) as error:
        raise SetupError(f"no Dask cluster could be started on this machine: {error}") from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return cluster, _client(Client, cluster)


def _client(kind: Callable[..., Any], place: Any) -> Any:
    try:
        return kind(place, timeout=_CONNECT, set_as_default=False)
    except ValueError as error:
        raise InputError(f"scheduler = {place!r}: must be an address such as tcp://10.0.0.1:8786 ({error})") from None
    except (OSError, TimeoutError) as error:
        raise SetupError(
            f"no Dask scheduler answers at {place}: start one (dask scheduler) or give the address of another"
        ) from error
