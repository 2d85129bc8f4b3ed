"""Transfer bench of the ternary column: one full MAC cycle, its lines, energy, disturb and latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bitline.benches.base import Bench, Conditions
from bitline.benches.precharged import SUPPLIES, precharged_cycle
from bitline.benches.ternary.cycle import CONVENTION, OUTPUTS, SCOPE, cycle_deck, measure
from bitline.benches.ternary.operands import TernaryMac, canonical
from bitline.circuits.deck import Deck
from bitline.circuits.ternary_column import TernaryColumn
from bitline.lut.operation import Energy, Operation, Pins, Success, uniform_trits
from bitline.pdk.descriptor import Pdk

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def deck(circuit: TernaryColumn, conditions: Conditions, inputs: TernaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle."""
    plus, minus = inputs.products(circuit.rows)
    title = f"{circuit.name} transfer, products +1 {plus}, -1 {minus}, zeros by {inputs.zeros}, {conditions}"
    return cycle_deck(circuit, conditions, inputs.operands(circuit.rows), pdk, title, full=full)


def reduce(results: pd.DataFrame, circuit: TernaryColumn) -> dict[str, xr.Dataset]:
    """Return the tables: transfer over MAC value and mix, spread, sensing margin."""
    from bitline.benches.ternary.tables import ternary_tables

    return ternary_tables(results, circuit)


def operation(circuit: TernaryColumn) -> Operation:
    """Return one MAC cycle as data."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one pair of lines: inputs pulsed, both lines precharged again",
        includes=("cell", "precharge", "wl_driver", "control"),
        excludes=("sense", "adc", "timing generation", "ternary encoder", "predrivers", "idle drivers' leakage"),
        convention=CONVENTION,
        components={"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"},
        beyond=("the ADC",),
        supplies=SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a pair of lines",
        energy=energy,
        operands=uniform_trits("mac", circuit.rows, pairs="extra", output="v_diff"),
        cycle=precharged_cycle(circuit).end,
        success=Success("flips", 0.0),
        pins=Pins("MAC", "begin of the input pulse", ("CBL", "CBLB"), "latency", analog=True),
    )


BENCH = Bench(
    name="transfer",
    version=2,
    doc="one signed MAC cycle: both lines, their difference and common fall, energy by supply",
    circuits=(TernaryColumn,),
    inputs=TernaryMac,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=reduce,
    scope=SCOPE,
    operation=operation,
    supplies=SUPPLIES,
    canonical=canonical,
)
