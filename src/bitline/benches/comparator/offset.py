"""Offset bench of the comparator: it searches its own offset within one run.

Each decision moves the inputs against itself, by `v_range` / 2 first and half as much each time, so that after n
decisions they lie within ``v_range / 2^n`` of where the decision turns: the offset by its definition, in one run.
(An output that is read while it is still small gives another number: what the latch's PMOS add comes later.)

**By hand** the offset is the pair's threshold difference, `sigma_pair` = sqrt(2) sigma(V_t) by the PDK's own
mismatch; the latch's NMOS come in divided by the gain of the integration (bench `decide`: `sigma_hand`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.comparator.decisions import EDGE, decisions
from bitline.benches.comparator.mismatch import pair_sigma
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_STROBE = 0.1e-9


@validated
class Search:
    """What the offset bench varies."""

    v_common: float = parameter(1.4, "mean of the two inputs", unit="V", source="choice", ge=0, le=3)
    v_range: float = parameter(
        64e-3, "largest offset that the search reaches, either sign", unit="V", source="choice", gt=0, le=1
    )
    decisions: int = parameter(9, "decisions of the search", source="choice", ge=2, le=20)
    r_source: float = parameter(1e3, "resistance that drives each input", unit="Ohm", source="assumed", gt=0, le=1e9)
    c_source: float = parameter(60e-15, "capacitance of each source: line or DAC", unit="F", source="assumed", gt=0)
    t_evaluate: float = parameter(
        0.6e-9, "time for which the clock is high", unit="s", source="choice", gt=2e-10, le=1e-6
    )
    t_reset: float = parameter(0.6e-9, "time for which the clock is low", unit="s", source="choice", gt=1e-10, le=1e-6)

    @property
    def steps(self) -> list[float]:
        """By how much each decision moves the inputs [V]."""
        return [self.v_range / 2 ** (k + 1) for k in range(self.decisions)]

    @property
    def first(self) -> float:
        """Input difference of the first decision [V]: a perfectly matched comparator would not decide at 0."""
        return self.steps[-1] / 3


OUTPUTS = (
    Output("offset", "V", "input-referred offset: the input difference at which the decision turns"),
    Output("resolution", "V", "half the interval in which it was found"),
    Output("outside", "1", "1 if all decisions agree: the offset lies beyond v_range"),
    Output("unresolved", "1", "decisions that were not made in time"),
    Output("sigma_pair", "V", "its sigma by hand: the PDK's threshold mismatch of the input pair"),
)


def deck(circuit: StrongArm, conditions: Conditions, inputs: Search, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one search."""
    if inputs.v_common < inputs.v_range:
        raise InputError(f"offset: v_common = {inputs.v_common:g}: must be >= v_range = {inputs.v_range:g}")
    t = decisions(inputs.t_evaluate, inputs.t_reset, inputs.decisions, rest=inputs.t_reset)
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/strongarm_offset.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        vdd=conditions.vdd,
        t=t,
        sizes=inputs.steps,
        start=inputs.first,
        edge=EDGE,
        strobe=_STROBE,
    )
    return Deck(
        title=f"{circuit.name} offset at {inputs.v_common:g} V, {conditions}",
        body=body,
        saves=("v(ip)", "v(in)", "v(qp)", "v(qn)", *(f"v(r{k})" for k in range(inputs.decisions))),
        analysis=Transient(t.end),
        phases=t.phases,
        # A decision is kept as 0, 1 or -1.
        units={f"v(r{k})": "1" for k in range(inputs.decisions)},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[StrongArm, Search]) -> dict[str, float]:
    """Return where the search ended."""
    inputs = setup.inputs
    count = inputs.decisions
    # The register keeps each decision as -1 or 1 until the end.
    taken = [float(w[f"v(r{k})"][-1]) for k in range(count)]
    signs = [1 if value > 0 else -1 for value in taken]
    return {
        "offset": inputs.first - sum(step * value for step, value in zip(inputs.steps, taken, strict=True)),
        "resolution": inputs.v_range / 2**count,
        "outside": float(len(set(signs)) == 1),
        "unresolved": float(sum(abs(value) < 0.9 for value in taken)),
        "sigma_pair": pair_sigma(setup.circuit, setup.conditions, setup.pdk),
    }


def reduce(results: pd.DataFrame, circuit: StrongArm) -> dict[str, xr.Dataset]:
    """Return table offset, where mismatch was sampled."""
    from bitline.benches.comparator.tables import offset_tables

    return offset_tables(results)


BENCH = Bench(
    name="offset",
    version=2,
    doc="input-referred offset of one comparator, searched within one run",
    circuits=(StrongArm,),
    inputs=Search,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope={"sigma": "static mismatch of every transistor of the comparator"},
)
