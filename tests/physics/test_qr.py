"""The QR column against charge redistribution: V = V_CM + sum C_u p V_in / (N C_u + C_par)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.netlists import netlist
from bitline.benches.transfer import MacCode, qr_deck, qr_measure
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.deck import Deck
from bitline.circuits.render import environment, render_circuit
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms
from bitline.statistics.intervals import sigma
from bitline.statistics.linearity import inl

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
iline 0 line pwl(0 0 2e-9 0 2.01e-9 {{ current }})
"""


@pytest.fixture(scope="module")
def cycles(sky130: Pdk, run: Run) -> list[Waveforms]:
    """One nominal cycle per code."""
    decks = [qr_deck(COLUMN, Conditions(), MacCode(code=m), sky130) for m in range(N + 1)]
    return [run(with_accuracy(deck, "default")) for deck in decks]


@pytest.fixture(scope="module")
def v_line(cycles: list[Waveforms]) -> np.ndarray:
    return np.array([qr_measure(w)["v_line"] for w in cycles])


def line_capacitance(v_from: float, v_to: float, pdk: Pdk, run: Run) -> float:
    """Extract the line's mean capacitance between two voltages, by the charge it takes."""
    template = environment().from_string(INJECTION)
    body = render_circuit(template, netlist(Conditions(), pdk), circuit=COLUMN, current=CURRENT)
    waves = run(with_accuracy(Deck("injection", body, ("v(line)",), stop=40e-9), "default"))
    ramp = waves.axis > 2.1e-9
    when = np.interp([v_from, v_to], waves["v(line)"][ramp], waves.axis[ramp])
    return CURRENT * float(when[1] - when[0]) / (v_to - v_from)


def test_transfer_is_linear(v_line: np.ndarray) -> None:
    """INL below 0.5 % of full scale: what is left is the voltage dependence of junctions and gates."""
    assert np.max(np.abs(inl(v_line))) / N < 0.005
    assert np.all(np.diff(v_line) > 0)


def test_transfer_follows_the_formula(v_line: np.ndarray, sky130: Pdk, run: Run) -> None:
    """Every code within 0.5 % of full scale of m C_u V_in / C, from the level the reset leaves.

    That level lies below V_CM by the reset switch's charge injection and clock feedthrough.
    """
    c_line = line_capacitance(v_line[0], v_line[-1], sky130, run)
    assert c_line > N * COLUMN.c_unit * (1 + COLUMN.c_par_ratio) + COLUMN.c_par_fixed
    expected = v_line[0] + np.arange(N + 1) * COLUMN.c_unit * COLUMN.v_in / c_line
    assert np.max(np.abs(v_line - expected)) < 0.005 * (v_line[-1] - v_line[0])
    assert COLUMN.v_cm - 0.03 < v_line[0] < COLUMN.v_cm


def test_line_and_plates_are_restored(cycles: list[Waveforms]) -> None:
    for w in cycles:
        assert w["v(line)"][-1] == pytest.approx(w["v(line)"][0], abs=1e-3)
        assert w["v(plate0)"][-1] == pytest.approx(w["v(plate0)"][0], abs=1e-3)


def test_drive_energy_is_the_charge_of_the_plates(cycles: list[Waveforms]) -> None:
    """m plates driven to V_in against the other N - m and C_par in series, plus driver overlap:

    E = V_in^2 m C_u (C - m C_u) / C for the network; the drivers' own capacitance adds m of it each.
    """
    energy = np.array([qr_measure(w)["energy_drive"] for w in cycles])
    codes = np.arange(N + 1)
    c_line = 24.5e-15  # as extracted above, its tenth does not matter here
    network = COLUMN.v_in**2 * codes * COLUMN.c_unit * (c_line - codes * COLUMN.c_unit) / c_line
    own = (energy - network)[1:] / codes[1:]
    assert np.all(own > 0)
    assert np.ptp(own) < 0.05 * np.mean(own)  # the same for every driver that switches


def theory_sigma(circuit: AcimColumnQR, code: int, c_line: float) -> float:
    """Standard deviation of V by capacitor spread alone, to first order.

    V = V_CM + V_in S / C with S the sum of the `code` driven capacitors and C all on the line. A driven
    one enters both: dV/dC_k = V_in (C - S)/C^2; an idle one C only: dV/dC_k = -V_in S/C^2. With
    sigma_C = kappa sqrt(C_u) each (the square-root law: C_u and kappa^2 in fF),
    sigma_V = V_in sigma_C sqrt(m (C - S)^2 + (N - m) S^2) / C^2.
    """
    sigma_c = circuit.kappa * math.sqrt(circuit.c_unit * 1e15) * 1e-15
    driven, n = code * circuit.c_unit, circuit.inputs
    variance = code * (c_line - driven) ** 2 + (n - code) * driven**2
    return circuit.v_in * sigma_c * math.sqrt(variance) / c_line**2


@pytest.mark.parametrize("code", [1, 4])
def test_mismatch_follows_the_square_root_law(code: int, sky130: Pdk, run: Run) -> None:
    """Within 10 %, from 300 samples (interval +-8 %), capacitor spread dominating the transistors'."""
    circuit = AcimColumnQR(inputs=4, kappa=0.15, c_par_fixed=0.0, c_par_ratio=0.5)
    deck = [
        qr_deck(circuit, Conditions(sample=sample), MacCode(code=code), sky130) for sample in range(1, 301)
    ]
    v = [qr_measure(run(with_accuracy(d, "fast")))["v_line"] for d in deck]
    # C_par of the switch and its dummy, from the nominal step
    nominal = [qr_measure(run(qr_deck(circuit, Conditions(), MacCode(code=m), sky130)))["v_line"] for m in (0, 4)]
    c_line = 4 * circuit.c_unit * circuit.v_in / (nominal[1] - nominal[0])
    spread = sigma(v)
    print(code, spread, theory_sigma(circuit, code, c_line))
    assert float(spread.value) == pytest.approx(theory_sigma(circuit, code, c_line), rel=0.1)
