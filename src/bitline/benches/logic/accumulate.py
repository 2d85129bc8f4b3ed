"""Accumulate bench of the shift-and-add unit: random codes added up, the sum, its energy and its time."""

from __future__ import annotations

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.levels import shows
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.circuits.shift_adder import ShiftAdder
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.lut.operation import Choices, Energy, Operation, Success, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class Accumulate:
    """What the accumulate bench varies."""

    code_seed: int = parameter(1, "seed of the codes, uniform and independent", source="choice", ge=0)

    def codes(self, circuit: ShiftAdder) -> list[int]:
        """Return the codes that are added up, in the order in which they come."""
        generator = np.random.Generator(np.random.PCG64(self.code_seed))
        return [int(code) for code in generator.integers(0, 2**circuit.bits, circuit.digits)]


OUTPUTS = (
    Output("right", "1", "1 if every bit of the sum is a clear 0 or 1 and the sum is right"),
    Output("energy_logic", "J", "adder, registers and clock buffer, per code"),
    Output("energy_inputs", "J", "clock pin, reset and code inputs, per code"),
    Output("energy_total", "J", "both, per code"),
    Output("t_critical", "s", "from the code's edge to the last change of the sum, the longest of all codes"),
)
_SUPPLIES = Supplies({"energy_logic": ("vdd",), "energy_inputs": ("vclk", "vrst", "vb*")})


def schedule(circuit: ShiftAdder) -> Schedule:
    """Return the schedule: two clocks in reset, then a clock a code, and half a clock to read the sum."""
    period = circuit.t_clock
    # Codes come right after an edge of the clock, as those of a register would.
    t = {"clock": period / 2, "start": 2 * period + period / 2 + 2 * circuit.t_edge}
    end = t["start"] + circuit.digits * period + period / 2
    codes = [Phase(f"code {k}", t["start"] + k * period, t["start"] + (k + 1) * period) for k in range(circuit.digits)]
    return Schedule(t, end, (Phase("reset", 0.0, t["start"]), *codes), marked=("start",))


def deck(circuit: ShiftAdder, conditions: Conditions, inputs: Accumulate, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one sum."""
    t, devices, codes = schedule(circuit), netlist(conditions, pdk, full=full), inputs.codes(circuit)
    body = render_circuit(
        "benches/shift_adder_accumulate.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        codes=codes,
        bits=[[code >> bit & 1 for bit in range(circuit.bits)] for code in codes],
    )
    return Deck(
        title=f"{circuit.name} accumulate, codes {codes}, {conditions}",
        body=body,
        saves=(
            "i(vdd)",
            *(vector for source, node in _driven(circuit).items() for vector in (f"v({node})", f"i({source})")),
            *(f"v({node})" for node in (*circuit.sums, *circuit.result)),
        ),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _driven(circuit: ShiftAdder) -> dict[str, str]:
    """Return the ideal sources that drive gates, and the node of each."""
    return {"vclk": "clk", "vrst": "rstb", **{f"vb{bit}": f"b{bit}" for bit in range(circuit.bits)}}


def measure(w: Waveforms, setup: Setup[ShiftAdder, Accumulate]) -> dict[str, float]:
    """Measure one sum; energies are of the codes' clocks, the reset's left out."""
    circuit, vdd = setup.circuit, setup.conditions.vdd
    t = schedule(circuit)
    start, stop = t["start"], t["start"] + circuit.digits * circuit.t_clock
    logic = w.energy("vdd", vdd, start, stop)
    inputs = sum(w.driver_energy(source, node, start, stop) for source, node in _driven(circuit).items())
    return {
        "right": float(_right(w, setup)),
        "energy_logic": logic / circuit.digits,
        "energy_inputs": inputs / circuit.digits,
        "energy_total": (logic + inputs) / circuit.digits,
        "t_critical": max(_settled(w, circuit, phase, vdd / 2) for phase in t.named("code")),
    }


def _right(w: Waveforms, setup: Setup[ShiftAdder, Accumulate]) -> bool:
    levels = [float(w[f"v({node})"][-1]) / setup.conditions.vdd for node in setup.circuit.result]
    codes = zip(setup.inputs.codes(setup.circuit), setup.circuit.weights, strict=True)
    expected = sum(code * weight for code, weight in codes)
    return shows(levels, expected)


def _settled(w: Waveforms, circuit: ShiftAdder, phase: Phase, half: float) -> float:
    """Return when the sum last changed after the code came [s]; 0 if it did not."""
    # The edge that takes the sum comes two input edges before the next code.
    inside = (w.axis > phase.start) & (w.axis < phase.stop - 2 * circuit.t_edge)
    if not inside.any():
        raise BadMeasureError(f"no point of the transient lies in {phase.name}")
    last = 0.0
    for node in circuit.sums:
        high = w[f"v({node})"][inside] > half
        changes = np.flatnonzero(high[1:] != high[:-1])
        if len(changes):
            last = max(last, float(w.axis[inside][changes[-1]]) - phase.start)
    return last


def operation(circuit: ShiftAdder) -> Operation:
    """Return one accumulation as data."""
    energy = Energy(
        variable="energy_total",
        event="one code added and shifted",
        includes=("adder", "registers", "clock buffer", "gates of its inputs"),
        excludes=("clock tree", "registers of the codes"),
        convention="supply integrals over whole clocks, averaged over the codes; inputs as C V^2",
        supplies=_SUPPLIES,
        components={},
        beyond=("the clock tree",),
    )
    return Operation(
        event="one code added and shifted",
        energy=energy,
        operands=Choices(("code_seed",)),
        cycle=circuit.t_clock,
        success=Success("right", 1.0),
    )


BENCH = Bench(
    name="accumulate",
    version=1,
    doc="random codes added up: sum, energy per code, critical path",
    circuits=(ShiftAdder,),
    inputs=Accumulate,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("nominal", OUTPUTS),
    operation=operation,
    supplies=_SUPPLIES,
)
