"""The same sweep gives the same bytes: any number of workers, killed, resumed, or run a second time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
KILLS = 10
SEED = 1


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(COLUMN)
    return path


def start(sweep: Path, name: str, store: str, jobs: int = 2) -> subprocess.Popen[str]:
    out = ["--store", str(sweep.parent / f"{store}.sqlite"), "-o", str(sweep.parent / name)]
    command = [
        str(Path(sys.executable).with_name("bitline")),
        "characterize",
        str(sweep),
        "-j",
        str(jobs),
        *out,
        "--json",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def kill_at_random(process: subprocess.Popen[str], which: str, rng: random.Random) -> None:
    time.sleep(rng.uniform(0.5, 4.0))
    try:
        victims = [process.pid] if which == "main" else workers(process.pid)
        if victims and process.poll() is None:
            os.kill(rng.choice(victims), signal.SIGKILL)
    except (ProcessLookupError, FileNotFoundError):
        pass  # it had finished already


@pytest.mark.parametrize("text", [COLUMN, YIELD], ids=["column", "yield"])
def test_one_and_two_workers_and_a_second_run(sweep: Path, text: str) -> None:
    sweep.write_text(text)
    one = finish(start(sweep, "one", "store-one", jobs=1))
    two = finish(start(sweep, "two", "store-two", jobs=2))
    again = finish(start(sweep, "again", "store-one", jobs=2))
    assert one["simulated"] == two["simulated"] == one["points"]
    assert again["simulated"] == 0
    reference = lut_bytes(sweep.parent / "one")
    assert lut_bytes(sweep.parent / "two") == reference
    assert lut_bytes(sweep.parent / "again") == reference


@pytest.mark.timeout(600)
def test_killed_ten_times_and_resumed(sweep: Path) -> None:
    finish(start(sweep, "whole", "store-whole"))
    rng = random.Random(SEED)
    for turn in range(KILLS):
        process = start(sweep, "killed", "store-killed")
        kill_at_random(process, "main" if turn % 2 else "worker", rng)
        if turn % 2:
            process.communicate(timeout=120)
        else:
            finish(process)
            (sweep.parent / "store-killed.sqlite").unlink(missing_ok=True)  # the next turn begins anew
            for left in sweep.parent.glob("store-killed.sqlite-*"):
                left.unlink()
            assert lut_bytes(sweep.parent / "killed") == lut_bytes(sweep.parent / "whole"), f"turn {turn}"
    finish(start(sweep, "killed", "store-killed"))
    assert lut_bytes(sweep.parent / "killed") == lut_bytes(sweep.parent / "whole")
