"""The filament in SPICE against the same equations integrated by SciPy, and what physics demands of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from bitline.benches.accuracy import with_accuracy
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.devices.reram import Filament
from bitline.engine.waveforms import Waveforms
from bitline.templates import environment

pytestmark = pytest.mark.ngspice

Run = Callable[[Deck], Waveforms]
Array = NDArray[np.float64]
MODEL = Filament()
AMBIENT = 300.0
BOLTZMANN_EV = 8.617333262e-5


@dataclass(frozen=True)
class Pulse:
    """A pulse of `volts` on a filament of thickness `t0` through `ohms`, with edges of 0.1 ns."""

    t0: float
    volts: float
    width: float
    ohms: float = 3e3
    ambient: float = AMBIENT

    def deck(self, steps: int = 0, energy: float = 1.0, count: int = 1) -> Deck:
        template = environment().from_string(
            '{% from "reram.cir.j2" import filament %}'
            "vs s 0 pwl(0 0 1e-10 {{ p.volts }} {{ p.width }} {{ p.volts }} {{ p.width + 1e-10 }} 0)\n"
            "rs s a {{ p.ohms }}\n"
            '{{ filament("x", "a", "0", p.t0, f, p.ambient, energy, count) }}'
        )
        body = template.render(p=self, f=MODEL, energy=energy, count=count)
        saves = ("v(s)", "v(a)", "v(dx)", "v(hx)", "i(vs)")
        made = Deck("filament", body, saves, Transient(self.width + 2e-10), options={"trtol": 1.0})
        made = with_accuracy(made, "default")
        return made.with_step(made.analysis.stop / steps) if steps else made

    def thickness(self, waves: Waveforms) -> Array:
        return self.t0 * 1e9 + waves["v(dx)"]


SET = Pulse(3.3e-9, 2.4, 100e-9)
RESET = Pulse(4.9e-9, -2.4, 100e-9)
SOFT = Pulse(4.9e-9, -2.0, 100e-9)  # stops between the ends


def current(thickness: float, volts: float) -> float:
    gap = math.exp(-(MODEL.t_ox * 1e9 - thickness) / ((MODEL.t_ox - MODEL.t_ref) * 1e9))
    return MODEL.i_k1 * gap * math.sinh(volts / MODEL.v_ref)


def velocity(thickness: float, volts: float, kelvin: float) -> float:
    """Return dT/dt in nm/ns, the window included."""
    kt = BOLTZMANN_EV * kelvin
    gap = MODEL.t_ox * 1e9 - thickness
    field = (MODEL.g_0 - MODEL.g_1 * gap**3) * MODEL.a_0 / MODEL.t_ox * volts
    width = MODEL.window * 1e9
    grow = math.exp((field - MODEL.e_grow) / kt) * (1 - math.exp((thickness - MODEL.t_max * 1e9) / width))
    shrink = math.exp((-field - MODEL.e_shrink) / kt) * (1 - math.exp((MODEL.t_min * 1e9 - thickness) / width))
    return MODEL.v_k1 * (grow - shrink)


def integrate(pulse: Pulse) -> Callable[[Array], Array]:
    """Return thickness [nm] and temperature [K] over time [s], shape (2, n), by SciPy."""

    def slope(ns: float, state: Array) -> list[float]:
        ramp = min(ns / 0.1, 1.0, max((pulse.width * 1e9 + 0.1 - ns) / 0.1, 0.0))
        source = pulse.volts * ramp
        thickness, kelvin = float(state[0]), float(state[1])
        low, high = sorted((0.0, source))
        volts = (
            brentq(lambda v: v + pulse.ohms * current(thickness, v) - source, low, high, xtol=1e-14) if source else 0.0
        )
        power = abs(volts * current(thickness, volts))
        return [
            velocity(thickness, volts, kelvin),
            1e-9 * (power / MODEL.c_th - (kelvin - pulse.ambient) / MODEL.tau_th),
        ]

    span = (0.0, pulse.width * 1e9 + 0.2)
    solved = solve_ivp(
        slope,
        span,
        [pulse.t0 * 1e9, pulse.ambient],
        method="LSODA",
        rtol=1e-8,
        atol=[1e-9, 1e-5],
        max_step=0.2,
        dense_output=True,
    )
    return lambda seconds: solved.sol(np.asarray(seconds) * 1e9)


def test_set_grows_to_the_end_at_646_kelvin(run: Run) -> None:
    """The run of circuits.md, section 2.2: 2.4 V through 3 kOhm."""
    waves = run(SET.deck())
    assert SET.thickness(waves)[-1] == pytest.approx(4.9, abs=1e-4)
    assert AMBIENT + waves["v(hx)"].max() == pytest.approx(646, abs=1)


@pytest.mark.parametrize("pulse", [SET, RESET, SOFT], ids=["set", "reset", "soft reset"])
def test_spice_agrees_with_the_equations_integrated_by_scipy(run: Run, pulse: Pulse) -> None:
    waves = run(pulse.deck())
    exact = integrate(pulse)
    thickness = exact(np.array([waves.axis[-1]]))[0, 0]
    assert pulse.thickness(waves)[-1] == pytest.approx(thickness, abs=0.002)  # 0.7 % of R
    times = np.linspace(0, pulse.width, 20001)
    assert AMBIENT + waves["v(hx)"].max() == pytest.approx(exact(times)[1].max(), rel=1e-3)
    # The instant of the run-away, which gathers every error before it.
    half = (pulse.t0 * 1e9 + thickness) / 2
    grown = np.abs(exact(times)[0] - pulse.t0 * 1e9) > abs(half - pulse.t0 * 1e9)
    spice = np.abs(waves["v(dx)"]) > abs(half - pulse.t0 * 1e9)
    assert waves.axis[np.argmax(spice)] == pytest.approx(times[np.argmax(grown)], rel=0.01)


@pytest.mark.parametrize("pulse", [SET, RESET, SOFT], ids=["set", "reset", "soft reset"])
def test_halving_the_longest_step_changes_the_thickness_by_less_than_a_thousandth(run: Run, pulse: Pulse) -> None:
    coarse, fine = run(pulse.deck(steps=50)), run(pulse.deck(steps=100))
    assert len(coarse.axis) < len(fine.axis)
    assert pulse.thickness(coarse)[-1] == pytest.approx(pulse.thickness(fine)[-1], rel=1e-3)
    assert pulse.thickness(fine)[-1] == pytest.approx(pulse.thickness(run(pulse.deck(steps=1000)))[-1], rel=1e-3)


@pytest.mark.parametrize("pulse", [Pulse(3.3e-9, 3.2, 50e-9), Pulse(4.9e-9, -3.2, 50e-9)], ids=["set", "reset"])
def test_the_filament_never_crosses_its_ends(run: Run, pulse: Pulse) -> None:
    thickness = pulse.thickness(run(pulse.deck()))
    assert thickness.max() < 4.9 + 1e-3
    assert thickness.min() > 3.3 - 1e-3
    assert thickness[-1] == pytest.approx(4.9 if pulse.volts > 0 else 3.3, abs=1e-3)


@pytest.mark.parametrize("t0", [3.3e-9, 4.0e-9, 4.9e-9])
def test_a_filament_at_rest_stays(run: Run, t0: float) -> None:
    waves = run(Pulse(t0, 0.0, 1e-6).deck())
    assert np.abs(waves["v(dx)"]).max() < 1e-12
    assert np.abs(waves["v(hx)"]).max() < 1e-6


def test_a_read_gives_the_resistance_of_the_formula(run: Run) -> None:
    for ohms in (80e3, 280e3, 1e6):
        waves = run(Pulse(MODEL.thickness(ohms), 0.1, 10e-9, ohms=1e-3).deck())
        assert 0.1 / -waves.at("i(vs)", 5e-9) == pytest.approx(ohms, rel=1e-5)


def test_several_in_parallel_carry_their_sum_and_heat_as_one(run: Run) -> None:
    pulse = Pulse(4.2e-9, 1.2, 5e-9, ohms=1e-3)
    one, five = run(pulse.deck()), run(pulse.deck(count=5))
    assert five.at("i(vs)", 3e-9) == pytest.approx(5 * one.at("i(vs)", 3e-9), rel=1e-6)
    assert five.at("v(hx)", 3e-9) == pytest.approx(one.at("v(hx)", 3e-9), rel=1e-6)


def test_the_energies_scale_the_rate_as_boltzmann_says(run: Run) -> None:
    """At low voltage nothing feeds back: growth goes as exp(-E/kT), here with 0.5 % more of 1.501 eV."""
    pulse = Pulse(4.0e-9, 1.0, 20e-9, ohms=1e-3)
    usual, tight = run(pulse.deck()), run(pulse.deck(energy=1.005))
    kelvin = AMBIENT + usual.at("v(hx)", 10e-9)
    expected = math.exp(-0.005 * 1.501 / (BOLTZMANN_EV * kelvin))
    assert tight["v(dx)"][-1] / usual["v(dx)"][-1] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("pulse", [SET, RESET], ids=["set", "reset"])
def test_supply_energy_is_dissipated_and_heat_is_balanced(run: Run, pulse: Pulse) -> None:
    waves = run(pulse.deck())
    t, i = waves.axis, -waves["i(vs)"]
    supply = np.trapezoid(i * waves["v(s)"], t)
    resistor = np.trapezoid(i**2 * pulse.ohms, t)
    joule = np.trapezoid(i * waves["v(a)"], t)
    assert supply == pytest.approx(resistor + joule, rel=1e-3)
    kept = MODEL.c_th * waves["v(hx)"][-1]
    lost = np.trapezoid(waves["v(hx)"], t) * MODEL.c_th / MODEL.tau_th
    assert joule == pytest.approx(kept + lost, rel=0.01)


def test_a_disturb_far_below_the_solvers_tolerances_is_resolved(run: Run) -> None:
    """A branch at 1.3 V grows by a few 1e-7 nm; SciPy's rate times the time says how much."""
    pulse = Pulse(MODEL.thickness(80e3), 1.3, 10e-9, ohms=1e4)
    waves = run(pulse.deck())
    times = np.linspace(0, 10.1e-9, 2001)
    states = integrate(pulse)(times)
    rates = []
    for ns, (thickness, kelvin) in zip(times * 1e9, states.T, strict=True):
        source = 1.3 * min(ns / 0.1, 1.0, max((10.1 - ns) / 0.1, 0.0))
        volts = brentq(lambda v, s=source, x=thickness: v + 1e4 * current(x, v) - s, 0.0, 1.3) if source > 0 else 0.0
        rates.append(velocity(thickness, volts, kelvin))
    grown = np.trapezoid(rates, times * 1e9)
    assert 1e-8 < grown < 1e-5
    assert waves["v(dx)"][-1] == pytest.approx(grown, rel=0.01)


def test_a_reset_of_rising_amplitude_jumps_over_two_levels(run: Run) -> None:
    """Why a store sets by compliance (docs/store.md): through driver and selector, 25 mV more dissolve the filament."""
    thickness, found = MODEL.thickness(40e3), []
    for millivolts in range(2200, 2450, 25):
        pulse = Pulse(thickness, -millivolts / 1000, 10e-9, ohms=9e3)
        thickness = float(pulse.thickness(run(pulse.deck()))[-1]) * 1e-9
        found.append(MODEL.resistance(thickness))
    assert found[0] < 50e3
    assert found[-1] > 2.5e6
    assert not [ohms for ohms in found if 100e3 < ohms < 2.5e6]
