"""What thermal noise does to a half-rail latch's decision: transient noise of every channel, beside the formula.

    python benchmarks/restore_noise.py [--runs N] [-j N]

finds the resistance at which each latch of the nominal chip turns, restores there with noise, and fits a normal law to
the share of high decisions over ln R. A channel's noise current has the density 4 k T (gm + gds), gm and gds read along
the noiseless run (van der Ziel's noise factor taken as 1, and 4 k T gds where there is no voltage across it), and the
ReRAM's has 4 k T / R. ngspice has no transient device noise: white noise is written out as a PWL, as bench `noise` of
the comparator does. tt, 1.8 V, 27 degC, 16 branches.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.constants import Boltzmann
from scipy.optimize import minimize
from scipy.stats import norm

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.restore.half_rail import BENCH
from bitline.benches.restore.half_rail_sizing import HalfRail
from bitline.circuits.deck import Deck
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.engine.ladder import climb
from bitline.engine.shared import shared_simulator
from bitline.engine.waveforms import Waveforms
from bitline.numbers import number
from bitline.pdk.descriptor import load_pdk

Array = NDArray[np.float64]

CIRCUIT = NvSramTritHalfRail()
SIGMA_LNR = 0.1
DEVIATES = 64  # more than a trit takes: the first is the selected ReRAM's, all others are 0
# Where the search for a turning point begins [sigmas of ln R from the middle level].
BRACKETS = {1: (-12.0, 0.0), 2: (0.0, 12.0)}
HALVINGS = 12
DT = 2e-12  # white up to far above what a switch of 10 kOhm lets through into 0.8 fF
AFTER = 1.5e-9  # from the begin of LATCH until a latch has long decided
# Noise is looked at on a grid about the turning point [sigmas of ln R].
GRID = (-0.2, -0.1, 0.0, 0.1, 0.2)
# The channels of one latch, by the nodes that they tie together; a line that is held counts as ground.
CHANNELS = {
    ("q{k}", "0"): ("mpul{k}", "mpdl{k}", "mpgl{k}"),
    ("qb{k}", "0"): ("mpur{k}", "mpdr{k}", "mpgr{k}"),
    ("cl", "q{k}"): ("mcs0{k}",),
}
LATCHES = (1, 2)


@dataclass(frozen=True)
class Source:
    """A noise current between two nodes, of a density [A^2/Hz] over time [s]."""

    ends: tuple[str, str]
    t: Array
    density: Array

    def line(self, name: str, random: np.random.Generator) -> str:
        """Return a PWL current source of this noise: samples of variance S/(2 dt)."""
        t = np.arange(self.t[0], self.t[-1], DT)
        current = np.sqrt(np.interp(t, self.t, self.density) / (2 * DT)) * random.standard_normal(len(t))
        points = " ".join(f"{number(a)} {number(b)}" for a, b in zip(t.tolist(), current.tolist(), strict=True))
        return f"i{name} {self.ends[0]} {self.ends[1]} pwl(0 0 {number(t[0] - DT)} 0 {points})"


def deck_at(z: float) -> Deck:
    """Return the deck of a restore of the nominal chip, its ReRAM z sigmas of ln R from the middle level."""
    conditions = Conditions(deviates=(z, *[0.0] * (DEVIATES - 1)))
    setup = BENCH.setup(CIRCUIT, conditions, HalfRail(level="mrs", t_hold=1e-10), load_pdk())
    return with_accuracy(BENCH.deck(CIRCUIT, setup.conditions, setup.inputs, setup.pdk), "default")


def restored(deck: Deck) -> Waveforms:
    """Simulate one restore."""
    return climb(shared_simulator(), deck).waveforms


def side(w: Waveforms, latch: int, t: float) -> float:
    """Return how far the latch's sides are apart at a time [V]."""
    return w.at(f"v(q{latch})", t) - w.at(f"v(qb{latch})", t)


def turning_point(latch: int) -> float:
    """Return where the latch turns without noise, by bisection [sigmas of ln R]."""
    low, high = BRACKETS[latch]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        w = restored(deck_at(middle))
        # More resistance leaves the node higher.
        low, high = (low, middle) if side(w, latch, float(w.axis[-1])) > 0 else (middle, high)
    return (low + high) / 2


def sources(z: float) -> list[Source]:
    """Return all noise currents of both latches and of the ReRAM along the noiseless run, until the latches decide."""
    deck = deck_at(z)
    names = {k: {ends: [d.format(k=k) for d in devices] for ends, devices in CHANNELS.items()} for k in LATCHES}
    devices = [device for ends in names.values() for some in ends.values() for device in some]
    conductances = tuple(f"v(@{device}[{what}])" for device, what in product(devices, ("gm", "gds")))
    w = restored(replace(deck, saves=(*deck.saves, *conductances)))
    kept = (w.axis > deck.marks["boost"]) & (w.axis < deck.marks["latch"] + AFTER)
    t, kt = w.axis[kept], 4 * Boltzmann * Conditions().kelvin
    found = []
    for k, channels in names.items():
        for ends, some in channels.items():
            total = sum(np.abs(w[f"v(@{one}[gm])"]) + np.abs(w[f"v(@{one}[gds])"]) for one in some)
            found.append(Source((ends[0].format(k=k), ends[1].format(k=k)), t, kt * np.asarray(total)[kept]))
    r = CIRCUIT.cluster.reram.r_mrs * math.exp(SIGMA_LNR * z)
    return [*found, Source(("cl", "sl"), t, np.full(len(t), kt / r))]


def decides_high(noise: list[Source], z: float, latch: int, seed: int) -> bool:
    """Return whether a restore with noise leaves Q high."""
    random = np.random.Generator(np.random.PCG64(seed))
    deck = deck_at(z)
    lines = [source.line(f"noise{i}", random) for i, source in enumerate(noise)]
    w = restored(replace(deck, body="\n".join([deck.body.rstrip(), *lines, ""])))
    return side(w, latch, float(w.axis[-1])) > 0


def spread(z: Array, high: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return middle, sigma and the standard error of sigma of the normal law that decides, by greatest likelihood."""

    def unlikely(x: Array) -> float:
        signed = (z - x[0]) / math.exp(x[1]) * np.where(high, 1, -1)
        return float(-norm.logcdf(signed).sum())

    fit = minimize(unlikely, [float(np.mean(z)), math.log(0.1)], method="BFGS")
    sigma = math.exp(fit.x[1])
    return float(fit.x[0]), sigma, sigma * math.sqrt(np.asarray(fit.hess_inv)[1, 1])


def report(latch: int, runs: int, pool: ProcessPoolExecutor) -> Mapping[str, float]:
    """Return sigma of a latch's decision in ln R and in volts."""
    turn = turning_point(latch)
    noise = sources(turn)
    z = np.array([turn + dz for dz, _ in product(GRID, range(runs))])
    decided = pool.map(decides_high, *zip(*((noise, x, latch, seed) for seed, x in enumerate(z.tolist())), strict=True))
    _, sigma, error = spread(z, np.array(list(decided)))
    at = deck_at(turn).marks["latch"]
    ends = [side(restored(deck_at(turn + dz)), latch, at) for dz in (GRID[0], GRID[-1])]
    slope = (ends[1] - ends[0]) / (GRID[-1] - GRID[0])
    return {
        "r": CIRCUIT.cluster.reram.r_mrs * math.exp(SIGMA_LNR * turn),
        "sigma": sigma * slope,
        "error": error * slope,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="noisy restores at each of five resistances")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    given = parser.parse_args()
    kt_c = Boltzmann * Conditions().kelvin / CIRCUIT.c_side
    sampled, both = (1e3 * math.sqrt(times * kt_c) for times in (2, 4))
    print(f"formula: {both:.2f} mV, of which sampled on both sides {sampled:.2f} mV")
    with ProcessPoolExecutor(given.jobs) as pool:
        for latch in LATCHES:
            found = report(latch, given.runs, pool)
            print(
                f"latch {latch}, turns at {found['r'] / 1e3:.0f} kOhm: {1e3 * found['sigma']:.2f} mV"
                f" (standard error {1e3 * found['error']:.2f})"
            )


if __name__ == "__main__":
    main()
