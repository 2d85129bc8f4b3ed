"""Transfer bench of the 8T column: one full MAC cycle per code, its voltage, energy and disturb."""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.precharged import (
    CONTROL_SAVES,
    ENERGY_OUTPUTS,
    SUPPLIES,
    disturbed,
    energies,
    precharged_cycle,
    row_saves,
    settling_time,
)
from bitline.benches.reducers import code_tables
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Energy, Operation, Pins, Success, uniform_bits
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline_lab.column_8t import Column8T


@validated
class ReadCode:
    """What the bench varies."""

    code: int = parameter(4, "number of active rows that store 1", source="choice", ge=0, le=256)


OUTPUTS = (
    Output("v_line", "V", "read bit line at the sampling instant"),
    Output("swing", "V", "line before the pulse minus line at the sampling instant"),
    *ENERGY_OUTPUTS,
    Output("disturb", "V", "largest excursion of a storage node of an active row"),
    Output("flips", "1", "active cells that changed state"),
    Output("latency", "s", "from the pulse's begin until the line stays within 1 mV of what is sampled"),
)


def deck(circuit: Column8T, conditions: Conditions, inputs: ReadCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with `inputs.code` discharging cells."""
    if inputs.code > circuit.active:
        raise InputError(f"transfer: code = {inputs.code}: must be <= active = {circuit.active}")
    t, devices = precharged_cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "lab/column_8t_transfer.cir.j2", devices, circuit=circuit, t=t, vdd=conditions.vdd, code=inputs.code
    )
    supplies = ("i(vdd)", "i(vpre)", *CONTROL_SAVES, *row_saves(_rows(circuit)))
    cells = [f"v({node}{r})" for r in range(circuit.active) for node in ("q", "qb")]
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=("v(rbl)", "v(preb)", "v(rwl0)", *supplies, *cells),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _rows(circuit: Column8T) -> list[str]:
    return [f"in{r}" for r in range(circuit.active)]


def measure(w: Waveforms, setup: Setup[Column8T, ReadCode]) -> dict[str, float]:
    """Measure one cycle; energies are supply integrals over the whole cycle, state restored."""
    v_line = w.at("v(rbl)", w.marks["sample"])
    array = w.energy("vdd", setup.conditions.vdd, 0.0, float(w.axis[-1]))
    disturb, flips = disturbed(w, [str(r) for r in range(setup.circuit.active)])
    return {
        "v_line": v_line,
        "swing": w.at("v(rbl)", w.marks["pulse"]) - v_line,
        **energies(w, setup, array, _rows(setup.circuit)),
        "disturb": disturb,
        "flips": flips,
        "latency": settling_time(w, "v(rbl)"),
    }


def operation(circuit: Column8T) -> Operation:
    """Return one MAC cycle as data: all that exporters, figures and accounts must know of this column."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one column: `active` rows pulsed, line precharged again",
        includes=("cell", "precharge", "wl_driver", "control"),
        excludes=("sense", "adc", "timing generation"),
        convention="supply integrals over the whole cycle, state restored at its end; gates that an "
        "ideal source pulses are counted as C V^2 from VDD; word-line energy is the column's share, 1/columns of the "
        "rows'",
        components={"row_drivers": "read word lines", "column_drivers": "precharge", "cells": "cells"},
        beyond=("the ADC",),
        supplies=SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a column",
        energy=energy,
        operands=uniform_bits("code", circuit.active),
        cycle=precharged_cycle(circuit).end,
        success=Success("flips", 0.0),
        pins=Pins("MAC", "begin of the word-line pulse", ("RBL",), "latency", analog=True),
    )


BENCH = Bench(
    name="transfer",
    version=1,
    doc="one MAC cycle per code: line voltage, energy by supply, read disturb, settling",
    circuits=(Column8T,),
    inputs=ReadCode,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=code_tables(OUTPUTS),
    scope={"sigma": "static mismatch of every transistor; temporal noise is in table noise"},
    operation=operation,
    supplies=SUPPLIES,
)
