"""Leakage of the idle split-port cell, by path: what its supply and its lines give, and through which device it goes.

Both word lines are off. The current that the devices which are off let through reaches ground through those which are
on, so the paths below add up to what the sources give.
"""

from __future__ import annotations

from typing import Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import sampled_tables
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.lut.operation import Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

# The simulator's own conductance and tolerances must be nothing beside femtoamperes; tighter ones are below the
# rounding of 1.8 V over a device that is on, and are not reached at every point.
OPTIONS = {"gmin": 1e-20, "abstol": 1e-18, "vntol": 1e-9, "reltol": 1e-5}
LEAST_EDGE = 1e-15
"""Side wall [m] of a junction that the layout counts at another device: 6e-25 A of saturation current."""

_DEVICES = ("pul", "pur", "pdl", "pdr", "pgl", "pgr")
_SOURCES = ("vdd", "vbl", "vblb", "vwll", "vwlr")


@validated
class Lines:
    """What is around an idle cell."""

    lines: Literal["high", "low"] = parameter("high", "both bit lines: precharged, or at ground", source="choice")


@validated
class Idle(Lines):
    """What the bench varies."""

    stored: int = parameter(1, "bit in the cell: Q", source="choice", ge=0, le=1)


OUTPUTS = (
    Output("i_pull_up", "A", "channel of the pull-up that is off"),
    Output("i_pull_down", "A", "channel of the pull-down that is off"),
    Output("i_access_bl", "A", "channel of the access device to BL"),
    Output("i_access_blb", "A", "channel of the access device to BLB"),
    Output("i_junction", "A", "junctions to bulk and well"),
    Output("i_other", "A", "the rest: impact ionisation, and gate or drain leakage where the models have them"),
    Output("i_cell", "A", "what the cell supply gives"),
    Output("i_leak", "A", "what all sources at VDD give, that of the lines among them"),
    Output("p_leak", "W", "power of all sources"),
)


def deck(circuit: SplitPort6T, conditions: Conditions, inputs: Idle, pdk: Pdk) -> Deck:
    """Build the deck of one idle cell."""
    devices = netlist(conditions, pdk, least_edge=LEAST_EDGE)
    body = render_circuit(
        "benches/split_port_6t_leakage.cir.j2", devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd
    )
    own = tuple(f"v(@m{device}[{quantity}])" for device in _DEVICES for quantity in ("id", "ibd", "ibs"))
    return Deck(
        title=f"{circuit.name} leakage, Q = {inputs.stored}, lines {inputs.lines}, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)", "v(vdd)", *(f"i({source})" for source in _SOURCES), *own),
        analysis=OperatingPoint(),
        options=OPTIONS,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[SplitPort6T, Idle]) -> dict[str, float]:
    """Sum the currents up by path.

    Raises
    ------
    BadMeasureError
        If the cell does not keep its bit.
    """
    inputs, vdd = setup.inputs, setup.conditions.vdd
    if (w.value("v(q)") > w.value("v(qb)")) != bool(inputs.stored):
        raise BadMeasureError(f"the cell does not keep Q = {inputs.stored}: its paths have no meaning")
    # The device that is off has its drain on the other node than the one that is on.
    low, high = ("r", "l") if inputs.stored else ("l", "r")
    paths = {
        "i_pull_up": _channel(w, f"pu{low}"),
        "i_pull_down": _channel(w, f"pd{high}"),
        "i_access_bl": _channel(w, "pgl"),
        "i_access_blb": _channel(w, "pgr"),
        "i_junction": sum(abs(w.value(f"v(@m{d}[{side}])")) for d in _DEVICES for side in ("ibd", "ibs")),
    }
    cell = -w.value("i(vdd)")
    at_vdd = _SOURCES if inputs.lines == "high" else ("vdd",)
    leak = -sum(w.value(f"i({source})") for source in at_vdd)
    return {**paths, "i_other": leak - sum(paths.values()), "i_cell": cell, "i_leak": leak, "p_leak": vdd * leak}


def _channel(w: Waveforms, device: str) -> float:
    return abs(w.value(f"v(@m{device}[id])"))


BENCH = Bench(
    name="leakage",
    version=1,
    doc="leakage of the idle cell by path",
    circuits=(SplitPort6T,),
    inputs=Idle,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=sampled_tables("leakage", OUTPUTS),
    supplies=Supplies({"p_leak": ("vdd", "vbl", "vblb")}),
)
