"""A circuit of short points whose simulations go wrong when they are told to: a plug-in of the fault campaign.

The folder ``BITLINE_FAULTS`` holds the orders, a file each, which the next simulation to see one takes away and obeys,
and the file ``begun``, to which each simulation adds its number.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bitline.pdk.descriptor import Pdk

R, C = 1e3, 1e-12
# a current that changes its sign at every iteration keeps the time step at its smallest
NO_END = "b1 0 out i=(v(out)>0.5)?-1:1\nc1 out 0 1e-15\nr1 out 0 1\n"
OUTPUTS = (Output("v_out", "V", "output after one time constant"),)


@validated
class Short(Circuit):
    name: ClassVar[str] = "short"
    template: ClassVar[str] = "benches/selftest.cir.j2"


@validated
class Number:
    number: int = parameter(0, "number of the point, and the voltage it starts from less 1", source="choice", ge=0)


def folder() -> Path:
    return Path(os.environ["BITLINE_FAULTS"])


def told(order: str) -> bool:
    """Say whether there is such an order, and take it: one simulation obeys it."""
    if multiprocessing.parent_process() is None or not (folder() / order).exists():
        return False
    try:
        (folder() / order).rename(folder() / f"{order}-{os.getpid()}-{time.monotonic_ns()}")
    except FileNotFoundError:
        return False
    return True


def deck(circuit: Short, conditions: Conditions, inputs: Number, pdk: Pdk) -> Deck:
    body = f"r1 out 0 {R!r}\nc1 out 0 {C!r}\n.ic v(out)={1.0 + inputs.number!r}\n"
    if told("hang"):
        body = NO_END
    if told("segfault"):
        body = NO_END
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGSEGV)).start()
    if told("memory"):
        # From here on this process gets no more: what it asks for next fails, in Python or in ngspice.
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**20, used + 2**20))
        _ = bytes(2**26)
    return Deck(f"short {inputs.number}", body, ("v(out)",), Transient(2e-9))


def measure(w: Waveforms, setup: Setup[Short, Number]) -> dict[str, float]:
    with (folder() / "begun").open("a") as file:
        file.write(f"{setup.inputs.number} {time.monotonic_ns()}\n")
    time.sleep(float(os.environ["BITLINE_SECONDS"]))
    return {"v_out": w.at("v(out)", R * C)}


def reduce(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"short": grid(results, OUTPUTS)}


BENCH = Bench("short", 1, "short points", (Short,), Number, OUTPUTS, deck, measure, reduce)
