"""The columns against charge: QS transfer, energy, restore and mismatch, QR mismatch, the line's capacitance.

The QR column's transfer stands in test_qr.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy.constants import Boltzmann, zero_Celsius
from setups import setup_of, simulated

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.acim import qr_noise, qr_transfer, qs_noise, qs_transfer
from bitline.benches.acim.operands import MacCode, QrCode
from bitline.benches.base import Conditions, NoInputs
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.statistics.fit import fit_compressive
from bitline.statistics.intervals import sigma
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]
Array = np.ndarray

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD = 1.8
COLUMN = AcimColumnQS(rows=8, active=8)
CODES = np.arange(COLUMN.active + 1)
LINE_OF_A_UNIT = 0.091e-15  # of SKY130's mim, by layout rule

# The line with its precharge off and all word lines low; a known charge is pulled out of it.
PULL = """
{% include "columns/acim_column_qs.cir.j2" %}
vdd vdd 0 1.8
vpre vpre 0 1.8
vwl vwl 0 {{ circuit.v_wl }}
vwd vwd 0 1.8
vctl vctl 0 1.8
vpreg pre 0 pwl(0 1.8 0.2e-9 1.8 0.22e-9 0)
{% for r in range(circuit.active) %}
vin{{ r }} in{{ r }} 0 1.8
{% endfor %}
{% for r in range(circuit.rows) %}
.ic v(q{{ r }})=1.8 v(qb{{ r }})=0
{% endfor %}
ipull line 0 pulse(0 {{ charge / 1e-9 }} 0.5e-9 10e-12 10e-12 0.99e-9 1)
"""


def qs_cycle(circuit: AcimColumnQS, code: int, pdk: Pdk, run: Run, accuracy: Accuracy = "default") -> Waveforms:
    inputs = MacCode(code=code)
    w = run(with_accuracy(qs_transfer.deck(circuit, Conditions(), inputs, pdk), accuracy))
    return simulated(w, circuit, inputs, pdk=pdk)


def measured(w: Any) -> Any:
    return qs_transfer.measure(w, w.setup)


def noise_of_qs(circuit: AcimColumnQS, pdk: Pdk, run: Run, temperature: float = 27.0) -> dict[str, float]:
    conditions = Conditions(temperature=temperature)
    w = run(qs_noise.deck(circuit, conditions, NoInputs(), pdk))
    return qs_noise.measure(w, setup_of(circuit, NoInputs(), conditions, pdk))


def noise_of_qr(circuit: AcimColumnQR, pdk: Pdk, run: Run, temperature: float = 27.0) -> dict[str, float]:
    conditions = Conditions(temperature=temperature)
    w = run(qr_noise.deck(circuit, conditions, NoInputs(), pdk))
    return qr_noise.BENCH.measure(w, setup_of(circuit, NoInputs(), conditions, pdk))


@pytest.fixture(scope="module")
def cycles(sky130: Pdk, run: Run) -> list[Waveforms]:
    """One nominal QS cycle per code."""
    return [qs_cycle(COLUMN, int(code), sky130, run) for code in CODES]


@pytest.fixture(scope="module")
def c_line(sky130: Pdk, run: Run) -> float:
    return noise_of_qs(COLUMN, sky130, run)["c_line"]


def test_qs_transfer_is_monotone_and_compressive(cycles: list[Waveforms]) -> None:
    """Each further cell takes less: the line it discharges is lower. Model m / (1 + alpha m)."""
    v_line = np.array([measured(w)["v_line"] for w in cycles])
    steps = -np.diff(v_line)
    assert np.all(steps > 0)
    assert steps[-1] < steps[0]
    fit = fit_compressive(CODES, v_line)
    assert fit.alpha > 0
    assert fit.rmse < 0.01 * fit.gain
    # alpha and its sign are no matter of the solver: a straight line leaves ten times the residual
    assert np.std(v_line - np.polyval(np.polyfit(CODES, v_line, 1), CODES)) > 10 * fit.rmse


def test_precharge_takes_the_charge_of_the_swing(cycles: list[Waveforms], c_line: float) -> None:
    """E = C_line VDD swing within 5 %; nothing where nothing was discharged."""
    found = [measured(w) for w in cycles]
    for values in found[1:]:
        assert values["energy_precharge"] == pytest.approx(c_line * VDD * values["swing"], rel=0.05)
    assert abs(found[0]["energy_precharge"]) < 0.01 * found[1]["energy_precharge"]


def test_qs_line_and_cells_are_restored(cycles: list[Waveforms]) -> None:
    for w in cycles:
        assert w["v(line)"][-1] == pytest.approx(w["v(line)"][0], abs=1e-3)
        assert measured(w)["flips"] == 0
        for row in range(COLUMN.active):
            for node in (f"v(q{row})", f"v(qb{row})"):
                assert w[node][-1] == pytest.approx(w[node][0], abs=5e-3)


@pytest.mark.parametrize(("t_pulse", "v_wl"), [(0.1e-9, 1.2), (0.2e-9, 1.0)], ids=["short pulse", "low level"])
def test_twice_the_line_capacitance_halves_the_swing(t_pulse: float, v_wl: float, sky130: Pdk, run: Run) -> None:
    """Within 3 %, at swings of 10 to 60 mV where a cell's current does not depend on the line.

    SPICE gives 2.01: c_line is taken with the precharge on, and its channel (0.7 fF) is not there while
    the cells discharge the line.
    """
    once = COLUMN.replace(t_pulse=t_pulse, v_wl=v_wl)
    c_once = noise_of_qs(once, sky130, run)["c_line"]
    twice = once.replace(c_load=once.c_load + c_once)
    assert noise_of_qs(twice, sky130, run)["c_line"] == pytest.approx(2 * c_once, rel=1e-3)
    swing = [measured(qs_cycle(circuit, 4, sky130, run))["swing"] for circuit in (once, twice)]
    assert 0.01 < swing[0] < 0.06
    assert swing[0] / swing[1] == pytest.approx(2, rel=0.03)


def sigma_of_deviates(v: Array, z: Array) -> tuple[float, float]:
    """Return sigma of `v` and its standard error, knowing the unit deviates `z` that moved it most.

    v = v0 + b z + r with independent z of variance 1, so var(v) = sum(b^2) + var(r). The sample decides
    only b's small error, not which z were drawn: where r is a tenth of the variance, 80 samples tell as
    much as thousands by their standard deviation alone. sum(b^2) is less the p var(r)/n it gains by noise.
    """
    n, p = z.shape
    design = np.column_stack([np.ones(n), z])
    b = np.linalg.lstsq(design, v)[0]
    rest = float(np.sum((v - design @ b) ** 2)) / (n - p - 1)
    explained = float(np.sum(b[1:] ** 2)) - p * rest / (n - p - 1)
    variance = explained + rest
    error = math.sqrt(4 * explained * rest / n + 2 * rest**2 / (n - p - 1))
    return math.sqrt(variance), error / (2 * math.sqrt(variance))


def chips(circuit: AcimColumnQS | AcimColumnQR, samples: Sequence[int], pdk: Pdk) -> dict[str, Array]:
    """Return every mismatch deviate of these samples by its name, in the order of `samples`."""
    drawn = []
    for sample in samples:
        devices = netlist(Conditions(sample=sample), pdk)
        render_circuit(circuit.template, devices, circuit=circuit)
        drawn.append(devices.deviates_taken)
    return {name: np.array([chip[name] for chip in drawn]) for name in drawn[0]}


def test_qs_mismatch_grows_as_the_square_root_of_the_code(sky130: Pdk, run: Run) -> None:
    """sigma(m) = sqrt(m) sigma(1) within 10 %, m = 2, 4, 8: independent cells on one line.

    80 chips, the same at each code. Their standard deviations alone are known to -13 / +18 % (95 %) and
    would not decide this; with the deviates of pass and pull-down devices known, sigma is within +-3 %.
    What is systematic is compression: each step, and so its spread, shrinks by 5 % at code 8.
    """
    samples = range(1, 81)
    # Short of the restore, which happens after the line is sampled.
    circuit = COLUMN.replace(t_settle=0.1e-9, t_restore=0.02e-9)
    deviates = chips(circuit, samples, sky130)
    per_cell = {}
    for code in (1, 2, 4, 8):
        v = []
        for sample in samples:
            at, inputs = Conditions(sample=sample), MacCode(code=code)
            deck = qs_transfer.deck(circuit, at, inputs, sky130)
            v.append(
                qs_transfer.measure(run(with_accuracy(deck, "fast")), setup_of(circuit, inputs, at, sky130))["v_line"]
            )
        cells = tuple(f"{device}{row}." for row in range(code) for device in ("pgr", "pdr"))
        z = np.column_stack([d for name, d in deviates.items() if name.startswith(cells)])
        spread, error = sigma_of_deviates(np.array(v), z)
        assert 2 * error < 0.04 * spread
        raw = sigma(v, confidence=0.999)
        assert raw.low < spread < raw.high  # the same as the plain estimate, but sharper
        per_cell[code] = spread / math.sqrt(code)
    for code in (2, 4, 8):
        assert per_cell[code] == pytest.approx(per_cell[1], rel=0.1)


@pytest.mark.parametrize(
    ("capacitor", "c_unit", "code", "factor"),
    [("mim", 2.645e-15, 1, 15.0), ("vpp", 2e-15, 1, 12.0), ("28nm", 20e-15, 4, 3.0)],
)
def test_qr_mismatch_follows_the_area_law(
    capacitor: str, c_unit: float, code: int, factor: float, sky130: Pdk, run: Run
) -> None:
    """Within 5 % of charge redistribution among capacitors that spread as their area says.

    V = V_CM + V_in S / C, S the sum of the m driven capacitors and C all of the line. A driven one is in
    both: dV/dC_k = V_in (C - S)/C^2; an idle one in C alone: dV/dC_k = -V_in S/C^2. So

        sigma_V = V_in sigma_C sqrt(m (C - S)^2 + (N - m) S^2) / C^2

    60 chips; with the capacitors' deviates known, sigma is within +-2 % (95 %). The factor makes the capacitors' share
    large beside that of the drivers and the reset switch.
    """
    # Units of up to ten times the default's need drivers that settle them in the same time.
    circuit = AcimColumnQR(
        inputs=4, capacitor=capacitor, c_unit=c_unit, mismatch_ratio=factor, w_driver_n=0.84e-6, w_driver_p=1.68e-6
    )
    samples = range(1, 61)
    v = []
    for sample in samples:
        at, inputs = Conditions(sample=sample), QrCode(code=code)
        deck = qr_transfer.deck(circuit, at, inputs, sky130)
        v.append(qr_transfer.measure(run(with_accuracy(deck, "fast")), setup_of(circuit, inputs, at, sky130))["v_line"])
    deviates = chips(circuit, samples, sky130)
    z = np.column_stack([deviates[f"cu{k}.c"] for k in range(circuit.inputs)])
    spread, error = sigma_of_deviates(np.array(v), z)
    assert 2 * error < 0.02 * spread
    sigma_c = factor * SPREADS[capacitor] * c_unit
    c_line, driven = noise_of_qr(circuit, sky130, run)["c_line"], code * c_unit
    root = math.sqrt(code * (c_line - driven) ** 2 + (circuit.inputs - code) * driven**2)
    assert spread == pytest.approx(circuit.v_in * sigma_c * root / c_line**2, rel=0.05)


# sigma(C) / C by hand: 0.47 % um over the electrical side, 1.15 um; 2.0 % um over the drawn side of 2 fF,
# sqrt(2 / 0.5626) + 0.62 um; 6.64 % / sqrt(C / fF).
SPREADS = {"mim": 0.0047 / 1.15, "vpp": 0.020 / 2.5054, "28nm": 0.0664 / math.sqrt(20)}


def pulled(circuit: AcimColumnQS, charge: float, pdk: Pdk, run: Run) -> float:
    """Return how far the floating line falls when `charge` [C] is taken out of it."""
    template = environment().from_string(PULL)
    body = render_circuit(template, netlist(Conditions(), pdk), circuit=circuit, charge=charge)
    waves = run(with_accuracy(Deck("pull", body, ("v(line)",), Transient(2.5e-9)), "default"))
    return waves.at("v(line)", 0.49e-9) - waves.at("v(line)", 2.2e-9)


@pytest.mark.parametrize("c_load", [0.0, 60e-15], ids=["cells alone", "with its load"])
def test_qs_line_capacitance_is_charge_over_swing(c_load: float, sky130: Pdk, run: Run) -> None:
    """The noise bench's c_line against Q / dV of the floating line, and against a sum of known parts.

    The noise bench's is the larger, by 0.7 fF here: while the precharge is on, the line has a third to a
    half of its channel's C_ox W L = 8.3 fF/um2 x 0.19 um2. Known parts are load and wire; junctions and
    gate overlaps of eight pass devices and the precharge add less than 3 fF.
    """
    circuit = COLUMN.replace(c_load=c_load)
    c_line = noise_of_qs(circuit, sky130, run)["c_line"]
    charge = 0.1 * c_line  # coulombs for about 0.1 V
    c_float = charge / pulled(circuit, charge, sky130, run)
    assert 0.4e-15 < c_line - c_float < 0.9e-15
    if c_load:
        assert c_line == pytest.approx(c_float, rel=0.02)
    wire = circuit.rows * circuit.cell.c_wire_bl
    assert c_load + wire < c_line < c_load + wire + 3e-15


@pytest.mark.parametrize(
    "circuit", [AcimColumnQR(), AcimColumnQR(inputs=4, c_unit=8e-15)], ids=["default", "large units"]
)
def test_qr_line_capacitance_gives_the_step_of_a_code(circuit: AcimColumnQR, sky130: Pdk, run: Run) -> None:
    """V = V_CM + m C_u V_in / (N C_u + C_par) with c_line of the noise bench as N C_u + C_par, within 1 %.

    The units sit behind their drivers' resistance, which must not enter c_line. The reset switch, on in
    one and off in the other, accounts for what is left.
    """
    c_line = noise_of_qr(circuit, sky130, run)["c_line"]
    decks = [qr_transfer.deck(circuit, Conditions(), QrCode(code=m), sky130) for m in (0, circuit.inputs)]
    setup = setup_of(circuit, QrCode(), pdk=sky130)
    low, high = (qr_transfer.measure(run(with_accuracy(deck, "default")), setup)["v_line"] for deck in decks)
    assert (high - low) / circuit.inputs == pytest.approx(circuit.c_unit * circuit.v_in / c_line, rel=0.01)
    drawn = circuit.inputs * (circuit.c_unit + LINE_OF_A_UNIT) + circuit.c_par_fixed
    assert drawn < c_line < drawn + 2.5e-15  # and the switch with its dummy: 1.26 um of gate and junction


@pytest.mark.parametrize("bench", [noise_of_qs, noise_of_qr])
def test_thermal_noise_is_kt_over_c(bench: Callable[..., dict[str, float]], sky130: Pdk, run: Run) -> None:
    """v^2 C = kT at every temperature, and so v grows as sqrt(T): C moves by less than 1 %."""
    circuit = COLUMN if bench is noise_of_qs else AcimColumnQR(inputs=4)
    per_root_kelvin = []
    for temperature in (-40.0, 27.0, 125.0):
        values = bench(circuit, sky130, run, temperature)
        kelvin = temperature + zero_Celsius
        assert values["v_thermal"] ** 2 * values["c_line"] == pytest.approx(Boltzmann * kelvin, rel=1e-12)
        per_root_kelvin.append(values["v_thermal"] / math.sqrt(kelvin))
    assert np.ptp(per_root_kelvin) < 0.005 * np.mean(per_root_kelvin)
