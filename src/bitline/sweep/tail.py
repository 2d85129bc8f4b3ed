"""High sigma: how rarely a bench's margin fails over mismatch, by simulations chosen for it.

The deviates of a deck, one per independent draw of a device, are standard normal. `statistics.rare.tail`
chooses vectors of them; each vector is a point like any other: simulated in a worker, judged, stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import bench as find_bench
from bitline.errors import BadMeasureError, InputError, UnknownNameError
from bitline.numbers import real
from bitline.parameters import finite_number, plain, whole_number
from bitline.statistics.rare.estimate import Method, TailEstimate
from bitline.statistics.rare.limit_state import Array
from bitline.statistics.rare.tail import failure_probability
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.session import Listener, Session
from bitline.sweep.simulate import Context, point_deck

_LIMIT = re.compile(r"(?P<output>\w+)(?:(?P<sign>[<>])(?P<bound>.+))?")


@dataclass(frozen=True)
class Limit:
    """What an output must keep: stay above `at`, or below it. Failure is to cross it."""

    output: str
    at: float = 0.0
    above: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.output, str):
            raise InputError(f"limit: output = {self.output!r}: must be the name of an output")
        object.__setattr__(self, "at", finite_number("limit: at", self.at))
        if not isinstance(above := plain(self.above), bool):
            raise InputError(f"limit: above = {self.above!r}: must be true or false")
        object.__setattr__(self, "above", above)

    @classmethod
    def parse(cls, text: Any) -> Limit:
        """Read ``NAME`` (which must stay above 0), ``NAME>NUMBER`` or ``NAME<NUMBER``; raises `InputError`."""
        parts = _LIMIT.fullmatch(text) if isinstance(text, str) else None
        if parts is None or not np.isfinite(bound := _number(parts["bound"] or "0")):
            raise InputError(f"margin {text!r}: must be an output, or an output > or < a number, as 'swing>0.1'")
        return cls(parts["output"], bound, above=parts["sign"] != "<")

    def margin(self, values: Mapping[str, float]) -> float:
        """Return how far the limit is kept, below 0 if it is not, in the output's unit."""
        distance = values[self.output] - self.at
        if self.above:
            return distance
        return -distance


@dataclass(frozen=True)
class Estimator:
    """How a failure probability is estimated, and how well.

    Parameters
    ----------
    method : {"importance", "subset", "plain"}
        How the deviates are chosen.
    seed : int
        Seed of the choice.
    target_cov : float
        Standard error over estimate to stop at.
    max_evaluations : int
        Simulations to stop at in any case.
    """

    method: Method = "importance"
    seed: int = 1
    target_cov: float = 0.1
    max_evaluations: int = 60_000

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise UnknownNameError("method", self.method, get_args(Method))
        # The class is frozen; here NumPy's numbers become plain ones.
        object.__setattr__(self, "seed", whole_number("seed", self.seed, 0))
        object.__setattr__(self, "target_cov", finite_number("target_cov", self.target_cov))
        object.__setattr__(self, "max_evaluations", whole_number("max_evaluations", self.max_evaluations, 1))


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


def _number(text: str) -> float:
    """Read a number; NaN if it is none."""
    try:
        return real(text)
    except ValueError:
        return np.nan


def check_limits(limits: Sequence[Limit], bench: Bench, conditions: Conditions) -> None:
    """Raise the `InputError` of limits on outputs that a bench has not, or of conditions that are one chip's."""
    outputs = [output.name for output in bench.outputs]
    if not limits:
        raise InputError("margin: give at least one")
    for limit in limits:
        if limit.output not in outputs:
            raise UnknownNameError("output", limit.output, outputs, f"of {bench.name}")
    # A sample is one chip, while a tail is about all chips.
    if conditions.sample or conditions.deviates:
        raise InputError("conditions: must be without sample and deviates, which are chosen here")


def tail(
    point: Point, limits: Sequence[Limit], session: Session, estimator: Estimator, report: Listener | None = None
) -> Tail:
    """Estimate how rarely a bench's outputs cross their limits over mismatch.

    Parameters
    ----------
    point : Point
        What is simulated; without sample and deviates.
    limits : sequence of Limit
        A circuit fails when it crosses any of them; the margin is the least.
    session : Session
    estimator : Estimator
    report : callable, optional
        Called with each outcome as it comes in.

    Raises
    ------
    InputError
        For an output the bench has not, or a deck without deviates.
    SetupError
        If the store cannot be used.
    BadMeasureError
        If more than 1 % of the simulations gave no result.
    Interrupted
        On Ctrl-C; what had finished is stored.
    """
    check_limits(limits, find_bench(point.bench, type(point.circuit)), point.conditions)
    deviates = _deviates(point, session.context)
    limit_state = _SimulatedLimitState(point, tuple(limits), session, report)
    try:
        estimate = failure_probability(
            limit_state,
            len(deviates),
            method=estimator.method,
            seed=estimator.seed,
            target_cov=estimator.target_cov,
            max_evaluations=estimator.max_evaluations,
        )
    except BadMeasureError as error:
        # The estimator sees only NaN; the statuses of the simulations are known here.
        counts = ", ".join(f"{count} {status}" for status, count in sorted(limit_state.failed.items()))
        raise BadMeasureError(f"{error} ({counts}; the first: {limit_state.first_failure})") from None
    return Tail(estimate, deviates, dict(sorted(limit_state.failed.items())), limit_state.simulated)


def _deviates(point: Point, context: Context) -> tuple[str, ...]:
    """Return the names of the deviates that the deck of a mismatch sample takes."""
    # Rendering the deck reads the PDK's library, too: the workers find it cached.
    _, _, deck = point_deck(replace(point, conditions=_at(point.conditions, sample=1)), context)
    if not deck.deviates:
        raise InputError(f"bench {point.bench} of {point.circuit.name} takes no deviates: nothing in it is random")
    return tuple(deck.deviates)


def _at(conditions: Conditions, *, sample: int = 0, deviates: tuple[float, ...] = ()) -> Conditions:
    """Return another chip at the same corner, supply and temperature; deviates of one's own have no seed."""
    return Conditions(
        corner=conditions.corner,
        vdd=conditions.vdd,
        temperature=conditions.temperature,
        sample=sample,
        deviates=deviates,
    )


class _SimulatedLimitState:
    """The limit state of a bench, its least margin as a function of the deviates: batches go to the workers."""

    def __init__(
        self, point: Point, limits: tuple[Limit, ...], session: Session, report: Listener | None = None
    ) -> None:
        self.point = point
        self.limits = limits
        self.session = session
        self.report = report
        self.failed: Counter[str] = Counter()
        self.first_failure = ""
        self.simulated = 0

    def __call__(self, deviates: Array) -> Array:
        """Return the margins, shape (n,), at deviates of shape (n, dimension); NaN where there is no result."""
        # These are points like any other, so a second run takes them from the store.
        points = (
            replace(self.point, index=index, conditions=_at(self.point.conditions, deviates=tuple(row)))
            for index, row in enumerate(deviates.tolist())
        )
        return np.array([self._margin(outcome) for outcome in self.session.run(points, self.report)])

    def _margin(self, outcome: Outcome) -> float:
        self.simulated += not outcome.cached
        if outcome.ok:
            return min(limit.margin(outcome.values) for limit in self.limits)
        # The estimator counts a point without a result as a failure, and gives up if there are many.
        self.failed[outcome.status] += 1
        self.first_failure = self.first_failure or outcome.reason
        return np.nan
