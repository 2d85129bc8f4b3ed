"""Transfer bench of the column DAC: one conversion per code, its voltage, settling and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.column_dac import ColumnDac
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Choices, Energy, Operation, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@validated
class DacCode:
    """What the transfer bench varies."""

    code: int = parameter(8, "code of the DAC", source="choice", ge=0, le=15)


OUTPUTS = (
    Output("v_line", "V", "output at the end of the conversion"),
    Output("t_settle", "s", "from the code until the output stays within a quarter of an ideal LSB of that"),
    Output("energy_reference", "J", "reference over one cycle: plates of the array, or current of the string"),
    Output("energy_control", "J", "drivers of switches and the gates of all drivers over one cycle"),
)
_SUPPLIES = Supplies({"energy_reference": ("vref",), "energy_control": ("vctl", "vrst", "vg*")})


def cycle(circuit: ColumnDac) -> Schedule:
    """Return the schedule of one conversion: reset off, code, output used, back to code 0, reset on."""
    c = circuit
    t = {"release": c.t_reset}
    t["released"] = t["release"] + c.t_edge
    t["convert"] = t["released"] + c.t_reset / 2
    t["converted"] = t["convert"] + c.t_edge
    t["use"] = t["convert"] + c.t_convert
    t["restore"] = t["use"] + 2 * c.t_edge
    t["restored"] = t["restore"] + c.t_edge
    t["held"] = t["restored"] + c.t_edge
    end = t["held"] + c.t_restore
    phases = (
        Phase("reset", 0.0, t["released"]),
        Phase("convert", t["convert"], t["use"]),
        Phase("restore", t["restore"], end),
    )
    return Schedule(t, end, phases, marked=("convert", "use"))


def deck(circuit: ColumnDac, conditions: Conditions, inputs: DacCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one conversion."""
    if inputs.code > circuit.top:
        raise InputError(f"transfer: code = {inputs.code}: must be <= 2^bits - 1 = {circuit.top}")
    t, devices = cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/column_dac_transfer.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        moved=_moved(circuit, inputs.code),
    )
    switch = {"capacitive": ("v(rst)", "i(vrst)"), "resistor-string": ()}[circuit.topology]
    gates = [vector for k in range(_gates(circuit)) for vector in (f"v(g{k})", f"i(vg{k})")]
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=("v(out)", "i(vref)", "i(vctl)", *switch, *gates),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _gates(circuit: ColumnDac) -> int:
    """Return how many control lines there are: one per group of capacitors, or per tap."""
    return circuit.bits if circuit.topology == "capacitive" else circuit.top + 1


def _moved(circuit: ColumnDac, code: int) -> tuple[int, ...]:
    """Return which groups of capacitors are driven, or which tap is connected in place of tap 0."""
    if circuit.topology == "capacitive":
        return tuple(k for k in range(circuit.bits) if code >> k & 1)
    return (code,) if code else ()


def measure(w: Waveforms, setup: Setup[ColumnDac, DacCode]) -> dict[str, float]:
    """Measure one conversion; energies are supply integrals over the whole cycle, state restored."""
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    gates = sum(w.driver_energy(f"vg{k}", f"g{k}", 0.0, stop) for k in range(_gates(circuit)))
    if circuit.topology == "capacitive":
        gates += w.driver_energy("vrst", "rst", 0.0, stop)
    return {
        "v_line": w.at("v(out)", w.marks["use"]),
        "t_settle": _settling(w, circuit.v_ref / 2**circuit.bits),
        "energy_reference": w.energy("vref", circuit.v_ref, 0.0, stop),
        "energy_control": w.energy("vctl", vdd, 0.0, stop) + gates,
    }


def _settling(w: Waveforms, lsb: float) -> float:
    """Return when the output was last a quarter of an LSB away from its value at the end, after the code came [s]."""
    convert, use = w.marks["convert"], w.marks["use"]
    inside = (w.axis > convert) & (w.axis < use)
    far = np.abs(w["v(out)"][inside] - w.at("v(out)", use)) > lsb / 4
    if not far.any():
        return 0.0
    return float(w.axis[inside][far][-1]) - convert


def reduce(results: pd.DataFrame, circuit: ColumnDac) -> dict[str, xr.Dataset]:
    """Return the tables: codes, the DAC's own figures, and with samples their spread."""
    from bitline.benches.dac.tables import dac_tables

    return dac_tables(results, OUTPUTS)


def operation(circuit: ColumnDac) -> Operation:
    """Return one conversion as data."""
    energy = Energy(
        variable="energy_total",
        event="one conversion: the code is applied and taken back",
        includes=("reference", "control"),
        excludes=("reference buffer", "decoder", "timing generation"),
        convention="supply integrals over the whole cycle, state restored at its end; gates that ideal sources pulse "
        "are counted as C V^2 from VDD",
        components={"dac": "without its reference buffer and decoder"},
        beyond=("the reference buffer", "the decoder"),
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one conversion",
        energy=energy,
        operands=Choices(("code",)),
        cycle=cycle(circuit).end,
        latency="t_settle",
    )


BENCH = Bench(
    name="transfer",
    version=1,
    doc="one conversion per code: output, settling, energy",
    circuits=(ColumnDac,),
    inputs=DacCode,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope={"sigma": "static mismatch of every transistor, capacitor and resistor"},
    operation=operation,
    supplies=_SUPPLIES,
)
