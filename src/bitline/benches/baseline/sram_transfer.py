"""Transfer bench of the binary SRAM column: one full MAC cycle of one-bit weights and inputs."""

from __future__ import annotations

from bitline.benches.accuracy import MOSTLY_OFF
from bitline.benches.acim.operands import TRANSFER_DOC
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.netlist import netlist
from bitline.benches.precharged import (
    CONTROL_SAVES,
    ENERGY_OUTPUTS,
    SUPPLIES,
    disturbed,
    energies,
    precharged_cycle,
    row_inputs,
    row_saves,
    settling_time,
)
from bitline.benches.reducers import code_tables
from bitline.benches.ternary.cycle import CONVENTION, SCOPE
from bitline.circuits.analysis import Transient
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Energy, Operation, Pins, Success, uniform_bits
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("v_line", "V", "line at the sampling instant"),
    Output("swing", "V", "line before the pulse minus line at the sampling instant"),
    *ENERGY_OUTPUTS,
    Output("disturb", "V", "largest excursion of a storage node of a latched row"),
    Output("flips", "1", "latches that changed state"),
    Output("latency", "s", "from the pulse's begin until the line stays within 1 mV of what is sampled"),
)
_SUPPLIES = ("i(vdd)", "i(vone)", "i(vpre)", *CONTROL_SAVES)


def deck(circuit: BinarySramColumn, conditions: Conditions, inputs: BinaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with `inputs.code` discharging rows."""
    operands = inputs.operands(circuit.active)
    t, devices = precharged_cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/binary_transfer.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        weights=[weight for weight, _ in operands],
        pulsed=[r for r, (_, x) in enumerate(operands) if x],
    )
    cells = [f"v({node}{r})" for r in range(circuit.latched) for node in ("q", "qb")]
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, zeros by {inputs.zeros}, {conditions}",
        body=body,
        saves=("v(line)", "v(preb)", "v(wl0)", *_SUPPLIES, *row_saves(row_inputs(circuit.active)), *cells),
        analysis=Transient(t.end),
        options=MOSTLY_OFF,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[BinarySramColumn, BinaryMac]) -> dict[str, float]:
    """Measure one cycle; energies are supply integrals over the whole cycle, state restored."""
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    v_line = w.at("v(line)", w.marks["sample"])
    array = circuit.active / circuit.latched * w.energy("vdd", vdd, 0.0, stop) + w.energy("vone", vdd, 0.0, stop)
    disturb, flips = disturbed(w, [str(r) for r in range(circuit.latched)])
    return {
        "v_line": v_line,
        "swing": w.at("v(line)", w.marks["pulse"]) - v_line,
        **energies(w, setup, array, row_inputs(circuit.active)),
        "disturb": disturb,
        "flips": flips,
        "latency": settling_time(w, "v(line)"),
    }


def operation(circuit: BinarySramColumn) -> Operation:
    """Return one MAC cycle as data."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one line: inputs pulsed, line precharged again",
        includes=("cell", "precharge", "wl_driver", "control"),
        excludes=("sense", "adc", "timing generation", "predrivers", "idle drivers' leakage"),
        convention=CONVENTION,
        components={"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"},
        beyond=("the ADC",),
        supplies=SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a column",
        energy=energy,
        operands=uniform_bits("code", circuit.active),
        cycle=precharged_cycle(circuit).end,
        success=Success("flips", 0.0),
        pins=Pins("MAC", "begin of the input pulse", ("LINE",), "latency", analog=True),
    )


BENCH = Bench(
    name="transfer",
    version=2,
    doc=TRANSFER_DOC,
    circuits=(BinarySramColumn,),
    inputs=BinaryMac,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=code_tables(OUTPUTS),
    scope=SCOPE,
    operation=operation,
    supplies=SUPPLIES,
)
