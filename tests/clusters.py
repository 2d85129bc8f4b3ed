"""A Dask cluster of separate processes, as on several machines: a scheduler, and workers with a cache folder each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

_PROGRAM = "from distributed.cli.dask_{0} import main; main()"


class Cluster:
    """Scheduler and workers below a folder; each worker has its own empty cache and data folders.

    Parameters
    ----------
    folder : Path
    workers : int
    environment : mapping, optional
        Further variables of the workers.
    """

    def __init__(self, folder: Path, workers: int = 2, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = environment or {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scheduler = self.start_scheduler()
        self.workers = [self.start_worker() for _ in range(workers)]

    @property
    def address(self) -> str:
        return str(json.loads((self.folder / "scheduler.json").read_text())["address"])

    def start_scheduler(self, port: int = 0) -> subprocess.Popen[bytes]:
        file = self.folder / "scheduler.json"
        file.unlink(missing_ok=True)
        options = (
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--dashboard-address",
            "127.0.0.1:0",
            "--scheduler-file",
            str(file),
        )
        process = self._start("scheduler", *options)
        while not file.exists():
            assert process.poll() is None, self.log()
            time.sleep(0.05)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        home = self.folder / f"worker-{time.monotonic_ns()}"
        variables = {"BITLINE_CACHE_DIR": str(home / "cache"), "BITLINE_DATA_DIR": str(home / "data")}
        options = (
            "--nthreads",
            "1",
            "--dashboard-address",
            "127.0.0.1:0",
            "--local-directory",
            str(home),
            "--memory-limit",
            "0",
        )
        return self._start("worker", self.address, *options, **variables, **self.environment)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a scheduler, or a worker with its nanny, as a machine does that loses power."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _start(self, kind: str, *options: str, **variables: str) -> subprocess.Popen[bytes]:
        # Workers import what the tests import.
        paths = os.pathsep.join([str(Path(__file__).parent / "sweep"), *sys.path])
        environment = {**os.environ, "PYTHONPATH": paths, **variables}
        command = [sys.executable, "-c", _PROGRAM.format(kind), *options]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            self.kill(process)
        shutil.rmtree(self.folder, ignore_errors=True)
