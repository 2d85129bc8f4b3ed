"""Decisions of a clocked comparator: when they happen, and what a run shows of one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitline.benches.schedule import Schedule
from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Array, Waveforms

# Between these differences of the outputs the latch grows exponentially; below the first it is linear.
_GROWS = (0.1, 0.3)
LINEAR = 0.1
EDGE = 20e-12
_START = 0.3e-9


def decisions(t_evaluate: float, t_reset: float, count: int, rest: float) -> Schedule:
    """Return the schedule of `count` decisions, a phase each, a reset after each.

    Parameters
    ----------
    t_evaluate, t_reset : float
        Clock high and low [s].
    count : int
    rest : float
        From the end of the last decision to the end of the simulation [s].
    """
    begins = [_START + k * (t_evaluate + t_reset) for k in range(count)]
    phases = tuple(Phase(f"decision {k}", begin, begin + t_evaluate) for k, begin in enumerate(begins))
    return Schedule({}, phases[-1].stop + rest, phases)


@dataclass(frozen=True)
class Decision:
    """One decision of a run.

    Parameters
    ----------
    start : float
        The clock's edge [s].
    inside : ndarray of bool, shape (n,)
        Which points of the run belong to it.
    t : ndarray, shape (m,)
        Time since the clock at those points [s].
    difference : ndarray, shape (m,)
        Of the latch's outputs [V].
    """

    start: float
    inside: NDArray[np.bool_]
    t: Array
    difference: Array


def one_decision(w: Waveforms, start: float, t_evaluate: float) -> Decision:
    """Return time since the clock and the outputs' difference during one decision."""
    inside = (w.axis >= start) & (w.axis <= start + t_evaluate)
    return Decision(start, inside, w.axis[inside] - start, (w["v(ob)"] - w["v(oa)"])[inside])


def reached(t: Array, values: Array, level: float) -> float:
    """Return when `values` first pass `level`, interpolated; the last time if they do not."""
    above = np.flatnonzero(values >= level)
    if not len(above):
        return float(t[-1])
    k = above[0]
    if k == 0:
        return float(t[0])
    return float(np.interp(level, values[k - 1 : k + 1], t[k - 1 : k + 1]))


def regeneration(decision: Decision) -> tuple[float, float]:
    """Return tau [s] and the difference [V] that the exponential would have had at the clock."""
    low, high = (reached(decision.t, np.abs(decision.difference), level) for level in _GROWS)
    tau = (high - low) / math.log(_GROWS[1] / _GROWS[0])
    if tau <= 0:
        return tau, math.nan
    return tau, _GROWS[0] * math.exp(-low / tau)


def parting(w: Waveforms, decision: Decision) -> tuple[float, float]:
    """Return when after the clock the pair's drains are farthest apart [s], and by how much [V].

    They part until the latch's NMOS turn on and bring them together again; by then the outputs move.
    """
    t, inside = decision.t, decision.inside
    lost = np.maximum(w["v(oa)"][inside][0], w["v(ob)"][inside][0]) - np.minimum(w["v(oa)"], w["v(ob)"])[inside]
    before = t <= reached(t, lost, 0.4)
    apart = np.abs(w["v(db)"] - w["v(da)"])[inside][before]
    return float(t[apart.argmax()]), float(apart.max())


def weights(w: Waveforms, decision: Decision, end: float, tau: float) -> tuple[Array, Array, Array]:
    """Return gm of the pair [S], what an input counts for [S], and time after the clock [s], evenly spaced.

    After `end` charge counts by exp(-(t - end) / tau): the latch has multiplied what came before.
    """
    gm = (w["v(@mina[gm])"] + w["v(@minb[gm])"])[decision.inside] / 2
    fine = np.linspace(0.0, end + 10 * max(tau, 0.0), 1000)
    mean = np.interp(fine, decision.t, gm)
    if tau <= 0:  # the latch does not grow: all charge counts alike
        return mean, mean, fine
    return mean, mean * np.exp(-np.maximum(fine - end, 0.0) / tau), fine
