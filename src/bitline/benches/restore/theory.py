"""Restore by discharge: what devices and latches allow, by formula.

A node of capacitance C falls from V0 through the selected ReRAM: ``V = V0 exp(-x)``, ``x = t/(R C)``.
Latch 1 decides between low and middle, latch 2 between middle and high resistance, each by comparing
its node with a reference. What the formulas leave out: kicks of the edges (equal on both sides of a
balanced latch), the switch in series, capacitance that changes with voltage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError

Array = NDArray[np.float64]

# Abscissae of the integral over ln R, in sigmas: the trapezoidal rule converges exponentially for
# smooth integrands that vanish at both ends (Trefethen and Weideman, SIAM Review 56, 2014).
_Z = np.linspace(-9.0, 9.0, 4001)
_WEIGHTS = np.exp(-(_Z**2) / 2) * (_Z[1] - _Z[0]) / math.sqrt(2 * math.pi)


class Yields(NamedTuple):
    """Probability of the right trit for each level, 0 to 1; floats or arrays of one shape."""

    lrs: Array
    mrs: Array
    hrs: Array


def geometric_means(r_levels: Sequence[float]) -> tuple[float, float]:
    """Return the thresholds [Ohm] half way between the levels in ln R.

    Raises
    ------
    InputError
        If the three resistances are not positive and ascending.
    """
    if len(r_levels) != 3 or not 0 < r_levels[0] < r_levels[1] < r_levels[2]:
        raise InputError(f"r_levels = {tuple(r_levels)}: must be three positive resistances, ascending")
    return math.sqrt(r_levels[0] * r_levels[1]), math.sqrt(r_levels[1] * r_levels[2])


def device_bound(sigma: ArrayLike, r_levels: Sequence[float]) -> Yields:
    """Return the yield of ideal latches: the share of each level's ReRAMs on its side of the thresholds.

    ln R is normal with deviation `sigma` about each level; thresholds are the geometric means.
    No circuit that decides by these thresholds can do better, and none by others over the three levels together:
    thresholds elsewhere (`balanced_reference`) give one level what they take from its neighbour, and more.

    Parameters
    ----------
    sigma : float or array
        sigma of ln R, >= 0; with 0 the yield is 1.
    r_levels : three floats
        Median resistances [Ohm] of LRS, MRS and HRS, ascending.

    Returns
    -------
    Yields of the shape of `sigma`

    Raises
    ------
    InputError
        If a sigma is negative or the resistances are out of order.
    """
    spread = _spread(sigma, "sigma")
    return _two_sided(spread, spread, r_levels)


def with_offset(
    sigma: ArrayLike,
    r_levels: Sequence[float],
    sigma_vos: ArrayLike,
    v_start: float,
    sensitivities: tuple[float, float],
) -> Yields:
    """Return the yield with latch offset, both errors taken as normal in ln R.

    At its threshold latch k moves by dV = s_k V0 d(ln R), so that its offset is a spread of the
    threshold: ``sigma_k^2 = sigma^2 + (sigma_vos/(s_k V0))^2``. Linear, so good for offsets well
    below the node's own voltages; `predicted` integrates the exponential itself. The two kinds of
    error of MRS exclude one another but for offsets as wide as the level spacing.

    Parameters
    ----------
    sigma : float or array
        sigma of ln R.
    r_levels : three floats
        Median resistances [Ohm], ascending.
    sigma_vos : float or array
        Standard deviation of a latch's offset [V].
    v_start : float
        V0 [V].
    sensitivities : two floats
        s of latch 1 and 2 at its threshold, from `sensitivity`.

    Returns
    -------
    Yields of the broadcast shape of `sigma` and `sigma_vos`

    Raises
    ------
    InputError
        If a sigma is negative, `v_start` or a sensitivity is not positive, or the resistances are
        out of order.
    """
    spread, offset = _spread(sigma, "sigma"), _spread(sigma_vos, "sigma_vos")
    if not (v_start > 0 and min(sensitivities) > 0):
        raise InputError(f"v_start = {v_start:g}, sensitivities = {sensitivities}: must be positive")
    first, second = (np.hypot(spread, offset / (s * v_start)) for s in sensitivities)
    return _two_sided(first, second, r_levels)


def predicted(
    sigma: ArrayLike,
    r_levels: Sequence[float],
    sigma_vos: float,
    v_start: float,
    t: float,
    c: float,
    *,
    series: float = 0.0,
    g_leak: float = 0.0,
    v_idle: float = 0.0,
    references: tuple[float, float] | None = None,
) -> Yields:
    """Return the yield of the exponential discharge into two latches with normal offsets.

    ``P = integral over ln R of P(latch 1 right | V(R)) P(latch 2 right | V(R))``: no linearisation,
    so the saturation of a node that is nearly empty (LRS) or nearly full (HRS) is in it. The error of
    the integral is below 1e-5.

    Parameters
    ----------
    sigma : float or array
        sigma of ln R.
    r_levels : three floats
        Median resistances [Ohm], ascending.
    sigma_vos : float
        Standard deviation of a latch's offset [V], the same for both, independent.
    v_start, t, c : float
        V0 [V], discharge time [s], capacitance [F].
    series : float
        Resistance [Ohm] in series with the ReRAM that does not spread: the selector's.
    g_leak, v_idle : float
        Conductance [S] of the other branches together, and the voltage [V] of their lines.
    references : two floats, optional
        Voltages [V] that latch 1 and 2 compare with; by default those of the thresholds without leakage.

    Returns
    -------
    Yields of the shape of `sigma`

    Raises
    ------
    InputError
        If a sigma is negative, a time, capacitance or voltage is not positive, or the resistances
        are out of order.
    """
    low, high = (float(node_voltage(t, r + series, c, v_start)) for r in geometric_means(r_levels))

    def nodes(r: Array) -> tuple[Array, Array]:
        v = node_voltage(t, r, c, v_start, g_leak=g_leak, v_idle=v_idle)
        return v, v

    return decided(sigma, r_levels, sigma_vos, nodes, references or (low, high), series=series)


def decided(
    sigma: ArrayLike,
    r_levels: Sequence[float],
    sigma_vos: float,
    nodes: Callable[[Array], tuple[Array, Array]],
    references: tuple[float, float],
    *,
    series: float = 0.0,
    jitters: Callable[[Array], tuple[Array, Array]] | None = None,
) -> Yields:
    """Return the yield of two latches with normal offsets that decide at nodes which are known over the resistance.

    Parameters
    ----------
    sigma, r_levels, sigma_vos, series
        As in `predicted`.
    nodes : callable
        Resistances [Ohm] to the node's voltages [V] at which latch 1 and latch 2 decide.
    references : two floats
        Voltages [V] that latch 1 and 2 compare with.
    jitters : callable, optional
        Resistances [Ohm] to the rms [V] by which the nodes vary from restore to restore; adds to the offset's square.

    Returns
    -------
    Yields of the shape of `sigma`

    Raises
    ------
    InputError
        If a sigma is negative or the resistances are out of order.
    """
    spread, offset = _spread(sigma, "sigma"), float(_spread(sigma_vos, "sigma_vos"))
    geometric_means(r_levels)  # refuses levels out of order
    yields = []
    for r, above in zip(r_levels, ((False, False), (True, False), (True, True)), strict=True):
        branch = r * np.exp(spread[..., None] * _Z) + series
        voltages = nodes(branch)
        noises: tuple[ArrayLike, ArrayLike] = jitters(branch) if jitters else (0.0, 0.0)
        right = np.ones_like(voltages[0])
        for v, reference, high, noise in zip(voltages, references, above, noises, strict=True):
            # Half a step of the grid added to the offset keeps the integrand smooth where there is none.
            width = np.hypot(np.hypot(offset, noise), np.gradient(v, axis=-1) / 2)
            right *= _decides((v - reference) if high else (reference - v), width)
        yields.append(np.minimum(right @ _WEIGHTS, 1.0))
    return Yields(*yields)


def node_voltage(
    t: ArrayLike, r: ArrayLike, c: float, v_start: float, *, g_leak: float = 0.0, v_idle: float = 0.0
) -> Array:
    """Return the node's voltage [V] after discharging for `t` through `r`, with the others' leakage.

    ``C dV/dt = -V/R - G (V - Vu)`` has the solution ``V = Vi + (V0 - Vi) exp(-t (1/R + G)/C)`` with
    ``Vi = G Vu/(1/R + G)``.

    Parameters
    ----------
    t, r : float or array
        Time [s] and resistance [Ohm] of the selected branch.
    c, v_start : float
        Capacitance [F] and starting voltage V0 [V].
    g_leak, v_idle : float
        Conductance G [S] of the n - 1 other branches together ((n - 1) times `Selector.g_off`) and
        the voltage Vu [V] of their outer lines.

    Raises
    ------
    InputError
        If a time is negative, or a resistance, the capacitance or `v_start` is not positive.
    """
    time, resistance = np.asarray(t, dtype=np.float64), np.asarray(r, dtype=np.float64)
    if not (c > 0 and v_start > 0 and g_leak >= 0 and np.all(time >= 0) and np.all(resistance > 0)):
        raise InputError(
            f"t = {time}, r = {resistance}, c = {c:g}, v_start = {v_start:g}, g_leak = {g_leak:g}: must be positive"
        )
    total = 1 / resistance + g_leak
    end = g_leak * v_idle / total
    return np.asarray(end + (v_start - end) * np.exp(-time * total / c))


def sensitivity(t: ArrayLike, r: ArrayLike, c: float) -> Array:
    """Return s = (dV/d ln R)/V0 = x exp(-x), x = t/(R C); at most 1/e, where x = 1.

    From V = V0 exp(-t/(R C)): dV/d ln R = V0 exp(-x) x. At V = V0/2, x = ln 2 and s = 0.347.
    """
    x = np.asarray(t, dtype=np.float64) / (np.asarray(r, dtype=np.float64) * c)
    return np.asarray(x * np.exp(-x))


def best_time(r_low_threshold: float, r_high_threshold: float, c: float) -> float:
    """Return the discharge time [s] at which the less sensitive of two thresholds is most sensitive.

    s = x exp(-x) rises up to x = 1 and falls beyond. With x1 = t/(R1 C) > x2 = t/(R2 C) the smaller
    of s1 and s2 is largest where they are equal: x1 exp(-x1) = x2 exp(-x2), so x1 - x2 = ln(x1/x2)
    = ln(R2/R1), which gives ``t = C ln(R2/R1)/(1/R1 - 1/R2)``.

    Parameters
    ----------
    r_low_threshold, r_high_threshold : float
        Thresholds R1 < R2 [Ohm] of latch 1 and 2.
    c : float
        Capacitance [F] of the discharged node.

    Raises
    ------
    InputError
        If not 0 < R1 < R2, or the capacitance is not positive.
    """
    if not (0 < r_low_threshold < r_high_threshold and c > 0):
        raise InputError(f"thresholds {r_low_threshold:g}, {r_high_threshold:g} Ohm, c = {c:g} F: must ascend from 0")
    difference = 1 / r_low_threshold - 1 / r_high_threshold
    return c * math.log(r_high_threshold / r_low_threshold) / difference


def balanced_reference(
    t: float,
    c: float,
    v_start: float,
    r_pair: tuple[float, float],
    sigma_pair: tuple[float, float],
    sigma_vos: float,
    series: float = 0.0,
) -> float:
    """Return the voltage [V] that is as many sigmas from the level of a lower as from that of a higher resistance.

    From a level to the reference it is du in ln R and dV in V; ReRAM spread and latch offset together fail it at
    z sigmas, ``1/z^2 = (sigma/du)^2 + (sigma_vos/dV)^2``, the linear law of `with_offset` along the chord. Without
    offset that is the geometric mean, without spread the mean of both voltages.

    Parameters
    ----------
    t, c, v_start : float
        Discharge time [s], capacitance [F], V0 [V].
    r_pair, sigma_pair : two floats
        Resistances R1 < R2 [Ohm] and sigma of ln R of each.
    sigma_vos : float
        Standard deviation of the latch's offset [V].
    series : float
        Resistance [Ohm] in series that does not spread: the selector's.

    Raises
    ------
    InputError
        If not 0 < R1 < R2, or a time, capacitance or voltage is not positive.
    """
    (r_1, r_2), (s_1, s_2) = r_pair, sigma_pair
    if not (0 < r_1 < r_2 and min(t, c, v_start) > 0):
        raise InputError(f"r = {r_1:g}, {r_2:g}, t = {t:g}, c = {c:g}, v_start = {v_start:g}: positive, r ascending")
    if max(s_1, s_2, sigma_vos) == 0:
        s_1 = s_2 = 1.0  # nothing spreads: the limit of little spread

    def level(u: float) -> float:
        return v_start * math.exp(-t / ((math.exp(u) + series) * c))

    def risk(u: float, at: float, sigma: float) -> float:  # 1/z^2
        apart = level(u) - level(at)
        offset = sigma_vos / apart if apart else math.inf if sigma_vos else 0.0
        return (sigma / (u - at)) ** 2 + offset * offset

    first, last = math.log(r_1), math.log(r_2)
    low, high = first, last
    for _ in range(40):  # halvings: 1e-12 in ln R
        u = (low + high) / 2
        low, high = (u, high) if risk(u, first, s_1) > risk(u, last, s_2) else (low, u)
    return level((low + high) / 2)


def leakage_ratio(n: int, i_off: float, r: float, v_start: float) -> float:
    """Return the others' leakage over the selected branch's mean current, (n-1) i_off / (V0/(2 R)).

    Far below 1 the leakage can be left out (circuits.md, section 2.1): 0.1 at n = 60, 0.76 nA, 1 MOhm, 0.9 V.
    """
    return (n - 1) * i_off * 2 * r / v_start


def leakage_shift(t: float, r: ArrayLike, c: float, v_start: float, *, g_leak: float, v_idle: float = 0.0) -> Array:
    """Return by how much ln R seems changed because the n - 1 other branches leak.

    ``ln(x/ln(V0/V))`` with V of `node_voltage`: the resistance that alone would have left the node at
    V, over the true one. With their lines at 0 V it is ``-ln(1 + G R)``, close to minus `leakage_ratio`
    where their current at V0/2 is i_off.

    Parameters
    ----------
    t, r, c, v_start, g_leak, v_idle
        As in `node_voltage`.

    Returns
    -------
    array of the shape of `r`
        NaN where leakage lifts the node to V0 and beyond, or empties it below 0.
    """
    v = node_voltage(t, r, c, v_start, g_leak=g_leak, v_idle=v_idle)
    x = t / (np.asarray(r, dtype=np.float64) * c)
    left = np.where((v > 0) & (v < v_start), v, np.nan)
    return np.asarray(np.log(x / np.log(v_start / left)))


def _spread(value: ArrayLike, name: str) -> Array:
    spread = np.asarray(value, dtype=np.float64)
    if not np.all(spread >= 0):
        raise InputError(f"{name} = {spread}: must not be negative")
    return spread


def _two_sided(first: Array, second: Array, r_levels: Sequence[float]) -> Yields:
    """Return the yields where both thresholds have a normal error in ln R of their own width."""
    low, high = geometric_means(r_levels)
    lrs, mrs, hrs = r_levels
    below = _misses(math.log(mrs / low), first)
    above = _misses(math.log(high / mrs), second)
    return Yields(
        lrs=1 - _misses(math.log(low / lrs), first),
        mrs=np.maximum(1 - below - above, 0.0),
        hrs=1 - _misses(math.log(hrs / high), second),
    )


def _misses(distance: float, spread: Array) -> Array:
    """Return the probability that a normal error of that width exceeds a distance; 0 without spread."""
    with np.errstate(divide="ignore"):
        return _phi(-distance / spread)


def _decides(margin: Array, width: Array) -> Array:
    """Return the probability that a margin [V] exceeds a normal offset of that deviation [V]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(width > 0, _phi(margin / width), margin > 0)


def _phi(z: Array) -> Array:
    """Return the standard normal distribution function."""
    from scipy.special import ndtr  # workers need `best_time` only, and start faster without scipy

    return np.asarray(ndtr(z))
