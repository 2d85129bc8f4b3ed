"""Self-test of the engines: a small circuit, compared with theory, and a look for options that others have set."""

from __future__ import annotations

import hashlib
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from bitline.cache import is_remembered, remember
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.batch import ngspice_version as _program_version
from bitline.engine.ladder import climb
from bitline.engine.shared import find_library
from bitline.engine.simulator import Simulator
from bitline.errors import NgspiceMissingError, SetupError, SimulationError

Engine = Literal["shared", "batch"]
# Both engines reach 1e-5: more is a fault, and not the solver's tolerance.
TOLERANCE = 1e-3
_R, _C, _V0 = 1e3, 1e-12, 1.0
# Nodes between two equal branches: 1 TOhm each, a diode's gmin and as much, resistors at 27 degC and at tnom.
_HALVES = ("v(shunt)", "v(gmin)", "v(tnom)")
# ngspice lists its variables, and marks those that are options of the circuit.
_OPTION = re.compile(r"^\s*\+ (\w+)", re.MULTILINE)
# `temp` is the deck's own line.
_OWN = {"reltol", "temp"}
_TRY_SHARED = """
from bitline.engine.isolation import isolate
isolate()
from bitline.engine.selftest import checked
from bitline.engine.shared import SharedSimulator
checked(SharedSimulator())
"""


def ngspice_version() -> str:
    """Return the version of the installed ngspice; `NgspiceMissingError` if there is none."""
    program = shutil.which("ngspice")
    if program is None:
        raise NgspiceMissingError("ngspice is not on the path (Debian: apt install ngspice libngspice0)")
    return _program_version(program)


def engine_files(engine: Engine) -> tuple[Path, ...]:
    """Return the files that an engine consists of, which tell one from another; raises `NgspiceMissingError`."""
    files = [Path(shutil.which("ngspice") or "")]
    # The library may be of another version than the program.
    if engine == "shared":
        files.append(Path(os.environ.get("NGSPICE_LIBRARY_PATH") or find_library()))
    return tuple(path for path in files if path.is_file())


def deck() -> Deck:
    """Return a deck that discharges 1 pF through 1 kOhm from 1 V, beside dividers that an option would tilt."""
    from bitline.templates import environment

    body = environment().get_template("benches/selftest.cir.j2").render(r=_R, c=_C, v0=_V0)
    return Deck("self-test", body, ("v(out)", *_HALVES), Transient(2e-9, 2e-11), options={"reltol": 1e-5})


def error_of(simulator: Simulator) -> float:
    """Return the largest relative error of the self-test; theory is exp(-1) after one time constant, and halves.

    Raises
    ------
    SetupError
        If ngspice runs with options that bitline has not set.
    """
    run = climb(simulator, deck())
    foreign = sorted(set(_OPTION.findall(run.answer.log)) - _OWN)
    if foreign:
        raise SetupError(
            f"ngspice {simulator.version} ({simulator.name} engine) runs with options that bitline has not set: "
            f"{', '.join(foreign)}: a start-up file of its installation sets them"
        )
    waveforms = run.waveforms
    discharge = abs(waveforms.at("v(out)", _R * _C) / (_V0 * math.exp(-1)) - 1)
    return max(discharge, *(float(abs(waveforms[name] / (_V0 / 2) - 1).max()) for name in _HALVES))


def checked(simulator: Simulator) -> Simulator:
    """Return a simulator that passes the self-test; raises the `SetupError` of one that does not."""
    try:
        error = error_of(simulator)
    except SimulationError as failure:
        raise SetupError(f"ngspice {simulator.version} fails bitline's self-test: {failure}") from None
    if error > TOLERANCE:
        raise SetupError(
            f"ngspice {simulator.version} ({simulator.name} engine) is off by {error:.1e} in bitline's self-test, "
            f"which allows {TOLERANCE:g}: another ngspice is needed"
        )
    return simulator


def preferred_engine() -> Engine:
    """Return ``"shared"`` if the installed libngspice passes the self-test, else ``"batch"``.

    The test runs in a process of its own, for a libngspice that does not suit PySpice may crash; its
    verdict is remembered for as long as the library file stays the same.
    """
    try:
        library = Path(find_library())
        state = library.stat()
    except (NgspiceMissingError, OSError):
        return "batch"
    identity = f"{library} {state.st_size} {state.st_mtime_ns} {sys.executable}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:32]
    if is_remembered("engines", key):
        return "shared"
    trial = subprocess.run(
        [sys.executable, "-c", _TRY_SHARED], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    if trial.returncode:
        return "batch"
    remember("engines", key)
    return "shared"
