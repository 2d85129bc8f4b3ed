from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sweep_fakes as fakes
from sweep_main import COUNT

from bitline.errors import InputError, PdkMissingError, SetupError, StorageError
from bitline.sweep.outcome import Busy, Outcome
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.run import Interrupted, run_points
from bitline.sweep.store import Store


class Threads(ThreadPoolExecutor):
    """The least that counts as an executor; shows that the loop needs nothing of `LocalExecutor`."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)
        self.in_flight = 4 * workers


@pytest.fixture
def context(tmp_path: Path) -> fakes.Context:
    return fakes.Context(tmp_path, tmp_path / "store.sqlite")


def wanted(count: int) -> list[Outcome]:
    return [
        Outcome(point.index, fakes.key_of(point), "ok", fakes.values_of(point), "default")
        for point in fakes.points(count)
    ]


def test_the_same_from_one_worker_and_two(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path, seconds=0.003)
    for workers in (1, 2):
        with LocalExecutor(workers) as executor:
            assert run_points(fakes.points(30), fakes.evaluate, context, executor=executor) == wanted(30)


def busy_at_first(point: Point, context: fakes.Context) -> Outcome | Busy:
    """Every third point is another run's, which has finished it when it is asked for again."""
    first = str(fakes.code(point)) not in context.traces("asked")
    context.trace("asked", fakes.code(point))
    if fakes.code(point) % 3 == 0 and first:
        return Busy()
    return fakes.evaluate(point, context)


def test_points_of_another_run_are_asked_for_again_after_all_others(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path)
    context.trace("asked", "none")
    seen: list[Outcome] = []
    with Threads(1) as executor:
        made = run_points(fakes.points(20), busy_at_first, context, executor=executor, report=seen.append)
    assert made == wanted(20)
    assert [outcome.index % 3 == 0 for outcome in seen] == [False] * 13 + [True] * 7


def test_the_second_run_evaluates_nothing(context: fakes.Context) -> None:
    assert context.store
    for cached in (0, 20):
        seen: list[Outcome] = []
        with Store(context.store) as store, Threads() as executor:
            made = run_points(
                fakes.points(20), fakes.evaluate, context, executor=executor, store=store, report=seen.append
            )
        assert made == wanted(20)
        assert sum(outcome.cached for outcome in seen) == cached
    assert len(context.traces("evaluated")) == 20


def test_every_way_to_fail_is_an_outcome_and_only_final_ones_are_stored(
    context: fakes.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bitline.sweep.pool._ATTEMPTS", 1)
    assert context.store
    with Store(context.store) as store, LocalExecutor(2, timeout=0.5) as executor:
        made = run_points(fakes.points(7), fakes.statuses, context, executor=executor, store=store)
        stored = [outcome.index for outcome in made if outcome.key and store.get(outcome.key)]
    assert [outcome.status for outcome in made] == [
        "ok", "timeout", "crashed", "crashed", "no_convergence", "bad_measure", "ok",
    ]  # fmt: skip
    assert stored == [0, 4, 5, 6]
    assert "not finished after 0.5 s" in made[1].log
    assert "worker died 1 times: killed by SIGKILL" in made[2].log
    assert "ZeroDivisionError: a bench with a bug" in made[3].log
    assert "in statuses" in made[3].log


def test_a_worker_that_is_killed_leaves_no_trace_in_the_result(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path, victims=(3, 11))
    with LocalExecutor(2) as executor:
        assert run_points(fakes.points(15), fakes.dies_once, context, executor=executor) == wanted(15)
    assert context.traces("tries").count("3") == 2


def test_points_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    made = 0

    def lazily() -> Iterator[Point]:
        nonlocal made
        for point in fakes.points(100):
            made += 1
            yield point

    ahead: list[int] = []
    done: list[Outcome] = []

    def watch(outcome: Outcome) -> None:
        done.append(outcome)
        ahead.append(made - len(done))

    with Threads() as executor:
        run_points(lazily(), fakes.evaluate, fakes.Context(tmp_path), executor=executor, report=watch)
    assert len(done) == 100
    assert max(ahead) < 8


@pytest.mark.parametrize("executor", [Threads, LocalExecutor])
def test_what_would_befall_all_points_ends_the_run(context: fakes.Context, executor: Callable[[], Any]) -> None:
    assert context.store
    with Store(context.store) as store, executor() as pool:
        with pytest.raises(PdkMissingError, match=r"bitline pdk install sky130 \[at fake-column code=7 "):
            run_points(fakes.points(1000), fakes.no_pdk, context, executor=pool, store=store)
        assert 7 <= len(store) < 40


def test_a_worker_without_memory_is_replaced_and_the_point_tried_again(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path, victims=(3, 7))
    with LocalExecutor() as executor:
        outcomes = run_points(fakes.points(12), fakes.no_memory, context, executor=executor)
    assert [outcome.index for outcome in outcomes if not outcome.ok] == [7]
    assert (outcomes[7].status, outcomes[7].reason) == ("crashed", "the worker died 3 times: no memory left")
    assert Counter(context.traces("exhausted")) == {"3": 2, "7": 3}


def test_an_error_that_does_not_pickle_arrives_as_its_base(context: fakes.Context) -> None:
    told = r"disk sda is broken at 7 .*at fake-column code=0"
    with LocalExecutor() as executor, pytest.raises(SetupError, match=told):
        run_points(fakes.points(3), fakes.broken_disk, context, executor=executor)


def test_a_point_that_contradicts_itself_is_refused_and_the_others_go_on(context: fakes.Context) -> None:
    assert context.store
    with Store(context.store) as store, LocalExecutor() as executor:
        outcomes = run_points(fakes.points(9), fakes.contradicts_itself_at_7, context, executor=executor, store=store)
    assert [outcome.status for outcome in outcomes] == ["ok"] * 7 + ["refused", "ok"]
    assert outcomes[7].reason == "unknown device 'nfet' (known: nmos, pmos)"


def test_a_wrong_point_ends_the_run_and_keeps_the_finished(context: fakes.Context) -> None:
    def points() -> Iterator[Point]:
        yield from fakes.points(10)
        raise InputError("Column: rows = 0: must be above 0")

    assert context.store
    with Store(context.store) as store, Threads() as executor:
        with pytest.raises(InputError, match="rows = 0"):
            run_points(points(), fakes.evaluate, context, executor=executor, store=store)
        assert len(store) >= 2


def test_a_full_disk_ends_the_run_and_keeps_the_stored(context: fakes.Context) -> None:
    assert context.store
    store = Store(context.store)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with Threads() as executor, pytest.raises(StorageError, match="the disk is full"):
        run_points(fakes.points(500), fakes.evaluate, context, executor=executor, store=store)
    store.close()
    with Store(context.store) as store:
        assert len(store) > 5
        found = store.get_many({outcome.key: outcome.index for outcome in wanted(500)})
        assert set(found) <= {outcome.key for outcome in wanted(500)}
    with Store(context.store) as store, Threads() as executor:
        assert run_points(fakes.points(60), fakes.evaluate, context, executor=executor, store=store) == wanted(60)


def test_ctrl_c_stores_what_finished(context: fakes.Context) -> None:
    assert context.store
    seen: list[Outcome] = []

    def interrupt(outcome: Outcome) -> None:
        seen.append(outcome)
        if len(seen) == 10:
            raise KeyboardInterrupt

    with Store(context.store) as store, Threads() as executor:
        with pytest.raises(Interrupted, match=r"interrupted: \d+ points have finished and are stored: the same") as e:
            run_points(fakes.points(500), fakes.evaluate, context, executor=executor, store=store, report=interrupt)
        assert e.value.exit_code == 130
        assert len(store) >= 10


def start(folder: Path, kind: str = "local") -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(fakes.__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, str(Path(fakes.__file__).with_name("sweep_main.py")), str(folder), kind],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,  # a terminal sends Ctrl-C to the whole group
    )


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["local", "dask"])
def test_ctrl_c_on_a_terminal_is_quiet_and_the_next_run_goes_on(context: fakes.Context, kind: str) -> None:
    program = start(context.folder, kind)
    wait_for(lambda: len(context.traces("evaluated")) > 20)
    os.killpg(program.pid, signal.SIGINT)
    _, told = program.communicate(timeout=20)
    assert program.returncode == 130
    assert "Traceback" not in told
    assert "the same command goes on from there" in told
    wait_for(lambda: not any(fakes.alive(pid) for pid in fakes.noted_pids(context.folder)), 3)
    # In flight: 4 per worker, or as many groups of Dask, which have grown to some points each.
    assert_resumed(context, redone={"local": 8, "dask": 64}[kind])


def test_kill_9_of_the_program_loses_only_what_was_in_flight(context: fakes.Context) -> None:
    draw = random.Random(5)
    kills = 2
    for _ in range(kills):
        program = start(context.folder)
        before = len(context.traces("evaluated"))
        aim = before + draw.randrange(5, 40)
        wait_for(lambda aim=aim: len(context.traces("evaluated")) >= aim)
        program.kill()
        program.communicate(timeout=10)
        wait_for(lambda: not any(fakes.alive(pid) for pid in fakes.noted_pids(context.folder)), 3)
    assert_resumed(context, redone=kills * 8)  # 4 in flight per worker


def assert_resumed(context: fakes.Context, redone: int) -> None:
    assert context.store
    with Store(context.store) as store, Threads() as executor:
        made = run_points(fakes.points(COUNT), fakes.evaluate, context, executor=executor, store=store)
        assert made == wanted(COUNT)
        assert list(store.get_many({o.key: o.index for o in made}).values()) == made
    evaluated = Counter(context.traces("evaluated"))
    assert len(evaluated) == COUNT
    assert sum(evaluated.values()) - COUNT <= redone


def test_futures_that_fail_otherwise_are_not_hidden(tmp_path: Path) -> None:
    class Broken(Threads):
        def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:  # type: ignore[override]
            future: Future[Any] = Future()
            future.set_exception(OSError("no network"))
            return future

    with Broken() as executor, pytest.raises(OSError, match="no network"):
        run_points(fakes.points(3), fakes.evaluate, fakes.Context(tmp_path), executor=executor)
