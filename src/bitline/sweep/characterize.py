"""Characterize: a sweep from its points to its LUT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial

from bitline.errors import InputError, SetupError, attach_point
from bitline.lut.lut import Lut
from bitline.sweep.build import build_lut, noted
from bitline.sweep.outcome import Outcome
from bitline.sweep.session import Listener, Session
from bitline.sweep.simulate import Context, point_deck
from bitline.sweep.solver_error import solver_error
from bitline.sweep.sweep import Sweep
from bitline.sweep.transistors import check_folding


@dataclass(frozen=True, eq=False)
class Characterization:
    """A LUT, and what became of each point on the way to it.

    Parameters
    ----------
    lut : Lut
    outcomes : tuple of Outcome
        One per point of the sweep, in its order.
    """

    lut: Lut
    outcomes: tuple[Outcome, ...]

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
    outcomes = session.run(sweep.points(), report, before=partial(check, sweep, session.context))
    # Failed outcomes go into the LUT as well: a table says how many points of a cell are good.
    lut = build_lut(sweep, outcomes, session.context.pdk, ngspice)
    if sweep.solver_error:
        lut = _with_solver_error(lut, sweep, session)
    return Characterization(lut, tuple(outcomes))


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
