"""Characterize: a sweep from its points to its LUT."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, SetupError, attach_point
from bitline.lut.lut import Lut
from bitline.sweep.adaptive import resolve
from bitline.sweep.axis import FINEST
from bitline.sweep.build import build_lut, noted
from bitline.sweep.outcome import Outcome
from bitline.sweep.outcomes import Outcomes
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
    outcomes : Outcomes
        One per point of the sweep, in its order.
    sweep : Sweep
        What was run: with the samples that it took where the sweep says `until`, and the values where it says
        `adaptive`.
    """

    lut: Lut
    outcomes: Outcomes
    sweep: Sweep

    @cached_property
    def failures(self) -> Mapping[str, int]:
        """Points that gave no result, counted by their status."""
        return {status: count for status, count in sorted(self.outcomes.status_counts().items()) if status != "ok"}

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the LUT could not be made, in a line each; the rest of it is there."""
        return tuple(self.lut.attrs.get("problems", ()))

    @property
    def unresolved(self) -> tuple[str, ...]:
        """The adaptive axes that did not reach their tolerance, in a line each."""
        axes = self.lut.attrs.get("adaptive", {})
        return tuple(
            f"axis {name}: tolerance {axis['tolerance']:g} is not reached: with {axis['values']} values (at most "
            f"{axis['most']}, none closer than 1/{round(1 / FINEST)} of the axis) a look-up may be off by "
            f"{axis['error']:.2g} of the span"
            for name, axis in axes.items()
            if not axis["reached"]
        )

    @property
    def failed(self) -> int:
        """Points that gave no result."""
        return sum(self.failures.values())

    @property
    def simulated(self) -> int:
        """Points that were not in the store already."""
        return len(self.outcomes) - self.cached

    @property
    def cached(self) -> int:
        """Points that came out of the store."""
        return self.outcomes.cached


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
    before, run = partial(check, sweep, session.context), partial(session.run, report=report)
    begun, reached = Outcomes(), {}
    if sweep.adaptive:
        resolved = resolve(sweep, run, before)
        sweep, begun, reached = resolved.sweep, resolved.outcomes, resolved.reached
    most, until = sweep.mismatch.samples, sweep.mismatch.until
    if most and until:
        sweep, outcomes = run_until(sweep, until, run, before, begun)
    else:
        outcomes = _run_all(sweep, run, before, begun)
    # Failed outcomes go into the LUT as well: a table says how many points of a cell are good.
    lut = build_lut(sweep, outcomes, session.context.pdk, ngspice)
    if most and until:
        lut = replace(lut, attrs={**lut.attrs, "until": {**until.model_dump(), "most": most}})
    if reached:
        lut = replace(lut, attrs={**lut.attrs, "adaptive": reached})
    if sweep.solver_error:
        lut = _with_solver_error(lut, sweep, session)
    return Characterization(lut, outcomes, sweep)


def _run_all(sweep: Sweep, run: Callable[..., Outcomes], before: Callable[[], object], begun: Outcomes) -> Outcomes:
    """Run a sweep of which the points without mismatch may have been `begun`."""
    if not begun:
        return run(sweep.points(), before=before)
    starts = itertools.accumulate(map(len, sweep.grids[:-1]), initial=0)
    sampled = ((grid, start) for grid, start in zip(sweep.grids, starts, strict=True) if grid.samples[0])
    for outcome in run(itertools.chain(*(grid.points(start) for grid, start in sampled)), before=before):
        begun.append(outcome)
    begun.sort()
    return begun


def run_until(
    sweep: Sweep,
    until: Until,
    run: Callable[..., Iterable[Outcome]],
    before: Callable[[], object],
    begun: Outcomes | None = None,
) -> tuple[Sweep, Outcomes]:
    """Run a sweep with samples added until they are enough; return it with their number, and its outcomes.

    Parameters
    ----------
    sweep : Sweep
    until : Until
        The sweep's own.
    run : callable
        ``run(points, before=...) -> outcomes``.
    before : callable
        For the first points, as of `Session.run`.
    begun : Outcomes, optional
        Those of all points without mismatch, if these have been run.
    """
    outcomes = begun or Outcomes()
    done = [len(grid) if outcomes and not grid.samples[0] else 0 for grid in sweep.grids]
    # By the places of all samples that there may be, outcomes keep their order when samples are added.
    places = list(itertools.accumulate(map(len, sweep.grids[:-1]), initial=0))
    for count in looks(sweep.mismatch.samples):
        now = sweep.replace(mismatch={"samples": count})
        new = zip(now.grids, done, places, strict=True)
        points = itertools.chain(*(grid.after(number).points(place + number) for grid, number, place in new))
        for outcome in run(points, before=before):
            outcomes.append(outcome)
        outcomes.sort()
        done = [len(grid) for grid in now.grids]
        if all(until.met(samples) for samples in _sampled(now, until, outcomes)):
            break
    outcomes.renumber()
    return now, outcomes


def _sampled(sweep: Sweep, until: Until, outcomes: Outcomes) -> Iterator[NDArray[np.float64]]:
    """Yield the values that decide, of each grid of samples that has them, in the shape (samples, points)."""
    start = 0
    for grid in sweep.grids:
        if grid.samples[0] and until.output in (output.name for output in grid.bench.outputs):
            values = outcomes.values(until.output, start, start + len(grid))
            # The sample is the slowest axis.
            yield values.reshape(len(grid.samples), -1)
        start += len(grid)


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
