"""Characterize: a sweep from its file to its LUT, through workers and a store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from bitline.lut.lut import Lut
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import slim_pdk
from bitline.simulate.isolation import isolate
from bitline.simulate.selftest import Engine, ngspice_version, preferred_engine
from bitline.sweep.build import build_lut
from bitline.sweep.outcome import Outcome
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.simulate import Context, simulate_point
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep


@dataclass(frozen=True)
class Characterization:
    """A LUT, and what became of each point on the way to it."""

    lut: Lut
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> int:
        """Points that gave no result."""
        return sum(not outcome.ok for outcome in self.outcomes)

    @property
    def simulated(self) -> int:
        """Points that were not in the store already."""
        return sum(not outcome.cached for outcome in self.outcomes)


def characterize(
    sweep: Sweep,
    *,
    jobs: int = 1,
    store: Path | None = None,
    engine: Engine | None = None,
    pdk: Pdk | None = None,
    timeout: float = 600.0,
    report: Callable[[Outcome], object] | None = None,
) -> Characterization:
    """Run a sweep and return its LUT.

    Parameters
    ----------
    sweep : Sweep
    jobs : int
        Worker processes; the result does not depend on it.
    store : Path, optional
        SQLite file of finished points; with it the sweep resumes where it was left.
    engine : {"shared", "batch"}, optional
        Default: shared where it passes its self-test.
    pdk : Pdk, optional
        Default: the installed SKY130.
    timeout : float
        Longest time of one point [s].
    report : callable, optional
        Told every outcome as it comes in.

    Raises
    ------
    SetupError
        If ngspice or the PDK is missing, or the store cannot be used.
    Interrupted
        On Ctrl-C; what had finished is stored.
    """
    chosen, ngspice = pdk or load_pdk(), ngspice_version()
    for corner in dict.fromkeys(point.conditions.corner for point in sweep.points()):
        slim_pdk(chosen, corner).library  # noqa: B018 (read once here, so that workers find it cached)
    place = store.absolute() if store else None
    context = Context(chosen, engine or preferred_engine(), sweep.accuracy, timeout, place)
    opened = nullcontext() if place is None else Store(place)
    with opened as kept, LocalExecutor(jobs, timeout=context.task_timeout, initializer=isolate) as executor:
        outcomes = run_points(sweep.points(), simulate_point, context, executor=executor, store=kept, report=report)
    lut = build_lut(sweep, outcomes, chosen, ngspice)
    return Characterization(lut, tuple(outcomes))
