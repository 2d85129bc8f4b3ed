"""The QR column's transfer against charge redistribution: V = V_CM + sum C_u p V_in / (N C_u + C_par).

Its mismatch stands in test_columns.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qr_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.statistics.linearity import inl
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

N = 8
COLUMN = AcimColumnQR(inputs=N)
CURRENT = 1e-6

# The line in its evaluation state (switch off, plates low) with a known current into it.
INJECTION = """
{% include "columns/acim_column_qr.cir.j2" %}
vin vin 0 {{ circuit.v_in }}
vcm vcm 0 {{ circuit.v_cm }}
vctl vctl 0 1.8
vrst rst 0 pwl(0 1.8 1e-9 1.8 1.05e-9 0)
{% for k in range(circuit.inputs) %}
vd{{ k }} in{{ k }} 0 1.8
{% endfor %}
iline 0 line pwl(0 0 2e-9 0 2.001e-9 {{ current }})
"""


@pytest.fixture(scope="module")
def cycles(sky130: Pdk, run: Run) -> list[Waveforms]:
    """One nominal cycle per code."""
    decks = [qr_transfer.deck(COLUMN, Conditions(), MacCode(code=m), sky130) for m in range(N + 1)]
    return [run(with_accuracy(deck, "default")) for deck in decks]


@pytest.fixture(scope="module")
def v_line(cycles: list[Waveforms]) -> np.ndarray:
    return np.array([qr_transfer.measure(w, setup_of(COLUMN, MacCode()))["v_line"] for w in cycles])


def line_charge(volts: np.ndarray, pdk: Pdk, run: Run) -> np.ndarray:
    """Return the charge [C] that takes the line to each of these voltages, by injection."""
    template = environment().from_string(INJECTION)
    body = render_circuit(template, netlist(Conditions(), pdk), circuit=COLUMN, current=CURRENT)
    waves = run(with_accuracy(Deck("injection", body, ("v(line)",), Transient(40e-9)), "default"))
    ramp = waves.axis >= 2e-9
    return CURRENT * np.interp(volts, waves["v(line)"][ramp], waves.axis[ramp])


def test_transfer_is_linear(v_line: np.ndarray) -> None:
    """INL below 0.5 % of full scale: what is left is the voltage dependence of junctions and gates."""
    assert np.max(np.abs(inl(v_line))) / N < 0.005
    assert np.all(np.diff(v_line) > 0)


def test_transfer_follows_the_formula(v_line: np.ndarray, sky130: Pdk, run: Run) -> None:
    """Every code within 0.3 % of full scale of m C_u V_in / C, from the level the reset leaves.

    That level lies below V_CM by the reset switch's charge injection and clock feedthrough. The
    remainder is the line's voltage dependence: counted as charge, each code is right within 0.15 %.
    """
    charge = line_charge(v_line, sky130, run)
    c_line = (charge[-1] - charge[0]) / (v_line[-1] - v_line[0])
    assert c_line > N * COLUMN.c_unit * (1 + COLUMN.c_par_ratio) + COLUMN.c_par_fixed
    expected = v_line[0] + np.arange(N + 1) * COLUMN.c_unit * COLUMN.v_in / c_line
    assert np.max(np.abs(v_line - expected)) < 0.003 * (v_line[-1] - v_line[0])
    assert np.diff(charge) == pytest.approx(COLUMN.c_unit * COLUMN.v_in, rel=1.5e-3)
    assert COLUMN.v_cm - 0.03 < v_line[0] < COLUMN.v_cm


def test_line_and_plates_are_restored(cycles: list[Waveforms]) -> None:
    for w in cycles:
        assert w["v(line)"][-1] == pytest.approx(w["v(line)"][0], abs=1e-3)
        assert w["v(plate0)"][-1] == pytest.approx(w["v(plate0)"][0], abs=1e-3)


def test_drive_energy_is_the_charge_of_the_plates(cycles: list[Waveforms]) -> None:
    """Driven plates charge against the others and C_par in series: E = V_in^2 m C_u (C - m C_u) / C.

    The drivers' own capacitance comes on top, the same for each of the m that switch.
    """
    energy = np.array([qr_transfer.measure(w, setup_of(COLUMN, MacCode()))["energy_drive"] for w in cycles])
    codes = np.arange(N + 1)
    c_line = 24.6e-15  # as extracted above, its tenth does not matter here
    network = COLUMN.v_in**2 * codes * COLUMN.c_unit * (c_line - codes * COLUMN.c_unit) / c_line
    own = (energy - network)[1:] / codes[1:]
    assert np.all(own > 0)
    assert np.ptp(own) < 0.05 * np.mean(own)  # the same for every driver that switches
