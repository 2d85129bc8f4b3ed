"""At which resistance each latch of a half-rail trit turns, chip by chip, and how often trits err by that.

    python benchmarks/restore_turning.py [--chips N] [--corner tt] [--temperature 27] [--store FILE] [-j N]

prints, for each latch, mean and spread of ln R where it turns, and for each level the share of wrong restores over the
spread of the memory. Conditional Monte Carlo: the chip's transistors are sampled, its ReRAM is integrated. Of a latch
that turns at ln R normal with mean m and sigma s, a level at ln R0 with spread sigma errs with the probability
Phi(-|m - ln R0| / sqrt(sigma^2 + s^2)). It is the second method beside `bitline tail`, with some five runs a latch.
Where latches decide so slowly that leads vanish, as at ss and -40 degC, the search does not end, and says so.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

import bitline as bl
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS
from bitline.engine.selftest import preferred_engine
from bitline.errors import SimulationError
from bitline.parameters import assemble
from bitline.statistics.sampling import deviates
from bitline.sweep.point import Point
from bitline.sweep.session import session
from bitline.sweep.simulate import Context

Array = NDArray[np.float64]

# More than a trit takes: the first is the selected ReRAM's.
DEVIATES = 64
SIGMA = 0.1
SIGMAS = (0.1, 0.2, 0.3)
# Where the search begins [sigmas of ln R from the middle level], and when it ends: 0.1 sigma is 0.01 of ln R.
STARTS = {1: -6.5, 2: 6.3}
CLOSE = 0.1
STEEP = 4e-3  # V a sigma; at ss and -40 degC latches decide so late that leads by 0.1 ns are far below
ROUNDS = 10


@dataclass
class Turn:
    """The search for the deviate of ln R at which one latch of one chip turns: a secant between right and wrong."""

    latch: int
    chip: int
    at: float
    below: tuple[float, float] | None = None
    above: tuple[float, float] | None = None
    done: bool = False

    def learn(self, lead: float) -> None:
        """Take the lead [V] at the present deviate, and choose the next."""
        height = lead if self.latch == 1 else -lead  # latch 1 errs at low resistance, latch 2 at high
        if height > 0:
            self.above = (self.at, height)
        else:
            self.below = (self.at, height)
        if self.above and self.below:
            (low, f_low), (high, f_high) = self.below, self.above
            # A small lead says that the turning point is near only where leads are steep.
            steep = f_high - f_low > STEEP * (high - low)
            self.done = high - low < CLOSE or (steep and abs(height) < STEEP * CLOSE)
            self.at = low - (high - low) * f_low / (f_high - f_low)
        else:
            # A lead by time to decide is some 10 mV a sigma.
            step = max(0.3, min(4.0, abs(height) / 8e-3 * 1.3))
            self.at += -step if height > 0 else step


def turns(chips: Sequence[int], point: Point, context: Context, jobs: int) -> list[Turn]:
    """Return where both latches of each chip turn [sigmas of ln R]; `SimulationError` if a search does not end."""
    searches = [Turn(latch, chip, STARTS[latch]) for chip in chips for latch in STARTS]
    with session(context, jobs) as workers:
        for _ in range(ROUNDS):
            open_ = [one for one in searches if not one.done]
            outcomes = workers.run([_chip(point, k, one) for k, one in enumerate(open_)]) if open_ else []
            for one, outcome in zip(open_, outcomes, strict=True):
                one.learn(outcome.values[f"lead_{one.latch}"])
    missing = [(one.chip, one.latch) for one in searches if not one.done]
    if missing:
        raise SimulationError(
            f"chips and latches {missing}: no turning point after {ROUNDS} rounds; try a longer --tau"
        )
    return searches


def _chip(point: Point, index: int, one: Turn) -> Point:
    drawn = deviates(1, one.chip, DEVIATES)
    drawn[0] = one.at
    conditions = replace(point.conditions, deviates=tuple(drawn.tolist()))
    return replace(point, index=index, conditions=conditions)


def error_rates(ln_r: dict[int, Array], resistances: Sequence[float], sigma: float) -> list[tuple[float, ...]]:
    """Return the share of wrong restores of each level, and both ends of its 95 % interval by the number of chips."""
    rates = []
    for k, r in enumerate(resistances):
        ends = np.zeros(3)
        # Below a level lies the latch of its number, above it the next.
        for latch in sorted({k, k + 1} & set(ln_r)):
            mean, s, n = ln_r[latch].mean(), ln_r[latch].std(ddof=1), len(ln_r[latch])
            wide = math.hypot(sigma, s)
            z = abs(mean - math.log(r)) / wide
            error = math.sqrt((s / wide) ** 2 / n + z**2 * (s / wide) ** 4 / (2 * n))
            ends += norm.sf([z, z + 1.96 * error, z - 1.96 * error])
        rates.append(tuple(ends.tolist()))
    return rates


def turning_points(circuit: NvSramTritHalfRail, runner: bl.Runner, chips: int, **settings: object) -> dict[int, Array]:
    """Return ln R where each latch of the first chips turns, by latch; `settings` are conditions and inputs."""
    circuit = assemble(circuit, {"sigma_lnr": SIGMA})
    point = runner.point(circuit, "restore", level="mrs", **{"t_hold": 1e-9, **settings})
    context = Context(runner.models, engine=preferred_engine(), store=runner.store)
    searches = turns(range(1, chips + 1), point, context, runner.jobs)
    middle = math.log(circuit.cluster.reram.r_mrs)
    return {latch: middle + SIGMA * np.array([one.at for one in searches if one.latch == latch]) for latch in STARTS}


def main() -> None:
    """Search and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chips", type=int, default=40)
    parser.add_argument("--corner", default="tt")
    parser.add_argument("--temperature", type=float, default=27.0)
    parser.add_argument("--tau", type=float, default=1e-10, help="of the leads [s]; more where latches are slow")
    parser.add_argument("--store", type=Path)
    parser.add_argument("-j", "--jobs", type=int, default=1)
    given = parser.parse_args()
    circuit, runner = NvSramTritHalfRail(), bl.Runner(jobs=given.jobs, store=given.store)
    where = {"corner": given.corner, "temperature": given.temperature}
    try:
        ln_r = turning_points(circuit, runner, given.chips, tau_lead=given.tau, **where)
    except bl.BitlineError as error:
        raise SystemExit(f"restore_turning: {error}") from None
    for latch, values in ln_r.items():
        print(f"latch {latch}: turns at {np.exp(values.mean()):.4g} Ohm, s of ln R {values.std(ddof=1):.4f}")
    reram = circuit.cluster.reram
    for sigma in SIGMAS:
        rates = error_rates(ln_r, [reram.resistance(level) for level in LEVELS], sigma)
        for level, (rate, low, high) in zip(LEVELS, rates, strict=True):
            print(f"sigma {sigma:g}, {level}: {rate:.2g} ({low:.2g} to {high:.2g})")


if __name__ == "__main__":
    main()
