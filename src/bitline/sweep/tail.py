"""High sigma: how rarely a bench's margin fails over mismatch, by simulations chosen for it.

The deviates of a deck, one per independent draw of a device, are standard normal. `statistics.tail`
chooses vectors of them; each vector is a point like any other: simulated in a worker, judged, stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bitline.benches.accuracy import Accuracy
from bitline.benches.base import Bench, Conditions
from bitline.circuits.base import Circuit
from bitline.errors import BadMeasureError, InputError, UnknownNameError
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.simulate.isolation import isolate
from bitline.simulate.selftest import Engine, ngspice_version, preferred_engine
from bitline.statistics.rare.limit_state import Array
from bitline.statistics.rare.tail import Method, TailEstimate, failure_probability
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.simulate import Context, point_deck, simulate_point
from bitline.sweep.store import Store

_MARGIN = re.compile(r"(?P<name>\w+)(?:(?P<sign>[<>])(?P<limit>.+))?")


@dataclass(frozen=True)
class Limit:
    """What an output must keep: stay above `at`, or below it. Failure is to cross it."""

    output: str
    at: float = 0.0
    above: bool = True

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``NAME`` (which must stay above 0), ``NAME>NUMBER`` or ``NAME<NUMBER``; raises `InputError`."""
        found = _MARGIN.fullmatch(text)
        try:
            at = float((found and found["limit"]) or 0.0)
        except ValueError:
            at = np.nan
        if not found or not np.isfinite(at):
            raise InputError(f"margin {text!r}: must be an output, or an output > or < a number, as 'swing>0.1'")
        return cls(found["name"], at, found["sign"] != "<")

    def margin(self, values: Mapping[str, float]) -> float:
        """Return how far the limit is kept, below 0 if it is not, in the output's unit."""
        away = values[self.output] - self.at
        return away if self.above else -away


@dataclass(frozen=True)
class Tail:
    """A failure probability of a bench.

    Parameters
    ----------
    estimate : TailEstimate
    deviates : tuple of str
        Names of the deviates, in the order of a design point's coordinates.
    failed : mapping of str to int
        Simulations without a result by their status, those of the search for design points with them.
    simulated : int
        Simulations that were not in the store already.
    """

    estimate: TailEstimate
    deviates: tuple[str, ...]
    failed: Mapping[str, int]
    simulated: int


def tail(
    circuit: Circuit,
    bench: Bench,
    inputs: Any,
    limits: Sequence[Limit],
    *,
    conditions: Conditions | None = None,
    method: Method = "importance",
    seed: int = 1,
    target_cov: float = 0.1,
    max_evaluations: int = 20_000,
    jobs: int = 1,
    store: Path | None = None,
    engine: Engine | None = None,
    accuracy: Accuracy = "default",
    pdk: Pdk | None = None,
    timeout: float = 600.0,
    report: Callable[[Outcome], object] | None = None,
) -> Tail:
    """Estimate how rarely a bench's outputs cross their limits over mismatch.

    Parameters
    ----------
    circuit, bench, inputs :
        What is simulated; `inputs` an instance of the bench's own.
    limits : sequence of Limit
        A circuit fails when it crosses any of them; the margin is the least.
    conditions : Conditions, optional
        Corner, supply and temperature; without sample and deviates.
    method, seed, target_cov, max_evaluations :
        As of `failure_probability`.
    jobs : int
        Worker processes; the result does not depend on it.
    store : Path, optional
        SQLite file of finished simulations; with it a run resumes where it was left.
    engine, accuracy, pdk, timeout, report :
        As of `characterize`.

    Raises
    ------
    InputError
        For an output the bench has not, or a deck without deviates.
    SetupError
        If openturns, ngspice or the PDK is missing, or the store cannot be used.
    BadMeasureError
        If more than 1 % of the simulations gave no result.
    Interrupted
        On Ctrl-C; what had finished is stored.
    """
    outputs = [output.name for output in bench.outputs]
    for limit in limits:
        if limit.output not in outputs:
            raise UnknownNameError(f"output of {bench.name}", limit.output, outputs)
    if not limits:
        raise InputError("margin: give at least one")
    where, chosen = conditions or Conditions(), pdk or load_pdk()
    if where.sample or where.deviates:
        raise InputError("conditions: must be without sample and deviates, which are chosen here")
    ngspice_version()
    place = store.absolute() if store else None
    context = Context(chosen, engine or preferred_engine(), accuracy, timeout, place)
    base = Point(0, circuit, bench.name, where, inputs)
    names = _deviates(base, context)
    opened = nullcontext() if place is None else Store(place)
    with opened as kept, LocalExecutor(jobs, timeout=context.task_timeout, initializer=isolate) as executor:
        margin = _Simulated(base, context, tuple(limits), executor, kept, report)
        estimate = _estimated(margin, len(names), method, seed, target_cov, max_evaluations)
    return Tail(estimate, names, dict(sorted(margin.failed.items())), margin.simulated)


def _estimated(
    margin: _Simulated, dimension: int, method: Method, seed: int, target_cov: float, max_evaluations: int
) -> TailEstimate:
    try:
        return failure_probability(
            margin, dimension, method=method, seed=seed, target_cov=target_cov, max_evaluations=max_evaluations
        )
    except BadMeasureError as error:
        told = ", ".join(f"{count} {status}" for status, count in sorted(margin.failed.items()))
        raise BadMeasureError(f"{error} ({told}; the first: {margin.first})") from None


def _deviates(base: Point, context: Context) -> tuple[str, ...]:
    """Return the names of the deviates that the deck of a mismatch sample takes."""
    # It reads the library, too: the workers find it cached.
    _, deck = point_deck(_with(base, 0, Conditions(**_place(base.conditions), sample=1)), context)
    if not deck.deviates:
        raise InputError(f"bench {base.bench} of {base.circuit.name} takes no deviates: nothing in it is random")
    return tuple(deck.deviates)


def _place(conditions: Conditions) -> dict[str, Any]:
    return {"corner": conditions.corner, "vdd": conditions.vdd, "temperature": conditions.temperature}


def _with(base: Point, index: int, conditions: Conditions) -> Point:
    return Point(index, base.circuit, base.bench, conditions, base.inputs)


class _Simulated:
    """The margin of a bench as a function of the deviates: batches go to the workers."""

    def __init__(
        self,
        base: Point,
        context: Context,
        limits: tuple[Limit, ...],
        executor: LocalExecutor,
        store: Store | None,
        report: Callable[[Outcome], object] | None,
    ) -> None:
        self.base, self.context, self.limits = base, context, limits
        self.executor, self.store, self.report = executor, store, report
        self.failed: Counter[str] = Counter()
        self.first = ""
        self.simulated = 0

    def __call__(self, deviates: Array) -> Array:
        where = _place(self.base.conditions)
        points = (
            _with(self.base, index, Conditions(**where, deviates=tuple(row)))
            for index, row in enumerate(deviates.tolist())
        )
        outcomes = run_points(
            points, simulate_point, self.context, executor=self.executor, store=self.store, report=self.report
        )
        return np.array([self._margin(outcome) for outcome in outcomes])

    def _margin(self, outcome: Outcome) -> float:
        self.simulated += not outcome.cached
        if outcome.ok:
            return min(limit.margin(outcome.values) for limit in self.limits)
        self.failed[outcome.status] += 1
        self.first = self.first or (outcome.log.splitlines() or [""])[0]
        return np.nan
