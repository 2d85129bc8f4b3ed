"""The baselines of the ternary column: one-bit SRAM column, and ReRAM whose currents add up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.constants import Boltzmann, zero_Celsius
from setups import setup_of, simulated

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions, NoInputs
from bitline.benches.baseline import reram_noise, reram_transfer, sram_noise, sram_transfer
from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.ternary import transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Deck
from bitline.circuits.reram_column import ReramColumn
from bitline.circuits.ternary_column import TernaryColumn
from bitline.devices.reram import ReRam
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD = 1.8
SRAM, RERAM = BinarySramColumn(), ReramColumn()
SELECTOR = ReramColumn(access="selector", v_read=0.75, t_pulse=0.36e-9)


def sram(circuit: BinarySramColumn, code: int, pdk: Pdk, run: Run, at: Conditions | None = None, **x: Any) -> Waveforms:
    inputs = BinaryMac(code=code, **x)
    deck = sram_transfer.deck(circuit, at or Conditions(), inputs, pdk)
    return simulated(run(with_accuracy(deck, "default")), circuit, inputs, at, pdk)


def measured(w: Any) -> Any:
    return sram_transfer.measure(w, w.setup)


def reram(circuit: ReramColumn, code: int, pdk: Pdk, run: Run, **x: Any) -> dict[str, float]:
    inputs = BinaryMac(code=code, **x)
    deck = reram_transfer.deck(circuit, Conditions(), inputs, pdk)
    return reram_transfer.measure(run(with_accuracy(deck, "default")), setup_of(circuit, inputs, pdk=pdk))


def test_a_binary_column_counts(sky130: Pdk, run: Run) -> None:
    """17 codes fall monotonically; the last step is at least 0.85 of the first."""
    v = np.array([measured(sram(SRAM, m, sky130, run))["v_line"] for m in range(17)])
    steps = -np.diff(v)
    assert np.all(steps > 0)
    assert 0.85 < steps[-1] / steps[1] < 1


@pytest.mark.parametrize("corner", Corner)
def test_a_binary_cell_is_an_and_at_every_corner(corner: Corner, sky130: Pdk, run: Run) -> None:
    one, at = SRAM.replace(active=1), Conditions(corner=corner)
    swing = {
        zeros: measured(sram(one, code, sky130, run, at, zeros=zeros))["swing"]
        for code, zeros in ((1, "mixed"), (0, "weight"), (0, "input"))
    }
    assert swing["mixed"] > 0.02
    assert abs(swing["weight"]) < 0.02 * swing["mixed"]
    assert abs(swing["input"]) < 0.002 * swing["mixed"]


def test_a_binary_column_has_the_stack_and_line_of_the_ternary_one(sky130: Pdk, run: Run) -> None:
    """With the same input line the first product lowers both lines alike, but for one junction more per row."""
    same = SRAM.replace(c_input=TernaryColumn().c_input, t_pulse=TernaryColumn().t_pulse)
    alone = measured(sram(same, 1, sky130, run, zeros="input"))
    inputs = TernaryMac(mac=1, zeros="input")
    deck = transfer.deck(TernaryColumn(), Conditions(), inputs, sky130)
    both = transfer.measure(run(with_accuracy(deck, "default")), setup_of(TernaryColumn(), inputs, pdk=sky130))
    assert alone["swing"] == pytest.approx(both["v_diff"], rel=0.05)
    assert alone["energy_wordline"] == pytest.approx(both["energy_wordline"], rel=0.05)


def test_a_binary_discharge_costs_its_charge(sky130: Pdk, run: Run) -> None:
    spectra = run(sram_noise.deck(SRAM, Conditions(), NoInputs(), sky130))
    c_line = sram_noise.measure(spectra, setup_of(SRAM, NoInputs(), pdk=sky130))["c_line"]
    for code in (4, 16):
        waves = sram(SRAM, code, sky130, run)
        values = measured(waves)
        assert values["energy_precharge"] == pytest.approx(c_line * VDD * values["swing"], rel=0.03)
        assert values["flips"] == 0
        assert waves["v(line)"][-1] == pytest.approx(waves["v(line)"][0], abs=1e-3)


def test_real_latches_everywhere_give_the_same_binary_line(sky130: Pdk, run: Run) -> None:
    circuit = SRAM.replace(active=4)
    one, all_ = (measured(sram(circuit.replace(latched=n), 3, sky130, run))["v_line"] for n in (1, 4))
    assert one == pytest.approx(all_, abs=1e-4)


@pytest.mark.parametrize("circuit", [RERAM, SELECTOR], ids=["1T1R", "selector"])
def test_reram_currents_add_up(circuit: ReramColumn, sky130: Pdk, run: Run) -> None:
    """A step is V_read t / c_int (1/R_LRS - 1/R_HRS), each with its series device, within 10 %; all alike within 1 %.

    A transistor is about 4 kOhm of 80; the driver gives or takes some of the pulse.
    """
    codes = np.array([0, 1, 8, 16])
    v = np.array([reram(circuit, int(m), sky130, run, zeros="weight")["v_line"] for m in codes])
    series = 4e3 if circuit.access == "transistor" else 1 / circuit.selector.g_on
    r = circuit.reram
    step = circuit.v_read * circuit.t_pulse / circuit.c_int * (1 / (r.r_lrs + series) - 1 / (r.r_hrs + series))
    slope, offset = np.polyfit(codes, v, 1)
    assert slope == pytest.approx(step, rel=0.1)
    assert np.max(np.abs(v - offset - slope * codes)) < 0.01 * (v[-1] - v[0])
    hrs = 16 * circuit.v_read * circuit.t_pulse / circuit.c_int / (r.r_hrs + series)
    assert 0.9 * hrs < v[0] < 2 * hrs  # high resistances conduct, and the nodes behind them are charged
    assert abs(reram(circuit, 0, sky130, run, zeros="input")["v_line"]) < 0.02 * step


def test_reram_energy_is_the_charge_of_the_read_supply(sky130: Pdk, run: Run) -> None:
    measured = reram(RERAM, 16, sky130, run)
    charge = measured["v_line"] * RERAM.c_int
    assert measured["energy_read"] == pytest.approx(RERAM.v_read * charge, rel=0.03)
    assert measured["energy_integrator"] == pytest.approx(VDD * charge, rel=1e-9)


def test_reram_spread_follows_its_resistance(sky130: Pdk, run: Run) -> None:
    """One LRS cell, sigma of ln R 0.3: each chip's v_line is that of its own resistance."""
    circuit = RERAM.replace(active=1, reram=ReRam(sigma_lnr=0.3))
    products = []
    for sample in range(1, 9):
        at, inputs = Conditions(sample=sample), BinaryMac(code=1)
        deck = reram_transfer.deck(circuit, at, inputs, sky130)
        v = reram_transfer.measure(run(with_accuracy(deck, "default")), setup_of(circuit, inputs, at, sky130))["v_line"]
        products.append(v * (circuit.reram.r_lrs * math.exp(0.3 * deck.deviates["r0.lnr"]) + 4e3))
    assert np.std(products) < 0.03 * np.mean(products)


@pytest.mark.parametrize("temperature", [-40.0, 27.0, 125.0])
@pytest.mark.parametrize("circuit", [RERAM, SELECTOR], ids=["1T1R", "selector"])
def test_reram_noise_is_that_of_its_resistance(circuit: ReramColumn, temperature: float, sky130: Pdk, run: Run) -> None:
    """sqrt(4kT/R t/2)/c_int within 5 %: R with its series device."""
    at = Conditions(temperature=temperature)
    found = reram_noise.measure(
        run(reram_noise.deck(circuit, at, NoInputs(), sky130)), setup_of(circuit, NoInputs(), at, sky130)
    )
    kt = Boltzmann * (temperature + zero_Celsius)
    r = circuit.reram.r_lrs + (4e3 if circuit.access == "transistor" else 1 / circuit.selector.g_on)
    assert found["v_discharge"] == pytest.approx(math.sqrt(2 * kt / r * circuit.t_pulse) / circuit.c_int, rel=0.05)
    assert found["v_thermal"] == pytest.approx(math.sqrt(kt / circuit.c_int), rel=1e-6)
