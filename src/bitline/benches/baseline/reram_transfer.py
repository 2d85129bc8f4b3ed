"""Transfer bench of the ReRAM column: the currents of one MAC cycle added up on an ideal virtual ground."""

from __future__ import annotations

from bitline.benches.accuracy import LEAKAGE
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.netlist import netlist
from bitline.benches.precharged import row_energy, row_inputs, row_saves
from bitline.benches.reducers import code_tables
from bitline.benches.schedule import Schedule
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.netlist import Netlist
from bitline.circuits.render import render_circuit
from bitline.circuits.reram_column import ReramColumn
from bitline.devices.reram import Level
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Energy, Operation, Supplies, uniform_bits
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("v_line", "V", "integrator at the sampling instant"),
    Output("swing", "V", "integrator before the pulse minus integrator at the sampling instant: negative"),
    Output("energy_read", "J", "read supply of the line over one cycle"),
    Output("energy_wordline", "J", "row drivers, supplies and gates, over one cycle: this column's share of all rows"),
    Output("energy_integrator", "J", "the integrated charge once more from VDD (estimated: the circuit is ideal)"),
    Output("i_peak", "A", "line current at the middle of the pulse"),
)
_SUPPLIES = Supplies({"energy_read": ("vread",), "energy_wordline": ("vwl", "vwd", "vin*")})


def cycle(circuit: ReramColumn) -> Schedule:
    """Return the schedule of one MAC cycle.

    Raises
    ------
    InputError
        If the pulse would have no width.
    """
    c = circuit
    if c.t_pulse <= c.t_edge:  # a SPICE pulse of width zero never ends
        raise InputError(f"transfer: t_pulse = {c.t_pulse:g}: must be > t_edge = {c.t_edge:g}")
    t = {"pulse": c.t_before, "pulsed": c.t_before + c.t_pulse + c.t_edge}
    t["middle"] = t["pulse"] + c.t_pulse / 2
    t["sample"] = t["pulsed"] + c.t_settle
    phases = (
        Phase("idle", 0.0, t["pulse"]),
        Phase("integrate", t["pulse"], t["pulsed"]),
        Phase("settle", t["pulsed"], t["sample"]),
    )
    return Schedule(t, t["sample"] + c.t_after, phases, marked=("pulse", "middle", "sample"))


def deck(circuit: ReramColumn, conditions: Conditions, inputs: BinaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with `inputs.code` conducting rows."""
    operands = inputs.operands(circuit.active)
    t, devices = cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/reram_column_transfer.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        resistances=resistances(circuit, [weight for weight, _ in operands], devices),
        pulsed=[r for r, (_, x) in enumerate(operands) if x],
    )
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, zeros by {inputs.zeros}, {conditions}",
        body=body,
        saves=("v(int)", "v(line)", "v(wl0)", "i(vread)", *row_saves(row_inputs(circuit.active))),
        analysis=Transient(t.end),
        options=LEAKAGE,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def resistances(circuit: ReramColumn, weights: list[int], devices: Netlist) -> list[float]:
    """Draw the ReRAMs' resistances [Ohm], before any transistor draws."""
    levels: list[Level] = ["lrs" if weight else "hrs" for weight in weights]
    reram = circuit.reram
    return [devices.lognormal(f"r{k}", reram.resistance(v), reram.sigma(v)) for k, v in enumerate(levels)]


def measure(w: Waveforms, setup: Setup[ReramColumn, BinaryMac]) -> dict[str, float]:
    """Measure one cycle; what flows before the pulse is no part of the sample."""
    circuit, vdd = setup.circuit, setup.conditions.vdd
    stop, before = float(w.axis[-1]), w.at("v(int)", w.marks["pulse"])
    v_line = w.at("v(int)", w.marks["sample"]) - before
    v_row = circuit.v_wl if circuit.access == "transistor" else circuit.v_read
    return {
        "v_line": v_line,
        "swing": -v_line,
        "energy_read": w.energy("vread", circuit.v_read, 0.0, stop),
        "energy_wordline": row_energy(w, v_row, vdd, row_inputs(circuit.active), circuit.columns),
        # The mirror that a real integrator needs takes the line's charge once more, from VDD.
        "energy_integrator": vdd * circuit.c_int * v_line,
        "i_peak": -w.at("i(vread)", w.marks["middle"]),
    }


def operation(circuit: ReramColumn) -> Operation:
    """Return one MAC cycle as data."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one line: inputs pulsed, current integrated",
        includes=("read", "wl_driver", "integrator"),
        excludes=("amplifier of the virtual ground", "adc", "predrivers", "timing generation"),
        convention="supply integrals over the whole cycle; virtual ground and integrator are ideal, the integrator's "
        "charge is counted once from VDD; input-line energy is the column's share, 1/columns of the rows', with the "
        "drivers' gates as C V^2 from VDD",
        components={"row_drivers": "input lines", "cells": "read current", "the integrator": "estimated"},
        beyond=("the virtual ground's amplifier", "the ADC"),
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a column",
        energy=energy,
        operands=uniform_bits("code", circuit.active),
        cycle=cycle(circuit).end,
    )


BENCH = Bench(
    name="transfer",
    version=2,
    doc="one MAC cycle per code: integrated current as a voltage, energy by supply",
    circuits=(ReramColumn,),
    inputs=BinaryMac,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=code_tables(OUTPUTS),
    scope={
        "sigma": "static mismatch of all transistors and ReRAMs but idle rows'; temporal noise is in table noise",
    },
    operation=operation,
    supplies=_SUPPLIES,
)
