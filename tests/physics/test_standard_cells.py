"""Digital parts of standard cells in SPICE: right sums, energies by charge, slim cards equal to the library."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.base import Conditions, NoInputs
from bitline.benches.logic import accumulate, encode
from bitline.circuits.deck import Deck
from bitline.circuits.shift_adder import ShiftAdder
from bitline.circuits.ternary_encoder import TernaryEncoder
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]


def encoded(run: Run, pdk: Pdk, circuit: TernaryEncoder, *, full: bool = False) -> dict[str, float]:
    made = encode.deck(circuit, Conditions(), NoInputs(), pdk, full=full)
    return encode.measure(run(made), setup_of(circuit, NoInputs(), pdk=pdk))


def test_each_driver_behind_the_encoder_costs_its_charge(run: Run, sky130: Pdk) -> None:
    """Of nine transitions two raise `plus` and two `minus`: 4/9 C V^2."""
    small, large = (encoded(run, sky130, TernaryEncoder(c_driver=c)) for c in (5e-15, 15e-15))
    assert small["right"] == large["right"] == 1.0
    assert large["energy_total"] - small["energy_total"] == pytest.approx(4 / 9 * 10e-15 * 1.8**2, rel=0.03)


def test_slim_standard_cells_equal_the_full_library(run: Run, sky130: Pdk) -> None:
    slim, full = (encoded(run, sky130, TernaryEncoder(), full=full) for full in (False, True))
    assert slim == pytest.approx(full, rel=1e-6)


@pytest.mark.parametrize(
    ("corner", "unit"),
    [
        (Corner.ss, ShiftAdder(bits=3, digits=3)),
        (Corner.fs, ShiftAdder(bits=3, digits=3)),
        (Corner.ss, ShiftAdder(radix=3, bits=2, digits=3)),
    ],
    ids=["bits, ss", "bits, fs", "trits, ss"],
)
def test_sums_are_right(corner: Corner, unit: ShiftAdder, run: Run, sky130: Pdk) -> None:
    """Three codes of 2 or 3 bits; a clock that is too fast for the carry is not called right."""
    inputs, conditions = accumulate.Accumulate(code_seed=3), Conditions(corner=corner)
    for period, right in ((4e-9, 1.0), (0.6e-9, 0.0)):
        circuit = unit.replace(t_clock=period)
        made = accumulate.deck(circuit, conditions, inputs, sky130)
        values = accumulate.measure(run(made), setup_of(circuit, inputs, conditions, sky130))
        assert values["right"] == right
        if right:
            assert 0 < values["t_critical"] < period


def test_the_wires_of_the_trit_unit_cost_the_charge_of_their_swings(run: Run, sky130: Pdk) -> None:
    """C V^2 for each rise of a net, glitches in part: counted on the waveforms of every net that has a wire."""
    inputs, energies, swings = accumulate.Accumulate(code_seed=3), [], []
    for c_net in (1e-15, 4e-15):
        circuit = ShiftAdder(radix=3, bits=2, digits=3, c_net=c_net)
        made = accumulate.deck(circuit, Conditions(), inputs, sky130)
        wires = re.findall(r"^cw\S+ (\S+) 0 ", made.body, re.MULTILINE)
        w = run(replace(made, saves=tuple(dict.fromkeys([*made.saves, "v(ckd)", *(f"v({net})" for net in wires)]))))
        energies.append(accumulate.measure(w, setup_of(circuit, inputs, pdk=sky130))["energy_logic"])
        counted = (w.axis >= w.marks["start"]) & (w.axis <= w.marks["start"] + circuit.digits * circuit.t_clock)
        rises = {net: np.maximum(np.diff(w[f"v({net})"][counted]), 0).sum() for net in ("ckd", *wires)}
        swings.append(circuit.flip_flops * rises.pop("ckd") + sum(rises.values()))
    expected = 3e-15 * 1.8 * np.mean(swings) / 3
    assert energies[1] - energies[0] == pytest.approx(expected, rel=0.1)
