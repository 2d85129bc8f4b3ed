"""Simulations in a process of their own: they may crash or hang, the command line may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bitline.benches.base import Bench, Output
from bitline.benches.registry import bench as find_bench
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.errors import InputError, attach_point
from bitline.simulate.batch import BatchSimulator
from bitline.simulate.isolation import isolate
from bitline.simulate.selftest import ngspice_version
from bitline.simulate.shared import shared_simulator
from bitline.simulate.simulator import Simulator
from bitline.simulate.waveforms import Waveforms
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.simulate import Context, measure, point_deck


@dataclass(frozen=True)
class Simulated:
    """What came back: waveforms, measured values, the rung of the ladder and ngspice's version."""

    waveforms: Waveforms
    values: Mapping[str, float]
    outputs: tuple[Output, ...]
    rung: str
    version: str


def simulate_apart(points: Sequence[Point], context: Context) -> list[Simulated]:
    """Simulate points one after another in a worker process.

    Raises
    ------
    InputError
        If one of the points cannot be; then none is simulated.
    SimulationError
        If one gave no valid result, took too long or crashed; carries the point.
    NgspiceMissingError
        If the engine is not there.
    """
    check_timeout(context.timeout)
    ngspice_version()
    made = [(point, *_made(point, context)) for point in points]
    with LocalExecutor(timeout=context.task_timeout, initializer=isolate) as executor:
        return [_simulated(executor, point, bench, deck, context) for point, bench, deck in made]


def _made(point: Point, context: Context) -> tuple[Bench, Deck]:
    with attach_point(point):
        return point_deck(point, context)


def _simulated(executor: LocalExecutor, point: Point, bench: Bench, deck: Deck, context: Context) -> Simulated:
    with attach_point(point):
        work = executor.submit(_simulate, deck, bench.name, type(point.circuit), context.engine, context.timeout)
        waveforms, values, rung, version = work.result()
    saved = [name for name in deck.saves if name in waveforms.signals]  # the order a designer gave them
    rest = [name for name in waveforms.signals if name not in saved]
    waveforms = replace(waveforms, signals={name: waveforms.signals[name] for name in (*saved, *rest)})
    return Simulated(waveforms, values, bench.outputs, rung, version)


def check_timeout(seconds: float) -> None:
    """Raise `InputError` unless this is a time one can wait [s]."""
    if not 0 < seconds <= 1e7:
        raise InputError(f"--timeout = {seconds:g}: must be above 0 and at most 1e7 seconds")


def _simulate(
    deck: Deck, bench: str, circuit: type[Circuit], engine: str, timeout: float
) -> tuple[Waveforms, Mapping[str, float], str, str]:
    simulator: Simulator = BatchSimulator(timeout) if engine == "batch" else shared_simulator()
    run, values = measure(simulator, find_bench(bench, circuit), deck)
    return run.waveforms, dict(values), run.rung, simulator.version
