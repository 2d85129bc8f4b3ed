"""Dry run: how many points a sweep has, how many of them are stored, and how long the others will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bitline.engine.isolation import isolate
from bitline.errors import attach_point
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.simulate import Context, point_deck, result_key, simulate_point, simulator_of
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep

_ASKED = 200
"""Points whose keys are looked up: a key needs the point's deck, of which ten thousand would take minutes."""


@dataclass(frozen=True)
class DryRun:
    """What a sweep will take.

    Parameters
    ----------
    points : int
    cached : int
        Of them in the store: counted, or where only some were `asked`, their share of all.
    asked : int
        Points that were looked up in the store, spread evenly over the sweep.
    seconds : float
        Time of one point in one worker [s].
    source : str
        Where that is from: ``"the store"`` or ``"one trial"``.
    jobs : int
        Workers that share the points.
    """

    points: int
    cached: int
    asked: int
    seconds: float
    source: str
    jobs: int

    @property
    def time(self) -> float:
        """Time that the points that are missing take [s]; sampled points may take longer than the one tried."""
        return (self.points - self.cached) * self.seconds / self.jobs


def dry_run(sweep: Sweep, context: Context, jobs: int) -> DryRun:
    """Look up a part of a sweep's points in the store, and try one of those that are missing.

    Raises
    ------
    InputError
        If a deck cannot be built; carries its point.
    SetupError
        If ngspice or the PDK is missing, or the store cannot be read.
    """
    points = list(sweep.points())
    asked = points[:: -(-len(points) // _ASKED)]
    # As a run does it: libngspice may crash, and this process may not.
    with LocalExecutor(timeout=context.task_timeout, initializer=isolate) as executor:
        stored, seconds = executor.submit(_look, asked, context).result()
    cached = round(len(points) * len(stored) / len(asked))
    return DryRun(len(points), cached, len(asked), seconds, "the store" if stored else "one trial", jobs)


def _look(points: Sequence[Point], context: Context) -> tuple[list[float], float]:
    """Return the times of the stored points [s], and that of a missing one [s], 0 where none is missing."""
    stored, missing = _split(points, context)
    if not missing:
        return stored, 0.0
    if stored:
        # The store has the times of the analyses; a deck takes time to build as well.
        return stored, fmean(stored) + _timed(lambda: point_deck(missing[0], context)[2].text)
    point, alone = missing[len(missing) // 2], replace(context, store=None)
    # The first run reads the library, which every worker does once.
    simulate_point(point, alone)
    return stored, _timed(lambda: simulate_point(point, alone))


def _split(points: Sequence[Point], context: Context) -> tuple[list[float], list[Point]]:
    """Return the times of the stored points [s], and the points that are not stored."""
    if context.store is None or not context.store.exists():
        return [], list(points)
    simulator = simulator_of(context.engine, context.timeout)
    keys: dict[int, str] = {}
    for point in points:
        with attach_point(point):
            keys[point.index] = result_key(*point_deck(point, context), simulator)
    with Store(context.store, read_only=True) as store:
        found = store.get_many(keys.values())
    stored = [found[key].seconds for key in keys.values() if key in found]
    return stored, [point for point in points if keys[point.index] not in found]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
