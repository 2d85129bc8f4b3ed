"""Dry run: how many points a sweep has, how many of them are stored, and how long the others will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from bitline.engine.isolation import isolate
from bitline.errors import attach_point
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.simulate import Context, point_deck, result_key, simulate_point, simulator_of
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep

# Points that are looked up in the store by their fingerprints, which takes 0.1 ms each; of larger sweeps so many.
_ASKED = 20_000
# Points that are then looked up by their decks, which takes 5 to 30 ms each: an older store knows no fingerprints, and
# a source that was edited changes them without changing every deck.
_RENDERED = 200


@dataclass(frozen=True)
class DryRun:
    """What a sweep will take.

    Parameters
    ----------
    points : int
        Of adaptive axes, those of the first round: how many follow is known when these are simulated.
    most : int
        How many there are at most.
    cached : int
        Of them in the store: counted, or where only some were `asked`, their share of all.
    asked : int
        Points of which it is known, spread evenly over the sweep.
    seconds : float
        Time of one point in one worker [s].
    source : str
        Where that is from: ``"the store"`` or ``"one trial"``.
    jobs : int
        Workers that share the points.
    """

    points: int
    most: int
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
    """Look up a sweep's points in the store, and try one of those that are missing.

    Raises
    ------
    InputError
        If a deck cannot be built; carries its point.
    SetupError
        If ngspice or the PDK is missing, or the store cannot be read.
    """
    asked = list(_spread(sweep))
    stored, missing = _recalled(asked, context)
    few = missing[:: -(-len(missing) // _RENDERED) or 1]
    by_key, seconds = 0, 0.0
    if few:
        # As a run does it: libngspice may crash, and this process may not.
        with LocalExecutor(timeout=context.task_timeout, initializer=isolate) as executor:
            more, seconds = executor.submit(_look, few, stored, context).result()
        by_key = len(more)
    found = len(stored) + len(missing) * by_key / max(len(few), 1)
    cached = round(len(sweep) * found / len(asked))
    known = len(stored) + len(few)
    return DryRun(
        len(sweep), sweep.most, cached, known, seconds, "the store" if stored or by_key else "one trial", jobs
    )


def _spread(sweep: Sweep) -> Iterator[Point]:
    """Yield a sweep's points, of a large one some that are spread evenly over it."""
    if len(sweep) <= _ASKED:
        return sweep.points()
    return map(sweep.point, range(0, len(sweep), -(-len(sweep) // _ASKED)))


def _recalled(points: Sequence[Point], context: Context) -> tuple[list[float], list[Point]]:
    """Return the times of the points that the store knows by fingerprint [s], and the other points."""
    if context.store is None or not context.store.exists():
        return [], list(points)
    fingerprints = Fingerprints(context)
    marks = [fingerprints.of(point) for point in points]
    with Store(context.store, read_only=True) as store:
        found = store.recall(mark for mark in marks if mark)
    stored = [found[mark].seconds for mark in marks if mark in found]
    return stored, [point for point, mark in zip(points, marks, strict=True) if mark not in found]


def _look(points: Sequence[Point], stored: Sequence[float], context: Context) -> tuple[list[float], float]:
    """Return the times of points that the store has by their decks [s], and that of a missing one, 0 if none is.

    `stored` are the times of those that it is known to have.
    """
    more, missing = _split(points, context)
    if not missing:
        return more, 0.0
    if known := [*stored, *more]:
        # The store has the times of the analyses; a deck takes time to build as well.
        return more, fmean(known) + _timed(lambda: point_deck(missing[0], context)[2].text)
    point, alone = missing[len(missing) // 2], replace(context, store=None)
    # The first run reads the library, which every worker does once.
    simulate_point(point, alone)
    return more, _timed(lambda: simulate_point(point, alone))


def _split(points: Sequence[Point], context: Context) -> tuple[list[float], list[Point]]:
    """Return the times of the points that the store has by their decks [s], and the other points."""
    if context.store is None or not context.store.exists():
        return [], list(points)
    simulator = simulator_of(context.engine, context.timeout)
    keys: dict[int, str] = {}
    for point in points:
        with attach_point(point):
            keys[point.index] = result_key(*point_deck(point, context), simulator)
    with Store(context.store, read_only=True) as store:
        found = store.get_many(keys.values())
    more = [found[key].seconds for key in keys.values() if key in found]
    return more, [point for point in points if keys[point.index] not in found]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
