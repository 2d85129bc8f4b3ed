"""The same sweep gives the same bytes: any number of workers, killed, resumed, or run a second time."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bitline.cli import run

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

COLUMN = """
circuit = "acim-column-qs"
benches = ["transfer", "noise"]
[parameters]
rows = 4
active = 3
[axes]
vdd = [1.7, 1.9]
code = [0, 1, 2, 3]
[mismatch]
samples = 5
benches = ["transfer"]
"""
YIELD = """
circuit = "nvsram-trit"
benches = ["restore"]
[axes]
level = ["lrs", "mrs", "hrs"]
[mismatch]
samples = 6
[mismatch.axes]
sigma_lnr = [0.1, 0.3]
mismatch = ["all", "memory"]
"""
KILLS = 6
SEED = 1


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(COLUMN)
    return path


def arguments(sweep: Path, name: str, store: str, jobs: int = 2) -> list[str]:
    out = ["--store", str(sweep.parent / f"{store}.sqlite"), "-o", str(sweep.parent / name)]
    return ["characterize", str(sweep), "-j", str(jobs), *out, "--json"]


def start(sweep: Path, name: str, store: str, jobs: int = 2) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("bitline")), *arguments(sweep, name, store, jobs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_here(capsys: pytest.CaptureFixture[str], sweep: Path, name: str, store: str, jobs: int = 2) -> dict[str, int]:
    """Run the command in this process, whose imports are done; its workers are processes as ever."""
    capsys.readouterr()
    code = run(arguments(sweep, name, store, jobs))
    out, err = capsys.readouterr()
    assert code == 0, err
    summary: dict[str, int] = json.loads(out)
    return summary


def finish(process: subprocess.Popen[str]) -> dict[str, int]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    summary: dict[str, int] = json.loads(out)
    return summary


def lut_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def workers(pid: int) -> list[int]:
    """Return the worker processes of a run (Linux)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(child) for task in tasks for child in _text(task / "children").split()]
    return [child for child in children if "spawn_main" in _text(Path(f"/proc/{child}/cmdline"))]


def _text(path: Path) -> str:
    """Return a file of /proc, empty where its thread or process has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def kill_a_worker(delay: float, rng: random.Random) -> None:
    """Kill one of this process's workers, so long [s] after the first of them began."""
    deadline = time.monotonic() + 60
    while not workers(os.getpid()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(delay)
    victims = workers(os.getpid())
    if victims:  # else the run had finished already
        with contextlib.suppress(ProcessLookupError):
            os.kill(rng.choice(victims), signal.SIGKILL)


@pytest.mark.parametrize("text", [COLUMN, YIELD], ids=["column", "yield"])
def test_one_and_two_workers_and_a_second_run(sweep: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    sweep.write_text(text)
    one = finish(start(sweep, "one", "store-one", jobs=1))
    two = run_here(capsys, sweep, "two", "store-two", jobs=2)
    again = run_here(capsys, sweep, "again", "store-one", jobs=2)
    assert one["simulated"] == two["simulated"] == one["points"]
    assert again["simulated"] == 0
    reference = lut_bytes(sweep.parent / "one")
    assert lut_bytes(sweep.parent / "two") == reference
    assert lut_bytes(sweep.parent / "again") == reference


def test_two_runs_on_one_store_share_the_points(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep.write_text(COLUMN.replace("samples = 5", "samples = 15"))
    alone = run_here(capsys, sweep, "alone", "store-alone")
    both = [start(sweep, name, "store-shared", jobs=1) for name in ("one", "two")]
    one, two = (finish(process) for process in both)
    # Once in a while a point is asked for after its claim ended and before it is in the store.
    assert alone["points"] <= one["simulated"] + two["simulated"] <= 1.05 * alone["points"]
    assert min(one["simulated"], two["simulated"]) > 0
    assert lut_bytes(sweep.parent / "one") == lut_bytes(sweep.parent / "two") == lut_bytes(sweep.parent / "alone")


@pytest.mark.timeout(600)
def test_killed_again_and_again_and_resumed(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_here(capsys, sweep, "whole", "store-whole")
    rng = random.Random(SEED)
    for turn in range(KILLS):
        if turn % 2:
            process = start(sweep, "killed", "store-killed")
            time.sleep(rng.uniform(0.5, 4.0))
            process.kill()
            process.communicate(timeout=120)
        else:
            killer = threading.Thread(target=kill_a_worker, args=(rng.uniform(0.0, 2.5), rng))
            killer.start()
            run_here(capsys, sweep, "killed", "store-killed")
            killer.join()
            (sweep.parent / "store-killed.sqlite").unlink(missing_ok=True)  # the next turn begins anew
            for left in sweep.parent.glob("store-killed.sqlite-*"):
                left.unlink()
            assert lut_bytes(sweep.parent / "killed") == lut_bytes(sweep.parent / "whole"), f"turn {turn}"
    run_here(capsys, sweep, "killed", "store-killed")
    assert lut_bytes(sweep.parent / "killed") == lut_bytes(sweep.parent / "whole")
