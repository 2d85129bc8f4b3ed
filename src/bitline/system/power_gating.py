"""What a restore means for a whole array: when power-off pays, and what all trits at once draw.

All trits that restore together see the same supply through the same resistance. By symmetry each of N
equal trits then sees a supply of its own through N times that resistance: N currents in R make the
same drop as one in N R. So one trit simulated with `shared_resistance` stands for the array, droop and all.
"""

from __future__ import annotations

from typing import NamedTuple

from bitline.errors import InputError

RESTORE_28NM = 8.57e-15
"""Restore energy of a trit in the 28 nm macro [J] (transcribed, circuits.md section 2)."""
STORE_28NM = 69.2e-15
"""Its store energy [J] (transcribed)."""


class Parallel(NamedTuple):
    """A restore of many trits at once: supply current [A], its drop [V], energy [J], time [s]."""

    i_peak: float
    droop: float
    energy: float
    latency: float


def break_even_time(e_store: float, e_restore: float, p_leak: float) -> float:
    """Return the off time [s] beyond which storing, powering off and restoring costs less than leaking.

    ``(E_store + E_restore)/P_leak``. Weights that do not change are stored once: then `e_store` is 0.

    Parameters
    ----------
    e_store, e_restore : float
        Energies of one trit [J], or of all.
    p_leak : float
        Leakage power saved [W], of as many trits.

    Raises
    ------
    InputError
        If an energy is negative or the power is not positive.
    """
    if not (e_store >= 0 and e_restore >= 0 and p_leak > 0):
        raise InputError(f"e_store = {e_store:g}, e_restore = {e_restore:g}, p_leak = {p_leak:g}: must be positive")
    return (e_store + e_restore) / p_leak


def shared_resistance(r_supply: float, n: int) -> float:
    """Return the resistance [Ohm] with which one trit sees a supply that it shares with n - 1 others.

    Raises
    ------
    InputError
        If the resistance is negative or n below 1.
    """
    if not (r_supply >= 0 and n >= 1):
        raise InputError(f"r_supply = {r_supply:g} Ohm, n = {n}: must be at least 0 and 1")
    return n * r_supply


def parallel_restore(n: int, groups: int, i_peak: float, droop: float, energy: float, latency: float) -> Parallel:
    """Return what restoring `n` trits takes, in `groups` one after another.

    Parameters
    ----------
    n : int
        Trits in all.
    groups : int
        Groups that follow one another; 1 restores all at once.
    i_peak, droop, energy, latency : float
        Of one trit [A], [V], [J], [s], simulated with the `shared_resistance` of a group.

    Returns
    -------
    Parallel
        Peak current and droop are those of a group, energy and time of all.

    Raises
    ------
    InputError
        If not 1 <= groups <= n.
    """
    if not 1 <= groups <= n:
        raise InputError(f"groups = {groups} of n = {n} trits: allowed is 1 to n")
    # Of the largest group, if they are not equal.
    at_once = -(-n // groups)
    # Groups follow one another: their energies and times add up, their currents do not.
    return Parallel(at_once * i_peak, droop, n * energy, groups * latency)


def most_at_once(r_supply: float, i_peak: float, droop: float) -> int:
    """Return how many trits can restore together before the supply falls by more than `droop`.

    First order: ``n i_peak R <= droop`` with the current of a trit that has the supply to itself. A
    falling supply lowers the current too, so this is safe.

    Parameters
    ----------
    r_supply : float
        Resistance of the shared supply [Ohm], positive.
    i_peak : float
        Peak supply current of one trit [A], positive.
    droop : float
        Largest drop allowed [V].

    Raises
    ------
    InputError
        If one of them is not positive.
    """
    if not (r_supply > 0 and i_peak > 0 and droop > 0):
        raise InputError(f"r_supply = {r_supply:g}, i_peak = {i_peak:g}, droop = {droop:g}: must be positive")
    # Rounded down: one more would exceed the drop.
    return int(droop / (r_supply * i_peak))
