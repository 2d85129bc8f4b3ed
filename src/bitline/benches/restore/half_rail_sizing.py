"""What the restore bench of half-rail latches varies, and the reference and times that are sized from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.benches.restore.theory import balanced_reference, node_voltage
from bitline.benches.restore.trit import RestoredTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS
from bitline.errors import InputError
from bitline.parameters import parameter, validated

_LEAST = 0.2  # swing [V] below which no three levels can be told apart
_HALVINGS = 50
_FURTHEST = 8.0  # sigmas of a closing time that must not make it pass the edge before it
_SETTLED = 9.0  # time constants of INIT after the boost: exp(-9) of the start level is 0.2 mV


@validated
class HalfRail(RestoredTrit):
    """What the restore bench of half-rail latches varies. Level and times at 0 are designed, see `size_half_rail`."""

    v_start: float = parameter(1.8, "level the Q nodes start from", unit="V", source="choice", gt=0, le=2.5)
    v_low: float = parameter(0.65, "level the Q nodes fall towards", unit="V", source="choice", ge=0, le=2)
    v_boost: float = parameter(
        2.7, "high level of word lines, switches and the row's NMOS drivers", unit="V", source="choice", gt=0, le=5
    )
    v_ref: float = parameter(
        0.0, "reference of both latches and level of their rails; 0: by design", unit="V", source="choice", ge=0, le=2
    )
    # Where the node is empty it is the source of its pull-down, whose gate and drain are at the reference: at 0.3 V it
    # leaks about what HOLD does, at 0.41 V fifteen times as much (tt, 27 degC).
    v_shut: float = parameter(
        0.3,
        "most that a reference by design lies above v_low, so that pull-downs stay shut",
        unit="V",
        source="measured",
        gt=0,
        le=2,
    )
    t_close_1: float = parameter(
        0.0, "from the select line's edge until CS1 falls; 0: by design", unit="s", source="choice", ge=0, le=1e-6
    )
    t_close_2: float = parameter(
        0.0,
        "from the select line's edge until CS2 and WLR fall; 0: by design",
        unit="s",
        source="choice",
        ge=0,
        le=1e-6,
    )
    stretch: float = parameter(
        1.0, "actual over intended closing times, a timing error", source="choice", gt=0, le=1000
    )
    t_init: float = parameter(0.0, "time of INIT; 0: by design", unit="s", source="choice", ge=0, le=1e-6)
    t_step: float = parameter(
        0.5e-9, "time that boosted gates stay at the supply before the boost", unit="s", source="choice", gt=0, le=1e-6
    )
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_ramp: float = parameter(
        0.5e-9, "edge at the gates of the drivers that pull the rails apart", unit="s", source="choice", gt=0, le=1e-6
    )
    t_lag: float = parameter(
        0.25e-9, "from the edge of VGND's driver to that of VDDC's", unit="s", source="choice", ge=0, le=1e-6
    )
    t_settle: float = parameter(
        2e-9, "time from the drivers' edges to the end of LATCH", unit="s", source="choice", gt=0, le=1e-6
    )
    jitter: float = parameter(
        0.0,
        "rms error of each closing time, a deviate of its own for either in every sample",
        unit="s",
        source="assumed",
        ge=0,
        le=1e-9,
    )
    tau_lead: float = parameter(
        0.0,
        "leads are read from how late a latch decides, by this time constant; 0: its sides half-way through t_ramp",
        unit="s",
        source="choice",
        ge=0,
        le=1e-6,
    )
    t_hold: float = parameter(
        1e-6, "time of HOLD, over which the static current is averaged", unit="s", source="choice", gt=0, le=1e-4
    )

    def __post_init__(self) -> None:
        if self.v_low >= self.v_start:
            raise InputError(f"HalfRail: v_low = {self.v_low:g}: must be below v_start = {self.v_start:g}")
        if 0 < self.t_init < self.t_step + 2 * self.t_edge:
            raise InputError(f"HalfRail: t_init = {self.t_init:g}: must hold t_step and two edges")


@dataclass(frozen=True)
class HalfRailSizing:
    """Levels [V] and times [s] of a restore."""

    t_init: float
    t_close_1: float
    t_close_2: float
    v_ref: float
    v_select: float
    v_idle: float


@dataclass(frozen=True)
class Decay:
    """The node's fall towards `v_low` in two parts: both latches on the line until `t_close_1`, then latch 2 alone.

    ``V = v_low + (V0 - v_low) exp(-x)``, ``x = t/(R C)``, with less capacitance and a kick of CS1 between the parts.
    """

    circuit: NvSramTritHalfRail
    inputs: HalfRail

    @property
    def series(self) -> float:
        """Resistance [Ohm] in series with the ReRAM."""
        return self.circuit.cluster.selector.r_series

    @property
    def swing(self) -> float:
        """V0 - v_low [V]: the start level less the kicks of WLL and, through its own selector, of the select line."""
        circuit, inputs = self.circuit, self.inputs
        apart = inputs.v_start - inputs.v_low
        kicks = 2 * circuit.c_kick * inputs.v_boost + circuit.cluster.selector.c_off * apart
        return apart - kicks / circuit.c_both

    @property
    def kick(self) -> float:
        """Fall of the line as CS1 closes [V]."""
        return self.circuit.c_close * self.inputs.v_boost / self.circuit.c_one

    @property
    def skews(self) -> tuple[float, float]:
        """How much further the Q side of latch 1 and 2 falls than its QB side as it is cut off [V]."""
        circuit, v_boost = self.circuit, self.inputs.v_boost
        return circuit.c_skew_1 * v_boost / circuit.c_side, circuit.c_skew_2 * v_boost / circuit.c_side

    def charge(self, t_1: float, t_2: float) -> float:
        """Return R x [s/F] at `t_2`, when latch 1 closed at `t_1`."""
        return t_1 / self.circuit.c_both + (t_2 - t_1) / self.circuit.c_one

    def jitters(self, sizing: HalfRailSizing, r: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what jitter does to the node as latch 1 and as latch 2 closes, rms [V], over resistances.

        To first order, by the difference between a sigma early and a sigma late. Latch 2 sees both times: after the
        first there is less capacitance on the line.
        """
        shift = self.inputs.jitter / self.inputs.stretch

        def halves(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            t = getattr(sizing, name)
            late, early = (self.nodes(replace(sizing, **{name: t + by}), r) for by in (shift, -shift))
            return (late[0] - early[0]) / 2, (late[1] - early[1]) / 2

        (first, second_1), (_, second_2) = halves("t_close_1"), halves("t_close_2")
        return np.abs(first), np.hypot(second_1, second_2)

    def nodes(self, sizing: HalfRailSizing, r: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the node above `v_low` [V] when latch 1 and when latch 2 closes, others leaking, over resistances."""
        circuit, stretch = self.circuit, self.inputs.stretch
        t_1, t_2 = sizing.t_close_1 * stretch, sizing.t_close_2 * stretch
        selector = circuit.cluster.selector
        g_leak = (circuit.cluster.n_per_cluster - 1) * selector.g_off if selector.kind == "threshold" else 0.0
        idle = sizing.v_idle - self.inputs.v_low
        first = node_voltage(t_1, r, circuit.c_both, self.swing, g_leak=g_leak, v_idle=idle)
        unit = node_voltage(t_2 - t_1, r, circuit.c_one, 1.0, g_leak=g_leak, v_idle=0.0)
        settled = node_voltage(t_2 - t_1, r, circuit.c_one, 1.0, g_leak=g_leak, v_idle=idle) - unit
        return first, settled + (first - self.kick) * unit


# The samples of a Monte Carlo ask for one and the same.
@lru_cache(maxsize=1024)
def size_half_rail(circuit: NvSramTritHalfRail, inputs: HalfRail) -> HalfRailSizing:
    """Size the reference and the closing times, for any levels, number of branches and selector.

    - The node falls as `Decay` says. Two levels a ratio of q^2 apart are furthest apart at their middle
      ``x = ln(q^2)/(q - 1/q)``: there ``exp(-x/q) - exp(-x q)`` is largest. The reference is the middle of both then,
      for the mean of the two pairs of levels, or `v_shut` above `v_low` where that is less.
    - INIT lasts the two steps of the boosted gates and nine time constants of line and nodes.
    - Each latch closes when the reference is as many sigmas from the level below as from the one above, with the
      ReRAM's spread and the latch's offset that the circuit states (`balanced_reference`).
    - A select line goes below `v_low` by what an exponential selector drops at the middle level; the other lines
      stay half-way.

    Raises
    ------
    InputError
        If kicks leave too little of the swing, the reference lies outside it, CS2 would close before CS1, or jitter
        could make it do so.
    """
    decay, selector = Decay(circuit, inputs), circuit.cluster.selector
    swing, series = decay.swing, decay.series
    if swing < _LEAST:
        raise InputError(f"restore: v_start = {inputs.v_start:g}: the kicks leave {swing:.3f} V, must be >= {_LEAST}")
    reram = circuit.cluster.reram
    resistances, sigmas = ([of(level) for level in LEVELS] for of in (reram.resistance, reram.sigma))
    pairs = list(zip(pairwise(resistances), pairwise(sigmas), strict=True))
    v_ref = inputs.v_ref or inputs.v_low + min(inputs.v_shut, swing * _middle(resistances, series))
    above = v_ref - inputs.v_low
    if not 0 < above < swing:
        raise InputError(
            f"restore: v_ref = {v_ref:g}: must lie between {inputs.v_low:g} and {inputs.v_low + swing:.3f}"
        )

    def level(charge: float, pair: int) -> float:
        return balanced_reference(charge, 1.0, swing, *pairs[pair], circuit.sigma_vos, series)

    skew_1, skew_2 = decay.skews
    t_1 = inputs.t_close_1 or _falls_to(lambda t: level(decay.charge(t, t), 0), above + skew_1)
    r_2 = reram.thresholds[1] + series

    def at_2(t: float) -> float:
        return level(decay.charge(t_1, t_1 + t), 1) - decay.kick * math.exp(-t / (r_2 * circuit.c_one))

    t_2 = inputs.t_close_2 or t_1 + _falls_to(at_2, above + skew_2)
    if t_2 <= t_1:
        raise InputError(f"restore: t_close_2 = {t_2:g}: must be later than t_close_1 = {t_1:g}")
    most = min(t_1, t_2 - t_1) * inputs.stretch / _FURTHEST
    if inputs.jitter > most:
        raise InputError(f"restore: jitter = {inputs.jitter:g}: must be <= {most:.3g}, or edges would change places")
    drop = 0.0
    if selector.kind == "exponential":
        drop = selector.drop(swing / math.e / reram.r_mrs)
    t_init = inputs.t_init or inputs.t_step + 2 * inputs.t_edge + _SETTLED * circuit.r_pass * circuit.c_both
    return HalfRailSizing(t_init, t_1, t_2, v_ref, inputs.v_low - drop, (inputs.v_start + inputs.v_low - drop) / 2)


def _middle(resistances: list[float], series: float) -> float:
    """Return the middle between two neighbouring levels where they are furthest apart, as a share of the swing."""
    middles = []
    for low, high in pairwise(resistances):
        q = math.sqrt((high + series) / (low + series))
        x = 2 * math.log(q) / (q - 1 / q)
        middles.append((math.exp(-x / q) + math.exp(-x * q)) / 2)
    return sum(middles) / len(middles)


def _falls_to(level: Callable[[float], float], wanted: float) -> float:
    """Return the time [s] at which a falling level is at `wanted`."""
    low, high = 1e-13, 1e-5
    for _ in range(_HALVINGS):
        t = math.sqrt(low * high)
        low, high = (t, high) if level(t) > wanted else (low, t)
    return math.sqrt(low * high)
