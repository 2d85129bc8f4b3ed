"""The Dask executor: what `LocalExecutor` promises, on a cluster of this machine and on one of separate processes."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sweep_fakes as fakes
from clusters import Cluster

from bitline.errors import InputError, SetupError, SimulationTimeoutError, SimulatorCrashedError, StorageError
from bitline.sweep.cluster import DaskExecutor
from bitline.sweep.host import packed
from bitline.sweep.outcome import Outcome, Stored
from bitline.sweep.point import Point
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.run import run_points
from bitline.sweep.store import Claims, Store


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def test_a_cluster_of_this_machine_does_what_worker_processes_do(tmp_path: Path) -> None:
    executor: Executor
    with DaskExecutor(None, 2, timeout=1.0, initializer=fakes.note_pid, initargs=(tmp_path,)) as executor:
        futures = [executor.submit(fakes.square, x) for x in range(40)]
        wrong, hung = executor.submit(fakes.square, "x"), executor.submit(fakes.slow_square, 1, 60)
        lost = executor.submit(fakes.die)
        assert [future.result() for future in futures] == [x * x for x in range(40)]
        assert isinstance(wrong.exception(), TypeError)
        with pytest.raises(SimulationTimeoutError, match="not finished after 1 s"):
            hung.result()
        with pytest.raises(SimulatorCrashedError, match="worker died 3 times: killed by SIGKILL"):
            lost.result()
        running = executor.submit(fakes.slow_square, 1, 60)
        time.sleep(0.3)
        executor.shutdown(cancel_futures=True)
        assert running.exception() is not None
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(fakes.square, 1)
    deadline = time.monotonic() + 20
    while any(map(fakes.alive, fakes.noted_pids(tmp_path))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(fakes.alive, fakes.noted_pids(tmp_path)))


def test_the_same_from_separate_workers_and_nothing_twice(tmp_path: Path, cluster: Cluster) -> None:
    local, remote = (fakes.Context(tmp_path / name, seconds=0.002) for name in ("local", "remote"))
    for context in (local, remote):
        context.folder.mkdir()
    with LocalExecutor(2) as executor:
        wanted = run_points(fakes.points(100), fakes.evaluate, local, executor=executor)
    with DaskExecutor(cluster.address, common=remote) as executor, Store(tmp_path / "store") as store:
        made = run_points(fakes.points(100), fakes.evaluate, remote, executor=executor, store=store)
        assert made == wanted
        assert len(store) == 100
    assert set(Counter(remote.traces("evaluated")).values()) == {1}


def test_what_is_common_travels_once(cluster: Cluster) -> None:
    common = bytes(1_000_000)
    with DaskExecutor(cluster.address, common=common) as executor:
        lengths = [executor.submit(len, common).result() for _ in range(3)]
    assert lengths == [1_000_000] * 3
    assert len(packed(common, len, (common,))) < 100


def refuse() -> None:
    raise SetupError("ngspice: the worker on a has 39, this machine 41")


def test_a_worker_that_is_another_ends_the_run_in_one_line(tmp_path: Path, cluster: Cluster) -> None:
    context = fakes.Context(tmp_path)
    with DaskExecutor(cluster.address, check=refuse) as executor, pytest.raises(SetupError, match="has 39, this machi"):
        run_points(fakes.points(20), fakes.evaluate, context, executor=executor)
    assert not context.traces("evaluated")


def stored(point: Point, context: fakes.Context) -> Outcome | Stored:
    if fakes.code(point) % 2:
        return Stored(fakes.key_of(point))
    return fakes.evaluate(point, context)


def test_what_the_worker_finds_to_be_stored_is_looked_up_here(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path)
    with Store(tmp_path / "store") as store, LocalExecutor(1) as executor:
        whole = run_points(fakes.points(10), fakes.evaluate, context, executor=executor, store=store)
        assert store.keys() == {outcome.key for outcome in whole}
        again = run_points(fakes.points(10), stored, context, executor=executor, store=store)
        assert again == whole
        assert [outcome.cached for outcome in again] == [False, True] * 5
        with pytest.raises(StorageError, match="a result that was stored is gone"):
            run_points(fakes.points(12), stored, context, executor=executor, store=store)


def test_a_run_that_cannot_claim_points_claims_the_store(tmp_path: Path) -> None:
    here = Claims(tmp_path / "store")
    with LocalExecutor(1) as executor:
        with here.claim_all() as ours:
            assert ours
            assert executor.submit(_claimed, tmp_path / "store").result() == (False, False)
        assert executor.submit(_claimed, tmp_path / "store").result() == (True, True)


def _claimed(path: Path) -> tuple[bool, bool]:
    claims = Claims(path)
    with claims.claim("00ff" * 16) as one:
        pass
    with claims.claim_all() as whole:
        return one, whole


def test_a_scheduler_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.sweep.cluster._CONNECT", 1.0)
    with pytest.raises(SetupError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9: start one"):
        DaskExecutor("tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="scheduler = 'nonsense://x': must be an address such as tcp://"):
        DaskExecutor("nonsense://x")


def test_a_clock_that_is_set_back_ends_the_run_and_does_not_stop_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = time.time
    with DaskExecutor(cluster.address) as executor, monkeypatch.context() as patch:
        future = executor.submit(fakes.slow_square, 1, 10)
        patch.setattr("time.time", lambda: true() - 1000)
        with pytest.raises(SetupError, match="this machine's clock was set back by 1000 s"):
            future.result(timeout=30)
        assert isinstance(executor.submit(fakes.square, 1).exception(), SetupError)


def test_a_killed_worker_loses_nothing_and_a_new_one_gets_to_work(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path, seconds=0.01)
    with Cluster(tmp_path / "cluster") as cluster, DaskExecutor(cluster.address, common=context) as executor:

        def kill(outcome: Outcome) -> None:
            if outcome.index == 50:
                cluster.kill(cluster.workers.pop())
                cluster.workers.append(cluster.start_worker())

        made = run_points(fakes.points(300), fakes.evaluate, context, executor=executor, report=kill)
    assert [outcome.values for outcome in made] == [fakes.values_of(point) for point in fakes.points(300)]


def test_a_scheduler_that_dies_ends_the_run_and_what_had_finished_is_stored(tmp_path: Path) -> None:
    context = fakes.Context(tmp_path, seconds=0.01)
    landed: list[int] = []
    with Cluster(tmp_path / "cluster") as cluster, Store(tmp_path / "store") as store:

        def kill(outcome: Outcome) -> None:
            landed.append(outcome.index)
            if len(landed) == 50:
                os.kill(cluster.scheduler.pid, signal.SIGKILL)

        with (
            pytest.raises(SetupError, match=r"the Dask scheduler at tcp://.* is lost: start it and run the same"),
            DaskExecutor(cluster.address, common=context) as executor,
        ):
            run_points(fakes.points(2000), fakes.evaluate, context, executor=executor, store=store, report=kill)
        assert 50 <= len(landed) <= len(store) < 2000
