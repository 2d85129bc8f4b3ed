"""Convert bench of the SAR converter: one conversion of two voltages, sampled, decided bit by bit, sampled again.

Beside the code each decision's *level* is measured: the input difference minus the top plates' difference just
before the decision, that is the threshold that the DAC offers it, referred to the input. With the code's leading
bits it names one of the 2^bits - 1 thresholds, so one conversion measures `bits` of them and a sweep over the
codes' middles all, without a search. What the comparator adds (its offset) is not in them: bench `decide`.

The bits that a conversion decided against its own levels (noise, offset, too little time) show in the code alone.

With `v_noise` or `v_sampled` a source in series with the comparator's plus input adds one draw a decision
(`bitline.benches.sar.noise`). It comes behind the top plates, so that the levels do not contain it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.sar.decisions import Decisions, decisions, kept_nodes
from bitline.benches.sar.noise import drawn_noise
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
    v_noise: float = parameter(
        0.0, "noise of each decision, rms at the comparator's input", unit="V", source="choice", ge=0, le=1
    )
    v_sampled: float = parameter(
        0.0, "noise that is sampled with the input, rms of the difference", unit="V", source="choice", ge=0, le=1
    )
    noise_seed: int = parameter(1, "seed of the noise, with the chip's seed, sample and input", source="choice", ge=0)

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
    Output("energy_logic", "J", "sequencing logic; estimated by counting standard cells where it is ideal or shared"),
    Output("energy_total", "J", "comparator, DAC and logic"),
    Output("t_conversion", "s", "from the end of sampling to the last bit"),
    Output("t_slowest", "s", "slowest decision, clock to output; all its time if one is not made; 0 for the ideal one"),
    Output(
        "t_margin", "s", "time left: to the slowest decision before the register closes, to a self-timed conversion"
    ),
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
        "benches/sar_convert.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        t=t,
        vdd=conditions.vdd,
        noise=_changes(noise(circuit, conditions, inputs)),
    )
    outputs: tuple[str, ...] = ()
    if circuit.decisions == "strongarm":
        outputs = ("v(qp)", "v(qn)", "i(vcmp)", "v(clkb)")
    if circuit.logic != "ideal":
        outputs = (*outputs, "i(vlog)")
    return Deck(
        title=f"{circuit.name} convert, {inputs.v_diff:g} V at {inputs.v_common:g} V, {conditions}",
        body=body,
        saves=(
            *("v(tp)", "v(tn)", "i(vdac)", "i(vref)", "i(vinp)", "i(vinn)", "v(smp)", "i(vsmp)"),
            *outputs,
            *(vector for source, node in _pulsed(circuit).items() for vector in (f"v({node})", f"i({source})")),
            *(f"v({node})" for node in kept_nodes(circuit)),
        ),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        # An ideal register keeps a decision as 0, 1 or -1.
        units={f"v({node})": "1" for node in kept_nodes(circuit) if circuit.logic == "ideal"},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def noise(circuit: SarAdc, conditions: Conditions, inputs: Convert) -> list[float]:
    """Return the noise that each decision sees [V], the first decision's first; empty without noise."""
    if inputs.v_noise == inputs.v_sampled == 0:
        return []
    chip = (conditions.seed, inputs.noise_seed), conditions.sample
    return drawn_noise(circuit.bits, *chip, inputs.v_diff, per_decision=inputs.v_noise, sampled=inputs.v_sampled)


def _changes(values: list[float]) -> list[float]:
    """Return the first value, and by how much each next one differs."""
    return [after - before for before, after in zip([0.0, *values], values, strict=False)]


def _pulsed(circuit: SarAdc) -> dict[str, str]:
    """Return the ideal sources that drive gates, and the node of each."""
    sources = {"vsmp": "smp"}
    if circuit.logic == "ideal":
        sources |= {f"bg{side}{k}": f"g{side}{k}" for k in range(circuit.bits - 1) for side in "pn"}
    if circuit.clocked:
        sources["vclk"] = "clkb"
    if circuit.logic == "synchronous":
        sources |= {f"ve{k}": f"e{k}" for k in range(circuit.bits)}
    return sources


def schedule(circuit: SarAdc) -> Schedule:
    """Return the schedule of one conversion; a phase "bit k" is the k-th decision, and marked ``bit_<k - 1>``.

    A self-timed converter decides in its own time: it has one phase, "convert".
    """
    if circuit.logic == "self-timed":
        return _self_timed(circuit)
    c = circuit
    first, period = c.t_sample + c.t_hold, c.t_evaluate + c.t_settle
    begins = [first + k * period for k in range(c.bits)]
    bits = [Phase(f"bit {k + 1}", begin, begin + c.t_evaluate) for k, begin in enumerate(begins)]
    t = {"hold": c.t_sample, **{f"bit_{k}": begin for k, begin in enumerate(begins)}}
    # The plates return once the last decision is kept; the inputs are sampled when they have settled.
    t["restore"] = t["converted"] = bits[-1].stop + 3 * c.t_edge
    t["sample"] = t["restore"] + c.t_settle / 2
    end = t["sample"] + c.t_sample
    phases = (Phase("sample", 0.0, t["hold"]), *bits, Phase("restore", t["restore"], end))
    kept = ("converted",) if c.logic == "synchronous" else ()
    return Schedule(t, end, phases, marked=(*(f"bit_{k}" for k in range(c.bits)), *kept))


def _self_timed(c: SarAdc) -> Schedule:
    t = {"hold": c.t_sample, "converted": c.t_sample + c.sequencer.t_convert}
    t["sample"] = t["converted"] + c.t_edge
    end = t["sample"] + c.t_sample
    phases = (
        Phase("sample", 0.0, t["hold"]),
        Phase("convert", t["hold"], t["converted"]),
        Phase("restore", t["sample"], end),
    )
    return Schedule(t, end, phases, marked=("hold", "converted"))


def measure(w: Waveforms, setup: Setup[SarAdc, Convert]) -> dict[str, float]:
    """Measure one conversion; energies are supply integrals over the whole cycle, state restored."""
    circuit, inputs, vdd = setup.circuit, setup.inputs, setup.conditions.vdd
    stop = float(w.axis[-1])
    t = schedule(circuit)
    made = decisions(w, circuit, vdd)
    levels = dict.fromkeys((f"level_{k + 1}" for k in range(MOST_BITS)), 0.0)
    levels |= {f"level_{k + 1}": _level(w, begin, inputs) for k, begin in enumerate(made.begins)}
    reference = w.energy("vref", circuit.v_ref, 0.0, stop)
    gates = _gate_energies(w, circuit)
    comparator = gates.get("clock", 0.0)
    if circuit.decisions == "strongarm":
        comparator += w.energy("vcmp", vdd, 0.0, stop)
    dac = reference + w.energy("vdac", vdd, 0.0, stop) + gates["dac"]
    logic = _logic_energy(w, circuit, vdd) + gates.get("enable", 0.0)
    return {
        "code": float(made.code),
        "resolved": float(made.resolved),
        "energy_comparator": comparator,
        "energy_dac": dac,
        "energy_reference": reference,
        "energy_input": w.energy("vinp", inputs.plus, 0.0, stop) + w.energy("vinn", inputs.minus, 0.0, stop),
        "energy_logic": logic,
        "energy_total": comparator + dac + logic,
        "t_conversion": min(made.done, t["converted"]) - t["hold"],
        "t_slowest": made.slowest,
        "t_margin": _time_left(circuit, t, made),
        **levels,
    }


def _gate_energies(w: Waveforms, circuit: SarAdc) -> dict[str, float]:
    """Return what drivers in the place of ideal sources take [J], by what they drive."""
    energies = {"dac": 0.0}
    for source, node in _pulsed(circuit).items():
        use = {"vc": "clock", "ve": "enable"}.get(source[:2], "dac")
        energies[use] = energies.get(use, 0.0) + w.driver_energy(source, node, 0.0, float(w.axis[-1]))
    return energies


def _logic_energy(w: Waveforms, circuit: SarAdc, vdd: float) -> float:
    """Return the energy [J] of the logic that is simulated, and of that which is counted."""
    if circuit.logic == "ideal":
        return circuit.c_logic * vdd**2
    simulated = w.energy("vlog", vdd, 0.0, float(w.axis[-1]))
    if circuit.logic == "synchronous":
        return simulated + circuit.c_sequencer * vdd**2
    return simulated


def _time_left(circuit: SarAdc, t: Schedule, made: Decisions) -> float:
    """Return the time left [s]: to the whole self-timed conversion, or to the slowest decision of a clocked one."""
    if circuit.logic == "self-timed":
        return max(t["converted"] - made.done, 0.0)
    taken = circuit.t_strobe if circuit.logic == "ideal" else 0.0
    return circuit.t_evaluate - taken - made.slowest


def _level(w: Waveforms, begin: float, inputs: Convert) -> float:
    # Just before the clock: the comparator's kick is not on the top plates yet.
    return inputs.plus - inputs.minus - (w.at("v(tp)", begin) - w.at("v(tn)", begin))


def reduce(results: pd.DataFrame, circuit: SarAdc) -> dict[str, xr.Dataset]:
    """Return the tables: conversions, and where the input was swept transitions with their linearity and spread."""
    from bitline.benches.sar.tables import sar_tables

    return sar_tables(results, circuit)


_SUPPLIES = Supplies(
    {
        "energy_comparator": ("vcmp", "vclk"),
        "energy_dac": ("vref", "vdac", "vsmp", "bgp*", "bgn*"),
        "energy_logic": ("vlog", "ve*"),
        "energy_input": ("vinp", "vinn"),
    }
)


_SEQUENCING = {
    "ideal": "sequencing (estimated)",
    "self-timed": "sequencing",
    "synchronous": "bit cells and a share of the shift register (estimated)",
}


def operation(circuit: SarAdc) -> Operation:
    """Return one conversion as data."""
    energy = Energy(
        variable="energy_total",
        event="one conversion: sampled, `bits` decisions, plates returned, sampled again",
        includes=("comparator", "clock driver", "dac", "reference", "sampling clocks", _SEQUENCING[circuit.logic]),
        excludes=("timing generation", "reference buffer", "input source"),
        convention="supply integrals over the whole cycle, state restored; the gates that ideal sources pulse as "
        "C V^2 from VDD; what is estimated by count of standard cells",
        supplies=_SUPPLIES,
        components={"adc": f"with its {_SEQUENCING[circuit.logic]}"},
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
    version=3,
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
