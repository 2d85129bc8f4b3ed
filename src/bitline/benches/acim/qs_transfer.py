"""Transfer bench of the QS column: one full MAC cycle per code, its voltage, energy and disturb."""

from __future__ import annotations

from bitline.benches.acim.operands import CONVENTION, LINE_OUTPUTS, TRANSFER_DOC, MacCode
from bitline.benches.acim.tables import acim_tables
from bitline.benches.base import Bench, Conditions, Output, Setup
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
)
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Energy, Operation, uniform_bits
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    *LINE_OUTPUTS,
    *ENERGY_OUTPUTS,
    Output("disturb", "V", "largest excursion of a storage node of an active row"),
    Output("flips", "1", "active cells that changed state"),
)
_SHOWN = ("v(line)", "v(preb)", "v(wl0)")
# At ss, 1.62 V and -40 degC an LSB is 0.8 mV on a line of 1.6 V. There the preset's own tolerances err by 0.29 LSB, and
# a fifth of them, in 1.8 times the time, by 0.03 LSB.
_TOLERANCE = 0.2


def deck(circuit: AcimColumnQS, conditions: Conditions, inputs: MacCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one QS MAC cycle with `inputs.code` discharging cells."""
    if inputs.code > circuit.active:
        raise InputError(f"transfer: code = {inputs.code}: must be <= active = {circuit.active}")
    t, devices = precharged_cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qs_transfer.cir.j2", devices, circuit=circuit, t=t, vdd=conditions.vdd, code=inputs.code
    )
    cells = [f"v({node}{r})" for r in range(circuit.active) for node in ("q", "qb")]
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=(*_SHOWN, "i(vdd)", "i(vpre)", *CONTROL_SAVES, *row_saves(row_inputs(circuit.active)), *cells),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
        tolerance=_tolerance(conditions),
    )


def _tolerance(conditions: Conditions) -> float:
    # A spread is what chips differ by, and the solver errs alike in all of them: there the preset is enough.
    if conditions.sample or conditions.deviates:
        return 1.0
    return _TOLERANCE


def measure(w: Waveforms, setup: Setup[AcimColumnQS, MacCode]) -> dict[str, float]:
    """Measure one QS cycle; energies are supply integrals over the whole cycle, state restored."""
    v_line = w.at("v(line)", w.marks["sample"])
    array = w.energy("vdd", setup.conditions.vdd, 0.0, float(w.axis[-1]))
    disturb, flips = disturbed(w, [str(r) for r in range(setup.circuit.active)])
    return {
        "v_line": v_line,
        "swing": w.at("v(line)", w.marks["pulse"]) - v_line,
        **energies(w, setup, array, row_inputs(setup.circuit.active)),
        "disturb": disturb,
        "flips": flips,
    }


def operation(circuit: AcimColumnQS) -> Operation:
    """Return one MAC cycle as data."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one column: `active` rows pulsed, line precharged again",
        includes=("cell", "precharge", "wl_driver", "control"),
        excludes=("dac", "sense", "adc", "predrivers", "timing generation"),
        convention=f"{CONVENTION}; word-line energy is the column's share, 1/columns of the rows'",
        components={"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"},
        beyond=("the ADC",),
        supplies=SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a column",
        energy=energy,
        operands=uniform_bits("code", circuit.active),
        cycle=precharged_cycle(circuit).end,
    )


BENCH = Bench(
    name="transfer",
    version=2,
    doc=TRANSFER_DOC,
    circuits=(AcimColumnQS,),
    inputs=MacCode,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=acim_tables(OUTPUTS),
    scope={"sigma": "static mismatch of every transistor; temporal noise is in table noise"},
    operation=operation,
    supplies=SUPPLIES,
)
