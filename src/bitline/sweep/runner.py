"""Runner: how simulations are run, said once: the PDK, the engine, the workers and the store.

    runner = Runner(jobs=2, store="runs.sqlite")
    runner.simulate(SplitPort6T(), "read", vdd=1.6).values["swing"]
    runner.characterize(Sweep.load("acim-qs")).lookup(code=12, corner="tt", vdd=1.7)
    runner.tail(SplitPort6T(), "read", "swing>0.6", t_pulse=2e-10).estimate.probability

No result depends on the number of workers, or on how often a run was interrupted.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from bitline.benches.accuracy import Accuracy
from bitline.benches.registry import bench as find_bench
from bitline.circuits.base import Circuit
from bitline.engine.selftest import Engine, ngspice_version, preferred_engine
from bitline.errors import FailedPointsWarning, InputError, LutWarning, ToleranceWarning, UnknownNameError
from bitline.lut.lut import Lut
from bitline.parameters import plain, whole_number
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.sweep.characterize import Characterization
from bitline.sweep.characterize import characterize as characterize_sweep
from bitline.sweep.dry_run import DryRun, dry_run
from bitline.sweep.point import Point, first_bench, make_point
from bitline.sweep.session import Listener, Place, session
from bitline.sweep.simulate import Context, Simulation, simulate_points
from bitline.sweep.sweep import Sweep
from bitline.sweep.tail import Estimator, Limit, Tail, check_limits
from bitline.sweep.tail import tail as estimate_tail
from bitline.sweep.transistors import check_folding

ExecutorName = Literal["local", "dask"]
DEFAULT_ESTIMATOR = Estimator()
# The longest time of one simulation [s], about four months.
_LONGEST = 1e7


@dataclass(frozen=True)
class Runner:
    """How simulations are run.

    Parameters
    ----------
    pdk : Pdk, str or Path, optional
        Or the name of a shipped one, or a descriptor's file; default: the installed SKY130.
    engine : {"shared", "batch"}, optional
        Default: for sweeps and tails shared, where it passes its self-test; for single simulations batch, which a
        script may use at its top level. Both give the same.
    jobs : int
        Worker processes.
    store : str or Path, optional
        SQLite file of finished points: with it a run goes on where it was left.
    timeout : float
        Longest time of one simulation [s].
    executor : {"local", "dask"}
        What sweeps and tails run on: worker processes, or a cluster of Dask (docs/cluster.md).
    scheduler : str, optional
        Address of a running cluster; by default Dask starts one on this machine.

    Raises
    ------
    InputError
        For a value that is not allowed. What the machine lacks is told when it is first needed.
    """

    pdk: Pdk | str | Path | None = None
    engine: Engine | None = None
    jobs: int = 1
    store: str | Path | None = None
    timeout: float = 600.0
    executor: ExecutorName = "local"
    scheduler: str | None = None

    def __post_init__(self) -> None:
        # The class is frozen; here NumPy's integers become plain ones, which the pool needs.
        object.__setattr__(self, "jobs", whole_number("jobs", self.jobs, 1))
        check_timeout(self.timeout)
        if self.engine is not None and self.engine not in get_args(Engine):
            raise UnknownNameError("engine", self.engine, get_args(Engine))
        if self.pdk is not None and not isinstance(self.pdk, Pdk | str | Path):
            raise InputError(f"pdk = {self.pdk!r}: must be a Pdk, the name of one or a descriptor's path")
        if self.store is not None and not isinstance(self.store, str | Path):
            raise InputError(f"store = {self.store!r}: must be the path of a file")
        if self.executor not in get_args(ExecutorName):
            raise UnknownNameError("executor", self.executor, get_args(ExecutorName))
        if self.scheduler is not None and self.executor != "dask":
            raise InputError(f"scheduler = {self.scheduler!r}: only executor = 'dask' has one")

    @cached_property
    def models(self) -> Pdk:
        """The PDK, loaded; raises `PdkMissingError`."""
        if isinstance(self.pdk, Pdk):
            return self.pdk
        if self.pdk is None:
            return load_pdk()
        return load_pdk(self.pdk)

    @cached_property
    def ngspice(self) -> str:
        """Version of the installed ngspice; raises `NgspiceMissingError`."""
        return ngspice_version()

    def check(self) -> None:
        """Raise the `SetupError` of a PDK or an ngspice that is missing, before anything is begun."""
        _ = self.models, self.ngspice

    def simulate(
        self, circuit: Circuit, bench: str | None = None, *, accuracy: Accuracy = "default", **values: Any
    ) -> Simulation:
        """Simulate one point: what a bench measures, with the waveforms; nothing is stored.

        Parameters
        ----------
        circuit : Circuit
        bench : str, optional
            Default: the circuit's first.
        accuracy : {"fast", "bypass", "default", "reference"}
            Tolerances of the solver.
        **values
            Conditions (corner, vdd, temperature, sample, seed), inputs of the bench and parameters of the circuit.
            The supply is the PDK's where none is given.

        Raises
        ------
        UnknownNameError
            For a bench or a name that does not exist; names the nearest.
        InputError
            For a value that is not allowed.
        SetupError
            If ngspice or the PDK is missing.
        SimulationError
            If there is no valid result, or it took too long; carries the point.
        """
        return self.simulate_points([self.point(circuit, bench, **values)], accuracy)[0]

    def simulate_points(self, points: Sequence[Point], accuracy: Accuracy = "default") -> list[Simulation]:
        """Simulate points one after another; errors as of `simulate`."""
        _check_items("points", points, Point, "a sequence of Point, such as Runner.point returns")
        self.check()
        # The default is batch, because a script may simulate at its top level, where no worker could start.
        context = self._context(accuracy, self.engine or "batch")
        check_folding(context.pdk, (point.conditions.corner for point in points), context.engine)
        return simulate_points(points, context)

    def characterize(self, sweep: Sweep, report: Listener | None = None) -> Lut:
        """Run a sweep and return its LUT; see `characterization`.

        Warns
        -----
        FailedPointsWarning
            If points gave no result, with their number and the first one's reason.
        LutWarning
            For each table that could not be made.
        ToleranceWarning
            For each adaptive axis that did not reach its tolerance.
        """
        result = self.characterization(sweep, report)
        for line in result.unresolved:
            warnings.warn(f"sweep {sweep.name}: {line}", ToleranceWarning, stacklevel=2)
        for problem in result.problems:
            warnings.warn(f"sweep {sweep.name}: {problem}", LutWarning, stacklevel=2)
        if result.failed:
            counts = ", ".join(f"{count} {status}" for status, count in result.failures.items())
            first = next(result.outcomes.failures())
            total = len(result.outcomes)
            warnings.warn(
                f"sweep {sweep.name}: {result.failed} of {total} points gave no result ({counts}), the first: "
                f"{first.reason}",
                FailedPointsWarning,
                stacklevel=2,
            )
        return result.lut

    def characterization(self, sweep: Sweep, report: Listener | None = None) -> Characterization:
        """Run a sweep and return its LUT with what became of each point.

        Parameters
        ----------
        sweep : Sweep
        report : callable, optional
            Called with each outcome as it comes in; such as a `Report`.

        Raises
        ------
        SetupError
            If ngspice or the PDK is missing, or the store cannot be used.
        Interrupted
            On Ctrl-C; what had finished is stored.
        """
        if not isinstance(sweep, Sweep):
            raise InputError(f"sweep = {sweep!r}: must be a Sweep, such as Sweep.load('acim-qs')")
        _check_report(report)
        self.check()
        # For many points the shared engine is the better default: it starts no process for each.
        context = self._context(sweep.accuracy, self.engine or preferred_engine())
        with session(context, self.jobs, sweep.corners, self._place()) as workers:
            return characterize_sweep(sweep, workers, self.ngspice, report)

    def dry_run(self, sweep: Sweep) -> DryRun:
        """Return how many points a sweep has, how many the store has of them, and how long the others will take.

        Raises
        ------
        SetupError
            If ngspice or the PDK is missing, or the store cannot be read.
        """
        self.check()
        return dry_run(sweep, self._context(sweep.accuracy, self.engine or preferred_engine()), self.jobs)

    def tail(
        self,
        circuit: Circuit,
        bench: str | None,
        limits: str | Limit | Sequence[str | Limit],
        *,
        estimator: Estimator = DEFAULT_ESTIMATOR,
        accuracy: Accuracy = "default",
        report: Listener | None = None,
        **values: Any,
    ) -> Tail:
        """Estimate how rarely a bench's outputs cross their limits over mismatch.

        Parameters
        ----------
        circuit, bench, accuracy, **values :
            As of `simulate`, without sample and deviates.
        limits : Limit, str or sequence of them
            What the circuit must keep, such as ``"swing>0.6"``; it fails when it crosses any.
        estimator : Estimator
            How the deviates are chosen, and when to stop.
        report : callable, optional
            Called with each outcome as it comes in.

        Raises
        ------
        InputError
            For an output the bench has not, or a deck without deviates.
        SetupError
            If ngspice or the PDK is missing, or the store cannot be used.
        BadMeasureError
            If more than 1 % of the simulations gave no result.
        Interrupted
            On Ctrl-C; what had finished is stored.
        """
        point = self.point(circuit, bench, **values)
        return self.tail_at(point, limits, estimator=estimator, accuracy=accuracy, report=report)

    def tail_at(
        self,
        point: Point,
        limits: str | Limit | Sequence[str | Limit],
        *,
        estimator: Estimator = DEFAULT_ESTIMATOR,
        accuracy: Accuracy = "default",
        report: Listener | None = None,
    ) -> Tail:
        """Estimate a tail at a point; see `tail`."""
        if not isinstance(point, Point):
            raise InputError(f"point = {point!r}: must be a Point, such as Runner.point returns")
        if not isinstance(estimator, Estimator):
            raise InputError(f"estimator = {estimator!r}: must be an Estimator")
        _check_report(report)
        if isinstance(limits, str | Limit):
            limits = [limits]
        _check_items("limits", limits, str | Limit, "a Limit, text such as 'swing>0.6', or a sequence of them")
        parsed = []
        for limit in limits:
            if isinstance(limit, str):
                limit = Limit.parse(limit)
            parsed.append(limit)
        # This comes before ngspice and the PDK are looked for, so that a misspelt output is named on any machine.
        check_limits(parsed, find_bench(point.bench, type(point.circuit)), point.conditions)
        self.check()
        context, corners = self._context(accuracy, self.engine or preferred_engine()), [point.conditions.corner]
        with session(context, self.jobs, corners, self._place()) as workers:
            check_folding(context.pdk, corners, context.engine)
            return estimate_tail(point, parsed, workers, estimator, report)

    def point(self, circuit: Circuit, bench: str | None = None, **values: Any) -> Point:
        """Return the point that `simulate` would simulate; errors as of it."""
        if not isinstance(circuit, Circuit):
            raise InputError(f"circuit = {circuit!r}: must be a circuit, such as SplitPort6T()")
        measured_by = first_bench(type(circuit)) if bench is None else find_bench(bench, type(circuit))
        # The nominal supply is a property of the process, and known only once the PDK is loaded.
        if "vdd" not in values:
            values["vdd"] = self.models.vdd
        return make_point(circuit, measured_by, values)

    def _place(self) -> Place | None:
        return Place(self.scheduler) if self.executor == "dask" else None

    def _context(self, accuracy: Accuracy, engine: Engine) -> Context:
        if accuracy not in get_args(Accuracy):
            raise UnknownNameError("accuracy", accuracy, get_args(Accuracy))
        store = None
        if self.store is not None:
            # The path is absolute because each worker moves to a folder of its own.
            store = Path(self.store).absolute()
        return Context(self.models, engine, accuracy, self.timeout, store)


def simulate(
    circuit: Circuit,
    bench: str | None = None,
    *,
    pdk: Pdk | str | Path | None = None,
    engine: Engine | None = None,
    timeout: float = 600.0,
    accuracy: Accuracy = "default",
    **values: Any,
) -> Simulation:
    """Simulate one point and return what its bench measures, with the waveforms: `Runner.simulate`."""
    runner = Runner(pdk=pdk, engine=engine, timeout=timeout)
    return runner.simulate(circuit, bench, accuracy=accuracy, **values)


def characterize(
    sweep: Sweep,
    *,
    pdk: Pdk | str | Path | None = None,
    engine: Engine | None = None,
    jobs: int = 1,
    store: str | Path | None = None,
    timeout: float = 600.0,
    report: Listener | None = None,
) -> Lut:
    """Run a sweep and return its LUT: `Runner.characterize`."""
    return Runner(pdk, engine, jobs, store, timeout).characterize(sweep, report)


def check_timeout(seconds: Any, name: str = "timeout") -> None:
    """Raise `InputError` unless this is a time one can wait [s]."""
    seconds = plain(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InputError(f"{name} = {seconds!r}: must be a number of seconds")
    if not 0 < seconds <= _LONGEST:
        raise InputError(f"{name} = {seconds:g}: must be above 0 and at most 1e7 seconds")


def _check_items(name: str, items: Any, sort: Any, wanted: str) -> None:
    if not isinstance(items, Sequence) or not all(isinstance(item, sort) for item in items):
        raise InputError(f"{name} = {items!r}: must be {wanted}")


def _check_report(report: Any) -> None:
    if report is not None and not callable(report):
        raise InputError(f"report = {report!r}: must be called with each outcome, such as a Report")
