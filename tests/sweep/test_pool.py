from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, wait
from pathlib import Path

import pytest
import sweep_fakes as fakes

from bitline.errors import SetupError, SimulationTimeoutError, SimulatorCrashedError
from bitline.sweep.pool import Executor, LocalExecutor


def test_results_come_back_in_their_futures() -> None:
    executor: Executor = LocalExecutor(2)
    futures = [executor.submit(fakes.square, x) for x in range(40)]
    executor.shutdown()
    assert [future.result() for future in futures] == [x * x for x in range(40)]
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(fakes.square, 1)


def test_there_is_at_least_one_worker() -> None:
    with pytest.raises(ValueError, match="workers = 0: must be at least 1"):
        LocalExecutor(0)


def test_an_error_reaches_its_future_and_the_worker_lives_on() -> None:
    with LocalExecutor() as executor:
        before = executor.submit(fakes.pid)
        wrong = executor.submit(fakes.square, "x")
        unpicklable = executor.submit(lambda: 1)
        after = executor.submit(fakes.pid)
    assert isinstance(wrong.exception(), TypeError)
    assert unpicklable.exception() is not None
    assert before.result() == after.result() != os.getpid()


def test_a_hanging_task_is_ended_and_the_others_go_on() -> None:
    began = time.monotonic()
    with LocalExecutor(timeout=0.3) as executor:
        hung = executor.submit(fakes.slow_square, 1, 60)
        next_one = executor.submit(fakes.square, 3)
        with pytest.raises(SimulationTimeoutError, match=r"not finished after 0\.3 s"):
            hung.result()
        assert next_one.result() == 9
    assert time.monotonic() - began < 10


def test_a_task_that_kills_its_worker_three_times_has_crashed(tmp_path: Path) -> None:
    with LocalExecutor(initializer=fakes.note_pid, initargs=(tmp_path,)) as executor:
        lost = executor.submit(fakes.die)
        others = [executor.submit(fakes.square, x) for x in range(5)]
        with pytest.raises(SimulatorCrashedError, match="worker died 3 times: killed by SIGKILL"):
            lost.result()
        assert [other.result() for other in others] == [0, 1, 4, 9, 16]
    assert len(fakes.noted_pids(tmp_path)) == 4


def test_workers_killed_at_any_moment_cost_no_result(tmp_path: Path) -> None:
    with LocalExecutor(2, initializer=fakes.note_pid, initargs=(tmp_path,)) as executor:
        futures = [executor.submit(fakes.slow_square, x, 0.002) for x in range(300)]
        for count in range(3):
            wait([futures[80 * (count + 1)]])
            os.kill([pid for pid in fakes.noted_pids(tmp_path) if fakes.alive(pid)][-1], signal.SIGKILL)
        assert [future.result(timeout=30) for future in futures] == [x * x for x in range(300)]


def test_an_idle_worker_that_died_is_replaced() -> None:
    with LocalExecutor() as executor:
        os.kill(executor.submit(fakes.pid).result(), signal.SIGKILL)
        time.sleep(0.3)
        assert executor.submit(fakes.square, 3).result(timeout=30) == 9


def test_workers_are_recycled() -> None:
    with LocalExecutor(recycle=3) as executor:
        pids = [executor.submit(fakes.pid).result() for _ in range(5)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 2]


def test_workers_that_cannot_start_are_a_setup_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.sweep.pool._STILLBORN", 2)
    with LocalExecutor(initializer=fakes.broken_start) as executor:
        future = executor.submit(fakes.square, 1)
        with pytest.raises(SetupError, match="worker processes die as they start"):
            future.result(timeout=30)


def test_shutdown_with_cancel_ends_what_runs(tmp_path: Path) -> None:
    executor = LocalExecutor(2, initializer=fakes.note_pid, initargs=(tmp_path,))
    futures = [executor.submit(fakes.slow_square, x, 60) for x in range(6)]
    while len(fakes.noted_pids(tmp_path)) < 2:
        time.sleep(0.01)
    began = time.monotonic()
    executor.shutdown(cancel_futures=True)
    assert time.monotonic() - began < 2
    assert all(isinstance(future.exception(timeout=0), CancelledError) for future in futures)
    assert not any(fakes.alive(pid) for pid in fakes.noted_pids(tmp_path))


def test_a_cancelled_future_is_not_run() -> None:
    with LocalExecutor() as executor:
        futures = [executor.submit(fakes.slow_square, x, 0.1) for x in range(4)]
        assert futures[3].cancel()
    assert [future.cancelled() for future in futures] == [False, False, False, True]


def test_workers_see_the_environment_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_TEST", "now")
    with LocalExecutor() as executor:
        assert executor.submit(fakes.environment, "BITLINE_TEST").result() == "now"


def test_a_script_without_the_main_guard_is_told_so_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys; print('read', file=sys.stderr)\n"
        "from bitline.sweep.pool import LocalExecutor\n"
        "with LocalExecutor(2) as executor:\n"
        "    futures = [executor.submit(abs, -1) for _ in range(4)]\n"
        "    futures[0].result()\n"
    )
    done = subprocess.run(
        (sys.executable, str(script)),
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = done.stderr.splitlines()
    assert done.stderr.count("Traceback") == 1  # the script's own
    assert lines.count("read") <= 3  # itself and once a worker: none was started again
    assert lines[-1].endswith("the script must begin its run below `if __name__ == '__main__':`")
    assert list(tmp_path.iterdir()) == [script]
