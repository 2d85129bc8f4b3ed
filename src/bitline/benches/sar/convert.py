"""Convert bench of the SAR converter: one conversion of two voltages, sampled, decided bit by bit, sampled again.

Beside the code each decision's *level* is measured: the input difference minus the top plates' difference just
before the decision, that is the threshold that the DAC offers it, referred to the input. With the code's leading
bits it names one of the 2^bits - 1 thresholds, so one conversion measures `bits` of them and a sweep over the
codes' middles all, without a search. What the comparator adds (its offset) is not in them: bench `decide`.

The bits that a conversion decided against its own levels (noise, offset, too little time) show in the code alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.circuits.sar_adc import SarAdc
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Choices, Energy, Operation, Pins, Success, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_BITS = 6
# How much of the difference the plus input moves up, and the minus input down.
_SHARES = {"differential": (0.5, 0.5), "single": (1, 0)}


@validated
class Convert:
    """What the convert bench varies."""

    v_diff: float = parameter(0.1, "input difference, plus minus minus", unit="V", source="choice", ge=-3, le=3)
    v_common: float = parameter(
        1.4, "mean of the inputs; with drive single, the minus input", unit="V", source="choice", ge=0, le=3
    )
    drive: Literal["differential", "single"] = parameter(
        "differential", "which inputs move: both, or plus alone", source="choice"
    )

    @property
    def plus(self) -> float:
        """Voltage of the plus input [V]."""
        return self.v_common + self.v_diff * _SHARES[self.drive][0]

    @property
    def minus(self) -> float:
        """Voltage of the minus input [V]."""
        return self.v_common - self.v_diff * _SHARES[self.drive][1]


OUTPUTS = (
    Output("code", "1", "the code, 0 for the most negative input"),
    Output("resolved", "1", "bits that the register took as a clear 0 or 1"),
    Output("energy_comparator", "J", "comparator and its clock driver, supply and the driver's gates, one conversion"),
    Output(
        "energy_dac", "J", "reference, drivers of bottom plates and sampling clocks with their gates, one conversion"
    ),
    Output("energy_reference", "J", "of that, the reference's"),
    Output("energy_input", "J", "what the inputs deliver as they are sampled again: the line's, not in energy_total"),
    Output("energy_logic", "J", "sequencing logic, estimated: standard cells counted, C V^2"),
    Output("energy_total", "J", "comparator, DAC and the estimated logic"),
    Output("t_conversion", "s", "from the end of sampling to the last bit"),
    Output("t_slowest", "s", "slowest decision, clock to output; t_evaluate if one is not made; 0 for the ideal one"),
    Output("t_margin", "s", "time left to the slowest decision before the register closes"),
    *(Output(f"level_{k + 1}", "V", f"input at which decision {k + 1} would be undecided") for k in range(MOST_BITS)),
)


def deck(circuit: SarAdc, conditions: Conditions, inputs: Convert, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one conversion."""
    for name, volts in (("plus", inputs.plus), ("minus", inputs.minus)):
        if volts < 0:
            raise InputError(f"convert: the {name} input is {volts:g} V: must be >= 0")
    t = schedule(circuit)
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/sar_convert.cir.j2", devices, circuit=circuit, inputs=inputs, t=t, vdd=conditions.vdd
    )
    outputs: tuple[str, ...] = ()
    if circuit.decisions == "strongarm":
        outputs = ("v(qp)", "v(qn)", "i(vcmp)", "v(clkb)", "i(vclk)")
    gates = [vector for gate in _gates(circuit) for vector in (f"v({gate})", f"i(b{gate})")]
    return Deck(
        title=f"{circuit.name} convert, {inputs.v_diff:g} V at {inputs.v_common:g} V, {conditions}",
        body=body,
        saves=(
            *("v(tp)", "v(tn)", "i(vdac)", "i(vref)", "i(vinp)", "i(vinn)", "v(smp)", "i(vsmp)"),
            *outputs,
            *gates,
            *(f"v(r{k})" for k in range(circuit.bits)),
        ),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        # A decision is kept as 0, 1 or -1.
        units={f"v(r{k})": "1" for k in range(circuit.bits)},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _gates(circuit: SarAdc) -> list[str]:
    """Return the nodes of the bottom plates' drivers' inputs."""
    return [f"g{side}{k}" for k in range(circuit.bits - 1) for side in "pn"]


def schedule(circuit: SarAdc) -> Schedule:
    """Return the schedule of one conversion; a phase "bit k" is the k-th decision, and marked ``bit_<k - 1>``."""
    c = circuit
    first, period = c.t_sample + c.t_hold, c.t_evaluate + c.t_settle
    begins = [first + k * period for k in range(c.bits)]
    bits = [Phase(f"bit {k + 1}", begin, begin + c.t_evaluate) for k, begin in enumerate(begins)]
    t = {"hold": c.t_sample, **{f"bit_{k}": begin for k, begin in enumerate(begins)}}
    # The plates return once the last decision is kept; the inputs are sampled when they have settled.
    t["restore"] = bits[-1].stop + 3 * c.t_edge
    t["sample"] = t["restore"] + c.t_settle / 2
    end = t["sample"] + c.t_sample
    phases = (Phase("sample", 0.0, t["hold"]), *bits, Phase("restore", t["restore"], end))
    return Schedule(t, end, phases, marked=tuple(f"bit_{k}" for k in range(c.bits)))


def measure(w: Waveforms, setup: Setup[SarAdc, Convert]) -> dict[str, float]:
    """Measure one conversion; energies are supply integrals over the whole cycle, state restored."""
    circuit, inputs, vdd = setup.circuit, setup.inputs, setup.conditions.vdd
    bits, stop = circuit.bits, float(w.axis[-1])
    t = schedule(circuit)
    register = [float(w[f"v(r{k})"][-1]) for k in range(bits)]
    comparator = slowest = 0.0
    if "i(vcmp)" in w.signals:
        comparator = w.energy("vcmp", vdd, 0.0, stop) + w.driver_energy("vclk", "clkb", 0.0, stop)
        slowest = max(_latency(w, k, circuit.t_evaluate, vdd / 2) for k in range(bits))
    levels = dict.fromkeys((f"level_{k + 1}" for k in range(MOST_BITS)), 0.0)
    levels |= {f"level_{k + 1}": _level(w, k, inputs) for k in range(bits)}
    reference = w.energy("vref", circuit.v_ref, 0.0, stop)
    gates = w.driver_energy("vsmp", "smp", 0.0, stop)
    gates += sum(w.driver_energy(f"b{gate}", gate, 0.0, stop) for gate in _gates(circuit))
    dac = reference + w.energy("vdac", vdd, 0.0, stop) + gates
    logic = circuit.c_logic * vdd**2
    return {
        "code": float(sum(2 ** (bits - 1 - k) for k, value in enumerate(register) if value > 0)),
        # The register goes to -1 or 1 within a tenth where the decision was made in time.
        "resolved": float(sum(abs(value) > 0.9 for value in register)),
        "energy_comparator": comparator,
        "energy_dac": dac,
        "energy_reference": reference,
        "energy_input": w.energy("vinp", inputs.plus, 0.0, stop) + w.energy("vinn", inputs.minus, 0.0, stop),
        "energy_logic": logic,
        "energy_total": comparator + dac + logic,
        "t_conversion": t.named("bit")[-1].stop - t["hold"],
        "t_slowest": slowest,
        "t_margin": circuit.t_evaluate - circuit.t_strobe - slowest,
        **levels,
    }


def _level(w: Waveforms, k: int, inputs: Convert) -> float:
    # Just before the clock: the comparator's kick is not on the top plates yet.
    instant = w.marks[f"bit_{k}"]
    return inputs.plus - inputs.minus - (w.at("v(tp)", instant) - w.at("v(tn)", instant))


def _latency(w: Waveforms, k: int, longest: float, half: float) -> float:
    """Return when the outputs are `half` the supply apart after the clock of bit k; `longest` if they stay close."""
    start = w.marks[f"bit_{k}"]
    inside = (w.axis >= start) & (w.axis <= start + longest)
    # Near a level both outputs rise together before one falls back: only their difference is a decision.
    apart = np.abs(w["v(qp)"] - w["v(qn)"])[inside]
    made = w.axis[inside][apart > half]
    if not len(made) or apart[-1] <= half:
        return longest
    return float(made[0]) - start


def reduce(results: pd.DataFrame, circuit: SarAdc) -> dict[str, xr.Dataset]:
    """Return the tables: conversions, and where the input was swept transitions with their linearity and spread."""
    from bitline.benches.sar.tables import sar_tables

    return sar_tables(results, circuit)


_SUPPLIES = Supplies(
    {
        "energy_comparator": ("vcmp", "vclk"),
        "energy_dac": ("vref", "vdac", "vsmp", "bgp*", "bgn*"),
        "energy_input": ("vinp", "vinn"),
    }
)


def operation(circuit: SarAdc) -> Operation:
    """Return one conversion as data."""
    energy = Energy(
        variable="energy_total",
        event="one conversion: sampled, `bits` decisions, plates returned, sampled again",
        includes=("comparator", "clock driver", "dac", "reference", "sampling clocks", "sequencing (estimated)"),
        excludes=("timing generation", "reference buffer", "input source"),
        convention="supply integrals over the whole cycle, state restored; the gates that ideal sources pulse as "
        "C V^2 from VDD; logic by count of standard cells",
        supplies=_SUPPLIES,
        components={"adc": "its sequencing estimated"},
        beyond=("the reference buffer",),
    )
    interface = Pins(
        start="CONVERT",
        edge="end of sampling",
        outputs=("D",),
        delay="t_conversion",
        inputs=("INP", "INN"),
        width=circuit.bits,
        setup=circuit.t_sample,
    )
    return Operation(
        event="one conversion",
        energy=energy,
        operands=Choices(("v_diff",)),
        cycle=schedule(circuit).end,
        latency="t_conversion",
        success=Success("resolved", float(circuit.bits)),
        pins=interface,
    )


BENCH = Bench(
    name="convert",
    version=2,
    doc="one conversion: code, energy, time",
    circuits=(SarAdc,),
    inputs=Convert,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    operation=operation,
    supplies=_SUPPLIES,
)
