"""A sweep that is stored already: neither a run nor a dry run starts a worker, a cluster or renders a deck."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bitline.benches.registry import bench
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.pdk.descriptor import Pdk
from bitline.sweep import dry_run as dry_runs
from bitline.sweep.dry_run import dry_run
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.runner import Runner
from bitline.sweep.session import _Later
from bitline.sweep.simulate import Context
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep

SWEEP = Sweep(SplitPort6T(), bench="read", vdd=[1.7, 1.8], samples=149, seed=1)
NAMES = [output.name for output in bench("read", SplitPort6T).outputs]


@pytest.fixture
def context(sky130: Pdk, tmp_path: Path) -> Context:
    """Give a store of made-up results of the whole sweep."""
    context = Context(sky130, store=tmp_path / "store.sqlite")
    fingerprints = Fingerprints(context)
    keys = {fingerprints.of(point): f"{point.index:064x}" for point in SWEEP.points()}
    with Store(tmp_path / "store.sqlite") as store:
        for key in keys.values():
            store.put(Outcome(0, key, "ok", dict.fromkeys(NAMES, 0.5), "plain", seconds=0.25))
        store.note(keys)
    return context


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a worker is started, or a deck rendered")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_dry_run_finds_all_without_a_deck(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_runs, "LocalExecutor", never)
    plan = dry_run(SWEEP, context, jobs=2)
    assert (plan.points, plan.cached, plan.asked, plan.time, plan.source) == (300, 300, 300, 0.0, "the store")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_points_that_are_missing_are_looked_up_by_their_decks(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Point] = []

    class Worker:
        def __init__(self, **_: Any) -> None: ...
        def __enter__(self) -> Worker:
            return self

        def __exit__(self, *_: object) -> None: ...
        def submit(self, look: object, points: list[Point], stored: list[float], context: Context) -> Future[Any]:
            looked.extend(points)
            assert stored == [0.25] * 300
            future: Future[Any] = Future()
            # A quarter of them are there by their keys.
            future.set_result(([0.25] * (len(points) // 4), 0.5))
            return future

    monkeypatch.setattr(dry_runs, "LocalExecutor", Worker)
    plan = dry_run(SWEEP.replace(mismatch={"samples": 949}), context, jobs=2)
    assert (plan.points, plan.asked) == (1900, 300 + len(looked))
    assert 160 <= len(looked) <= 200
    assert plan.cached == 300 + 1600 // 4
    assert plan.time == (1900 - 700) * 0.5 / 2


def test_of_a_large_sweep_points_are_spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_runs, "_ASKED", 200)
    large = SWEEP.replace(mismatch={"samples": 1_000_000})
    indices = [point.index for point in dry_runs._spread(large)]
    assert len(indices) == 200
    assert {later - index for index, later in pairwise(indices)} == {10_001}


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_stored_run_on_dask_asks_for_no_scheduler(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.sweep.session.DaskExecutor", never)
    monkeypatch.setattr("bitline.sweep.session.kit", never)
    runner = Runner(context.pdk, "shared", store=context.store, executor="dask", scheduler="tcp://127.0.0.1:9")
    done = runner.characterization(SWEEP)
    assert (done.cached, done.simulated) == (300, 0)


def test_an_executor_is_made_with_its_first_task_and_ended_once() -> None:
    calls: list[str] = []

    class Made:
        in_flight = 7

        def submit(self, function: Any, /, *args: Any) -> Future[Any]:
            calls.append(f"submit {args[0]}")
            return Future()

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            calls.append(f"shutdown {wait} {cancel_futures}")

    def make() -> Made:
        calls.append("make")
        return Made()

    with _Later(make) as unused:
        assert unused.in_flight == 1
    assert calls == []
    with pytest.raises(ZeroDivisionError), _Later(make) as later:
        later.submit(abs, 1)
        later.submit(abs, 2)
        assert later.in_flight == 7
        raise ZeroDivisionError
    assert calls == ["make", "submit 1", "submit 2", "shutdown True True"]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_another_sweep_has_none_of_them(context: Context) -> None:
    stored, missing = dry_runs._recalled(list(SWEEP.replace(mismatch={"seed": 2}).points()), context)
    assert (len(stored), len(missing)) == (0, 300)
    stored, missing = dry_runs._recalled(list(SWEEP.points()), replace(context, store=None))
    assert (len(stored), len(missing)) == (0, 300)
