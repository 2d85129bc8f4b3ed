"""Host: what runs on a worker of Dask: a `LocalExecutor` of its own, so that a point may hang or crash there as well.

A Dask worker has no time limit for a task, and one that libngspice takes down loses all that it held. So each Dask
worker starts simulating processes and hands them the tasks: what becomes of a point is the same on one machine and on
many.
"""

from __future__ import annotations

import io
import multiprocessing
import pickle
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from bitline.sweep.pool import RECYCLE, LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMON = "common"

Answer = tuple[Any, BaseException | None]
"""What a call returned, or the error that it raised."""


@dataclass(frozen=True)
class Setting:
    """What the simulating processes of one run need to begin; it reaches each Dask worker once.

    Parameters
    ----------
    name : str
        Tells the settings of two runs apart.
    jobs : int, optional
        Simulating processes per Dask worker; by default as many as it has threads.
    timeout : float, optional
        Longest time of one task [s].
    recycle : int
        Tasks after which a process is replaced.
    initializer, initargs :
        Called in each process before its first task.
    check : callable, optional
        Called in the first process of each Dask worker, before its first task; what it raises ends the run.
    common : object
        An argument of all tasks, which travels with this setting and not with each of them.
    """

    name: str
    jobs: int | None = None
    timeout: float | None = None
    recycle: int = RECYCLE
    initializer: Callable[..., object] | None = None
    initargs: tuple[Any, ...] = ()
    check: Callable[[], object] | None = None
    common: Any = None


def unpacked(setting: bytes) -> Setting:
    """Return a setting from compressed bytes; run on a Dask worker."""
    return cast(Setting, pickle.loads(zlib.decompress(setting)))


# -- in the client -----------------------------------------------------------------------------


class _Packer(pickle.Pickler):
    """Leaves out what is common to all tasks."""

    def __init__(self, file: io.BytesIO, common: Any) -> None:
        super().__init__(file)
        self._common = common

    def persistent_id(self, thing: Any) -> str | None:
        if self._common is not None and thing is self._common:
            return _COMMON
        return None


def packed(common: Any, function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    """Return a call as bytes, without what is common to all calls."""
    file = io.BytesIO()
    _Packer(file, common).dump((function, args))
    return file.getvalue()


# -- in a Dask worker --------------------------------------------------------------------------


class _Host:
    """The simulating processes of one run."""

    def __init__(self, setting: Setting, threads: int) -> None:
        self.executor = LocalExecutor(
            setting.jobs or threads,
            timeout=setting.timeout,
            recycle=setting.recycle,
            initializer=_begin,
            initargs=(setting,),
        )
        self.busy = 0
        self.checked = setting.check is None


_hosts: dict[str, _Host] = {}
_lock = threading.Lock()


def perform(setting: Setting, calls: list[bytes]) -> tuple[list[Answer], float]:
    """Run packed calls in simulating processes of this Dask worker; return their answers, and how long it took [s]."""
    with _hosted(setting) as host:
        start = time.monotonic()
        futures = [host.executor.submit(_call, call) for call in calls]
        return [_answer(future) for future in futures], time.monotonic() - start


def _answer(future: Future[Any]) -> Answer:
    error = future.exception()
    # The processes are ended where the run is: that is no answer.
    if isinstance(error, CancelledError):
        raise error
    return (None, error) if error else (future.result(), None)


def leave(name: str) -> None:
    """End the simulating processes of a run, and what they are at."""
    with _lock:
        host = _hosts.pop(name, None)
    if host is not None:
        host.executor.shutdown(cancel_futures=True)


@contextmanager
def _hosted(setting: Setting) -> Iterator[_Host]:
    with _lock:
        # The client of an earlier run may have been killed, and nobody said that it is over.
        for name in [name for name, host in _hosts.items() if name != setting.name and not host.busy]:
            _hosts.pop(name).executor.shutdown(cancel_futures=True)
        if setting.name not in _hosts:
            _hosts[setting.name] = _start(setting)
        host = _hosts[setting.name]
        # The lock is held meanwhile: no task begins before this machine was found to be as the client's.
        if not host.checked and setting.check is not None:
            host.executor.submit(_call, packed(None, setting.check, ())).result()
            host.checked = True
        host.busy += 1
    try:
        yield host
    finally:
        with _lock:
            host.busy -= 1


def _start(setting: Setting) -> _Host:
    from distributed import get_worker

    # A nanny starts its worker as a daemon, which may have no children, for nobody would end them. Ours end themselves.
    vars(multiprocessing.current_process())["_config"]["daemon"] = False
    return _Host(setting, get_worker().state.nthreads)


# -- in a simulating process -------------------------------------------------------------------

_common: list[Any] = []


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, _: Any) -> Any:
        return _common[0]


def _begin(setting: Setting) -> None:
    _common[:] = [setting.common]
    if setting.initializer is not None:
        setting.initializer(*setting.initargs)


def _call(call: bytes) -> Any:
    function, args = _Unpacker(io.BytesIO(call)).load()
    return function(*args)
