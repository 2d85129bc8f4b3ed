"""Sensitivity: how far a result moves with what it assumes, one assumption at a time and all together.

    bars = tornado(model, assumptions)
    low, middle, high = np.quantile(hypercube(model, assumptions), (0.05, 0.5, 0.95))
    values = reach(model, assumptions, "reuse", 2.9)

A model is a function of the values of the assumptions by name. Nothing here knows what it computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, UnknownNameError

Array = NDArray[np.float64]
Model = Callable[[Mapping[str, float]], float]
SAMPLES = 1000
"""Points of a Latin hypercube: a 5 % quantile of so many has a standard error of 0.7 % of the points."""

# Points on which a solution is looked for; each sign change is then refined.
_SCAN = 100
# From here on an interval is spread evenly over its decades, for its middle would otherwise be near its upper end.
_DECADE = 10.0


@dataclass(frozen=True)
class Assumption:
    """A value that is not known, or was chosen.

    Parameters
    ----------
    name : str
        By which a model finds its value.
    doc : str
        What it is, in a phrase.
    unit : str
        SI unit; none for a count or a ratio.
    nominal, low, high : float
        Value that results are stated for, and the ends of its interval.
    source : str
        Where value and interval come from.
    reach : two floats
        Range in which a value is looked for that gives a target; it holds the interval.

    Raises
    ------
    InputError
        If the nominal value is outside the interval, or that outside the range.
    """

    name: str
    doc: str
    unit: str
    nominal: float
    low: float
    high: float
    source: str
    reach: tuple[float, float]

    def __post_init__(self) -> None:
        if not self.reach[0] <= self.low <= self.nominal <= self.high <= self.reach[1] or self.low == self.high:
            raise InputError(
                f"assumption {self.name}: low = {self.low:g}, nominal = {self.nominal:g}, high = {self.high:g}, "
                f"reach = {self.reach[0]:g} to {self.reach[1]:g}: must be an interval around nominal, within reach"
            )


class Bar(NamedTuple):
    """What one assumption does to a result, the others at their nominal values."""

    assumption: Assumption
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How far apart both results are, as the logarithm of their ratio."""
        return abs(math.log(self.at_high / self.at_low))


def nominal(assumptions: Sequence[Assumption]) -> dict[str, float]:
    """Return the nominal value of each assumption by its name."""
    return {one.name: one.nominal for one in assumptions}


def tornado(model: Model, assumptions: Sequence[Assumption]) -> list[Bar]:
    """Return what each assumption does alone, the one that does most first.

    Parameters
    ----------
    model : callable
        Positive result of the assumptions' values.
    assumptions : sequence of Assumption
    """
    usual = nominal(assumptions)
    bars = [Bar(one, model({**usual, one.name: one.low}), model({**usual, one.name: one.high})) for one in assumptions]
    # Sorting is stable: assumptions that do equally much keep the order in which they are listed.
    return sorted(bars, key=lambda bar: -bar.width)


def hypercube(model: Model, assumptions: Sequence[Assumption], samples: int = SAMPLES, seed: int = 1) -> Array:
    """Return the result at points of a Latin hypercube over all intervals; shape (samples,).

    Every interval is cut into as many equally likely strata as there are points, and each stratum of each is used once
    (McKay, Beckman and Conover, Technometrics 21, 1979). Values are independent and uniform, in their logarithm where
    an interval spans a decade or more: no more is known of them.
    """
    generator = np.random.default_rng(seed)
    strata = [generator.permutation(samples) for _ in assumptions]
    shares = (np.array(strata).T + generator.random((samples, len(assumptions)))) / samples
    return np.array(
        [
            model({one.name: _between(one.low, one.high, share) for one, share in zip(assumptions, row, strict=True)})
            for row in shares.tolist()
        ]
    )


def reach(model: Model, assumptions: Sequence[Assumption], name: str, target: float) -> tuple[float, ...]:
    """Return every value of one assumption at which the result is `target`, the others at their nominal values.

    Looked for within its `reach` on 100 points, then refined: two solutions between the same points are not seen.

    Raises
    ------
    UnknownNameError
        If there is no such assumption.
    """
    listed = {one.name: one for one in assumptions}
    if name not in listed:
        raise UnknownNameError("assumption", name, list(listed))
    low, high = listed[name].reach
    usual = nominal(assumptions)

    def excess(share: float) -> float:
        # In logarithms, so that a result of twice and of half the target are equally far from it.
        return math.log(model({**usual, name: _between(low, high, share)}) / target)

    return tuple(_between(low, high, share) for share in roots(excess, np.linspace(0, 1, _SCAN)))


def roots(function: Callable[[float], float], grid: Array) -> tuple[float, ...]:
    """Return where a function passes 0 between points of an ascending grid, each place refined to 1e-12."""
    # Imported here, so that `import bitline` and workers do without it.
    from scipy.optimize import brentq

    points: list[float] = grid.tolist()
    values = [function(x) for x in points]
    ends = zip(pairwise(points), pairwise(values), strict=True)
    passed = [bracket for bracket, (before, after) in ends if before * after < 0 or before == 0]
    return tuple(float(brentq(function, *bracket, xtol=1e-12)) for bracket in passed)


def _between(low: float, high: float, share: float) -> float:
    """Return the value at a share of an interval: of its decades where it spans one or more, else of its length."""
    if low > 0 and high >= _DECADE * low:
        return float(low * (high / low) ** share)
    return low + share * (high - low)
