"""Thermal noise at the input of a half-rail latch (`benchmarks/restore_table.py`) against its stochastic equation."""

from __future__ import annotations

import numpy as np
from nearness import near
from restore_table import noise

from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.statistics.constants import BOLTZMANN


def test_noise_is_that_of_a_latch_that_regenerates() -> None:
    """``C dx/dt = gm x + i`` from sides with kT/C each, integrated in steps: spread at the end over the gain."""
    circuit, gm = NvSramTritHalfRail(), 50e-6
    c, kt = circuit.c_side, BOLTZMANN * 300.15
    steps, n, tau = 400, 20_000, circuit.c_side / gm
    dt = 8 * tau / steps
    rng = np.random.default_rng(1)
    x = np.sqrt(2 * kt / c) * rng.standard_normal(n)
    for _ in range(steps):
        # White current of 4 kT gm (one-sided) on either side; over a step its charge has the variance 2 kT gm dt.
        charge = np.sqrt(2 * 2 * kt * gm * dt) * rng.standard_normal(n)
        x = x * np.exp(dt / tau) + charge / c
    assert np.std(x) / np.exp(8.0) == near(noise(circuit, 27.0), rel=0.02)
