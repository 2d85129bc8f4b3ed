"""Characterize: a sweep from its points to its LUT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bitline.lut.lut import Lut
from bitline.sweep.build import build_lut
from bitline.sweep.outcome import Outcome
from bitline.sweep.provenance import corners
from bitline.sweep.session import Listener, Session
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
    SetupError
        If a corner's library cannot be read, or is folded otherwise than ngspice reads it, or the store cannot be
        written.
    Interrupted
        On Ctrl-C; what had finished is stored.
    """
    pdk = session.context.pdk
    # The libraries are read here as well, so that the workers find them cached and do not all read them at once.
    check_folding(pdk, corners(sweep), session.context.engine)
    outcomes = session.run(sweep.points(), report)
    # Failed outcomes go into the LUT as well: a table says how many points of a cell are good.
    return Characterization(build_lut(sweep, outcomes, pdk, ngspice), tuple(outcomes))
