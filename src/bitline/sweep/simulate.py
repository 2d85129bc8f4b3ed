"""Simulate: one point, from its deck to its measured values, in a worker process."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Bench, Output, Setup
from bitline.benches.registry import bench as find_bench
from bitline.circuits.deck import Deck
from bitline.engine.batch import BatchSimulator
from bitline.engine.isolation import isolate
from bitline.engine.ladder import LADDER, Run, climb
from bitline.engine.selftest import Engine, checked
from bitline.engine.shared import shared_simulator
from bitline.engine.simulator import Simulator
from bitline.engine.waveforms import Recorder, Waveforms
from bitline.errors import BadMeasureError, InputError, SimulationError, attach_point
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.sweep.outcome import Busy, Outcome, Status, Stored
from bitline.sweep.point import Point
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.store import Claims, Store
from bitline.sweep.worker import retire

# Longest time of an engine's self-test [s]; it takes milliseconds.
_TEST_SECONDS = 30.0


@dataclass(frozen=True)
class Context:
    """What all points of a run share.

    Parameters
    ----------
    pdk : Pdk
    engine : {"shared", "batch"}
    accuracy : str
        Tolerance preset.
    timeout : float
        Seconds a simulation may take; the shared engine's is kept by its executor.
    store : Path, optional
        Store to look finished points up in; an absolute path, for workers change their folder.
    known : frozenset of str
        Keys that the store has, for workers that cannot read it.
    """

    pdk: Pdk
    engine: Engine = "shared"
    accuracy: Accuracy = "default"
    timeout: float = 600.0
    store: Path | None = None
    known: frozenset[str] = frozenset()

    @property
    def task_timeout(self) -> float:
        """Seconds after which the worker itself is ended.

        A batch run keeps its own time on every rung: the worker must outlive it, or ngspice would be
        left behind.
        """
        if self.engine == "shared":
            return self.timeout
        return len(LADDER) * self.timeout + 10


@dataclass(frozen=True, eq=False)
class Simulation:
    """One simulation: what a bench measured, and the waveforms it measured it on.

    Parameters
    ----------
    point : Point
        What was simulated.
    values : mapping of str to float
        The bench's outputs by name.
    waveforms : Waveforms
        Signals in the order in which the bench asks for them.
    rung : str
        Rung of the convergence ladder that worked.
    outputs : tuple of Output
        Unit and meaning of each value.
    engine : {"shared", "batch"}
    ngspice : str
        Its version.
    """

    point: Point
    values: Mapping[str, float]
    waveforms: Waveforms
    rung: str
    outputs: tuple[Output, ...]
    engine: Engine
    ngspice: str


def simulate_point(point: Point, context: Context) -> Outcome | Busy | Stored:
    """Return what became of a point: from the store if its deck is there, else simulated; run in a worker.

    `Busy` if another run on the same store is at work on it, `Stored` if the store is out of reach but has it.
    """
    bench, setup, deck = point_deck(point, context)
    simulator = simulator_of(context.engine, context.timeout)
    key = result_key(bench, setup, deck, simulator)
    if key in context.known:
        return Stored(key)
    # The worker looks into the store itself: the key needs the deck, and rendering decks is work for all workers.
    stored = _stored(key, point.index, context.store)
    if stored is not None:
        return stored
    if context.store is None:
        return _simulated(point, key, simulator, bench, setup, deck)
    with _claims(context.store).claim(key) as ours:
        if not ours:
            return Busy()
        # It may have been finished since the store was looked into.
        stored = _stored(key, point.index, context.store)
        return stored or _simulated(point, key, simulator, bench, setup, deck)


def _simulated(
    point: Point, key: str, simulator: Simulator, bench: Bench, setup: Setup[Any, Any], deck: Deck
) -> Outcome:
    start = time.perf_counter()
    try:
        run, values = measure(simulator, bench, setup, deck)
    except SimulationError as error:
        # The end of a log has the reason; whole logs would outgrow the results in the store.
        log = f"{error.args[0]}\n{error.log[-2000:]}"
        # Only a point that did not converge went up the whole ladder.
        rung = ""
        if error.status == "no_convergence":
            rung = list(LADDER)[-1]
        seconds = time.perf_counter() - start
        return Outcome(point.index, key, cast(Status, error.status), rung=rung, log=log, seconds=seconds)
    return Outcome(point.index, key, "ok", values, run.rung, seconds=run.answer.run_seconds)


def simulate_points(points: Sequence[Point], context: Context) -> list[Simulation]:
    """Simulate points one after another.

    The shared engine works in a process of its own: it may crash or hang, this process may not.

    Raises
    ------
    InputError
        If one of the points cannot be; then none is simulated.
    SimulationError
        If one gave no valid result, took too long or crashed; carries the point.
    """
    # All decks come first, so that a mistake in the last point is named before the first is simulated.
    decks = []
    for point in points:
        with attach_point(point):
            decks.append((point, *point_deck(point, context)))
    if context.engine == "batch":
        # ngspice is a process already, and a script may call this at its top level, where no worker could start.
        return [_simulation(_measured, *deck, context) for deck in decks]
    with LocalExecutor(timeout=context.task_timeout, initializer=isolate) as executor:
        return [_simulation(partial(_in_worker, executor), *deck, context) for deck in decks]


Measured = tuple[Waveforms, str, Mapping[str, float], str]
"""Waveforms, the rung that worked, the bench's values and the version of ngspice."""


def _simulation(
    work: Callable[..., Measured], point: Point, bench: Bench, setup: Setup[Any, Any], deck: Deck, context: Context
) -> Simulation:
    with attach_point(point):
        waveforms, rung, values, ngspice = work(point.bench, setup, deck, context.engine, context.timeout)
    # An engine returns vectors in its own order; a designer reads them in the bench's.
    saved = [name for name in deck.saves if name in waveforms.signals]
    signals = {name: waveforms.signals[name] for name in dict.fromkeys([*saved, *waveforms.signals])}
    return Simulation(point, values, replace(waveforms, signals=signals), rung, bench.outputs, context.engine, ngspice)


def _in_worker(executor: Executor, *arguments: Any) -> Measured:
    return executor.submit(_measured, *arguments).result()


def _measured(bench: str, setup: Setup[Any, Any], deck: Deck, engine: Engine, timeout: float) -> Measured:
    """Simulate a deck; the bench is looked up by name, for its functions may not pickle on their way to a worker."""
    simulator = simulator_of(engine, timeout)
    run, values = measure(simulator, find_bench(bench, type(setup.circuit)), setup, deck)
    return run.waveforms, run.rung, values, simulator.version


def point_deck(point: Point, context: Context) -> tuple[Bench, Setup[Any, Any], Deck]:
    """Return a point's bench, what it simulates, and the deck."""
    bench = find_bench(point.bench, type(point.circuit))
    with bench.guard("deck"):
        setup = bench.setup(point.circuit, point.conditions, point.inputs, context.pdk)
        deck = bench.deck(setup.circuit, setup.conditions, setup.inputs, setup.pdk)
        if point.conditions.sample and not deck.deviates:
            raise InputError(
                f"sample = {point.conditions.sample}: nothing in {point.circuit.name} varies: no device of PDK"
                f" {context.pdk.name} draws mismatch; write mismatch_switch (the parameter of its library that switches"
                " its draws on) or devices.ROLE.a_vt or .sigmas into its descriptor, or simulate sample 0 only"
            )
        return bench, setup, with_accuracy(deck, context.accuracy)


def measure(simulator: Simulator, bench: Bench, setup: Setup[Any, Any], deck: Deck) -> tuple[Run, Mapping[str, float]]:
    """Run a deck up the ladder and measure it.

    Raises
    ------
    SimulationError
        If it does not converge, or a measurement is missing or not finite.
    """
    run = climb(simulator, deck)
    # A run may reach its end and measure nothing, as when a crossing never came, so the numbers decide.
    with bench.guard("measure"):
        recorder = Recorder.of(run.waveforms)
        values = dict(bench.measure(recorder, setup))
        for output in bench.outputs:
            if output.name not in values:
                raise BadMeasureError(
                    f"{deck.title}: bench {bench.name} has the output {output.name}, and its measure returned"
                    f" {', '.join(values) or 'nothing'}"
                )
            if not math.isfinite(values[output.name]):
                raise BadMeasureError(f"{deck.title}: {output.name} = {values[output.name]} is not a number")
        read = replace(run.waveforms, readings=tuple(dict.fromkeys(recorder.noted)))
        return replace(run, waveforms=read), {output.name: float(values[output.name]) for output in bench.outputs}


def result_key(bench: Bench, setup: Setup[Any, Any], deck: Deck, simulator: Simulator) -> str:
    """Return the SHA-256 of all that determines a result: what is simulated, and what `measure` may read.

    A mismatch sample is in the deck's text: samples that change nothing in it are the same simulation.
    """
    conditions = setup.conditions
    identity = {
        # The text is all that ngspice reads, but `measure` reads the marks, the inputs and the circuit as well.
        "deck": [deck.text, dict(deck.marks)],
        # A bench's version goes up when it measures otherwise, because its code is not part of the hash.
        "bench": [bench.name, bench.version],
        "circuit": [setup.circuit.name, _parameters(setup.circuit)],
        "inputs": _parameters(setup.inputs),
        "conditions": [conditions.corner, conditions.vdd, conditions.temperature],
        # The hash and not the path identifies the models: the same files elsewhere give the same results. What the
        # descriptor says of them is not all in the deck: a bench may compare with sigmas that it works out by hand.
        "process": [setup.pdk.acting, slim_pdk(setup.pdk, conditions.corner).library.sha256],
        # Another version of ngspice may give other numbers.
        "simulator": [simulator.name, simulator.version],
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _parameters(owner: Any) -> dict[str, Any]:
    """Return what a circuit, or a bench's inputs, are set to, without what went without saying before it was added."""
    since: Mapping[str, object] = getattr(owner, "since", {})
    return {name: value for name, value in asdict(owner).items() if (name, value) not in since.items()}


def _stored(key: str, index: int, path: Path | None) -> Outcome | None:
    if path is None:
        return None
    return _reader(path).get(key, index)


# The file is opened once per worker, because opening it also checks it.
@cache
def _reader(path: Path) -> Store:
    return Store(path, read_only=True)


def simulator_of(engine: Engine, timeout: float) -> Simulator:
    """Return this worker's simulator, or end the worker if libngspice can do no more in it."""
    if engine == "shared" and shared_simulator().spent:
        retire()
    return _checked_simulator(engine, timeout)


@cache
def _claims(path: Path) -> Claims:
    return Claims(path)


# One simulator serves a worker, because libngspice lives as long as its process.
@cache
def _checked_simulator(engine: Engine, timeout: float) -> Simulator:
    if engine == "batch":
        # The user's time is for points: too short a one is no fault of ngspice.
        checked(BatchSimulator(_TEST_SECONDS))
        return BatchSimulator(timeout)
    return checked(shared_simulator())
