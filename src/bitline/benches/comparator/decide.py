"""Decide bench of the comparator without mismatch: two decisions in one run, the inputs one way, then the other.

The latch's outputs part as ``gain_0 v_diff exp(t / tau)``; what tau and gain_0 say of the time a decision takes
near the threshold is its margin against metastability (`bitline.system.converter`). Both change while the outputs'
mean still falls, so take them at a small v_diff. Mismatch: bench `offset`.

**Noise**: `.noise` knows no clocked circuit. `v_noise` is a formula. The pair's currents, each of density
4 k T gamma gm, are integrated on the drains' capacitance C until the drains, having parted by A v_diff, are
joined by the latch's NMOS; what comes later counts by exp(-(t - t_int) / tau), for the latch has multiplied
what was there. The precharge leaves k T / C on either drain. With that weight g(t) <= gm(t), as charge,

    v_noise^2 = [4 k T gamma int(g^2 / gm) + 2 k T C] / (int g)^2,    C = int_0^t_int gm / A

(the input pair's and the reset's terms of Nuzzo, De Bernardinis, Terreni and Van der Plas, IEEE TCAS-I 55,
2008; the tail after t_int is ours). gm, t_int, tau and A are read from the transient. Bench `noise` checks
the pair's term by transient noise.

**Offset by hand**: the pair's thresholds alone, `sigma_pair` = sqrt(2) sigma(V_t) of the PDK's own mismatch,
and with the latch's NMOS divided by the gain A, `sigma_hand`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.comparator.decisions import (
    EDGE,
    Decision,
    decisions,
    one_decision,
    parting,
    reached,
    regeneration,
    weights,
)
from bitline.benches.comparator.mismatch import latch_sigma, pair_sigma
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Energy, Operation, Pins, Success, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN


@validated
class Decide:
    """What the decide bench varies."""

    v_diff: float = parameter(10e-3, "input difference: +v_diff, then -v_diff", unit="V", source="choice", gt=0, le=1)
    v_common: float = parameter(1.4, "mean of the two inputs", unit="V", source="choice", ge=0, le=3)
    r_source: float = parameter(1e3, "resistance that drives each input", unit="Ohm", source="assumed", gt=0, le=1e9)
    c_source: float = parameter(60e-15, "capacitance of each source: line or DAC", unit="F", source="assumed", gt=0)
    t_evaluate: float = parameter(
        1e-9, "time for which the clock is high", unit="s", source="choice", gt=1e-10, le=1e-6
    )
    t_reset: float = parameter(1e-9, "time for which the clock is low", unit="s", source="choice", gt=1e-10, le=1e-6)


OUTPUTS = (
    Output("decision", "1", "1 if both decisions are right, -1 if one is wrong, 0 if one is late"),
    Output("latency", "s", "clock to output: the slower of the two decisions; t_evaluate if it is not made"),
    Output("tau", "s", "time constant of the latch's regeneration, of the first decision"),
    Output("gain_0", "1", "output over v_diff, extrapolated back to the clock by exp(t / tau)"),
    Output(
        "energy_decision",
        "J",
        "comparator and clock driver, supply and the driver's gates, per decision, state restored",
    ),
    Output("energy_input", "J", "what both input sources deliver per decision: not in energy_decision"),
    Output("kick_common", "V", "largest excursion of the inputs' mean during a decision"),
    Output("kick_diff", "V", "largest excursion of the inputs' difference during a decision"),
    Output("gm_pair", "S", "transconductance of one input transistor, mean over the integration"),
    Output("t_integration", "s", "from the clock until the pair's drains are farthest apart"),
    Output("gain_integration", "1", "gain from the inputs to the pair's drains by then"),
    Output("v_noise", "V", "input-referred noise by the formula of the integration phase"),
    Output("sigma_pair", "V", "offset sigma by hand: the PDK's threshold mismatch of the input pair"),
    Output("sigma_hand", "V", "the same with the latch's NMOS, divided by the gain of the integration"),
)
_SUPPLIES = Supplies({"energy_decision": ("vcmp", "vclk"), "energy_input": ("vsp", "vsn")})


def schedule(inputs: Decide) -> Schedule:
    """Return the schedule: a decision to warm up, then the two that are measured; the inputs turn in the resets."""
    # The first decision starts from nodes that no reset has prepared: it is not measured.
    bare = decisions(inputs.t_evaluate, inputs.t_reset, 3, rest=inputs.t_reset / 2)
    warm, first, second = bare.phases
    instants = {
        "warm": warm.stop + inputs.t_reset / 2,
        "turn": first.stop + inputs.t_reset / 2,
        "first": first.start,
        "second": second.start,
    }
    return replace(bare, instants=instants, marked=("warm", "first", "second"))


def deck(circuit: StrongArm, conditions: Conditions, inputs: Decide, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of two decisions."""
    if inputs.v_common < inputs.v_diff / 2:
        raise InputError(f"decide: v_common = {inputs.v_common:g}: must be >= v_diff / 2 = {inputs.v_diff / 2:g}")
    t = schedule(inputs)
    half = inputs.v_diff / 2
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/strongarm_decide.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        vdd=conditions.vdd,
        t=t,
        edge=EDGE,
        high=inputs.v_common + half,
        low=inputs.v_common - half,
    )
    inside = ("v(oa)", "v(ob)", "v(da)", "v(db)", "v(tail)", "v(qp)", "v(qn)", "v(ip)", "v(in)")
    supplies = ("i(vcmp)", "v(clkb)", "i(vclk)", "v(sp)", "i(vsp)", "v(sn)", "i(vsn)")
    return Deck(
        title=f"{circuit.name} decide, {inputs.v_diff * 1e3:g} mV at {inputs.v_common:g} V, {conditions}",
        body=body,
        saves=(*inside, *supplies, "v(@mina[gm])", "v(@minb[gm])"),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[StrongArm, Decide]) -> dict[str, float]:
    """Measure both decisions; the equations are the module's."""
    inputs, vdd = setup.inputs, setup.conditions.vdd
    first, second = (one_decision(w, w.marks[name], inputs.t_evaluate) for name in ("first", "second"))
    signs = ((first, 1), (second, -1))
    latencies = [_latency(w, decision, sign, vdd / 2) for decision, sign in signs]
    wrong = any(_latency(w, decision, -sign, vdd / 2) is not None for decision, sign in signs)
    made = all(latency is not None for latency in latencies)
    tau, grown = regeneration(first)
    phase = _integration(w, setup, first, second, tau)
    sigma_pair = pair_sigma(setup.circuit, setup.conditions, setup.pdk)
    warm, stop = w.marks["warm"], float(w.axis[-1])
    sigma_latch = latch_sigma(setup.circuit, setup.conditions, setup.pdk)
    return {
        # A wrong decision is worse than a late one, which a longer clock would mend.
        "decision": -1.0 if wrong else float(made),
        "latency": max(inputs.t_evaluate if latency is None else latency for latency in latencies),
        "tau": tau,
        "gain_0": grown / inputs.v_diff,
        # From one turn of the inputs to the next but one: two decisions, each with its reset.
        "energy_decision": (w.energy("vcmp", vdd, warm, stop) + w.driver_energy("vclk", "clkb", warm, stop)) / 2,
        "energy_input": (w.driver_energy("vsp", "sp", warm, stop) + w.driver_energy("vsn", "sn", warm, stop)) / 2,
        **_kick(w, (first, second)),
        **phase,
        "sigma_pair": sigma_pair,
        "sigma_hand": math.hypot(sigma_pair, sigma_latch / phase["gain_integration"]),
    }


def _latency(w: Waveforms, decision: Decision, sign: int, half: float) -> float | None:
    """Return when `qp` - `qn` passes `half` the supply with that sign after the clock; None if it does not.

    The difference, since near the threshold both outputs rise together before one falls back.
    """
    apart = sign * (w["v(qp)"] - w["v(qn)"])[decision.inside]
    if apart[-1] <= half:
        return None
    return reached(decision.t, apart, half)


def _kick(w: Waveforms, decisions: tuple[Decision, Decision]) -> dict[str, float]:
    mean, difference = (w["v(ip)"] + w["v(in)"]) / 2, w["v(ip)"] - w["v(in)"]
    moved = {"kick_common": 0.0, "kick_diff": 0.0}
    for decision in decisions:
        for key, signal in (("kick_common", mean), ("kick_diff", difference)):
            before = float(np.interp(decision.start, w.axis, signal))
            moved[key] = max(moved[key], float(np.abs(signal[decision.inside] - before).max()))
    return moved


def _integration(
    w: Waveforms, setup: Setup[StrongArm, Decide], first: Decision, second: Decision, tau: float
) -> dict[str, float]:
    """Return gm, duration and gain of the integration phase, and the noise by its formula."""
    # The decision that parts its drains further shows the end of the integration more clearly.
    end, _ = max(
        (parting(w, decision) for decision in (first, second)), key=lambda instant_and_volts: instant_and_volts[1]
    )
    # From both decisions, so that an offset drops out.
    apart = [np.interp(end, x.t, (w["v(db)"] - w["v(da)"])[x.inside]) for x in (first, second)]
    gain = abs(float(apart[0] - apart[1])) / (2 * setup.inputs.v_diff)
    gm, weight, t = weights(w, first, end, tau)
    # What is integrated by then sits on the drains; what comes later counts less and less.
    early = t <= end
    integrated, all_in = (float(np.trapezoid(weight[part], t[part])) for part in (early, slice(None)))
    kt = BOLTZMANN * setup.conditions.kelvin
    pair = 4 * kt * setup.circuit.gamma * float(np.trapezoid(weight**2 / np.maximum(gm, 1e-12), t))
    return {
        "gm_pair": integrated / end,
        "t_integration": end,
        "gain_integration": gain,
        "v_noise": math.sqrt(pair + 2 * kt * integrated / gain) / all_in,
    }


def operation(circuit: StrongArm) -> Operation:
    """Return one decision as data."""
    energy = Energy(
        variable="energy_decision",
        event="one decision: clock up, decide, clock down, precharged again",
        includes=("comparator", "clock driver", "output inverters"),
        excludes=("timing generation", "input source"),
        convention="supply integral over two decisions with their resets, halved; state restored; the clock driver's "
        "gates as C V^2 from VDD",
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one decision",
        energy=energy,
        latency="latency",
        success=Success("decision", 1.0),
        pins=Pins("CLK", "clock up", ("QP", "QN"), "latency", inputs=("INP", "INN")),
    )


BENCH = Bench(
    name="decide",
    version=3,
    doc="one decision of the comparator: latency, energy, kickback",
    circuits=(StrongArm,),
    inputs=Decide,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    scope={"noise": "formula of the integration phase; bench noise checks its largest term by transient noise"},
    operation=operation,
    supplies=_SUPPLIES,
)
