"""Batch engine: one `ngspice -b` process per deck, its raw file read back."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer, Plot, vector_name
from bitline.engine.isolation import code_models, quiet_environment, write_start_up_files
from bitline.errors import NgspiceMissingError, SimulationTimeoutError, SimulatorCrashedError

_ITERATIONS = re.compile(r"Total iterations = (\d+)")
# ngspice's types of plots, by the words in the heading of a raw file.
_PLOT_TYPES = {
    "transient": "tran",
    "noise spectral": "noise1",
    "integrated noise": "noise2",
    "ac analysis": "ac",
    "dc transfer": "dc",
    "operating point": "op",
}


class BatchSimulator:
    """Runs each deck in a fresh ngspice process and folder.

    Parameters
    ----------
    timeout : float, optional
        Seconds after which a run is ended.
    flags : tuple of str
        Further ngspice arguments, for comparisons with the full library.

    Raises
    ------
    NgspiceMissingError
        If there is no ngspice on the path.
    """

    name = "batch"

    def __init__(self, timeout: float | None = None, flags: tuple[str, ...] = ()) -> None:
        program = shutil.which("ngspice")
        if program is None:
            raise NgspiceMissingError("ngspice is not on the path (Debian: apt install ngspice)")
        self._program, self._timeout, self._flags = program, timeout, flags
        self.version = ngspice_version(program)
        self._code_models = code_models(program)

    def answer(self, deck: Deck) -> Answer:
        """Run one deck; see `Simulator`."""
        with tempfile.TemporaryDirectory(prefix="bitline-") as folder:
            home = Path(folder)
            write_start_up_files(home, self._code_models)
            (home / "deck.cir").write_text(deck.text)
            start = time.perf_counter()
            log = self._run(home, deck)
            seconds = time.perf_counter() - start
            raw = home / "out.raw"
            plots: dict[str, Plot] = {}
            # Without any data ngspice writes no file; the verdict then reads the log.
            if raw.is_file():
                plots = read_raw(raw)
        iterations = sum(int(count) for count in _ITERATIONS.findall(log)[:1])
        return Answer(plots, log, run_seconds=seconds, iterations=iterations)

    def _run(self, home: Path, deck: Deck) -> str:
        # -n: no .spiceinit is read, whatever the place an ngspice looks for it.
        command = [*_end_with_parent(), self._program, "-b", "-n", *self._flags, "-r", "out.raw", "deck.cir"]
        try:
            process = subprocess.run(
                command,
                cwd=home,
                env=quiet_environment(home),
                # ngspice must not wait for commands where a deck leaves it without a circuit.
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SimulationTimeoutError(f"{deck.title}: no end after {self._timeout:g} s") from None
        log = process.stdout.decode("utf-8", "replace")
        # A positive exit code says nothing: ngspice returns 1 after some good decks.
        if process.returncode < 0:
            raise SimulatorCrashedError(f"{deck.title}: ngspice died of signal {-process.returncode}", log)
        return log


@cache
def _end_with_parent() -> tuple[str, ...]:
    """Return the words before a command that have it killed as its parent ends; none where no program does that.

    A worker that is killed could not end its ngspice, which would run on for nobody. Python could ask for the same
    between fork and exec, but has to fork the whole process then: 14 of the 30 ms of a 6T read.
    """
    command = ("setpriv", "--pdeathsig", "KILL")
    try:
        trial = subprocess.run([*command, "true"], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except OSError:
        return ()
    if trial.returncode:
        return ()
    return command


@cache
def ngspice_version(program: str) -> str:
    """Return the version of an ngspice program: ``"39"``."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"ngspice-(\d[\w.]*)", answer.stdout)
    if version is None:
        raise NgspiceMissingError(f"{program} --version does not answer as ngspice does")
    return version[1]


def read_raw(path: Path) -> dict[str, Plot]:
    """Read an ngspice binary raw file into its plots, vectors named as in `Answer`.

    Raises
    ------
    SimulatorCrashedError
        If the file was cut short, as by a full disk.
    """
    data = path.read_bytes()
    try:
        return _plots(data)
    except (ValueError, LookupError):
        message = f"{path.name} of {len(data)} bytes is not whole: ngspice or the disk gave up"
        raise SimulatorCrashedError(message) from None


def _plots(data: bytes) -> dict[str, Plot]:
    plots: dict[str, Plot] = {}
    position = 0
    while (split := data.find(b"Binary:\n", position)) >= 0:
        # A title may hold any byte, and latin-1 reads them all.
        header = dict(_header_lines(data[position:split].decode("latin-1")))
        names = [line.split()[1] for line in header["Variables"].splitlines() if line.strip()]
        points, complex_data = int(header["No. Points"]), "complex" in header["Flags"]
        dtype: np.dtype[Any] = np.dtype(np.float64)
        if complex_data:
            dtype = np.dtype(np.complex128)
        start = split + len(b"Binary:\n")
        size = points * len(names) * dtype.itemsize
        # The file holds point after point; a copied column does not keep the whole table in memory.
        table = np.frombuffer(data[start : start + size], dtype).reshape(points, len(names))
        plots[_plot_type(header["Plotname"])] = {vector_name(name): table[:, i].copy() for i, name in enumerate(names)}
        position = start + size
    return plots


def _plot_type(heading: str) -> str:
    for words, plot_type in _PLOT_TYPES.items():
        if words in heading.lower():
            return plot_type
    return heading


def _header_lines(text: str) -> list[tuple[str, str]]:
    before, _, variables = text.partition("Variables:\n")
    pairs = [line.split(":", 1) for line in before.splitlines() if ":" in line]
    return [(key.strip(), value.strip()) for key, value in pairs] + [("Variables", variables)]
