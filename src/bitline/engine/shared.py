"""Shared engine: one libngspice in this process, through PySpice; decks are loaded, run and removed."""

from __future__ import annotations

import ctypes.util
import logging
import os
import re
import shutil
import time
import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer, Plot, vector_name
from bitline.engine.batch import ngspice_version
from bitline.engine.isolation import code_models, quiet_start
from bitline.errors import NgspiceMissingError, SimulatorCrashedError

# libngspice's last words, after what ends the program.
_SPENT = "cannot recover and awaits to be detached"
# Every option a result depends on is set here or in the deck, never left to a start-up file.
# Threads slow a small circuit down tenfold; parallelism belongs to the sweep.
_SETTINGS = ("set num_threads=1", "unset ngbehavior", "set ng_nomodcheck", "set nomoremode")

# How the dynamic linker says that there is no memory left.
_EXHAUSTED = re.compile("failed to map segment|cannot allocate memory", re.IGNORECASE)


class SharedSimulator:
    """libngspice in this process. Not thread safe; a worker process holds one (see `shared_simulator`).

    After some decks that it refuses, libngspice says that it cannot recover, and accepts none any more: then `spent`
    is true, and only another process can go on.

    Raises
    ------
    NgspiceMissingError
        If libngspice or PySpice cannot be loaded.
    """

    name = "shared"

    def __init__(self) -> None:
        os.environ.setdefault("NGSPICE_LIBRARY_PATH", find_library())
        logging.getLogger("PySpice").setLevel(logging.CRITICAL)  # 'Unsupported Ngspice version': known
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from PySpice.Spice.NgSpice import Shared
        except ImportError as error:
            _raise_if_exhausted(error)
            raise NgspiceMissingError(f"PySpice cannot be imported: {error}") from None
        self._refusals = (Shared.NgSpiceCommandError, Shared.NgSpiceCircuitError, NameError)
        logging.getLogger("PySpice").setLevel(logging.CRITICAL)
        try:
            with quiet_start():
                self._ngspice: Any = Shared.NgSpiceShared()
        except (OSError, RuntimeError) as error:
            _raise_if_exhausted(error)
            raise NgspiceMissingError(f"libngspice cannot be loaded: {error}") from None
        self.version = str(self._ngspice.ngspice_version)
        self.spent = False
        self._log: list[str] = []
        for command in _SETTINGS:
            self._command(command)
        for path in _code_models(self.version):
            self._command(f"codemodel {path}")

    def answer(self, deck: Deck) -> Answer:
        """Run one deck; see `Simulator`. Raises `SimulatorCrashedError` if the simulator is spent."""
        if self.spent:
            raise SimulatorCrashedError(f"{deck.title}: libngspice gave up on an earlier deck and needs a new process")
        self._log = []
        start, loaded = time.perf_counter(), False
        try:
            loaded = self._load(deck.text)
            middle = time.perf_counter()
            if loaded:
                self._command("run")
            end = time.perf_counter()
            plots: dict[str, Plot] = {}
            if loaded:
                plots = self._plots()
        finally:
            # A plot that stays would be read as one of the next deck.
            self._command("destroy all")
            # Without it every circuit stays in memory.
            if loaded:
                self._command("remcirc")
        return Answer(plots, "\n".join(self._log), middle - start, end - middle)

    def _load(self, text: str) -> bool:
        try:
            self._ngspice.load_circuit(text)
        except self._refusals:
            self._collect()
            # PySpice raises for warnings of the parser too: the circuit is there unless ngspice says that it is not.
            return "circuit not parsed" not in "\n".join(self._log).lower()
        self._collect()
        return True

    def _command(self, command: str) -> None:
        # PySpice raises on any line on stderr, notes included: the verdict on a run is ours.
        with suppress(*self._refusals):
            self._ngspice.exec_command(command)
        self._collect()

    def _collect(self) -> None:
        self._log += [*self._ngspice._stdout, *self._ngspice._stderr]
        self.spent = self.spent or any(_SPENT in line for line in self._ngspice._stderr)

    def _plots(self) -> dict[str, Plot]:
        plots: dict[str, Plot] = {}
        for name in self._ngspice.plot_names:
            if name == "const":
                continue
            vectors = self._ngspice.plot(None, name)
            arrays = {vector_name(key): np.asarray(vector._data) for key, vector in vectors.items()}
            plots[_plot_type(name, vectors)] = arrays
        return plots


@cache
def shared_simulator() -> SharedSimulator:
    """Return this process's one shared simulator."""
    return SharedSimulator()


def _code_models(version: str) -> tuple[str, ...]:
    """Return the installed code models, if there is an ngspice of the library's version to ask for them."""
    program = shutil.which("ngspice")
    # A code model is a library as well, and one for another version may crash this one.
    if program is None or ngspice_version(program) != version:
        return ()
    return code_models(program)


def _plot_type(name: str, vectors: Any) -> str:
    """Return the type of a plot by its name: ``tran1`` -> ``"tran"``; of the two of a noise analysis, by content."""
    plot_type = name.rstrip("0123456789")
    if plot_type != "noise":
        return plot_type
    # Both are called noise and counted on; only the density is over frequency.
    if "frequency" in vectors:
        return "noise1"
    return "noise2"


def find_library() -> str:
    """Return the path of libngspice; raises `NgspiceMissingError`."""
    # PySpice opens libngspice.so, a name that only Debian's -dev package provides.
    file = ctypes.util.find_library("ngspice")
    if file is None:
        raise NgspiceMissingError("libngspice is not installed (Debian: apt install libngspice0)")
    for folder in ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"):
        # In the folder itself or in that of an architecture: a search of the whole tree costs each worker 0.3 s.
        for pattern in (file, f"*/{file}"):
            path = next(iter(sorted(Path(folder).glob(pattern))), None)
            if path is not None:
                return str(path)
    return file


def _raise_if_exhausted(error: Exception) -> None:
    """Raise `MemoryError` where a library is there but does not fit: another process may have room for it."""
    if _EXHAUSTED.search(str(error)):
        raise MemoryError(str(error)) from error
