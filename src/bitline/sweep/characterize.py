"""Characterize: a sweep from its points to its LUT."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, SetupError, attach_point
from bitline.lut.lut import Lut
from bitline.sweep.build import build_lut, noted
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Grid
from bitline.sweep.session import Listener, Session
from bitline.sweep.simulate import Context, point_deck
from bitline.sweep.solver_error import solver_error
from bitline.sweep.sweep import Sweep
from bitline.sweep.transistors import check_folding
from bitline.sweep.until import Until, looks


@dataclass(frozen=True, eq=False)
class Characterization:
    """A LUT, and what became of each point on the way to it.

    Parameters
    ----------
    lut : Lut
    outcomes : tuple of Outcome
        One per point of the sweep, in its order.
    sweep : Sweep
        What was run: with the samples that it took where the sweep says `until`.
    """

    lut: Lut
    outcomes: tuple[Outcome, ...]
    sweep: Sweep

    @cached_property
    def failures(self) -> Mapping[str, int]:
        """Points that gave no result, counted by their status."""
        return dict(sorted(Counter(outcome.status for outcome in self.outcomes if not outcome.ok).items()))

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the LUT could not be made, in a line each; the rest of it is there."""
        return tuple(self.lut.attrs.get("problems", ()))

    @property
    def failed(self) -> int:
        """Points that gave no result."""
        return sum(self.failures.values())

    @property
    def simulated(self) -> int:
        """Points that were not in the store already."""
        return sum(not outcome.cached for outcome in self.outcomes)

    @property
    def cached(self) -> int:
        """Points that came out of the store."""
        return len(self.outcomes) - self.simulated


def characterize(sweep: Sweep, session: Session, ngspice: str, report: Listener | None = None) -> Characterization:
    """Run a sweep and build its LUT.

    Parameters
    ----------
    sweep : Sweep
    session : Session
    ngspice : str
        Version of ngspice, for the LUT.
    report : callable, optional
        Called with each outcome as it comes in.

    Raises
    ------
    InputError
        If the deck of some point cannot be built; see `check`.
    SetupError
        If a corner's library cannot be read, or is folded otherwise than ngspice reads it, or the store cannot be
        written.
    Interrupted
        On Ctrl-C; what had finished is stored.
    """
    # A sweep whose every point is stored was checked when it was simulated.
    before = partial(check, sweep, session.context)
    most, until = sweep.mismatch.samples, sweep.mismatch.until
    if most and until:
        sweep, outcomes = run_until(sweep, until, partial(session.run, report=report), before)
    else:
        outcomes = session.run(sweep.points(), report, before)
    # Failed outcomes go into the LUT as well: a table says how many points of a cell are good.
    lut = build_lut(sweep, outcomes, session.context.pdk, ngspice)
    if most and until:
        lut = replace(lut, attrs={**lut.attrs, "until": {**until.model_dump(), "most": most}})
    if sweep.solver_error:
        lut = _with_solver_error(lut, sweep, session)
    return Characterization(lut, tuple(outcomes), sweep)


def run_until(
    sweep: Sweep, until: Until, run: Callable[..., list[Outcome]], before: Callable[[], object]
) -> tuple[Sweep, list[Outcome]]:
    """Run a sweep with samples added until they are enough; return it with their number, and its outcomes.

    Parameters
    ----------
    sweep : Sweep
    until : Until
        The sweep's own.
    run : callable
        ``run(points, before=...) -> outcomes`` in the order of the points' index.
    before : callable
        For the first points, as of `Session.run`.
    """
    done: list[list[Outcome]] = [[] for _ in sweep.grids]
    for count in looks(sweep.mismatch.samples):
        now = sweep.replace(mismatch={"samples": count})
        new = [grid.after(len(outcomes)) for grid, outcomes in zip(now.grids, done, strict=True)]
        firsts = itertools.accumulate((len(grid) for grid in new), initial=0)
        points = (point for grid, first in zip(new, firsts, strict=False) for point in grid.points(first))
        landed = iter(run(points, before=before))
        for grid, outcomes in zip(new, done, strict=True):
            outcomes += itertools.islice(landed, len(grid))
        if all(until.met(_sampled(grid, until, own)) for grid, own in zip(now.grids, done, strict=True)):
            break
    outcomes = [replace(outcome, index=index) for index, outcome in enumerate(itertools.chain(*done))]
    return now, outcomes


def _sampled(grid: Grid, until: Until, outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Return the values that decide, shape (samples, points); of a grid that is not sampled none."""
    if grid.samples[0] == 0 or until.output not in (output.name for output in grid.bench.outputs):
        return np.empty((0, 0))
    # The sample is the slowest axis.
    values = [outcome.values.get(until.output, np.nan) for outcome in outcomes]
    return np.reshape(np.asarray(values), (len(grid.samples), -1))


def _with_solver_error(lut: Lut, sweep: Sweep, session: Session) -> Lut:
    """Measure the solver's error with these models: another process states its own, or none."""
    attrs, problems = dict(lut.attrs), list(lut.attrs.get("problems", ()))
    with noted(problems, "the solver's error"):
        attrs["solver_error"] = solver_error(sweep, lut, session)
    if problems:
        attrs["problems"] = problems
    return replace(lut, attrs=attrs)


def check(sweep: Sweep, context: Context) -> None:
    """Build decks that stand for those of all points, so that one that cannot be built is named before the first run.

    Raises
    ------
    InputError
        For settings that contradict each other, or a device without a model; carries the point.
    SetupError
        If a corner's library cannot be read, or is folded otherwise than ngspice reads it.
    """
    # The libraries are read here as well, so that the workers find them cached and do not all read them at once.
    check_folding(context.pdk, sweep.corners, context.engine)
    for grid in sweep.grids:
        for point in grid.trials():
            # Any other error, as of a plug-in's bench, is the point's own: it crashes, and the others go on.
            with attach_point(point), _ignored_unless(InputError, SetupError):
                _ = point_deck(point, context)[2].text


@contextmanager
def _ignored_unless(*kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kinds:
        raise
    except Exception:  # noqa: BLE001 - a bench may fail in any way
        return
