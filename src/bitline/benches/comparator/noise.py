"""Noise bench of the comparator: transient noise of known density on its inputs, beside the integration formula.

ngspice has no transient device noise, and the seed of its `trnoise` cannot be set from a deck (measured,
version 39: every run differs). So white noise is written out as a PWL from a seeded generator: normal
numbers of sigma ``sqrt(S / (2 dt))`` every dt, joined by straight lines, which have the one-sided density S
far below 1/dt. Every decision has noise of its own, and its outputs while still linear say which input it
saw. The formula of `comparator` for the same noise, two inputs of density S each and its weight g(t), is

    v_noise = sqrt(S int g^2 dt) / int g dt
"""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.comparator.decisions import LINEAR, Decision, one_decision, parting, reached, regeneration, weights
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN

_EDGE = 20e-12
_FIRST = 0.3e-9
_EVALUATE, _RESET = 0.3e-9, 0.5e-9
_DT = 2.5e-12
# White noise only while it matters: from before the clock's edge until the latch has long decided.
_NOISY = 0.14e-9


@validated
class Noisy:
    """What the noise bench varies."""

    v_diff: float = parameter(5e-3, "input difference, its sign alternating", unit="V", source="choice", gt=0, le=1)
    v_common: float = parameter(1.4, "mean of the two inputs", unit="V", source="choice", ge=0, le=3)
    r_noise: float = parameter(
        2e3, "noise resistance of each input, of density 4 k T r_noise", unit="Ohm", source="choice", gt=0, le=1e6
    )
    decisions: int = parameter(100, "decisions in the run", source="choice", ge=10, le=10000)
    noise_seed: int = parameter(1, "seed of the noise", source="choice", ge=0)


OUTPUTS = (
    Output("v_noise_transient", "V", "input-referred noise: standard deviation over the decisions"),
    Output("v_noise_formula", "V", "the same by the formula of the integration phase"),
    Output("offset", "V", "mean offset over the decisions"),
    Output("counted", "1", "decisions that were counted"),
)


def deck(circuit: StrongArm, conditions: Conditions, inputs: Noisy, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of many noisy decisions."""
    sigma = math.sqrt(4 * BOLTZMANN * conditions.kelvin * inputs.r_noise / (2 * _DT))
    # One stream for both inputs, plus first: the same seed is the same noise on any machine.
    random = np.random.Generator(np.random.PCG64(inputs.noise_seed))
    sides = {"ip": 0.5, "in": -0.5}
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/strongarm_noise.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        vdd=conditions.vdd,
        first=_FIRST,
        edge=_EDGE,
        t_evaluate=_EVALUATE,
        period=_EVALUATE + _RESET,
        inputs_of={name: _points(inputs, half, sigma, random) for name, half in sides.items()},
    )
    return Deck(
        title=f"{circuit.name} noise, {inputs.decisions} decisions at {inputs.v_common:g} V, {conditions}",
        body=body,
        saves=("v(oa)", "v(ob)", "v(da)", "v(db)", "v(@mina[gm])", "v(@minb[gm])"),
        analysis=Transient(_FIRST + inputs.decisions * (_EVALUATE + _RESET)),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _points(inputs: Noisy, half: float, sigma: float, random: np.random.Generator) -> list[tuple[float, float]]:
    """Return time and voltage of one input: its level, turning in each reset, with noise at each decision."""
    points: list[tuple[float, float]] = []
    count = int(_NOISY / _DT)
    for k in range(inputs.decisions):
        begin = _FIRST + k * (_EVALUATE + _RESET)
        level = inputs.v_common + _sign(k) * half * inputs.v_diff
        if k:
            points.append((begin - _RESET / 2 + _EDGE, level))
        points += [(begin - _EDGE + i * _DT, level + sigma * float(random.standard_normal())) for i in range(count)]
        points.append((begin - _EDGE + count * _DT, level))
        points.append((begin + _EVALUATE + _RESET / 2, level))
    start = inputs.v_common
    if inputs.decisions % 2:
        start = points[-1][1]
    return [(0.0, start), *points]


def _sign(k: int) -> int:
    return 1 if k % 2 else -1


def measure(w: Waveforms, setup: Setup[StrongArm, Noisy]) -> dict[str, float]:
    """Return the noise over all decisions but the first, which only warms up."""
    inputs, period = setup.inputs, _EVALUATE + _RESET
    runs = [one_decision(w, _FIRST + k * period, _EVALUATE) for k in range(1, inputs.decisions)]
    signs = np.array([_sign(k) for k in range(1, inputs.decisions)])
    # all at one instant after the clock, so that all have the same gain
    typical = np.median([reached(run.t, np.abs(run.difference), LINEAR) for run in runs])
    d = np.array([np.interp(typical, run.t, run.difference) for run in runs])
    design = np.column_stack([signs * inputs.v_diff, np.ones(len(d))])
    (gain, bias), *_ = np.linalg.lstsq(design, d)
    noise = (d - design @ (gain, bias)) / gain
    end, tau = (float(np.median(x)) for x in zip(*(_times(w, run) for run in runs), strict=True))
    _, weight, t = np.mean([weights(w, run, end, tau) for run in runs], axis=0)
    density = 4 * BOLTZMANN * setup.conditions.kelvin * inputs.r_noise
    return {
        "v_noise_transient": float(np.std(noise, ddof=2)),
        "v_noise_formula": math.sqrt(density * np.trapezoid(weight**2, t)) / float(np.trapezoid(weight, t)),
        "offset": float(-bias / gain),
        "counted": float(len(d)),
    }


def _times(w: Waveforms, run: Decision) -> tuple[float, float]:
    return parting(w, run)[0], regeneration(run)[0]


BENCH = Bench(
    name="noise",
    version=1,
    doc="input-referred noise of the comparator, by transient noise and by formula",
    circuits=(StrongArm,),
    inputs=Noisy,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", OUTPUTS),
)
