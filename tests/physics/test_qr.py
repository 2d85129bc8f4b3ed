"""The QR column's transfer against charge redistribution: V = V_CM + sum C_u p V_in / (N C_u + C_par).

Its mismatch stands in test_columns.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.constants import Boltzmann
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qr_noise, qr_transfer
from bitline.benches.acim.operands import QrCode
from bitline.benches.base import Conditions, NoInputs
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk
from bitline.statistics.linearity import inl
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

N = 8
COLUMN = AcimColumnQR(inputs=N)
CURRENT = 1e-6
LINE_OF_A_UNIT = 0.091e-15  # of SKY130's mim, by layout rule

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

# The reset switch alone, source and drain held at V_CM while its gate rises: all that its gate takes.
GATE = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("switch", "nmos", "line", "gate", "line", "0", circuit.w_switch, circuit.length) -}}
vline line 0 {{ circuit.v_cm }}
vgate gate 0 pwl(0 0 1e-9 0 2e-9 1.8)
"""

# The reset switch off and its dummy on, alone, their line moved from the reset level to the end of the range.
OPENED = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("switch", "nmos", "line", "0", "vcm", "0", circuit.w_switch, circuit.length) -}}
{{ mos("dummy", "nmos", "line", "on", "line", "0", circuit.dummy_ratio * circuit.w_switch, circuit.length) -}}
vcm vcm 0 {{ circuit.v_cm }}
von on 0 1.8
vline line 0 pwl(0 {{ circuit.v_cm }} 1e-9 {{ circuit.v_cm }} 2e-9 {{ high }})
"""


@pytest.fixture(scope="module")
def cycles(sky130: Pdk, run: Run) -> list[Waveforms]:
    """One nominal cycle per code."""
    decks = [qr_transfer.deck(COLUMN, Conditions(), QrCode(code=m), sky130) for m in range(N + 1)]
    return [run(with_accuracy(deck, "default")) for deck in decks]


@pytest.fixture(scope="module")
def v_line(cycles: list[Waveforms]) -> np.ndarray:
    return np.array([qr_transfer.measure(w, setup_of(COLUMN, QrCode()))["v_line"] for w in cycles])


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
    """Every code within 0.4 % of full scale of m C_u V_in / C, from the level the reset leaves.

    That level lies below V_CM by the reset switch's charge injection and clock feedthrough. The
    remainder is the line's voltage dependence: counted as charge, each code is right within 0.2 %.
    """
    charge = line_charge(v_line, sky130, run)
    c_line = (charge[-1] - charge[0]) / (v_line[-1] - v_line[0])
    assert c_line > N * (COLUMN.c_unit + LINE_OF_A_UNIT) + COLUMN.c_par_fixed
    expected = v_line[0] + np.arange(N + 1) * COLUMN.c_unit * COLUMN.v_in / c_line
    assert np.max(np.abs(v_line - expected)) < 0.004 * (v_line[-1] - v_line[0])
    assert np.diff(charge) == pytest.approx(COLUMN.c_unit * COLUMN.v_in, rel=2e-3)
    assert COLUMN.v_cm - 0.03 < v_line[0] < COLUMN.v_cm


def test_line_and_plates_are_restored(cycles: list[Waveforms]) -> None:
    for w in cycles:
        assert w["v(line)"][-1] == pytest.approx(w["v(line)"][0], abs=1e-3)
        assert w["v(plate0)"][-1] == pytest.approx(w["v(plate0)"][0], abs=1e-3)


def test_drive_energy_is_the_charge_of_the_plates(cycles: list[Waveforms]) -> None:
    """Driven plates charge against the others and C_par in series: E = V_in^2 m C_u (C - m C_u) / C.

    The drivers' own capacitance comes on top, the same for each of the m that switch.
    """
    energy = np.array([qr_transfer.measure(w, setup_of(COLUMN, QrCode()))["energy_drive"] for w in cycles])
    codes = np.arange(N + 1)
    c_line = 25.5e-15  # as extracted above, its tenth does not matter here
    network = COLUMN.v_in**2 * codes * COLUMN.c_unit * (c_line - codes * COLUMN.c_unit) / c_line
    own = (energy - network)[1:] / codes[1:]
    assert np.all(own > 0)
    assert np.ptp(own) < 0.05 * np.mean(own)  # the same for every driver that switches


def gate_charge(circuit: AcimColumnQR, pdk: Pdk, run: Run) -> float:
    """Return the charge [C] that the reset switch's gate takes on its way to the supply."""
    body = render_circuit(environment().from_string(GATE), netlist(Conditions(), pdk), circuit=circuit)
    waves = run(with_accuracy(Deck("gate", body, ("i(vline)",), Transient(3e-9)), "reference"))
    return float(np.trapezoid(waves["i(vline)"], waves.axis))


def switch_capacitance(circuit: AcimColumnQR, high: float, pdk: Pdk, run: Run) -> float:
    """Return the capacitance [F] of the open switch and its dummy to a line between V_CM and `high` [V]."""
    body = render_circuit(environment().from_string(OPENED), netlist(Conditions(), pdk), circuit=circuit, high=high)
    waves = run(with_accuracy(Deck("opened", body, ("i(vline)",), Transient(3e-9)), "reference"))
    return -float(np.trapezoid(waves["i(vline)"], waves.axis)) / (high - circuit.v_cm)


def measured(circuit: AcimColumnQR, code: int, pdk: Pdk, run: Run) -> dict[str, float]:
    deck = qr_transfer.deck(circuit, Conditions(), QrCode(code=code), pdk)
    return qr_transfer.measure(run(with_accuracy(deck, "reference")), setup_of(circuit, QrCode(code=code), pdk=pdk))


def line_capacitance(circuit: AcimColumnQR, pdk: Pdk, run: Run) -> dict[str, float]:
    w = run(qr_noise.deck(circuit, Conditions(), NoInputs(), pdk))
    return dict(qr_noise.BENCH.measure(w, setup_of(circuit, NoInputs(), pdk=pdk)))


@pytest.mark.parametrize(
    ("inputs", "c_unit", "dummy_ratio"),
    [(16, 2.645e-15, 0.0), (16, 8e-15, 0.0), (144, 2.645e-15, 0.0), (144, 2.645e-15, 0.5), (144, 2.645e-15, 1.0)],
)
def test_charge_injection(inputs: int, c_unit: float, dummy_ratio: float, sky130: Pdk, run: Run) -> None:
    """(dummy_ratio - 1/2) Q / C within 5 % of Q / C: half the switch's charge, and all of the dummy's.

    A fast edge halves the channel's charge between the two ends (Sheu and Hu, IEEE JSSC 19, 1984); both ends of the
    dummy are the line. Q is what the switch's gate takes with both ends held. On short lines the dummy does less: its
    gate rises an inverter's delay before the switch is off, and a small C gives the charge back through it meanwhile.
    """
    circuit = AcimColumnQR(inputs=inputs, c_unit=c_unit, dummy_ratio=dummy_ratio)
    moved = gate_charge(circuit, sky130, run) / line_capacitance(circuit, sky130, run)["c_line"]
    assert moved > 0
    found = measured(circuit, 0, sky130, run)["injection"]
    assert found == pytest.approx((dummy_ratio - 0.5) * moved, abs=0.05 * moved)


@pytest.mark.parametrize("capacitor", ["mim", "vpp", "28nm"])
def test_gain_error_is_that_of_the_parasitics(capacitor: str, sky130: Pdk, run: Run) -> None:
    """1 - N LSB / V_in = C_par / (N C_u + C_par) within 5 %, and the noise of that line sqrt(kT/C) within 3 %.

    C_par is what is drawn, and what switch and dummy take alone: junctions, overlaps and the dummy's channel.
    """
    n, c_unit = 16, 2.645e-15
    circuit = AcimColumnQR(inputs=n, capacitor=capacitor, c_unit=c_unit)
    low, high = (measured(circuit, m, sky130, run)["v_line"] for m in (0, n))
    gain_error = 1 - (high - low) / circuit.v_in
    line_of_a_unit = {"mim": LINE_OF_A_UNIT, "vpp": 0.062 * c_unit, "28nm": 0.3 * c_unit}[capacitor]
    c_par = circuit.c_par_fixed + n * line_of_a_unit + switch_capacitance(circuit, high, sky130, run)
    assert gain_error == pytest.approx(c_par / (n * c_unit + c_par), rel=0.05)
    thermal = np.sqrt(Boltzmann * 300.15 / (n * c_unit + c_par))
    assert line_capacitance(circuit, sky130, run)["v_thermal"] == pytest.approx(thermal, rel=0.03)


def test_levels_of_the_inputs_multiply(sky130: Pdk, run: Run) -> None:
    """V = V_CM + m C_u V_in x / (2^b - 1) / C: linear in the level x within 1 % of the range, and code m at x = top."""
    circuit = AcimColumnQR(inputs=N, input_bits=2)
    still = measured(circuit, 0, sky130, run)["v_line"]

    def rise(code: int, level: int) -> float:
        inputs = QrCode(code=code, level=level)
        waves = run(with_accuracy(qr_transfer.deck(circuit, Conditions(), inputs, sky130), "reference"))
        return qr_transfer.measure(waves, setup_of(circuit, inputs, pdk=sky130))["v_line"] - still

    full = rise(N, 3)
    for code, level in ((N, 1), (N, 2), (N // 2, 3), (N // 2, 2)):
        assert rise(code, level) == pytest.approx(full * code / N * level / 3, abs=0.01 * full)
    bit = [measured(COLUMN, m, sky130, run)["v_line"] for m in (0, N)]
    assert full == pytest.approx(bit[1] - bit[0], rel=0.01)


def test_a_level_beyond_the_input_s_bits_is_refused(sky130: Pdk) -> None:
    with pytest.raises(InputError, match=r"level = 4: must be <= 2\^input_bits - 1 = 3"):
        qr_transfer.deck(AcimColumnQR(input_bits=2), Conditions(), QrCode(code=1, level=4), sky130)
