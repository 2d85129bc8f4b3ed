"""Margins over standard-normal deviates whose failure probability is known: what `bitline tail` is measured on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import chi2, norm

Array = NDArray[np.float64]
Margin = Callable[[Array], Array]

# Deviates of one cell of an array.
CELL = 18
_GRID = np.linspace(-12.0, 12.0, 4801)
_DENSITY = norm.pdf(_GRID) * (_GRID[1] - _GRID[0])


def directions(d: int, n: int) -> Array:
    """Return n unit vectors at right angles to each other, in which all deviates take part, shape (n, d)."""
    return np.linalg.qr(np.random.default_rng(7).standard_normal((d, n)))[0].T


def noisy(margin: Margin) -> Margin:
    """Add what a solver's tolerance of 1e-4 does to a margin: the same for the same deviates."""
    return lambda z: margin(z) * (1 + 1e-4 * np.sin(1e5 * z.sum(axis=1)))


def curved_distance(p: float, bend: float) -> float:
    """Return beta for which beta - x + bend y^2 < 0 has probability p."""
    return float(brentq(lambda beta: np.log(_DENSITY @ ndtr(-beta - bend * _GRID**2)) - np.log(p), 0.0, 30.0))


def linear(d: int, p: float) -> Margin:
    (a,) = directions(d, 1)
    return noisy(lambda z: -ndtri(p) - z @ a)


def saturating(d: int, p: float) -> Margin:
    """Return a margin that hardly moves any more where it is well kept, or well missed."""
    (a,) = directions(d, 1)
    return noisy(lambda z: np.tanh((-ndtri(p) - z @ a) / 2))


def curved(d: int, p: float, bend: float) -> Margin:
    a, b = directions(d, 2)
    beta = curved_distance(p, bend)
    return noisy(lambda z: beta - z @ a + bend * (z @ b) ** 2)


def two_sides(d: int, p: float) -> Margin:
    """Return a margin that fails on two sides, five times as often on the one."""
    (a,) = directions(d, 1)
    return noisy(lambda z: np.minimum(-ndtri(p * 5 / 6) - z @ a, -ndtri(p / 6) + z @ a))


def six_regions(d: int, p: float) -> Margin:
    """Return a margin with six equal regions, in each of which all deviates take part."""
    a = directions(d, 6)
    beta = -ndtri(-np.expm1(np.log1p(-p) / 6))
    return noisy(lambda z: beta - (z @ a.T).max(axis=1))


def array(d: int, p: float, bend: float = 0.0, unequal: float = 0.0) -> Margin:
    """Return the worst margin of d / 18 cells with deviates of their own, side by side or interleaved if unequal."""
    n = d // CELL
    a, b = directions(CELL, 2)
    offsets = unequal * np.linspace(0.0, 1.0, n)

    def excess(shift: float) -> float:
        cell = np.array([_DENSITY @ ndtr(-shift - offset - bend * _GRID**2) for offset in offsets])
        return float(np.log(-np.expm1(np.log1p(-cell).sum())) - np.log(p))

    beta = brentq(excess, 0.0, 30.0) + offsets

    def margin(z: Array) -> Array:
        cells = z.reshape(-1, n, CELL)
        if unequal:
            cells = z.reshape(-1, CELL, n).transpose(0, 2, 1)
        return np.asarray((beta - cells @ a + bend * (cells @ b) ** 2).min(axis=1))

    return noisy(margin)


def sphere(d: int, p: float) -> Margin:
    """Return a margin that fails in every direction alike: no design point."""
    return noisy(lambda z: chi2.isf(p, d) - (z**2).sum(axis=1))


def cliff(d: int, p: float) -> Margin:
    """Return a margin with half of its failures beyond a step that no slope leads to."""
    a, b = directions(d, 2)
    beta = -ndtri(-np.expm1(np.log1p(-p) / 2))
    return noisy(lambda z: np.where(z @ b > beta, -1.0, beta - z @ a))


def slit(d: int, p: float) -> Margin:
    """Return a margin with half of its failures beyond a step that is 0.2 sigma wide besides."""
    a, b = directions(d, 2)
    beta = -ndtri(p / 2 / (ndtr(0.1) - ndtr(-0.1)))
    return noisy(lambda z: np.where((z @ b > beta) & (abs(z @ a) < 0.1), -1.0, -ndtri(p / 2) - z @ a))


# Claimed to be covered.
MARGINS: dict[str, Callable[[int, float], Margin]] = {
    "linear": linear,
    "saturating": saturating,
    "curved away, 0.2 per sigma^2": lambda d, p: curved(d, p, 0.2),
    "curved towards the origin, 0.03 per sigma^2": lambda d, p: curved(d, p, -0.03),
    "two sides, 5 to 1": two_sides,
    "six regions": six_regions,
    "array": array,
    "array of unequal cells, interleaved": lambda d, p: array(d, p, unequal=1.0),
    "array of curved cells": lambda d, p: array(d, p, bend=0.1),
}
# To be refused or covered, not to be claimed and missed.
HARD: dict[str, Callable[[int, float], Margin]] = {
    "curved towards the origin, 0.08 per sigma^2": lambda d, p: curved(d, p, -0.08),
    "sphere": sphere,
    "half of it beyond a cliff": cliff,
    "half of it in a slit": slit,
}
