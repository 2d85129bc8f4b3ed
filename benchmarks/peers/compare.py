"""Bitline beside its peers: CPU time, memory and values of the same measurements, into measured.csv.

    python benchmarks/peers/compare.py --python PEERS/bin/python

PEERS is an environment with requirements.txt (`make bench-peers` makes it); this program itself runs in bitline's.
Every run is a process of its own, from its start to its last value; its CPU time is that of all its processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean, stdev

import pandas as pd
from decks import CASES, write
from peers import PEERS

from bitline.engine.selftest import ngspice_version
from bitline.engine.shared import find_library

HERE = Path(__file__).parent
TABLE = HERE / "measured.csv"
# Samples of each run: two numbers tell the start from a further sample, a third one how this grows.
FEW, SOME, MANY = (1, 2), {"read": (1, 100), "column": (1, 8)}, {"read": (1, 200, 1000), "column": (1, 8, 24)}
# Runs of seconds differ by a third where other programs are at work, so the least CPU time of some counts.
REPEATS = {"read": 3, "column": 1}


@dataclass(frozen=True)
class Run:
    """One run: who, on which decks, what it took and what it measured.

    Parameters
    ----------
    case, peer, decks : str
    samples : int
    cpu : float
        Of all processes, user and system [s]; the least of `REPEATS`.
    memory : float
        Largest resident set of one process [MiB].
    mean, sigma : float
        Of the measured falls [V]; the sigma of one is NaN.
    apart : float
        Largest distance from bitline's values of the same samples [V]; NaN where ngspice draws its own.
    """

    case: str
    peer: str
    decks: str
    samples: int
    cpu: float
    memory: float
    mean: float
    sigma: float
    apart: float


def runs(case: str) -> Iterator[tuple[str, str, int]]:
    """Yield peer, decks and samples of each run of a case, bitline first."""
    for samples in MANY[case]:
        yield "bitline", "", samples
    for peer in PEERS:
        for samples in (MANY if peer in ("ngspice-loop", "pyspice", "inspice") else SOME)[case]:
            yield peer, "slim", samples
        for samples in MANY[case] if peer == "ngspice-loop" else FEW:
            yield peer, "stock", samples
    if CASES[case].whole is not None:
        for samples in SOME[case]:
            yield "ngspice-loop", "whole", samples


def measure(case: str, folder: Path, python: str) -> Iterator[Run]:
    """Yield the runs of a case."""
    write(case, folder, max(MANY[case]))
    ours: list[float] = []
    for peer, decks, samples in runs(case):
        if peer == "bitline":
            command = [sys.executable, str(HERE / "bitline_run.py"), case, str(samples)]
        else:
            command = [python, str(HERE / "peers.py"), peer, str(folder), decks, str(samples)]
        values, cpu, memory = min((timed(command) for _ in range(REPEATS[case])), key=lambda took: took[1])
        if peer == "bitline":
            ours = values
        apart = float("nan")
        if decks in ("", "slim"):
            apart = max(abs(one - other) for one, other in zip(values, ours, strict=False))
        sigma = stdev(values) if samples > 1 else float("nan")
        run = Run(case, peer, decks, samples, cpu, memory, fmean(values), sigma, apart)
        print(run, flush=True)
        yield run


def timed(command: list[str]) -> tuple[list[float], float, float]:
    """Run a command in a folder of its own; return the values that it printed, its CPU time [s] and memory [MiB]."""
    # More threads than one make small circuits slower in any of these programs.
    environment = os.environ | {"OMP_THREAD_LIMIT": "1", "NGSPICE_LIBRARY_PATH": find_library()}
    with tempfile.TemporaryDirectory() as folder:
        small = [sys.executable, "-I", "-S", str(HERE / "timed.py"), "out", "err"]
        done = subprocess.run(small + command, cwd=folder, env=environment, capture_output=True, check=True)
        took = json.loads(done.stdout)
        lines = Path(folder, "out").read_text().splitlines()
        if took["status"] or not lines:
            raise SystemExit(f"{' '.join(command)} failed:\n{Path(folder, 'err').read_text()[-2000:]}")
    # A runner may say on standard output what it does.
    return json.loads(lines[-1]), took["cpu"], took["memory"] / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="Python of the environment that has the peers")
    parser.add_argument("--case", choices=CASES, action="append", help="measure these again and keep the others")
    chosen = parser.parse_args()
    # Each run has a folder of its own; a link to another Python stays one, for it stands for its environment.
    python = str(Path(chosen.python).absolute())
    cases = chosen.case or list(CASES)
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            keep(case, list(measure(case, Path(folder), python)))
    return 0


def keep(case: str, measured: list[Run]) -> None:
    """Write the runs of a case in the place of those that are there."""
    table = pd.DataFrame([asdict(run) for run in measured])
    if TABLE.is_file():
        kept = pd.read_csv(TABLE, comment="#", keep_default_na=False, na_values=["nan"])
        table = pd.concat([kept[kept.case != case], table])
    head = f"# bitline {version('bitline')}, ngspice {ngspice_version()}, Python {sys.version.split()[0]}\n"
    TABLE.write_text(head + table.to_csv(index=False, na_rep="nan", float_format="%.6g"))


if __name__ == "__main__":
    sys.exit(main())
