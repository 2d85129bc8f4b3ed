"""A SAR converter as numbers: transitions, codes, INL and DNL, effective bits, error rates.

A converter with monotonic switching is `bits` decisions. Decision j compares the input with a level that starts
at `offset`; a 1 raises the level by ``plus[j]``, a 0 lowers it by ``minus[j]``: what the capacitors of the two
sides move the input-referred difference by. That is all of it: thousands of converters are one array.

    C_k = 2^(bits-2-k) C_u (1 + mismatch),  steps[k] = v_ref C_k / C_top,  C_top = sum C_k + C_u + parasitics
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from bitline.errors import InputError
from bitline.statistics.linearity import dnl, enob, inl

Array = NDArray[np.float64]


def drawn_steps(
    bits: int,
    v_ref: float,
    sigma: float,
    converters: int,
    seed: int,
    parasitic: float = 0.0,
    side: Literal["plus", "minus"] = "plus",
) -> Array:
    """Draw the steps of one side of many converters.

    Parameters
    ----------
    bits : int
        Resolution, >= 2.
    v_ref : float
        Reference [V].
    sigma : float
        Standard deviation of one unit capacitor over its value (kappa / sqrt(C_u)); a capacitor of n units
        has sigma sqrt(n) (Pelgrom, Duinmaijer and Welbers, IEEE JSSC 24, 1989).
    converters : int
        How many, >= 1.
    seed : int
        Of the generator (PCG64); the two sides draw from streams of their own.
    parasitic : float
        All else that hangs on the top plate, over one side's units 2^(bits-1) C_u.

    Returns
    -------
    ndarray, shape (converters, bits - 1)
        In volts, the largest first.

    Raises
    ------
    InputError
        If `bits` is below 2 or `converters` below 1.
    """
    if bits < 2 or converters < 1:
        raise InputError(f"bits = {bits}, converters = {converters}: allowed is bits >= 2, converters >= 1")
    units = np.array([*(2.0**k for k in reversed(range(bits - 1))), 1.0])
    # The two sides are different capacitors: one stream for both would give them the same errors.
    stream = np.random.SeedSequence(seed, spawn_key=(("plus", "minus").index(side),))
    z = np.random.Generator(np.random.PCG64(stream)).standard_normal((converters, bits))
    # A capacitor of n units is n of them side by side: its sigma grows with sqrt(n) only.
    capacitors = units + sigma * np.sqrt(units) * z
    top = capacitors.sum(axis=-1, keepdims=True) + parasitic * units.sum()
    return np.asarray(v_ref * capacitors[:, :-1] / top)


def transitions(plus: ArrayLike, minus: ArrayLike, offset: ArrayLike = 0.0) -> Array:
    """Return the inputs at which the code changes.

    Parameters
    ----------
    plus, minus : array, shape (..., bits - 1)
        Steps of the two sides [V], the first decision's first.
    offset : array, shape (...)
        The comparator's [V].

    Returns
    -------
    ndarray, shape (..., 2^bits - 1)
        Element k - 1 is the least input whose code is k or more, ascending; two that are equal have a missing
        code between them.

    Raises
    ------
    InputError
        If the two sides have not the same, at least one, number of steps.
    """
    p, m = _sides(plus, minus)
    bits = p.shape[-1] + 1
    start = np.broadcast_to(np.asarray(offset, dtype=np.float64), p.shape[:-1])
    # Every transition is the level of one decision on one path: the tree of paths gives them all, without a search.
    levels = np.empty((*p.shape[:-1], 2**bits - 1))

    def descend(level: Array, k: int, decision: int) -> None:
        levels[..., k - 1] = level
        if decision < bits - 1:
            half = 2 ** (bits - 2 - decision)
            descend(level + p[..., decision], k + half, decision + 1)
            descend(level - m[..., decision], k - half, decision + 1)

    # One call a transition, each for all converters at once.
    descend(start, 2 ** (bits - 1), 0)
    return _deciding(levels)


def _deciding(levels: Array) -> Array:
    """Return the levels, shape (..., 2^bits - 1), with each that lies beyond one decided before it moved to that one.

    A level beyond one that was decided on the way to it is never the one that decides.
    """
    edges = np.empty_like(levels)

    def descend(low: Array, high: Array, k: int, half: int) -> None:
        edges[..., k - 1] = here = np.clip(levels[..., k - 1], low, high)
        if half:
            descend(here, high, k + half, half // 2)
            descend(low, here, k - half, half // 2)

    ends = np.full(levels.shape[:-1], np.inf)
    middle = (levels.shape[-1] + 1) // 2
    descend(-ends, ends, middle, middle // 2)
    return edges


def offset_transitions(edges: ArrayLike, offsets: ArrayLike) -> Array:
    """Return the inputs at which the code changes, of a converter whose comparator's offset differs by decision.

    The offset moves with the common mode, which monotonic switching lowers with each decision by the same whatever the
    code. A level that is moved beyond one decided before it never decides.

    Parameters
    ----------
    edges : array, shape (..., 2^bits - 1)
        Transitions without offset [V], ascending.
    offsets : array, shape (..., bits)
        The comparator's at each decision [V], the first decision's first.

    Raises
    ------
    InputError
        If there are not as many offsets as the transitions' number says.
    """
    t, moved = np.asarray(edges, dtype=np.float64), np.asarray(offsets, dtype=np.float64)
    bits = moved.shape[-1]
    if t.shape[-1] != 2**bits - 1:
        raise InputError(f"{t.shape[-1]} transitions and offsets of {bits} decisions: must be {2**bits - 1}")
    # A transition's decision is known by how often two divides its number.
    decision = [bits - (k & -k).bit_length() for k in range(1, 2**bits)]
    return _deciding(t + moved[..., decision])


def codes(
    v: ArrayLike,
    plus: ArrayLike,
    minus: ArrayLike,
    offset: ArrayLike = 0.0,
    noise: float = 0.0,
    generator: np.random.Generator | None = None,
) -> NDArray[np.int64]:
    """Convert, decision by decision.

    Parameters
    ----------
    v : array, shape (...)
        Inputs [V]; broadcast against the converters.
    plus, minus, offset
        As for `transitions`.
    noise : float
        Of each decision, rms and input-referred [V].
    generator : numpy Generator, optional
        Needed where `noise` is above 0.

    Raises
    ------
    InputError
        If there is noise but no generator.
    """
    if noise > 0 and generator is None:
        raise InputError(f"noise = {noise}: needs a generator")
    p, m = _sides(plus, minus)
    x, level = np.broadcast_arrays(np.asarray(v, dtype=np.float64), np.asarray(offset, dtype=np.float64))
    shape = np.broadcast_shapes(x.shape, p.shape[:-1])
    level, code = np.broadcast_to(level, shape).copy(), np.zeros(shape, dtype=np.int64)
    for decision in range(p.shape[-1] + 1):
        # Each decision has noise of its own.
        seen = x - level
        if generator is not None and noise > 0:
            seen = seen + noise * generator.standard_normal(shape)
        one = seen > 0
        code = 2 * code + one
        if decision < p.shape[-1]:
            level = level + np.where(one, p[..., decision], -m[..., decision])
    return code


def transition_linearity(edges: ArrayLike) -> tuple[Array, Array]:
    """Return INL of each transition and DNL of each code between two, end-point line, in LSB.

    Parameters
    ----------
    edges : array, shape (..., n)
        Transitions [V].

    Returns
    -------
    inl, dnl : arrays, shapes (..., n), (..., n - 1)
    """
    return inl(edges), dnl(edges)


def error_rate(mean: ArrayLike, sigma: ArrayLike, edges: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    """Return the probability that a Gaussian input gives a code outside low..high.

    Parameters
    ----------
    mean, sigma : array, shape (...)
        Of the input, with all that is noise or spread [V]; sigma 0 is a certain input.
    edges : array, shape (n,)
        Transitions [V], ascending.
    low, high : array of int, shape (...)
        Codes that count as right, both ends included.

    Raises
    ------
    InputError
        If a code lies outside 0..n, or sigma is negative.
    """
    # The first and the last code have no end on one side.
    ends = np.concatenate([[-np.inf], np.asarray(edges, dtype=np.float64), [np.inf]])
    first, last = np.asarray(low, dtype=np.int64), np.asarray(high, dtype=np.int64)
    mu, s = np.asarray(mean, dtype=np.float64), np.asarray(sigma, dtype=np.float64)
    if np.any(first < 0) or np.any(last > len(ends) - 2) or np.any(s < 0):
        raise InputError(f"codes must lie in 0..{len(ends) - 2} and sigma be >= 0")
    below, above = ends[first] - mu, ends[last + 1] - mu
    with np.errstate(divide="ignore", invalid="ignore"):
        # An input on a transition has the upper code.
        left = np.where(s > 0, ndtr(below / s), np.where(below > 0, 1.0, 0.0))
        right = np.where(s > 0, ndtr(-above / s), np.where(above <= 0, 1.0, 0.0))
    # Two tails, not 1 less the middle: rates of 1e-20 keep their digits.
    return np.asarray(left + right)


def enob_uniform(edges: ArrayLike, noise: float = 0.0) -> Array:
    """Return the effective bits for inputs spread evenly over the range of the transitions.

    The code is read by the end-point line (LSB and offset of this converter), its range one LSB longer than
    from the first transition to the last; the error is that of quantising, of INL, and `noise`:
    ``enob = log2(range / (sqrt(12) rms error))``, `bits` for an ideal converter.

    Parameters
    ----------
    edges : array, shape (..., n)
        Transitions [V], ascending.
    noise : float
        Input-referred rms [V].
    """
    t = np.asarray(edges, dtype=np.float64)
    lsb = (t[..., -1:] - t[..., :1]) / (t.shape[-1] - 1)
    # The first and the last code have no outer transition: each is taken as one LSB wide.
    ends = np.concatenate([t[..., :1] - lsb, t, t[..., -1:] + lsb], axis=-1)
    middle = t[..., :1] + lsb * (np.arange(t.shape[-1] + 1) - 0.5)
    # The mean square of a ramp over each code's piece of the range is exact.
    upper, lower = ends[..., 1:] - middle, ends[..., :-1] - middle
    span = ends[..., -1] - ends[..., 0]
    square = ((upper**3 - lower**3) / 3).sum(axis=-1) / span
    return enob(span, np.sqrt(square + noise**2))


def metastable(time: ArrayLike, tau: float, gain_0: float, v_logic: float, lsb: float) -> Array:
    """Return the probability that a decision is not made in time, for an input anywhere within one LSB.

    The comparator's output grows as ``gain_0 |v| exp(t / tau)``, so inputs nearer to the level than
    ``v_logic exp(-t / tau) / gain_0``, either side, do not reach `v_logic` (Veendrick, IEEE JSSC 15, 1980).
    In a conversion at most one decision has its level within an LSB of the input, but for those that follow
    it: the conversion's probability is about the decision's.

    Parameters
    ----------
    time : array
        For one decision [s].
    tau, gain_0 : float
        Of `bitline.benches.comparator.decide`, at a small input.
    v_logic : float
        Output difference that the register takes as decided [V].
    lsb : float
        Of the converter [V].
    """
    # Twice: inputs on either side of the level are late.
    window = 2 * v_logic / gain_0 * np.exp(-np.asarray(time, dtype=np.float64) / tau)
    # A window wider than an LSB: the level of some decision is always within it.
    return np.asarray(np.minimum(window / lsb, 1.0))


def time_for(probability: float, tau: float, gain_0: float, v_logic: float, lsb: float) -> float:
    """Return the time [s] a decision needs to be late with this probability only; `metastable` inverted."""
    return tau * math.log(2 * v_logic / (gain_0 * lsb * probability))


def _sides(plus: ArrayLike, minus: ArrayLike) -> tuple[Array, Array]:
    p, m = np.asarray(plus, dtype=np.float64), np.asarray(minus, dtype=np.float64)
    if not p.ndim or not p.shape[-1] or p.shape[-1] != m.shape[-1]:
        raise InputError(f"steps of shapes {p.shape} and {m.shape}: both need the same number, at least one")
    p, m = np.broadcast_arrays(p, m)
    return p, m
