"""Transfer bench of the QS column: one full MAC cycle per code, its voltage, energy and disturb."""

from __future__ import annotations

import numpy as np

from bitline.benches.acim.operands import CONVENTION, LINE_OUTPUTS, TRANSFER_DOC, MacCode
from bitline.benches.acim.tables import acim_tables
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.precharged import (
    CONTROL_SAVES,
    ENERGY_OUTPUTS,
    disturbed,
    energies,
    precharged_cycle,
    row_inputs,
    row_saves,
)
from bitline.benches.precharged import SUPPLIES as CYCLE_SUPPLIES
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.lut.operation import Energy, Operation, Supplies, uniform_bits
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    *LINE_OUTPUTS,
    *ENERGY_OUTPUTS,
    Output("energy_timing", "J", "replica line, its row and the buffers that end the pulse: this column's share"),
    Output("disturb", "V", "largest excursion of a storage node of an active row"),
    Output("flips", "1", "active cells that changed state"),
    Output("headroom", "V", "line at the sampling instant less the word line's top: above 0 access is saturated"),
    Output("t_wordline", "s", "width of the word-line pulse at the first row's cell, at half of v_wl"),
)
SUPPLIES = Supplies({**CYCLE_SUPPLIES.counted, "energy_timing": ("vrep", "vrwl", "vstart", "vrpre")})
_TIMING_SAVES = ("i(vrep)", "i(vrwl)", "v(start)", "i(vstart)", "v(rpre)", "i(vrpre)", "v(rline)")
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
    timing = _TIMING_SAVES if circuit.timing == "replica" else ()
    cells = [f"v({node}{r})" for r in range(circuit.active) for node in ("q", "qb")]
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=(*_SHOWN, "i(vdd)", "i(vpre)", *CONTROL_SAVES, *row_saves(_inputs(circuit)), *timing, *cells),
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


def _inputs(circuit: AcimColumnQS) -> list[str]:
    """Return the nodes of the drivers' inputs that ideal sources drive: none where the replica's buffers do."""
    return row_inputs(circuit.active) if circuit.timing == "fixed" else []


def measure(w: Waveforms, setup: Setup[AcimColumnQS, MacCode]) -> dict[str, float]:
    """Measure one QS cycle; energies are supply integrals over the whole cycle, state restored.

    With replica timing the line is sampled `t_settle` after the word line has fallen: what ends the pulse starts
    the sampler as well.

    Raises
    ------
    BadMeasureError
        If the replica did not end the pulse within `t_pulse`.
    """
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    rise, fall = _wordline_edges(w, circuit.v_wl)
    sample = w.marks["sample"]
    if circuit.timing == "replica":
        if not rise < fall < w.marks["sample"] - circuit.t_settle - circuit.t_edge:
            raise BadMeasureError(f"the replica did not end the pulse within t_pulse = {circuit.t_pulse:g} s")
        sample = fall + circuit.t_settle
    v_line = w.at("v(line)", sample)
    disturb, flips = disturbed(w, [str(r) for r in range(circuit.active)])
    return {
        "v_line": v_line,
        "swing": w.at("v(line)", w.marks["pulse"]) - v_line,
        **energies(w, setup, w.energy("vdd", vdd, 0.0, stop), _inputs(circuit)),
        "energy_timing": _timing_energy(w, setup),
        "disturb": disturb,
        "flips": flips,
        "headroom": v_line - float(np.max(w["v(wl0)"])),
        "t_wordline": fall - rise,
    }


def _wordline_edges(w: Waveforms, v_wl: float) -> tuple[float, float]:
    """Return when the first row's word line rises and falls through half of `v_wl` [s]; equal if it never does."""
    rises, falls = (w.crossings("v(wl0)", v_wl / 2, rising=rising) for rising in (True, False))
    if not rises or not falls or falls[0] < rises[0] or falls[-1] < rises[-1]:
        return 0.0, 0.0
    return rises[0], falls[-1]


def _timing_energy(w: Waveforms, setup: Setup[AcimColumnQS, MacCode]) -> float:
    """Return this column's share of what the replica's timing takes [J]; 0 with a fixed pulse."""
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    if circuit.timing == "fixed":
        return 0.0
    supplies = w.energy("vrep", vdd, 0.0, stop) + w.energy("vrwl", circuit.v_wl, 0.0, stop)
    gates = w.driver_energy("vstart", "start", 0.0, stop) + w.driver_energy("vrpre", "rpre", 0.0, stop)
    # One replica line and row time the pulse of all columns.
    return (supplies + gates) / circuit.columns


def operation(circuit: AcimColumnQS) -> Operation:
    """Return one MAC cycle as data."""
    replica = circuit.timing == "replica"
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one column: `active` rows pulsed, line precharged again",
        includes=("cell", "precharge", "wl_driver", "control", *(("timing",) if replica else ())),
        excludes=("dac", "sense", "adc", "predrivers", *(() if replica else ("timing generation",))),
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
    version=3,
    doc=TRANSFER_DOC,
    circuits=(AcimColumnQS,),
    inputs=MacCode,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=acim_tables(OUTPUTS),
    scope={"sigma": "static mismatch of all transistors but those of idle cells; temporal noise is in table noise"},
    operation=operation,
    supplies=SUPPLIES,
)
