"""Session: the workers and the store that the points of one run go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from bitline.engine.isolation import isolate
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.simulate import Context, simulate_point
from bitline.sweep.store import Store

Listener = Callable[[Outcome], object]
"""Called with each outcome as it comes in; such as a `Report`."""


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
    ) -> list[Outcome]:
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
def session(context: Context, jobs: int) -> Iterator[Session]:
    """Open a session of `jobs` worker processes; the store is the context's.

    Raises
    ------
    StorageError
        If the store cannot be used.
    """
    with ExitStack() as stack:
        store = None
        if context.store is not None:
            store = stack.enter_context(Store(context.store))
        # Each worker first moves to a folder with an empty `.spiceinit`, which ngspice finds before the user's.
        executor = LocalExecutor(jobs, timeout=context.task_timeout, initializer=isolate)
        yield Session(context, stack.enter_context(executor), store)
