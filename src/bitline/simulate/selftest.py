"""Self-test of the engines: an RC discharge, compared with theory."""

from __future__ import annotations

import math
import shutil

from bitline.circuits.deck import Deck
from bitline.errors import NgspiceMissingError
from bitline.simulate.batch import ngspice_version as _program_version
from bitline.simulate.ladder import climb
from bitline.simulate.simulator import Simulator

_R, _C, _V0 = 1e3, 1e-12, 1.0


def ngspice_version(engine: str) -> str:
    """Return the version of ngspice that an engine runs; `NgspiceMissingError` if there is none."""
    program = shutil.which("ngspice")
    if program is None:
        raise NgspiceMissingError("ngspice is not on the path (Debian: apt install ngspice libngspice0)")
    return _program_version(program)


def rc_deck() -> Deck:
    """Return a deck that discharges 1 pF through 1 kOhm from 1 V."""
    from bitline.circuits.render import environment

    body = environment().get_template("benches/selftest.cir.j2").render(r=_R, c=_C, v0=_V0)
    return Deck("self-test", body, ("v(out)",), stop=2e-9, max_step=2e-11, options={"reltol": 1e-5})


def error_of(simulator: Simulator) -> float:
    """Return the relative error of the discharge after one time constant; theory is exp(-1)."""
    waveforms = climb(simulator, rc_deck()).waveforms
    return abs(waveforms.at("v(out)", _R * _C) / (_V0 * math.exp(-1)) - 1)
