"""What theory gives exactly: discharge, charge sharing, kT/C, the energy of a capacitor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.constants import Boltzmann

from bitline.benches.accuracy import with_accuracy
from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.deck import Deck
from bitline.engine.ladder import climb
from bitline.engine.selftest import error_of
from bitline.engine.simulator import Simulator
from bitline.engine.waveforms import Waveforms
from bitline.statistics.intervals import sigma

Run = Callable[[Deck], Waveforms]

pytestmark = pytest.mark.ngspice

R, C = 1e3, 1e-12
KT_300K = Boltzmann * 300.0
AT_300K = 300.0 - 273.15


def test_rc_discharges_exponentially(simulator: Simulator) -> None:
    deck = Deck("rc", f"r1 out 0 {R}\nc1 out 0 {C}\n.ic v(out)=1.8\n", ("v(out)",), Transient(5 * R * C))
    waves = climb(simulator, with_accuracy(deck, "default")).waveforms
    expected = 1.8 * np.exp(-waves.axis / (R * C))
    assert np.max(np.abs(waves["v(out)"] - expected)) < 1e-3 * 1.8


def test_the_self_test_passes(simulator: Simulator) -> None:
    assert error_of(simulator) < 1e-3


@pytest.mark.parametrize("count", [2, 5, 16])
def test_capacitors_share_their_charge(simulator: Simulator, count: int) -> None:
    """N capacitors of different size and voltage, joined: V = sum(C_k V_k) / sum(C_k)."""
    generator = np.random.default_rng(count)
    farads = generator.uniform(1e-15, 20e-15, count)
    volts = generator.uniform(0.0, 1.8, count)
    lines = []
    for k, (c, v) in enumerate(zip(farads.tolist(), volts.tolist(), strict=True)):
        # An ideal switch closes at 1 ns: 10 kOhm with at most 320 fF settles in a few ns.
        lines += [f"c{k} n{k} 0 {c!r}", f".ic v(n{k})={v!r}", f"s{k} n{k} line on 0 ideal"]
    lines += [".model ideal sw vt=0.5 ron=1e4 roff=1e15", "von on 0 pulse(0 1 1e-9 1e-11 1e-11 1 2)"]
    deck = Deck("sharing", "\n".join(lines) + "\n", tuple(f"v(n{k})" for k in range(count)), Transient(30e-9))
    waves = climb(simulator, with_accuracy(deck, "reference")).waveforms
    shared = float(np.sum(farads * volts) / np.sum(farads))
    for k in range(count):
        assert waves[f"v(n{k})"][-1] == pytest.approx(shared, abs=0.2e-3)


@pytest.mark.parametrize("farads", [1e-15, 10e-15, 144e-15])
def test_noise_analysis_gives_kt_over_c(simulator: Simulator, farads: float) -> None:
    """Integrated over all frequencies the resistor drops out; 300 K: 2.03, 0.64, 0.170 mV."""
    body = f"v1 in 0 dc 0 ac 1\nr1 in out 1e4\nc1 out 0 {farads}\n"
    deck = Deck(
        "kT/C",
        body,
        ("onoise_spectrum", "onoise_total"),
        Noise("v(out)", "v1", stop=1e15, points_per_decade=50),
        temperature=AT_300K,
    )
    waves = climb(simulator, deck).waveforms
    assert waves.scalars["onoise_total"] == pytest.approx(math.sqrt(KT_300K / farads), rel=0.005)
    # and the plateau is 4kTR
    assert waves["onoise_spectrum"][0] ** 2 == pytest.approx(4 * KT_300K * 1e4, rel=1e-3)


def test_transient_noise_gives_kt_over_c(run: Run) -> None:
    """A `trnoise` current beside R, of the resistor's own spectral density 4kT/R, on C.

    `trnoise(NA NT 0 0)` joins independent normal values of standard deviation NA, NT apart, by straight
    lines: its one-sided density is 2 NA^2 NT sinc(f NT)^4, so NA = sqrt(2kT/(R NT)). The variance of a
    first-order response to such a line is known exactly (`joined`): here it is kT/C within 1 %.
    24 circuits x 500 instants, three time constants apart (correlation 0.05): 12,000 samples.
    """
    circuits, instants = 24, 500
    tau = R * C
    step = tau / 40
    rms = math.sqrt(2 * KT_300K / (R * step))
    body = "".join(
        f"r{k} n{k} 0 {R} noisy=0\nc{k} n{k} 0 {C}\ni{k} 0 n{k} dc 0 trnoise({rms} {step} 0 0)\n"
        for k in range(circuits)
    )
    settle = 5 * tau
    deck = Deck(
        "transient noise",
        body,
        tuple(f"v(n{k})" for k in range(circuits)),
        analysis=Transient(settle + 3 * tau * instants, step),
        options={"seed": 1, "reltol": 1e-4, "method": "trap"},
        temperature=AT_300K,
    )
    waves = run(deck)
    when = settle + 3 * tau * np.arange(instants)
    samples = np.concatenate([np.interp(when, waves.axis, waves[f"v(n{k})"]) for k in range(circuits)])

    theory = math.sqrt(KT_300K / C)
    assert math.sqrt(joined(step / tau)) * rms * R == pytest.approx(theory, rel=0.01)
    spread = sigma(samples)
    assert float(spread.value) == pytest.approx(theory, rel=0.03)
    assert spread.high / spread.low < 1.03  # the interval is narrower than the tolerance
    assert abs(np.mean(samples)) < 4 * theory / math.sqrt(len(samples) / 2)


def joined(h: float) -> float:
    """Variance of y' = u - y (time in units of tau) for unit normal values h apart joined by lines.

    y[k+1] = a y[k] + b0 u[k] + b1 u[k+1], a = exp(-h); y[k] already holds b1 u[k].
    """
    a = math.exp(-h)
    b1 = 1 - (1 - a) / h
    b0 = (1 - a) - b1
    return (b0**2 + b1**2 + 2 * a * b0 * b1) / (1 - a**2)


@pytest.mark.parametrize("farads", [1e-15, 100e-15])
def test_charging_a_capacitor_takes_c_v_squared(simulator: Simulator, farads: float) -> None:
    """The supply gives C V^2, half of which the switch burns, whatever its resistance."""
    tau = 1e4 * farads
    body = f"vdd vdd 0 1.8\ns1 vdd out on 0 ideal\nc1 out 0 {farads}\n.ic v(out)=0\n"
    body += f".model ideal sw vt=0.5 ron=1e4 roff=1e15\nvon on 0 pulse(0 1 {tau} {tau / 100} {tau / 100} 1 2)\n"
    deck = Deck("charge", body, ("v(out)", "i(vdd)"), Transient(15 * tau, tau / 20))
    waves = climb(simulator, with_accuracy(deck, "default").with_step(tau / 20)).waveforms
    assert waves["v(out)"][-1] == pytest.approx(1.8, abs=1e-3)
    assert waves.energy("vdd", 1.8, 0.0, 15 * tau) == pytest.approx(farads * 1.8**2, rel=0.005)
