"""Session: the workers and the store that the points of one run go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Self, TypeVar

from bitline.engine.isolation import isolate
from bitline.errors import StorageError
from bitline.pdk.corner import Corner
from bitline.sweep.cluster import DaskExecutor
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.kit import check, kit, unpack
from bitline.sweep.outcome import Outcome
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import Point
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.simulate import Context, simulate_point
from bitline.sweep.store import Claims, Store

T = TypeVar("T")
Listener = Callable[[Outcome], object]
"""Called with each outcome as it comes in; such as a `Report`."""


@dataclass(frozen=True)
class Place:
    """Workers of Dask: those of a running cluster by its scheduler's address, or of one started on this machine."""

    scheduler: str | None = None


@dataclass(frozen=True)
class Session:
    """Workers and store of one run, with what all its points share.

    Parameters
    ----------
    context : Context
    executor : Executor
        The workers.
    store : Store, optional
        Where finished points are kept; without it they are lost with the session.
    """

    context: Context
    executor: Executor
    store: Store | None = None

    def run(
        self,
        points: Iterable[Point],
        report: Listener | None = None,
        before: Callable[[], object] | None = None,
    ) -> Outcomes:
        """Simulate points, or find them in the store; `before` and errors as of `run_points`."""
        return run_points(
            points,
            simulate_point,
            self.context,
            executor=self.executor,
            store=self.store,
            report=report,
            fingerprints=self._fingerprints,
            before=before,
        )

    @cached_property
    def _fingerprints(self) -> Fingerprints | None:
        # Without a store there is nothing to look points up in.
        return None if self.store is None else Fingerprints(self.context)


@contextmanager
def session(
    context: Context, jobs: int, corners: Iterable[Corner] = (), place: Place | None = None
) -> Iterator[Session]:
    """Open a session of `jobs` worker processes; the store is the context's.

    Parameters
    ----------
    context : Context
    jobs : int
        Of a running cluster, its own number counts.
    corners : iterable of Corner
        Of the points, for workers on other machines.
    place : Place, optional
        Where the workers are; by default on this machine, without Dask.

    Raises
    ------
    StorageError
        If the store cannot be used, or another run is at work on it and these workers cannot share it.
    SetupError
        If there is no Dask, no scheduler or no library for it.
    """
    with ExitStack() as stack:
        store = None
        if context.store is not None:
            store = stack.enter_context(Store(context.store))
        if place is not None:
            if store is not None:
                stack.enter_context(_alone(store))
            yield _on_dask(context, jobs, corners, place, store, stack)
            return
        # Each worker first moves to a folder with an empty `.spiceinit`, which ngspice finds before the user's.
        executor = LocalExecutor(jobs, timeout=context.task_timeout, initializer=isolate)
        yield Session(context, stack.enter_context(executor), store)


def _on_dask(
    context: Context, jobs: int, corners: Iterable[Corner], place: Place, store: Store | None, stack: ExitStack
) -> Session:
    # Workers may be where the store is not. What it has is looked up here, before and after.
    known = frozenset() if store is None else store.keys()
    common = replace(context, store=None, known=known)

    def connected() -> DaskExecutor:
        things = kit(context, corners)
        return DaskExecutor(
            place.scheduler,
            jobs,
            timeout=context.task_timeout,
            initializer=unpack,
            initargs=(things,),
            check=partial(check, things),
            common=common,
        )

    return Session(common, stack.enter_context(_Later(connected)), store)


class _Later:
    """An executor that is made with its first task: a run that finds all in the store would wait for it in vain."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._made: Executor | None = None

    @property
    def in_flight(self) -> int:
        return 1 if self._made is None else self._made.in_flight

    def submit(self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        if self._made is None:
            self._made = self._make()
        return self._made.submit(function, *args)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._made is not None:
            self._made.shutdown(wait, cancel_futures=cancel_futures)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.shutdown(cancel_futures=error is not None)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Keep other runs from this store: workers on other machines cannot claim single points of it."""
    with Claims(store.path.absolute()).claim_all() as ours:
        if not ours:
            raise StorageError(f"store {store.path}: another run is at work on it: wait for it, or give another file")
        yield
